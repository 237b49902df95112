"""What all buttons and menus share. Their ids carry ids only, so that they answer after a restart.

The database says what they may do. A press is acknowledged first, and checked from the beginning: who presses,
where, and what is still so. They themselves: cogs/quote_view.py, cogs/post_buttons.py, cogs/again.py.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final, Self, TypeAlias

import aiohttp
import discord

from bot.words.speech import speak
from cogs import errors
from cogs.gate import Interaction
from cogs.original import edit_original

log = logging.getLogger(__name__)


Action: TypeAlias = Callable[[Interaction, str], Awaitable[None]]
"""What a press does, given the id that its button carries."""

KNOWN: Final[list[re.Pattern[str]]] = []
"""The custom ids of every kind of button and menu. This module is no extension: the library would load it a second
time, and there would be two lists."""


class Button(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"(?!)"):
    """What all share: an action and an id out of the custom id, and one way to answer errors."""

    actions: ClassVar[dict[str, Action]]

    def __init_subclass__(cls, *, template: re.Pattern[str]) -> None:
        super().__init_subclass__(template=template)
        KNOWN.append(template)

    def __init__(self, item: discord.ui.Button[discord.ui.View]) -> None:
        super().__init__(item)
        match = self.template.fullmatch(self.custom_id)
        assert match is not None  # the library has matched it already
        self.action, self.about = match["action"], match["id"]

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        speak(str(interaction.locale))
        try:
            await self.actions[self.action](interaction, self.about)
        except Exception as error:
            await errors.answer(interaction, error)


class Menu(discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=r"(?!)"):
    """A menu of texts of which one is picked. `pick` gets what its id is about, its id, and the value."""

    pick: ClassVar[Callable[[Interaction, str, str, str], Awaitable[None]]]

    def __init_subclass__(cls, *, template: re.Pattern[str]) -> None:
        super().__init_subclass__(template=template)
        KNOWN.append(template)

    def __init__(self, item: discord.ui.Select[discord.ui.View]) -> None:
        super().__init__(item)
        match = self.template.fullmatch(self.custom_id)
        assert match is not None  # the library has matched it already
        self.name, self.about = match["name"], match["id"]

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Select)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        speak(str(interaction.locale))
        data: Any = interaction.data or {}
        values: Any = data.get("values")
        picked = str(values[0]) if type(values) is list and values else ""  # pyright: ignore[reportUnknownArgumentType]
        try:
            await type(self).pick(interaction, self.name, self.about, picked)
        except Exception as error:
            await errors.answer(interaction, error)


def is_card(interaction: Interaction) -> bool:
    """Whether the button that was pressed stands on a message of its presser's own."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def replace_card(interaction: Interaction, says: str) -> None:
    """Change the card that was pressed; a button that was forged onto a public message changes nothing there.

    The card only shows what is so. Where its member has dismissed it, or Discord does not take the change, what was
    pressed goes on all the same.
    """
    try:
        if is_card(interaction):
            await edit_original(interaction, content=says, embed=None, view=None, attachments=[])
        else:
            await errors.tell(interaction, says)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("a card could not be changed: %s: %s", type(error).__name__, error)
