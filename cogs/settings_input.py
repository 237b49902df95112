"""What staff write into the options of /settings, as it is stored. A modified client can send anything in each.

None inherits. What cannot be read becomes a Refusal that says what can be written. Pure.
"""

from collections.abc import Sequence
from typing import Final

from bot.domain import policy
from bot.domain.blocked import parse_words, plain
from bot.domain.policy import MOST_CHANNELS
from bot.domain.refusal import NotUnderstood, Refusal
from bot.domain.rules import OF_POLICY, Kind
from bot.domain.values import choice
from bot.words.speech import say
from cogs.limits_input import INHERIT, Channel, Unclear, writable

ALL: Final = "all"


class NothingNamed(Refusal):
    """A command of which no option was given, of those that there are."""

    def __init__(self, command: str, options: Sequence[str]) -> None:
        super().__init__(say("settings.nothing_named", command=command, options=choice(list(options))))


class NotAChannelOfThis(Refusal):
    def __init__(self) -> None:
        super().__init__(say("settings.not_of_this_server"))


class NotInTheList(Refusal):
    """`says`: what is not."""


class TooManyChannels(Refusal):
    def __init__(self) -> None:
        super().__init__(say("settings.too_many_channels", most=MOST_CHANNELS))


def value(kind: Kind, option: str, given: object) -> str | None:
    """The value of an option in its stored form. Raises Unclear."""
    text = str(given).strip()
    if text.casefold() == INHERIT or (kind in (Kind.RESOLUTIONS, Kind.KINDS) and text.casefold() == ALL):
        return None
    try:
        policy.read({OF_POLICY[kind]: text})
        if kind in (Kind.RESOLUTIONS, Kind.KINDS):
            text = _some(kind, text)
    except NotUnderstood as error:
        otherwise = ALL if kind in (Kind.RESOLUTIONS, Kind.KINDS) else INHERIT
        raise Unclear(option, text, say("written.or_word", fix=error, word=otherwise)) from error
    return text


def channel(given: Channel, server_id: int) -> int:
    """The id of a channel of this server that has messages. Raises NotAChannelOfThis or NotWritable."""
    if given.guild_id != server_id:
        raise NotAChannelOfThis
    return writable(given).id


def channels(now: tuple[int, ...], add: int | None, remove: int | None) -> str | None:
    """The channels with one more, or one less. Raises NotInTheList or TooManyChannels."""
    if remove is not None and remove not in now:
        raise NotInTheList(say("settings.channel_not_listed", channel=remove))
    ids = (set(now) | ({add} if add is not None else set[int]())) - {remove}
    if len(ids) > MOST_CHANNELS:
        raise TooManyChannels
    return " ".join(map(str, sorted(ids))) or None


def words(now: tuple[str, ...], block: object, allow: object) -> str | None:
    """The blocked words with more, or less; `all` allows every one. Raises Unclear or NotInTheList."""
    kept = set(now)
    if allow is not None:
        text = str(allow)
        if text.strip().casefold() == ALL:
            kept = set[str]()
        else:
            gone = set(_words("allow", text))
            if missing := sorted(gone - kept):
                raise NotInTheList(say("settings.word_not_listed", word=missing[0]))
            kept -= gone
    if block is not None:
        kept |= set(_words("block", str(block)))
    return ", ".join(_words("block", ", ".join(sorted(kept)))) if kept else None


def _words(option: str, text: str) -> tuple[str, ...]:
    try:
        return parse_words(text)
    except NotUnderstood as error:
        raise Unclear(option, plain(text), str(error)) from error


def _some(kind: Kind, text: str) -> str | None:
    """In order, each once; None where that is all there are."""
    named = getattr(policy.read({OF_POLICY[kind]: text}), OF_POLICY[kind])
    return None if named == getattr(policy.Policy(), OF_POLICY[kind]) else ", ".join(named)
