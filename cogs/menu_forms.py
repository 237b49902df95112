"""The forms that the menus of a message open: their fields, with everything filled in that can be. Pure.

Discord takes five fields in one form, and 4,000 characters in a text; a longer prompt goes with the commands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import discord

from bot.domain.placement import Placement
from bot.domain.policy import Policy, Way
from bot.domain.request import Duration, Strength
from bot.domain.size import AspectRatio
from cogs.message_media import Kind
from storage.targets import Medium, Target

MOST_ENTERED: Final = 4_000  # characters of one field

AS_THE_PICTURE: Final = "as the picture"
AUTOMATIC: Final = "automatic"

SOURCES: Final[dict[Kind, str]] = {"image": "Which picture", "video": "Which video"}
CUT: Final = "Up to 4,000 characters; /generate, /edit and /reframe take 6,000"


@dataclass(frozen=True)
class Form:
    """`takes`: what it needs of the message. `way`: what is asked for. `fields`: their custom ids, in order.

    There is a source to pick only where there are several.
    """

    title: str
    takes: Kind
    way: Way
    prompt: str
    fields: tuple[str, ...]


FORMS: Final = {
    "animate": Form(
        "Animate this image",
        "image",
        "image",
        "What happens in the video",
        ("source", "prompt", "resolution", "duration", "aspect_ratio"),
    ),
    "edit": Form(
        "Edit this video",
        "video",
        "edit",
        "What should become of the video",
        ("source", "prompt", "resolution", "strength"),
    ),
    "reframe": Form(
        "Reframe this video",
        "video",
        "reframe",
        "What the new part of the picture shows",
        ("source", "prompt", "aspect_ratio", "resolution", "placement"),
    ),
}
"""By the action in their custom id."""


@dataclass(frozen=True)
class Offered:
    """What a select offers: its label, what is said of it, its values, and which one is picked beforehand."""

    label: str
    about: str
    values: tuple[str, ...]
    picked: str


def form(action: str, target: Target, filled: Mapping[str, str], policy: Policy) -> discord.ui.Modal:
    """The modal. `filled`: what stands in its fields, by custom id; others have the server's default."""
    made = FORMS[action]
    modal = discord.ui.Modal(title=made.title, custom_id=f"{action}:{target.id}")
    first = next(iter(target.media))
    for field in made.fields:
        if field == "source":
            if len(target.media) > 1:
                modal.add_item(_source(made, target.media, filled.get(field, "0")))
        elif field == "prompt":
            modal.add_item(_prompt(made, filled.get(field, "")))
        else:
            modal.add_item(_select(field, _offered(action, field, first, policy), filled.get(field)))
    return modal


def _source(made: Form, media: Sequence[Medium], picked: str) -> "discord.ui.Label[Any]":
    options = [
        discord.SelectOption(label=each.name, value=str(n), default=str(n) == picked)
        for n, each in enumerate(media)
    ]
    select = discord.ui.Select[Any](custom_id="source", options=options, required=True)
    return discord.ui.Label(text=SOURCES[made.takes], component=select)


def _prompt(made: Form, filled: str) -> "discord.ui.Label[Any]":
    written = discord.ui.TextInput[Any](
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        placeholder=CUT,
        default=filled[:MOST_ENTERED] or None,
        min_length=1,
        max_length=MOST_ENTERED,
    )
    return discord.ui.Label(text="Prompt", description=made.prompt, component=written)


def _select(field: str, choices: Offered, filled: str | None) -> "discord.ui.Label[Any]":
    picked = filled if filled in choices.values else choices.picked
    options = [discord.SelectOption(label=each, value=each, default=each == picked) for each in choices.values]
    select = discord.ui.Select[Any](custom_id=field, options=options, required=True)
    return discord.ui.Label(text=choices.label, description=choices.about, component=select)


def _offered(action: str, field: str, medium: Medium, policy: Policy) -> Offered:
    match action, field:
        case _, "resolution":
            return Offered("Resolution", "Sharper costs more", policy.resolutions, policy.usual_resolution)
        case _, "duration":
            seconds = tuple(map(str, get_args(Duration)))
            return Offered("Duration", "Seconds; 10 s costs three times 5 s", seconds, "5")
        case "animate", _:
            shapes = (AS_THE_PICTURE, *get_args(AspectRatio))
            return Offered("Aspect ratio", "The video's shape", shapes, AS_THE_PICTURE)
        case _, "aspect_ratio":
            # to the other side, since the shape that a video has already leaves nothing to fill
            other = "16:9" if medium.height > medium.width else "9:16"
            return Offered("Aspect ratio", "The new shape", get_args(AspectRatio), other)
        case _, "strength":
            strengths = (AUTOMATIC, *get_args(Strength))
            return Offered("Strength", "From adhere_1, closest to the video, to reimagine_3", strengths, AUTOMATIC)
        case _:
            about = "Where the video stands on the new canvas; fit: large, in the middle"
            return Offered("Placement", about, get_args(Placement), "fit")
