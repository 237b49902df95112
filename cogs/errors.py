"""The one place where an exception becomes an answer.

A Refusal is sent as it stands. Where nothing can be stored, the database has logged why (storage/writes.py).
Anything else is a bug: it is logged once, with a reference that the member gets. Nothing is answered where the
interaction is gone, which Discord says with 10062. A command that we do not have, or that lacks what it needs, is
no bug either: the member's client still shows an older one.
"""

import contextlib
import logging
import secrets

import aiohttp
import discord
from discord import app_commands

from bot.app import Raybot
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.policy import NotInThisChannel
from bot.domain.refusal import Refusal
from bot.unreadable import Unreadable
from cogs import text
from cogs.gate import ACKNOWLEDGED, Interaction
from cogs.limits_text import frozen
from cogs.settings_text import elsewhere
from cogs.standing import over_limit
from storage.writes import CannotWrite

log = logging.getLogger(__name__)


async def answer(interaction: Interaction, error: BaseException) -> None:
    """Tell the presser, and nobody else, what the error means for them."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, OverLimit):
        says = over_limit(error)
    elif isinstance(error, FrozenServer):
        says = frozen(error)
    elif isinstance(error, NotInThisChannel):
        says = elsewhere(error)
    elif isinstance(error, Refusal):
        says = error.says
    elif isinstance(error, Unreadable):
        says = text.UNREADABLE.format(option=error)
    elif isinstance(error, OUTDATED):
        says = text.OUTDATED_COMMAND
    elif isinstance(error, CannotWrite):
        says = text.CANNOT_WRITE
    elif isinstance(error, discord.NotFound) and error.code == UNKNOWN_INTERACTION:
        log.warning("an interaction was gone before it could be answered")
        return
    else:
        reference = secrets.token_hex(4)
        log.error("reference %s", reference, exc_info=error)
        says = text.BUG.format(reference=reference)
    try:
        await tell(interaction, says)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as failed:
        log.warning("could not answer: %s", failed)


async def tell(interaction: Interaction, says: str) -> None:
    """Say something to the presser alone; in the place of "thinking…" where that is what they see."""
    if ACKNOWLEDGED in interaction.extras:
        await interaction.followup.send(says[:MOST], ephemeral=True)
    elif not interaction.response.is_done():
        await interaction.response.send_message(says[:MOST], ephemeral=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=says[:MOST])
    else:
        await interaction.followup.send(says[:MOST], ephemeral=True)


async def interrupted(interaction: Interaction) -> None:
    """Tell whoever still waits for an answer that the program is being stopped."""
    with contextlib.suppress(discord.DiscordException, aiohttp.ClientError, OSError):
        await tell(interaction, text.INTERRUPTED)


UNKNOWN_INTERACTION = 10062
MOST = 2_000  # characters of a message
OUTDATED = (
    app_commands.CommandNotFound,
    app_commands.CommandSignatureMismatch,
    app_commands.TransformerError,
)


async def setup(bot: Raybot) -> None:
    bot.interrupted = interrupted
    bot.tree.error(answer)  # pyright: ignore[reportArgumentType] - the tree is typed for any client
