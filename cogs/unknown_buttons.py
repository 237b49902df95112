"""Presses of buttons, and picks from menus, that are none of ours."""

import discord
from discord.ext import commands

from bot.app import Raybot
from bot.domain.refusal import Refusal
from bot.words.speech import say, speak
from cogs import errors
from cogs.button import KNOWN
from cogs.gate import Interaction


class UnknownButtons(commands.Cog):
    """Answers presses that no button of ours takes: forged ones, and those of a message that we did not make."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is not discord.InteractionType.component:
            return
        speak(str(interaction.locale))
        custom_id = str((interaction.data or {}).get("custom_id", ""))
        shown = discord.ui.View.from_message(interaction.message) if interaction.message else None
        items = shown.walk_children() if shown else ()
        ids = {(item.type.value, getattr(item, "custom_id", None)) for item in items}
        kind = (interaction.data or {}).get("component_type")
        if (kind, custom_id) in ids and any(known.fullmatch(custom_id) for known in KNOWN):
            return
        await errors.answer(interaction, Refusal(say("refusals.unknown_button")))


async def setup(bot: Raybot) -> None:
    await bot.add_cog(UnknownButtons())
