"""The forms that the menus of a message open: their fields, with everything filled in that can be. Pure.

Discord takes five fields in one form, and 4,000 characters in a text; a longer prompt goes with the commands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import discord

from bot.domain.alternatives import AUTOMATIC, SOURCE
from bot.domain.placement import Placement
from bot.domain.policy import Policy, RequestKind
from bot.domain.request import Duration, Strength
from bot.domain.size import AspectRatio
from bot.words.speech import phrase, say
from cogs.message_media import Kind
from storage.targets import Medium, Target

MOST_ENTERED: Final = 4_000  # characters of one field

_SOURCES: Final[dict[Kind, str]] = {
    "image": phrase("forms.label_which_picture"),
    "video": phrase("forms.label_which_video"),
}
_NAMED: Final = {SOURCE: phrase("forms.option_as_the_picture"), AUTOMATIC: phrase("forms.option_automatic")}
"""Values that are nothing which the provider has a name for."""


@dataclass(frozen=True)
class Form:
    """`takes`: what it needs of the message. `kind`: what is asked for. `fields`: their custom ids, in order.

    There is a source to pick only where there are several. `title` and `prompt` name their sentences.
    """

    title: str
    takes: Kind
    kind: RequestKind
    prompt: str
    fields: tuple[str, ...]


FORMS: Final = {
    "animate": Form(
        phrase("forms.title_animate_image"),
        "image",
        "image",
        phrase("forms.hint_what_happens"),
        ("source", "prompt", "resolution", "duration", "aspect_ratio"),
    ),
    "edit": Form(
        phrase("forms.title_edit_video"),
        "video",
        "edit",
        phrase("forms.hint_what_becomes"),
        ("source", "prompt", "resolution", "strength"),
    ),
    "reframe": Form(
        phrase("forms.title_reframe_video"),
        "video",
        "reframe",
        phrase("forms.hint_new_part"),
        ("source", "prompt", "aspect_ratio", "resolution", "placement"),
    ),
}
"""By the action in their custom id."""


@dataclass(frozen=True)
class Offered:
    """What a select offers, and which value is picked beforehand. `label` and `about` name their sentences."""

    label: str
    about: str
    values: tuple[str, ...]
    picked: str


def form(action: str, target: Target, filled: Mapping[str, str], policy: Policy) -> discord.ui.Modal:
    """The modal. `filled`: what stands in its fields, by custom id; others have the server's default."""
    made = FORMS[action]
    modal = discord.ui.Modal(title=say(made.title), custom_id=f"{action}:{target.id}")
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
    return discord.ui.Label(text=say(_SOURCES[made.takes]), component=select)


def _prompt(made: Form, filled: str) -> "discord.ui.Label[Any]":
    written = discord.ui.TextInput[Any](
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        placeholder=say("forms.hint_cut"),
        default=filled[:MOST_ENTERED] or None,
        min_length=1,
        max_length=MOST_ENTERED,
    )
    return discord.ui.Label(text=say("forms.label_prompt"), description=say(made.prompt), component=written)


def _select(field: str, choices: Offered, filled: str | None) -> "discord.ui.Label[Any]":
    picked = filled if filled in choices.values else choices.picked
    options = [
        discord.SelectOption(
            label=say(_NAMED[each]) if each in _NAMED else each, value=each, default=each == picked
        )
        for each in choices.values
    ]
    select = discord.ui.Select[Any](custom_id=field, options=options, required=True)
    return discord.ui.Label(text=say(choices.label), description=say(choices.about), component=select)


def _offered(action: str, field: str, medium: Medium, policy: Policy) -> Offered:
    match action, field:
        case _, "resolution":
            label, about = phrase("forms.label_resolution"), phrase("forms.hint_resolution")
            return Offered(label, about, policy.resolutions, policy.usual_resolution)
        case _, "duration":
            seconds = tuple(map(str, get_args(Duration)))
            return Offered(phrase("forms.label_duration"), phrase("forms.hint_duration"), seconds, "5")
        case "animate", _:
            shapes = (SOURCE, *get_args(AspectRatio))
            return Offered(phrase("forms.label_aspect_ratio"), phrase("forms.hint_video_shape"), shapes, SOURCE)
        case _, "aspect_ratio":
            # to the other side, since the shape that a video has already leaves nothing to fill
            other = "16:9" if medium.height > medium.width else "9:16"
            label, about = phrase("forms.label_aspect_ratio"), phrase("forms.hint_new_shape")
            return Offered(label, about, get_args(AspectRatio), other)
        case _, "strength":
            strengths = (AUTOMATIC, *get_args(Strength))
            return Offered(phrase("forms.label_strength"), phrase("forms.hint_strength"), strengths, AUTOMATIC)
        case _:
            label, about = phrase("forms.label_placement"), phrase("forms.hint_placement")
            return Offered(label, about, get_args(Placement), "fit")
