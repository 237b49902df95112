"""Posts alerts to staff: in the channel that they chose for them, once, and nowhere else.

It may be killed at any await, as cogs/delivery.py may, and in the same way finds what it has posted already: by the
alert's nonce, which stands at the end of the message.
"""

import asyncio
import logging
from typing import Final, assert_never

import aiohttp
import discord
from discord.utils import format_dt

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
from bot.words.speech import phrase, say, speaking
from cogs.gate import Interaction, is_allowed
from cogs.limits_input import Channel
from cogs.looking import OutOfSight, Unreachable, find, is_closed, rest
from cogs.standing import amount_per
from storage import alerts, languages
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
        with speaking(await languages.spoken_in(self._bot.database.read, stored.server_id)):
            text = f"{says(stored.alert)}\n-# {say('alerts.nonce', nonce=stored.nonce)}"
        try:
            message = await place.send(text, nonce=stored.nonce)
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
        case LowBalance(balance, held, _) if balance < held:
            return say("alerts.low_for_holds", balance=balance, held=held)
        case LowBalance(balance, _, floor):
            return say("alerts.low", balance=balance, floor=floor)
        case PriceDrift():
            return _price_drift(alert)
        case BooksDiffer():
            return _books_differ(alert)
        case QueueWaits(Reason.OUT_OF_CREDIT):
            return say("alerts.out_of_credit")
        case QueueWaits():
            return say("alerts.key_refused")
        case _:
            assert_never(alert)


def _price_drift(alert: PriceDrift) -> str:
    what, billed, quoted = in_words(alert.configuration), alert.billed, alert.quoted
    is_known = alert.job_id is not None
    match alert.unit:
        case "result" if is_known:
            key = phrase("alerts.price_of_result_seen")
        case "result":
            key = phrase("alerts.price_of_result")
        case "second" if is_known:
            key = phrase("alerts.price_of_second_seen")
        case "second":
            key = phrase("alerts.price_of_second")
        case _:
            assert_never(alert.unit)
    seen = say(key, configuration=what, billed=billed, quoted=quoted, job=alert.job_id)
    if alert.from_now_on == billed:
        return f"{seen} {say('alerts.price_used', price=alert.from_now_on)}"
    return f"{seen} {say('alerts.price_kept', price=alert.from_now_on)}"


def _books_differ(alert: BooksDiffer) -> str:
    days, booked, billed = alert.days, alert.booked, alert.billed
    difference = max(booked, billed) - min(booked, billed)
    match billed > booked, days:
        case True, 1:
            says = say("alerts.billed_more_today", billed=billed, booked=booked, difference=difference)
        case True, _:
            says = say("alerts.billed_more", n=days, billed=billed, booked=booked, difference=difference)
        case False, 1:
            says = say("alerts.billed_less_today", billed=billed, booked=booked, difference=difference)
        case _:
            says = say("alerts.billed_less", n=days, billed=billed, booked=booked, difference=difference)
    return f"{says} {say('alerts.look_at_books')}"


def _limit_reached(alert: LimitReached) -> str:
    is_used_up = alert.percent >= 100
    if alert.layer is Layer.ACCOUNT:
        says = say("alerts.account_used") if is_used_up else say("alerts.account_nearly", percent=alert.percent)
    else:
        says = say("alerts.server_used") if is_used_up else say("alerts.server_nearly", percent=alert.percent)
    told = [says, say("alerts.limit", limit=amount_per(alert.limit), spent=alert.spent, held=alert.held)]
    if alert.resets_at is not None:
        told.append(say("alerts.resets", at=format_dt(alert.resets_at, "R")))
    return " ".join(told)


class CannotAlert(Refusal):
    """The channel takes no message of the bot's."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(say("alerts.cannot_write", channel=channel.mention))


async def announce(interaction: Interaction, channel: Channel) -> None:
    """Say in the channel that it was chosen: no payload tells what the bot may do in another channel than the one
    it was used in. Raises CannotAlert.
    """
    place = interaction.client.get_partial_messageable(channel.id, guild_id=interaction.guild_id)
    with speaking(str(interaction.guild_locale)):  # everybody there reads it
        says = say("alerts.chosen", member=interaction.user.id)
    try:
        await place.send(says, nonce=f"c.{interaction.id}", silent=True)
    except (discord.Forbidden, discord.NotFound) as error:
        raise CannotAlert(channel) from error


async def setup(bot: Raybot) -> None:
    bot.post_alerts = Poster(bot)
