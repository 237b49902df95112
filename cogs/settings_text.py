"""What /settings says, and what /limits log says of its changes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import discord

from bot.domain.policy import NotInThisChannel, Policy
from bot.domain.rules import OF_POLICY, Change, Kind
from bot.domain.values import choice
from bot.words.speech import phrase, say
from cogs.text import COLOUR, MOST_OF_A_DESCRIPTION

MOST_NAMED: Final = 5  # channels that a refusal names
MOST_OF_A_LIST: Final = 200  # characters of a value in a log; /settings show has all of it

TITLES: Final[Mapping[Kind, str]] = {
    Kind.RESOLUTION: phrase("settings.of_resolution"),
    Kind.ASPECT_RATIO: phrase("settings.of_aspect_ratio"),
    Kind.DURATION: phrase("settings.of_duration"),
    Kind.FORMAT: phrase("settings.of_format"),
    Kind.QUALITY: phrase("settings.of_quality"),
    Kind.RESOLUTIONS: phrase("settings.of_resolutions"),
    Kind.KINDS: phrase("settings.of_kinds"),
    Kind.SAFETY: phrase("settings.of_safety"),
    Kind.FLAGGED: phrase("settings.of_flagged"),
    Kind.CHANNELS: phrase("settings.of_channels"),
    Kind.RESULTS_CHANNEL: phrase("settings.of_results"),
    Kind.BLOCKED_WORDS: phrase("settings.of_words"),
}
"""What a change is about."""

_USUAL: Final[Mapping[Kind, str]] = {
    Kind.RESOLUTION: "720p",
    Kind.ASPECT_RATIO: "16:9",
    Kind.DURATION: "5",
    Kind.FORMAT: "MP4",
    Kind.SAFETY: "none",
    Kind.FLAGGED: "withhold",
}
"""What applies where staff have set nothing: values of options."""

_USUALLY: Final[Mapping[Kind, str]] = {
    Kind.QUALITY: phrase("settings.usual_quality"),
    Kind.RESOLUTIONS: phrase("settings.all"),
    Kind.KINDS: phrase("settings.all"),
    Kind.CHANNELS: phrase("settings.everywhere"),
    Kind.RESULTS_CHANNEL: phrase("limits.no_channel"),
    Kind.BLOCKED_WORDS: phrase("settings.no_words"),
}
"""And what has no value of its own."""

_SECTIONS: Final[Mapping[str, Mapping[Kind, str]]] = {
    phrase("settings.section_defaults"): {
        Kind.RESOLUTION: phrase("settings.now_resolution"),
        Kind.ASPECT_RATIO: phrase("settings.now_aspect_ratio"),
        Kind.DURATION: phrase("settings.now_duration"),
        Kind.FORMAT: phrase("settings.now_format"),
        Kind.QUALITY: phrase("settings.now_quality"),
    },
    phrase("settings.section_allowed"): {
        Kind.RESOLUTIONS: phrase("settings.now_resolutions"),
        Kind.KINDS: phrase("settings.now_kinds"),
        Kind.BLOCKED_WORDS: phrase("settings.now_words"),
    },
    phrase("settings.section_content"): {
        Kind.SAFETY: phrase("settings.now_safety"),
        Kind.FLAGGED: phrase("settings.now_flagged"),
    },
    phrase("settings.section_where"): {
        Kind.CHANNELS: phrase("settings.now_channels"),
        Kind.RESULTS_CHANNEL: phrase("settings.now_results"),
    },
}

_FLAGGED: Final = {
    "withhold": phrase("settings.withhold"),
    "spoiler": phrase("settings.spoiler"),
    "show": phrase("settings.show"),
}


def elsewhere(refusal: NotInThisChannel) -> str:
    """What a member reads in a channel in which no videos are made: where they are."""
    named = choice([f"<#{each}>" for each in refusal.channels[:MOST_NAMED]])
    return say("settings.elsewhere", channels=named)


def written(kind: Kind, value: str | None) -> str:
    """A value as people read it; None is what applies where staff have set nothing."""
    if value is None:
        if kind in _USUALLY:
            return say(_USUALLY[kind])
        value = _USUAL[kind]
    if kind is Kind.DURATION:
        return say("asked.seconds", seconds=value)
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
    says = say("limits.changed", what=say(TITLES[change.kind]), before=before, value=value)
    return "\n".join((says, *consequences(change, policy)))


def unchanged(kind: Kind, value: str | None) -> str:
    """`value`: what was asked for, and is in force already."""
    return say("limits.unchanged", what=say(TITLES[kind]), value=written(kind, value))


def consequences(change: Change, policy: Policy) -> Iterable[str]:
    """What whoever changes this should know. `policy`: as it is now."""
    match change.kind:
        case Kind.RESOLUTION | Kind.RESOLUTIONS if policy.resolution not in (None, policy.usual_resolution):
            usual = policy.usual_resolution
            yield say("settings.resolution_not_allowed", resolution=policy.resolution, usual=usual)
        case Kind.DURATION if change.value == "10":
            yield say("settings.ten_seconds")
        case Kind.SAFETY if change.value is not None:
            yield f"{say('settings.stricter')} {say(_FLAGGED[policy.flagged])}"
        case Kind.FLAGGED:
            yield say(_FLAGGED[policy.flagged])
            if policy.safety == "none":
                yield say("settings.nothing_is_checked")
        case Kind.CHANNELS if change.value is not None:
            yield say("settings.threads_count")
        case Kind.RESULTS_CHANNEL if change.value is not None:
            yield say("settings.have_posted_there")
        case Kind.BLOCKED_WORDS if change.value is not None:
            yield say("settings.whole_words")
        case _:
            return


def in_force(changes: Sequence[Change], policy: Policy) -> discord.Embed:
    """Everything that applies in a server."""
    found = {each.kind: each for each in changes if each.kind in OF_POLICY}
    card = discord.Embed(title=say("settings.heading_in_force"), colour=COLOUR)
    lines: list[str] = []
    for heading, kinds in _SECTIONS.items():
        lines.append(f"**{say(heading)}**")
        for kind, name in kinds.items():
            each = found.get(kind)
            line = f"{say(name)}: {written(kind, None if each is None else each.value)}"
            lines.append(line if each is None else say("limits.by_whom", what=line, member=each.actor_id))
    if policy.resolution not in (None, policy.usual_resolution):
        usual = policy.usual_resolution
        lines.append(say("settings.now_not_allowed", resolution=policy.resolution, usual=usual))
    whole = "\n".join(lines)
    card.description = whole if len(whole) <= MOST_OF_A_DESCRIPTION else f"{whole[: MOST_OF_A_DESCRIPTION - 1]}…"
    card.set_footer(text=say("settings.see_log"))
    return card
