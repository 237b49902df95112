"""What staff write into the options of /limits, read. A modified client can send anything in each of them.

What cannot be read becomes a Refusal that says what can be written. Pure.
"""

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar

import discord
from discord import app_commands

from bot.domain.job import Outcome
from bot.domain.limit import parse_amount, parse_limits, written
from bot.domain.money import Usd
from bot.domain.refusal import NotUnderstood, Refusal
from bot.domain.rules import MOST_ID, MOST_JOBS
from bot.domain.values import choice
from bot.domain.window import Calendar, Window, parse_zone
from bot.words.speech import say
from cogs.prompt import shortened

T = TypeVar("T")

Channel: TypeAlias = app_commands.AppCommandChannel | app_commands.AppCommandThread

INHERIT: Final = "inherit"
UNLIMITED: Final = "unlimited"

A_DAY: Final = Calendar("day")
A_MONTH: Final = Calendar("month")

WITH_MESSAGES: Final = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)

MOST_DAYS: Final = 3_650
MOST_LINES: Final = 999_999  # of the log, by its numbers
CHOICES: Final = 25  # that Discord shows while somebody types
MOST_ECHOED: Final = 60  # characters of what was written, in the answer


class Unclear(Refusal):
    """An option that cannot be read. `fix`: an imperative without capital and full stop."""

    def __init__(self, option: str, given: str, fix: str) -> None:
        if given.strip():
            told = shortened(given, MOST_ECHOED)
            super().__init__(say("limits.unclear", option=option, given=told, fix=fix))
        else:
            super().__init__(say("limits.unclear_nothing", option=option, fix=fix))


class NotHere(Refusal):
    """A user who is not, or no longer, a member of this server."""

    def __init__(self, user: discord.User | discord.Member) -> None:
        super().__init__(say("limits.not_a_member", user=user.mention))


class IsBot(Refusal):
    """Bots make no videos."""

    def __init__(self, user: discord.User | discord.Member) -> None:
        super().__init__(say("limits.is_bot", user=user.mention))


class EverybodyAsStaff(Refusal):
    def __init__(self) -> None:
        super().__init__(say("limits.everybody_as_staff"))


class NotWritable(Refusal):
    """A channel in which nobody can write a message."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(say("limits.not_writable", channel=channel.mention))


class Writable(app_commands.Transformer):
    """Offers channels that have messages. From the payload: the library would look for them in a cache."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return list(WITH_MESSAGES)

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Any:
        return value


def writable(channel: Channel) -> Channel:
    """A channel that has messages. Raises NotWritable."""
    if channel.type not in WITH_MESSAGES:
        raise NotWritable(channel)
    return channel


def person(user: discord.User | discord.Member) -> discord.Member:
    """A member of this server. Raises IsBot or NotHere."""
    if user.bot:
        raise IsBot(user)
    if not isinstance(user, discord.Member):
        raise NotHere(user)
    return user


def limits(given: object, default: Window) -> str | None:
    """Limits as they are stored, None to inherit. `default`: the window of an amount without one."""
    text = str(given)
    if _is(text, INHERIT):
        return None
    return written(_read("limit", text, lambda: parse_limits(text, default), INHERIT))


def cap(given: object) -> str | None:
    """The most that one request may cost, as it is stored; None for no such limit."""
    text = str(given)
    if _is(text, INHERIT, UNLIMITED):
        return None
    return str(_read("most", text, lambda: parse_amount(text), UNLIMITED))


def jobs(given: object) -> str | None:
    """How many jobs at once, as it is stored; None for no such limit."""
    text = str(given).strip()
    if _is(text, INHERIT, UNLIMITED):
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= MOST_JOBS):
        number = say("written.whole_number", least=0, most=f"{MOST_JOBS:,}")
        raise Unclear("most", text, say("written.or_word", fix=number, word=UNLIMITED))
    return str(int(text))


def zone(given: object) -> str | None:
    """A time zone by the key that it is stored by; None for UTC."""
    text = str(given)
    return None if _is(text, INHERIT) else _read("zone", text, lambda: parse_zone(text)).key


def amount(option: str, given: object) -> Usd:
    """An amount of money of more than nothing."""
    text = str(given)
    read = _read(option, text, lambda: parse_amount(text))
    if not read:
        raise Unclear(option, text, say("written.amount_of_nothing"))
    return read


def days(given: object) -> int:
    """From 1 to MOST_DAYS."""
    if type(given) is not int or not 1 <= given <= MOST_DAYS:
        raise Unclear("days", str(given), say("written.whole_number", least=1, most=f"{MOST_DAYS:,}"))
    return given


def job_id(given: object) -> str:
    """A job's id, as it can be copied from a message: `Job abc`, with or without backticks."""
    return str(given).strip().strip("`").casefold().removeprefix("job").strip(" `")


def outcome(given: object) -> Outcome:
    """What becomes of a job's hold."""
    text = str(given)
    if text not in tuple(Outcome):
        raise Unclear("outcome", text, say("written.one_of", allowed=choice(tuple(Outcome))))
    return Outcome(text)


def snowflake(given: object) -> str:
    """An id, as it can be copied from a list: bare, in backticks or as a mention."""
    found = re.fullmatch(r"[<`]?@?[&!]?([0-9]{1,19})[>`]?", str(given).strip())
    if found is None:
        raise Unclear("id", str(given), say("written.id"))
    return str(int(found[1]))


def reason(given: object) -> str:
    """Why, in the words of whoever did it; empty where they gave none."""
    return "" if given is None else str(given).strip()


def line(given: object) -> int | None:
    """A line's number in the log."""
    return min(max(given, 0), MOST_ID) if type(given) is int else None


def _is(text: str, *words: str) -> bool:
    return text.strip().casefold() in words


def _read(option: str, text: str, read: Callable[[], T], otherwise: str | None = None) -> T:
    """`otherwise`: a word that can be written as well."""
    try:
        return read()
    except NotUnderstood as error:
        fix = str(error) if otherwise is None else say("written.or_word", fix=error, word=otherwise)
        raise Unclear(option, text, fix) from error
