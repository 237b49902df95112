# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false, reportCallIssue=false
"""A bot as somebody writes it with the provider's older client: defer, send, await the video, show its link."""

import os

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from runware import IVideoInference, Runware

Route.BASE = os.environ["DISCORD_API_URL"]
client = discord.AutoShardedClient(intents=discord.Intents.none(), max_messages=None)
tree = app_commands.CommandTree(client)
runware = Runware(api_key=os.environ["RUNWARE_API_KEY"], url=os.environ["RUNWARE_SOCKET_URL"])


@tree.command(name="generate", description="Makes a video.")
async def generate(interaction: discord.Interaction, prompt: str) -> None:
    await interaction.response.defer(thinking=True)
    request = IVideoInference(
        model=os.environ["MODEL"], positivePrompt=prompt, width=640, height=360, duration=5, deliveryMethod="async"
    )
    sent = await runware.videoInference(requestVideo=request)
    [video] = await runware.getResponse(taskUUID=sent.taskUUID, numberResults=1)
    await interaction.edit_original_response(content=video.videoURL)


@client.event
async def setup_hook() -> None:
    if os.environ.get("REGISTER"):
        await tree.sync()
        return
    await runware.connect()
    _, gateway, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
