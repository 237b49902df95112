"""/generate: from words, or words and pictures, to a quote card."""

from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.choices import Choices
from bot.domain.request import Count, Duration, Format, ImageToVideo, Safety, TextToVideo
from bot.domain.size import AspectRatio, Resolution
from cogs import asking, choosing, instead, quote_buttons, sources
from cogs.choosing import PRESET, PresetName
from cogs.gate import Interaction
from cogs.options import OUTPUT, RESOLUTION, Prompt, Quality
from cogs.translation import localized

KEYFRAMES: Final = {f"keyframe_{n}": localized("commands.generate_keyframe", number=n) for n in range(1, 11)}
"""Ten of the 64 that the model takes: a command has room for 25 options in all."""


class Generate(commands.Cog):
    """Reads the options, asks the checkout, answers with the card."""

    @app_commands.command(name="generate", description=localized("commands.generate"))
    @app_commands.describe(
        resolution=RESOLUTION,
        **OUTPUT,
        prompt=localized("commands.generate_prompt"),
        aspect_ratio=localized("commands.generate_aspect_ratio"),
        duration=localized("commands.generate_duration"),
        first_frame=localized("commands.generate_first_frame"),
        last_frame=localized("commands.generate_last_frame"),
        loop=localized("commands.generate_loop"),
        hdr=localized("commands.generate_hdr"),
        exr=localized("commands.generate_exr"),
        preset=PRESET,
        moments=localized("commands.generate_moments"),
        **KEYFRAMES,
    )
    async def generate(
        self,
        interaction: Interaction,
        prompt: Prompt,
        resolution: Resolution | None = None,
        aspect_ratio: AspectRatio | None = None,
        duration: Duration | None = None,
        first_frame: discord.Attachment | None = None,
        last_frame: discord.Attachment | None = None,
        loop: bool | None = None,
        hdr: bool | None = None,
        exr: bool | None = None,
        count: Count | None = None,
        moments: app_commands.Range[str, 1, 200] | None = None,
        keyframe_1: discord.Attachment | None = None,
        keyframe_2: discord.Attachment | None = None,
        keyframe_3: discord.Attachment | None = None,
        keyframe_4: discord.Attachment | None = None,
        keyframe_5: discord.Attachment | None = None,
        keyframe_6: discord.Attachment | None = None,
        keyframe_7: discord.Attachment | None = None,
        keyframe_8: discord.Attachment | None = None,
        keyframe_9: discord.Attachment | None = None,
        keyframe_10: discord.Attachment | None = None,
        format: Format | None = None,
        quality: Quality | None = None,
        safety: Safety | None = None,
        preset: PresetName | None = None,
    ) -> None:
        requester = await asking.begin(interaction)
        keyframes = (
            keyframe_1, keyframe_2, keyframe_3, keyframe_4, keyframe_5,
            keyframe_6, keyframe_7, keyframe_8, keyframe_9, keyframe_10,
        )  # fmt: skip
        pictures = {f"keyframe_{n}": each for n, each in enumerate(keyframes, start=1) if each is not None}
        has_pictures = bool(pictures) or first_frame is not None or last_frame is not None
        chosen = Choices(
            resolution=resolution,
            aspect_ratio=aspect_ratio,
            duration=duration,
            loop=loop,
            hdr=hdr,
            exr=exr,
            count=count,
            format=format,
            quality=quality,
            safety=safety,
        )
        kind = "image" if has_pictures else "text"
        options = await choosing.choose(interaction, requester, kind, prompt, chosen, preset)
        async with asking.taking(interaction, requester) as taking:
            frames = await sources.frames(
                taking,
                first=first_frame,
                last=last_frame,
                keyframes=pictures,
                moments=moments,
                duration=options["duration"],
            )
            if frames:
                request = taking.build(ImageToVideo, prompt=prompt, **options, frames=frames)
            else:
                request = taking.build(TextToVideo, prompt=prompt, **options)
            found = await instead.quoted(interaction.client, request, requester)
        await quote_buttons.show(interaction, found)

    @generate.autocomplete("preset")
    async def presets(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The member's own, by name."""
        return await choosing.names(interaction, current)


async def setup(bot: Raybot) -> None:
    await bot.add_cog(Generate())
