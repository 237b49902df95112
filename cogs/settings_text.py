"""What /settings says, and what /limits log says of its changes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import discord

from bot.domain.policy import NotInThisChannel, Policy
from bot.domain.rules import OF_POLICY, Change, Kind
from bot.domain.values import choice
from cogs.prompt import shortened
from cogs.text import COLOUR

MOST_OF_A_DESCRIPTION: Final = 4_096
MOST_NAMED: Final = 5  # channels that a refusal names
MOST_OF_A_LIST: Final = 200  # characters of a value in a log; /settings show has all of it

TITLES: Final[Mapping[Kind, str]] = {
    Kind.RESOLUTION: "The resolution where none is chosen",
    Kind.ASPECT_RATIO: "The shape where none is chosen",
    Kind.DURATION: "The duration where none is chosen",
    Kind.FORMAT: "The file format where none is chosen",
    Kind.QUALITY: "The quality where none is chosen",
    Kind.RESOLUTIONS: "The resolutions that may be asked for",
    Kind.KINDS: "The kinds of request that may be made",
    Kind.SAFETY: "The content check that every video gets at least",
    Kind.FLAGGED: "Videos that the content check flags",
    Kind.CHANNELS: "The channels in which videos are made",
    Kind.RESULTS_CHANNEL: "The channel for videos whose own channel is closed",
    Kind.BLOCKED_WORDS: "The blocked words",
}

_USUAL: Final[Mapping[Kind, str]] = {
    Kind.RESOLUTION: "720p",
    Kind.ASPECT_RATIO: "16:9",
    Kind.DURATION: "5 s",
    Kind.FORMAT: "MP4",
    Kind.QUALITY: "the provider's, 95",
    Kind.RESOLUTIONS: "all",
    Kind.KINDS: "all",
    Kind.SAFETY: "none",
    Kind.FLAGGED: "withhold",
    Kind.CHANNELS: "everywhere",
    Kind.RESULTS_CHANNEL: "none",
    Kind.BLOCKED_WORDS: "none",
}
"""What applies where staff have set nothing."""

_SECTIONS: Final[Mapping[str, Mapping[Kind, str]]] = {
    "Where nothing is chosen": {
        Kind.RESOLUTION: "Resolution",
        Kind.ASPECT_RATIO: "Shape (videos from words)",
        Kind.DURATION: "Duration",
        Kind.FORMAT: "Format",
        Kind.QUALITY: "Quality",
    },
    "What may be asked for": {
        Kind.RESOLUTIONS: "Resolutions",
        Kind.KINDS: "Kinds",
        Kind.BLOCKED_WORDS: "Blocked words",
    },
    "Content": {Kind.SAFETY: "Check, at least", Kind.FLAGGED: "Flagged videos"},
    "Where": {Kind.CHANNELS: "Videos are made in", Kind.RESULTS_CHANNEL: "Else posted in"},
}

HELLO: Final = (
    "Videos whose own channel is closed by the time that they are ready are posted here from now on. "
    "<@{actor}> has set that with /settings results."
)
_FLAGGED: Final = {
    "withhold": (
        "A flagged video is shown in age-restricted channels only. Elsewhere its member is told so, and opens "
        "it with /jobs in an age-restricted channel."
    ),
    "spoiler": "A flagged video is posted behind a spoiler, in any channel.",
    "show": "A flagged video is posted like any other.",
}


def elsewhere(refusal: NotInThisChannel) -> str:
    """What a member reads in a channel in which no videos are made: where they are."""
    named = choice([f"<#{each}>" for each in refusal.channels[:MOST_NAMED]])
    return f"This server's staff want videos made elsewhere, so nothing was bought. Please use {named}."


def written(kind: Kind, value: str | None) -> str:
    """A value as people read it; None is what applies where staff have set nothing."""
    if value is None:
        return _USUAL[kind]
    if kind is Kind.DURATION:
        return f"{value} s"
    if kind in (Kind.CHANNELS, Kind.RESULTS_CHANNEL):
        return " ".join(f"<#{each}>" for each in value.split())
    return value


def shortly(kind: Kind, value: str | None) -> str:
    """The same, as long as a line of a log may be."""
    whole = written(kind, value)
    return whole if len(whole) <= MOST_OF_A_LIST else f"{whole[:MOST_OF_A_LIST].rpartition(' ')[0]} …"


def changed(change: Change, policy: Policy) -> str:
    """What was, what is now, and what follows from it. `policy`: as it is now."""
    before, value = (written(change.kind, each) for each in (change.before, change.value))
    return "\n".join((f"{TITLES[change.kind]}: {before} before, {value} now.", *consequences(change, policy)))


def unchanged(kind: Kind, value: str | None) -> str:
    """`value`: what was asked for, and is in force already."""
    return f"{TITLES[kind]}: {written(kind, value)} already. Nothing was changed."


def because(reason: str) -> list[str]:
    """The reason, where there is one."""
    return [f"Reason: {shortened(reason)}"] if reason else []


def consequences(change: Change, policy: Policy) -> Iterable[str]:
    """What whoever changes this should know. `policy`: as it is now."""
    match change.kind:
        case Kind.RESOLUTION | Kind.RESOLUTIONS if policy.resolution not in (None, policy.usual_resolution):
            yield f"{policy.resolution} is not allowed, so who chooses nothing gets {policy.usual_resolution}."
        case Kind.DURATION if change.value == "10":
            yield "10 s costs three times 5 s. Loop, HDR and pictures exist at 5 s only, and get that."
        case Kind.SAFETY if change.value is not None:
            yield f"A member may choose a stricter one. {_FLAGGED[policy.flagged]}"
        case Kind.FLAGGED:
            yield _FLAGGED[policy.flagged]
            if policy.safety == "none":
                yield "Nothing is checked unless a member asks for it; /settings safety mode: fast checks all."
        case Kind.CHANNELS if change.value is not None:
            yield "A thread counts as its channel does. Quotes that are open elsewhere buy nothing any more."
        case Kind.RESULTS_CHANNEL if change.value is not None:
            yield "I have just posted there, so that works. Whoever may read that channel sees those videos."
        case Kind.BLOCKED_WORDS if change.value is not None:
            yield "They are whole words, however they are written: capitals and look-alike forms count too."
        case _:
            return


def in_force(changes: Sequence[Change], policy: Policy) -> discord.Embed:
    """Everything that applies in a server."""
    found = {each.kind: each for each in changes if each.kind in OF_POLICY}
    card = discord.Embed(title="Settings of this server", colour=COLOUR)
    lines: list[str] = []
    for heading, kinds in _SECTIONS.items():
        lines.append(f"**{heading}**")
        for kind, name in kinds.items():
            each = found.get(kind)
            by = "" if each is None else f", by <@{each.actor_id}>"
            lines.append(f"{name}: {written(kind, None if each is None else each.value)}{by}")
    if policy.resolution not in (None, policy.usual_resolution):
        lines.append(f"{policy.resolution} is not allowed now: who chooses nothing gets {policy.usual_resolution}.")
    whole = "\n".join(lines)
    card.description = whole if len(whole) <= MOST_OF_A_DESCRIPTION else f"{whole[: MOST_OF_A_DESCRIPTION - 1]}…"
    card.set_footer(text="/limits log says who changed what, and why.")
    return card
