"""/generate: from words to a quote card."""

from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.request import MAX_PROMPT, AspectRatio, Count, Duration, Resolution, TextToVideo
from cogs.buttons import show_quote
from cogs.gate import Interaction, acknowledge, admit, check_permissions


class Generate(commands.Cog):
    """Reads the options, asks the checkout, answers with the card."""

    @app_commands.command(name="generate", description="Make a video with Luma Ray3.2. You see the price first.")
    @app_commands.describe(
        prompt="What the video shows: subject, motion, camera, light",
        resolution="Sharper costs more (default 720p)",
        aspect_ratio="The picture's shape (default 16:9)",
        duration="Seconds; 10 s costs three times 5 s (default 5)",
        loop="End where it began; 5 s only",
        hdr="High dynamic range; 720p or 1080p, 5 s, costs double",
        exr="Also an OpenEXR sequence, with HDR only; costs triple",
        count="How many takes, each priced and posted by itself (default 1)",
    )
    async def generate(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_PROMPT],
        resolution: Resolution = "720p",
        aspect_ratio: AspectRatio = "16:9",
        duration: Duration = 5,
        loop: bool = False,
        hdr: bool = False,
        exr: bool = False,
        count: Count = 1,
    ) -> None:
        await acknowledge(interaction, thinking=True)
        requester = await admit(interaction)
        request = TextToVideo(
            prompt=prompt,
            resolution=resolution,
            aspect_ratio=aspect_ratio,
            duration=duration,
            loop=loop,
            hdr=hdr,
            exr=exr,
            count=count,
        )
        check_permissions(interaction)
        await show_quote(interaction, await interaction.client.checkout.offer(request, requester))


async def setup(bot: Raybot) -> None:
    await bot.add_cog(Generate())
