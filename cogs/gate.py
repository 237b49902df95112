"""Who may use the bot, and where: asked at every command and again at every button."""

import contextlib
from typing import Final, TypeAlias

import aiohttp
import discord

from bot.app import Raybot
from bot.domain.refusal import Refusal
from bot.domain.values import choice
from bot.offer import Requester
from bot.words.speech import phrase, say
from storage import installation, languages
from storage.writes import CannotWrite

Interaction: TypeAlias = discord.Interaction[Raybot]

ALREADY_ACKNOWLEDGED: Final = 40060
ACKNOWLEDGED: Final = "acknowledged"
"""In an interaction's extras: Discord has our acknowledgement, although the library has no answer to it."""

NEEDED: Final = {
    "view_channel": phrase("refusals.view_channel"),
    "send_messages": phrase("refusals.send_messages"),
    "send_messages_in_threads": phrase("refusals.send_messages_in_threads"),
    "embed_links": phrase("refusals.embed_links"),
    "read_message_history": phrase("refusals.read_message_history"),
}
"""The bot's own permissions without which nothing is sold in a channel, and what Discord's client calls them."""

WANTED: Final = {"attach_files": phrase("refusals.attach_files")}
"""Without it videos are posted as links. The README's invite link asks for exactly these and `NEEDED`."""


class NotInAServer(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.not_in_a_server"))


class ServerNotAllowed(Refusal):
    def __init__(self, server_id: int) -> None:
        super().__init__(say("refusals.server_not_allowed", server=server_id))


class CannotPostHere(Refusal):
    """`missing`: permissions of the bot's own, in Discord's words."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(say("refusals.cannot_post_here", permissions=choice(missing, "and")))


async def acknowledge(interaction: Interaction, *, thinking: bool = False) -> None:
    """Tell Discord in time that an answer will come: in private with `thinking`, else as a change of the card.

    Where the answer to that was lost, it is said again; Discord then says that it knows, which is what we want.
    From here on somebody waits: a stop of the program lets this come to its end, or tells them.
    """
    interaction.client.answering.begin(lambda: interaction.client.interrupted(interaction))
    for is_last in (False, True):
        try:
            await interaction.response.defer(ephemeral=thinking, thinking=thinking)
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
            interaction.extras[ACKNOWLEDGED] = True
        except aiohttp.ClientError:
            if is_last:
                raise
            continue
        return


async def admit(interaction: Interaction) -> Requester:
    """Who asks and where, from the payload. Raises a Refusal where the bot does not work."""
    if interaction.guild_id is None or interaction.channel_id is None:
        raise NotInAServer
    if not await is_allowed(interaction.client, interaction.guild_id):
        raise ServerNotAllowed(interaction.guild_id)
    await _hear_language(interaction, interaction.guild_id)
    roles, channel = roles_of(interaction.user), interaction.channel
    parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
    return Requester(interaction.guild_id, interaction.channel_id, interaction.user.id, roles, parent_id)


def roles_of(user: discord.User | discord.Member) -> frozenset[int]:
    """The ids of a member's roles as the interaction's payload has them; none of a user who is not in the server.

    `Member.roles` is what of these the library knows, and without the intent for servers it knows none.
    """
    return frozenset(user._roles) if isinstance(user, discord.Member) else frozenset()  # pyright: ignore[reportPrivateUsage]


def check_permissions(interaction: Interaction) -> None:
    """Raises CannotPostHere where the results could not be posted; asked before money is held."""
    in_thread = isinstance(interaction.channel, discord.Thread)
    unneeded = "send_messages" if in_thread else "send_messages_in_threads"
    granted = interaction.app_permissions
    missing = [say(label) for name, label in NEEDED.items() if name != unneeded and not getattr(granted, name)]
    if missing:
        raise CannotPostHere(missing)


async def _hear_language(interaction: Interaction, server_id: int) -> None:
    """What is posted for everybody is said in the server's language, and only interactions tell which that is."""
    locale = None if interaction.guild_locale is None else str(interaction.guild_locale)
    with contextlib.suppress(CannotWrite):  # it is heard again, and whatever has to be stored says so itself
        await languages.hear(interaction.client.database, server_id, locale)


async def is_allowed(bot: Raybot, server_id: int) -> bool:
    """Whether the bot works in this server; the first that asks is the one, where the settings name none."""
    allowed = bot.settings.allowed_servers
    if allowed == "*":
        return True
    if allowed is not None:
        return server_id in allowed
    home = await installation.remembered(bot.database.read, installation.HOME_SERVER)
    if home is None:
        async with bot.database.transaction() as tx:
            home = await installation.remember_first(tx, installation.HOME_SERVER, str(server_id))
    return home == str(server_id)
