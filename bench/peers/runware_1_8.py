# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false
"""A bot as somebody writes it with the provider's newer client: defer, await the video, show its link."""

import os

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from runware import Runware

Route.BASE = os.environ["DISCORD_API_URL"]
client = discord.AutoShardedClient(intents=discord.Intents.none(), max_messages=None)
tree = app_commands.CommandTree(client)
runware = Runware(api_key=os.environ["RUNWARE_API_KEY"], ws_base_url=os.environ["RUNWARE_SOCKET_URL"])


@tree.command(name="generate", description="Makes a video.")
async def generate(interaction: discord.Interaction, prompt: str) -> None:
    await interaction.response.defer(thinking=True)
    [video] = await runware.run(
        {
            "taskType": "videoInference",  # said, or it asks a server of the provider's which type this model has
            "model": os.environ["MODEL"],
            "positivePrompt": prompt,
            "width": 640,
            "height": 360,
            "duration": 5,
        }
    )
    await interaction.edit_original_response(content=video["videoURL"])


@client.event
async def setup_hook() -> None:
    if os.environ.get("REGISTER"):
        await tree.sync()
    _, gateway, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
