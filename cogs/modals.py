"""Forms that Discord opens, which it calls modals: a submit finds its way by its custom id, so that it is answered
after a restart too.

The library knows only the modals that it has sent since it was started, and drops other submits without a word.
So a modal of ours carries ids in its custom id, as a button does; what was entered is read from the payload, and is
checked like any other input. To add one: `await send(interaction, modal)`, and `route` in the cog's `setup`.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeAlias

import discord
from discord.ext import commands

from bot.app import Raybot
from bot.domain.refusal import Refusal
from bot.words.speech import say, speak
from cogs import errors
from cogs.gate import Interaction

Entered: TypeAlias = Mapping[str, tuple[str, ...]]
"""What was entered, by the custom id of the field: one text, the values that were picked, the ids of files."""

Submitted: TypeAlias = Callable[[Interaction, re.Match[str], Entered], Awaitable[None]]
"""Answers a submit. The match is that of the modal's custom id."""


class Modals(commands.Cog):
    """Hears of every submit, and answers those that nobody takes."""

    def __init__(self) -> None:
        self.routes: list[tuple[re.Pattern[str], Submitted]] = []

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        speak(str(interaction.locale))
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        try:
            for template, submitted in self.routes:
                if match := template.fullmatch(custom_id):
                    await submitted(interaction, match, entered(data.get("components")))
                    return
            raise Refusal(say("forms.unknown"))
        except Exception as error:
            await errors.answer(interaction, error)


async def send(interaction: Interaction, modal: discord.ui.Modal) -> None:
    """Open it. Discord takes it as the first answer only, within 3 s: nothing slow may come before."""
    modal.stop()  # the library need not keep it: no submit is for its memory
    await interaction.response.send_modal(modal)


def route(bot: Raybot, template: re.Pattern[str], submitted: Submitted) -> None:
    """Submits of modals whose whole custom id matches go there. Templates must not overlap."""
    cog = bot.get_cog(Modals.__name__)
    assert isinstance(cog, Modals), "cogs.modals is loaded before what uses it"
    cog.routes.append((template, submitted))


def entered(components: object) -> Entered:
    """The fields of a submit. A modified client sends any form at all: what is none of ours is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for part in _objects(components):
        for field in _objects([part, part.get("component"), *_list(part.get("components"))]):
            if isinstance(custom_id := field.get("custom_id"), str):
                values = _list(field["values"]) if "values" in field else [field.get("value")]
                found[custom_id] = tuple(str(value) for value in values if isinstance(value, str | int | float))
    return found


def one(given: Entered, name: str, default: str = "") -> str:
    """The text of a field, or the value that was picked; `default` where there is none."""
    return next(iter(given.get(name, ())), default)


def _objects(value: object) -> Iterator[dict[str, Any]]:
    for each in _list(value):
        if isinstance(each, dict):
            yield each  # pyright: ignore[reportUnknownVariableType] # from JSON, whose keys are texts


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


async def setup(bot: Raybot) -> None:
    await bot.add_cog(Modals())
