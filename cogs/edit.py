"""/edit: from a video and words to a quote card."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.choices import Choices
from bot.domain.request import Count, EditVideo, Format, PoseStrength, Safety, Strength
from bot.domain.size import Resolution
from cogs import asking, choosing, instead, my_results, quote_buttons, sources
from cogs.choosing import PRESET, PresetName
from cogs.gate import Interaction
from cogs.options import OUTPUT, RESOLUTION, SOURCE, Link, Prompt, Quality, ResultId, Share
from cogs.translation import localized


class Edit(commands.Cog):
    """Reads the options, asks the checkout, answers with the card."""

    @app_commands.command(name="edit", description=localized("commands.edit"))
    @app_commands.describe(
        resolution=RESOLUTION,
        **OUTPUT,
        **SOURCE,
        prompt=localized("commands.edit_prompt"),
        video=localized("commands.edit_video"),
        strength=localized("commands.edit_strength"),
        guide=localized("commands.edit_guide"),
        keep_sound=localized("commands.edit_keep_sound"),
        hdr=localized("commands.edit_hdr"),
        exr=localized("commands.edit_exr"),
        preset=PRESET,
        automatic=localized("commands.edit_automatic"),
        depth_blur=localized("commands.edit_depth_blur"),
        face=localized("commands.edit_face"),
        normals_augmentation=localized("commands.edit_normals_augmentation"),
        pose_strength=localized("commands.edit_pose_strength"),
        trajectory_sparsity=localized("commands.edit_trajectory_sparsity"),
    )
    @app_commands.autocomplete(result=my_results.offered)
    async def edit(
        self,
        interaction: Interaction,
        prompt: Prompt,
        video: discord.Attachment | None = None,
        video_url: Link | None = None,
        result: ResultId | None = None,
        resolution: Resolution | None = None,
        strength: Strength | None = None,
        guide: discord.Attachment | None = None,
        keep_sound: bool | None = None,
        hdr: bool | None = None,
        exr: bool | None = None,
        count: Count | None = None,
        automatic: bool | None = None,
        depth_blur: Share | None = None,
        face: bool | None = None,
        normals_augmentation: Share | None = None,
        pose_strength: PoseStrength | None = None,
        trajectory_sparsity: Share | None = None,
        format: Format | None = None,
        quality: Quality | None = None,
        safety: Safety | None = None,
        preset: PresetName | None = None,
    ) -> None:
        requester = await asking.begin(interaction)
        chosen = Choices(
            resolution=resolution,
            strength=strength,
            keep_sound=keep_sound,
            hdr=hdr,
            exr=exr,
            count=count,
            format=format,
            quality=quality,
            safety=safety,
        )
        options = await choosing.choose(interaction, requester, "edit", prompt, chosen, preset)
        if automatic is True:  # it leaves no room for a preset's strength
            options["strength"] = strength
        controls = {
            "strength": options.pop("strength"),
            "depth_blur": depth_blur,
            "face": face,
            "normals_augmentation": normals_augmentation,
            "pose_strength": pose_strength,
            "trajectory_sparsity": trajectory_sparsity,
        }
        if automatic is None:
            automatic = all(value is None for value in controls.values())
        async with asking.taking(interaction, requester) as taking:
            source = await sources.video(
                interaction, taking, requester, attachment=video, url=video_url, result=result
            )
            request = taking.build(
                EditVideo,
                prompt=prompt,
                video=source,
                guide=await sources.guide(taking, guide),
                automatic=automatic,
                **controls,
                **options,
            )
            found = await instead.quoted(interaction.client, request, requester)
        await quote_buttons.show(interaction, found)

    @edit.autocomplete("preset")
    async def presets(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The member's own, by name."""
        return await choosing.names(interaction, current)


async def setup(bot: Raybot) -> None:
    await bot.add_cog(Edit())
