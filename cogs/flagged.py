"""Videos that the provider's check flags: how a place shows them, by the server's policy as it is now.

A direct message counts as a place that is not age-restricted: only Discord knows who may see what.
"""

import logging
from collections.abc import Mapping
from typing import Literal, TypeAlias

import aiohttp
import discord

from bot.app import Raybot
from bot.domain.job import Job
from storage import lineage, policies

log = logging.getLogger(__name__)

Veil: TypeAlias = Literal["withheld", "spoiler", "restricted"]
"""How a flagged video is shown in a place: not at all; behind a spoiler; or openly, since it is age-restricted."""


async def veils(bot: Raybot, job: Job, channel_id: int | None) -> Mapping[int, Veil]:
    """Of a job's videos that are flagged, by number; empty where they are shown like any other.

    A film is flagged where any part of it is.
    """
    succeeded = [result for result in job.results if result.succeeded]
    film = await lineage.film_is_flagged(bot.database.read, job.id)
    flagged = [result.n for result in succeeded if result.flagged or film]
    if not flagged:
        return {}
    policy = await policies.in_force(bot.database.read, job.server_id)
    match policy.flagged:
        case "show":
            return {}
        case "spoiler":
            return dict.fromkeys(flagged, "spoiler")
        case "withhold":
            restricted = channel_id is not None and await _is_age_restricted(bot, channel_id)
            return dict.fromkeys(flagged, "restricted" if restricted else "withheld")


async def _is_age_restricted(bot: Raybot, channel_id: int) -> bool:
    """As Discord says now; a thread is what its channel is. No where that cannot be told."""
    try:
        channel = await bot.fetch_channel(channel_id)
        if isinstance(channel, discord.Thread):
            channel = await bot.fetch_channel(channel.parent_id)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("whether %s is age-restricted cannot be told: %s", channel_id, error)
        return False
    return getattr(channel, "nsfw", False) is True
