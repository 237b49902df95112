"""Posts alerts to staff: in the channel that they chose for them, once, and nowhere else.

It may be killed at any await, as cogs/delivery.py may, and in the same way finds what it has posted already: by the
alert's nonce, which stands at the end of the message.
"""

import asyncio
import logging
from typing import Final, assert_never

import aiohttp
import discord

from bot.app import Raybot
from bot.cadence import is_due
from bot.domain.alert import (
    Alert,
    BooksDiffer,
    LimitReached,
    LowBalance,
    PriceDrift,
    QueueWaits,
    is_of_the_account,
)
from bot.domain.job import Reason
from bot.domain.limit import Layer
from bot.domain.price import in_words
from bot.domain.refusal import Refusal
from cogs.gate import Interaction, is_allowed
from cogs.limits_input import Channel
from cogs.looking import OutOfSight, Unreachable, find, is_closed, rest
from cogs.standing import per
from storage import alerts
from storage.alerts import StoredAlert

log = logging.getLogger(__name__)

DISCORD_TIMEOUT: Final = 60.0  # seconds for one call
AT_ONCE: Final = 5  # alerts in one turn, so that one channel that hangs does not hold up all that follow for long


class Poster:
    """A loop of the runner's: `await poster(group)` posts what is due, one alert after another."""

    def __init__(self, bot: Raybot) -> None:
        self._bot = bot

    async def __call__(self, group: asyncio.TaskGroup) -> float | None:
        now = self._bot.now()
        waiting = await alerts.waiting(self._bot.database.read)
        due = [each for each in waiting if is_due(each.next_try_at, now)]
        for each in due[:AT_ONCE]:
            try:
                async with asyncio.timeout(DISCORD_TIMEOUT):
                    await self._post(each)
            except (Unreachable, TimeoutError) as error:
                until = self._bot.now() + rest(error, each.tries)
                log.warning("alert %s waits until %s: %s", each.nonce, until, error)
                async with self._bot.database.transaction() as tx:
                    await alerts.postpone(tx, each.id, until)
        left = await alerts.waiting(self._bot.database.read)
        now = self._bot.now()
        times = [0.0 if each.next_try_at is None else (each.next_try_at - now).total_seconds() for each in left]
        return min(times, default=None)

    async def _post(self, stored: StoredAlert) -> None:
        try:
            message_id = await self._found(stored) or await self._made(stored)
        except OutOfSight:
            message_id = None
        async with self._bot.database.transaction() as tx:
            if message_id is None:
                log.error("alert %s cannot be posted: %s", stored.nonce, says(stored.alert))
                await alerts.undelivered(tx, stored.id)
            else:
                await alerts.posted(tx, stored.id, message_id)

    async def _found(self, stored: StoredAlert) -> int | None:
        """The message of an earlier attempt, in whichever channel that was."""
        if stored.attempted_at is None or stored.channel_id is None:
            return None
        place = self._bot.get_partial_messageable(stored.channel_id, guild_id=stored.server_id)
        return await find(
            self._bot, place, stored.nonce, stored.attempted_at, lambda message: stored.nonce in message.content
        )

    async def _made(self, stored: StoredAlert) -> int | None:
        """The message's id; None where there is no channel for it. Raises Unreachable where it is not certain."""
        channel_id = (await alerts.channels(self._bot.database.read)).get(stored.server_id)
        if channel_id is None or not await is_allowed(self._bot, stored.server_id):
            return None
        if is_of_the_account(stored.alert) and self._bot.settings.serves_several:  # written while it served one
            return None
        place = self._bot.get_partial_messageable(channel_id, guild_id=stored.server_id)
        async with self._bot.database.transaction() as tx:
            await alerts.attempt(tx, stored.id, channel_id, self._bot.now())
        try:
            message = await place.send(f"{says(stored.alert)}\n-# Alert {stored.nonce}", nonce=stored.nonce)
        except discord.HTTPException as error:
            if not is_closed(error, stored.tries):
                raise Unreachable(error) from error
            log.warning("alert %s: channel %s does not take it: %s", stored.nonce, channel_id, error)
            return None
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise Unreachable(error) from error
        return message.id


def says(alert: Alert) -> str:
    """What staff read."""
    match alert:
        case LimitReached():
            return _limit_reached(alert)
        case LowBalance(balance, held, floor):
            why = f"less than the {held} held for videos under way" if balance < held else f"less than {floor}"
            return (
                f"**The provider's account is running low:** {balance} is left, {why}. Whoever runs this bot can "
                "add credit at Runware; until then requests may be refused, and confirmed ones wait."
            )
        case PriceDrift(configuration, unit, quoted, billed, from_now_on, job_id):
            use = "use" if from_now_on == billed else "stay at"
            seen = "" if job_id is None else f" (job `{job_id}`)"
            return (
                f"**A price has changed:** for {in_words(configuration)} the provider billed {billed} a {unit} "
                f"instead of {quoted}{seen}. New quotes for that {use} {from_now_on}; please tell whoever runs "
                "this bot."
            )
        case BooksDiffer(days, booked, billed):
            when = "today (UTC)" if days == 1 else f"in the last {days} days"
            difference = f"{max(booked, billed) - min(booked, billed)} {'more' if billed > booked else 'less'}"
            return (
                f"**The books differ:** the provider says that it billed {billed} {when}, and {booked} is booked "
                f"here: that is {difference}. Whoever runs this bot should look whether something else uses the "
                "same account."
            )
        case QueueWaits(Reason.OUT_OF_CREDIT):
            return (
                "**Videos wait: the provider's account is out of credit.** Whoever runs this bot can add credit at "
                "Runware; what was confirmed is kept, and goes on by itself a few minutes later."
            )
        case QueueWaits():
            return (
                "**Videos wait: the provider does not accept the bot's key.** Whoever runs this bot has to look at "
                "it at Runware; what was confirmed is kept, and goes on by itself once a key is accepted."
            )
        case _:
            assert_never(alert)


def _limit_reached(alert: LimitReached) -> str:
    whose = "everybody's limit together" if alert.layer is Layer.ACCOUNT else "this server's limit"
    limit = f"{alert.limit.amount} {per(alert.limit.window)}"
    resets = "" if alert.resets_at is None else f" It resets <t:{int(alert.resets_at.timestamp())}:R>."
    if alert.percent >= 100:
        says = f"**All of {whose} is used:** new requests are refused."
    else:
        says = f"**{alert.percent}% of {whose} is used.**"
    return f"{says} Of {limit}, {alert.spent} is spent and {alert.held} is held for videos under way.{resets}"


CHOSEN: Final = "<@{actor}> has chosen this channel for my alerts: limits, credit and prices. Nothing is wrong now."


class CannotAlert(Refusal):
    """The channel takes no message of the bot's."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(
            f"I may not write in {channel.mention}, so nothing was changed. Please let me View Channel and Send "
            "Messages there (in a thread, Send Messages in Threads) under Edit Channel > Permissions, and choose "
            "it again; or choose another channel."
        )


async def announce(interaction: Interaction, channel: Channel) -> None:
    """Say in the channel that it was chosen: no payload tells what the bot may do in another channel than the one
    it was used in. Raises CannotAlert.
    """
    place = interaction.client.get_partial_messageable(channel.id, guild_id=interaction.guild_id)
    try:
        await place.send(CHOSEN.format(actor=interaction.user.id), nonce=f"c.{interaction.id}", silent=True)
    except (discord.Forbidden, discord.NotFound) as error:
        raise CannotAlert(channel) from error


async def setup(bot: Raybot) -> None:
    bot.post_alerts = Poster(bot)
