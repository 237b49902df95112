"""Looks for a message that an earlier attempt may have made, and tells what a failed attempt means.

Within minutes Discord drops a repeated nonce by itself; after that only what stands in the channel tells.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import aiohttp
import discord

from bot.app import Raybot
from bot.cadence import backoff

log = logging.getLogger(__name__)

Place: TypeAlias = discord.PartialMessageable | discord.DMChannel

TRIES_OF_A_400: Final = 4
LOOK_FOR: Final = timedelta(hours=24)
"""A post that may be there, in a place that we may no longer look into, is given up after so long."""

LOOKED_THROUGH: Final = 300
"""Messages of a channel, from the moment of the attempt on, in which a post is looked for."""

LONGEST_REST: Final = 3_600.0
"""Seconds, whatever Discord says."""

CLOCKS_DIFFER: Final = timedelta(minutes=2)
ARCHIVED: Final = frozenset({50083, 160005})
"""Discord's codes for a thread that is archived or locked, which come with a 400."""


class Unreachable(Exception):
    """Discord did not take it now, for a reason that may pass. `wait`: the seconds that it is to rest, at least."""

    def __init__(self, why: object) -> None:
        super().__init__(why)
        self.wait = min(_asked_for(why), LONGEST_REST)


def _asked_for(why: object) -> float:
    """The seconds in which Discord, or Cloudflare in front of it, wants to hear nothing more of this."""
    if isinstance(why, discord.RateLimited):
        return why.retry_after
    if isinstance(why, discord.HTTPException) and why.status == 429:
        named = why.response.headers.get("Retry-After", "")
        return float(named) if named.isdecimal() else 0.0
    return 0.0


def rest(error: Unreachable | TimeoutError, tries: int) -> timedelta:
    """Until the next try after `tries` failed ones: as long as Discord asks for, at least."""
    wait = error.wait if isinstance(error, Unreachable) else 0.0
    return timedelta(seconds=max(backoff(tries), wait))


class OutOfSight(Exception):
    """It may be there, and for a day nobody could look: it is not made again."""


async def find(
    bot: Raybot, place: Place, nonce: str, attempted_at: datetime, is_it: Callable[[discord.Message], bool]
) -> int | None:
    """The id of the bot's own message that `is_it`, made since the attempt; None where there is none.

    Raises Unreachable where one cannot look: it may be there, so it is neither made again nor made elsewhere. After
    a day of that, OutOfSight.
    """
    since = attempted_at - CLOCKS_DIFFER
    try:
        async for message in place.history(limit=LOOKED_THROUGH, after=since, oldest_first=True):
            if message.author == bot.user and is_it(message):
                log.info("%s was posted already", nonce)
                return message.id
    except discord.NotFound:
        return None  # the channel is gone, with whatever stood in it
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        if bot.now() - attempted_at > LOOK_FOR:
            raise OutOfSight(nonce) from error
        log.warning("%s cannot be looked for: %s", nonce, error)
        raise Unreachable(error) from error
    return None


def is_closed(error: discord.HTTPException, tries: int) -> bool:
    """Whether a place does not take it, now or later: locked, forbidden, gone.

    Any other 400 may be a fault of ours that an update mends, or one that lasts: after some tries it counts too.
    """
    lasting = error.status == 400 and tries >= TRIES_OF_A_400
    return error.status in (403, 404) or error.code in ARCHIVED or lasting
