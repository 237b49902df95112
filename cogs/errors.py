"""The one place where an exception becomes an answer.

A Refusal is sent as it stands. Where nothing can be stored, the database has logged why (storage/writes.py).
Discord's own faults are a warning, and are answered where that is still possible: nothing is, where the interaction
is gone (`GONE`). A command that we do not have, or that lacks what it needs, is no bug either: the member's client
still shows an older one. Anything else is a bug: it is logged once, with a reference that the member gets.
"""

import contextlib
import logging
import secrets
from collections.abc import Sequence

import aiohttp
import discord
from discord import app_commands

from bot.app import Raybot
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.policy import NotInThisChannel
from bot.domain.refusal import Refusal
from bot.unreadable import Unreadable
from bot.words.speech import say, speaking
from cogs.gate import ACKNOWLEDGED, ALREADY_ACKNOWLEDGED, Interaction
from cogs.original import edit_original
from cogs.settings_text import elsewhere
from cogs.standing import frozen, over_limit
from cogs.text import MOST_OF_A_MESSAGE
from storage.writes import CannotWrite

log = logging.getLogger(__name__)


async def answer(interaction: Interaction, error: BaseException) -> None:
    """Tell the presser, and nobody else, what the error means for them."""
    if interaction.type is discord.InteractionType.autocomplete:  # there is no place for words
        with contextlib.suppress(discord.DiscordException, aiohttp.ClientError, OSError):
            await interaction.response.autocomplete([])
        return
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, Refusal):
        says = says_of(error)
    elif isinstance(error, Unreadable):
        says = say("refusals.unreadable", option=error)
    elif isinstance(error, OUTDATED):
        says = say("refusals.outdated_command")
    elif isinstance(error, CannotWrite):
        says = say("refusals.cannot_write")
    elif isinstance(error, discord.HTTPException) and error.code in GONE:
        log.warning("an interaction was gone before it could be answered: %s", error)
        return
    elif isinstance(error, DISCORDS):
        log.warning("Discord has not taken an answer: %s: %s", type(error).__name__, error)
        says = say("refusals.answer_not_taken")
    else:
        reference = secrets.token_hex(4)
        log.error("reference %s", reference, exc_info=error)
        says = say("refusals.bug", reference=reference)
    try:
        await tell(interaction, says)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as failed:
        log.warning("could not answer: %s", failed)


def says_of(refusal: Refusal) -> str:
    """What a refusal says to whoever asked."""
    if isinstance(refusal, OverLimit):
        return over_limit(refusal)
    if isinstance(refusal, FrozenServer):
        return frozen(refusal)
    if isinstance(refusal, NotInThisChannel):
        return elsewhere(refusal)
    return refusal.says


async def tell(
    interaction: Interaction, says: str, *, view: discord.ui.View | None = None, file: discord.File | None = None
) -> None:
    """Say something to the presser alone; in the place of "thinking…" where that is what they see.

    `view`: the buttons beneath it. `file`: goes with it.
    """
    buttons, files = view or discord.utils.MISSING, discord.utils.MISSING if file is None else [file]
    if ACKNOWLEDGED in interaction.extras:
        await interaction.followup.send(says[:MOST_OF_A_MESSAGE], view=buttons, files=files, ephemeral=True)
    elif not interaction.response.is_done():
        await _answer_first(interaction, says[:MOST_OF_A_MESSAGE], buttons, files)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await edit_original(interaction, content=says[:MOST_OF_A_MESSAGE], view=buttons, attachments=files)
    else:
        await interaction.followup.send(says[:MOST_OF_A_MESSAGE], view=buttons, files=files, ephemeral=True)


async def _answer_first(
    interaction: Interaction, says: str, view: discord.ui.View, files: Sequence[discord.File]
) -> None:
    """Where Discord says that it has an answer, that of an attempt whose own answer was lost, it is edited."""
    try:
        await interaction.response.send_message(says, view=view, files=files, ephemeral=True)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        await edit_original(interaction, content=says, view=view, attachments=files)


async def interrupted(interaction: Interaction) -> None:
    """Tell whoever still waits for an answer that the program is being stopped."""
    unanswered = contextlib.suppress(discord.DiscordException, aiohttp.ClientError, OSError)
    with unanswered, speaking(str(interaction.locale)):  # the task is not the member's own, but that which stops
        await tell(interaction, say("refusals.interrupted"))


GONE = frozenset({10008, 10015, 10062, 50027})
"""Discord's codes for what can show nothing any more: an unknown message, webhook or interaction, and a token that
has ended. Its member has dismissed it, or it is too late."""

DISCORDS = (discord.DiscordServerError, discord.RateLimited, aiohttp.ClientError)
"""Faults of Discord's or of the way to it; nothing else of ours is reached with aiohttp."""

OUTDATED = (
    app_commands.CommandNotFound,
    app_commands.CommandSignatureMismatch,
    app_commands.TransformerError,
)


async def setup(bot: Raybot) -> None:
    bot.interrupted = interrupted
    bot.tree.error(answer)  # pyright: ignore[reportArgumentType] - the tree is typed for any client
