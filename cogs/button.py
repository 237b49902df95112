"""What all buttons share. Their ids carry ids only, so that they answer after a restart.

The database says what they may do. A press is acknowledged first, and checked from the beginning: who presses,
where, and what is still so. The buttons themselves: cogs/quote_buttons.py, cogs/post_buttons.py, cogs/again.py,
cogs/result_buttons.py. This module is no extension: the library runs those a second time, and what is known twice
is known to neither.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self

import aiohttp
import discord

from cogs import errors
from cogs.gate import Interaction

log = logging.getLogger(__name__)


class Button(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"(?!)"):
    """What all share: an action and an id out of the custom id, and one way to answer errors."""

    known: ClassVar[list[re.Pattern[str]]] = []
    """The custom ids of every kind of button."""

    actions: ClassVar[dict[str, Callable[[Interaction, str], Awaitable[None]]]]

    def __init_subclass__(cls, *, template: re.Pattern[str]) -> None:
        super().__init_subclass__(template=template)
        cls.known.append(template)

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
        try:
            await self.actions[self.action](interaction, self.about)
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
            await interaction.edit_original_response(content=says, embed=None, view=None)
        else:
            await errors.tell(interaction, says)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("a card could not be changed: %s: %s", type(error).__name__, error)
