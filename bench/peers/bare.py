"""A bot of nothing but discord.py, which defers and edits: how fast the library can be."""

import os

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

Route.BASE = os.environ["DISCORD_API_URL"]
client = discord.AutoShardedClient(intents=discord.Intents.none(), max_messages=None)
tree = app_commands.CommandTree(client)


@tree.command(name="generate", description="Answers, and does nothing else.")
async def generate(interaction: discord.Interaction, prompt: str, resolution: str | None = None) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.edit_original_response(content=f"{prompt[:100]} {resolution}")


@client.event
async def setup_hook() -> None:
    if os.environ.get("REGISTER"):  # once, as most bots do it
        await tree.sync()
    _, gateway, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
