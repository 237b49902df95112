"""/reframe: from a video and a new shape to a quote card."""

from collections.abc import Iterable, Mapping
from typing import get_args

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.choices import Choices
from bot.domain.placement import Placement, Rectangle, rectangle
from bot.domain.problem import Problem
from bot.domain.request import Count, Format, ReframeVideo, Safety
from bot.domain.size import SIZES, AspectRatio, Resolution, Size
from bot.domain.source import Video
from bot.domain.values import choice
from bot.taking import Taking
from bot.words.speech import say
from cogs import asking, choosing, instead, my_results, quote_buttons, sources
from cogs.choosing import PRESET, PresetName
from cogs.gate import Interaction
from cogs.options import OUTPUT, RESOLUTION, SOURCE, Link, Prompt, Quality, ResultId
from cogs.translation import localized


class Reframe(commands.Cog):
    """Reads the options, asks the checkout, answers with the card."""

    @app_commands.command(name="reframe", description=localized("commands.reframe"))
    @app_commands.describe(
        resolution=RESOLUTION,
        **OUTPUT,
        **SOURCE,
        prompt=localized("commands.reframe_prompt"),
        aspect_ratio=localized("commands.reframe_aspect_ratio"),
        video=localized("commands.reframe_video"),
        preset=PRESET,
        placement=localized("commands.reframe_placement"),
        source_x=localized("commands.reframe_source_x"),
        source_y=localized("commands.reframe_source_y"),
        source_width=localized("commands.reframe_source_width"),
        source_height=localized("commands.reframe_source_height"),
    )
    @app_commands.autocomplete(result=my_results.offered)
    async def reframe(
        self,
        interaction: Interaction,
        prompt: Prompt,
        aspect_ratio: AspectRatio,
        video: discord.Attachment | None = None,
        video_url: Link | None = None,
        result: ResultId | None = None,
        resolution: Resolution | None = None,
        placement: Placement | None = None,
        source_x: app_commands.Range[float, -2, 2] | None = None,
        source_y: app_commands.Range[float, -2, 2] | None = None,
        source_width: app_commands.Range[float, 0, 2] | None = None,
        source_height: app_commands.Range[float, 0, 2] | None = None,
        count: Count | None = None,
        format: Format | None = None,
        quality: Quality | None = None,
        safety: Safety | None = None,
        preset: PresetName | None = None,
    ) -> None:
        requester = await asking.begin(interaction)
        chosen = Choices(resolution=resolution, count=count, format=format, quality=quality, safety=safety)
        options = await choosing.choose(interaction, requester, "reframe", prompt, chosen, preset)
        async with asking.taking(interaction, requester) as taking:
            source = await sources.video(
                interaction, taking, requester, attachment=video, url=video_url, result=result
            )
            fractions = {
                "source_x": source_x,
                "source_y": source_y,
                "source_width": source_width,
                "source_height": source_height,
            }
            canvas = SIZES.get((str(options["resolution"]), str(aspect_ratio)))  # type: ignore[call-overload] # or anything
            request = taking.build(
                ReframeVideo,
                prompt=prompt,
                video=source,
                aspect_ratio=aspect_ratio,
                placement=place(taking, placement, fractions, source, canvas),
                **options,
            )
            found = await instead.quoted(interaction.client, request, requester)
        await quote_buttons.show(interaction, found)

    @reframe.autocomplete("preset")
    async def presets(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The member's own, by name."""
        return await choosing.names(interaction, current)


def place(
    taking: Taking,
    placement: Placement | None,
    fractions: Mapping[str, float | None],
    source: Video,
    canvas: Size | None,
) -> Rectangle | None:
    """A name's rectangle, or the four fractions; what is wrong is noted. `canvas`: None where there is no such."""
    given = {name: value for name, value in fractions.items() if value is not None}
    if placement is not None and placement not in get_args(Placement):
        named = ", ".join(get_args(Placement))
        taking.note(Problem("placement", say("sources.unknown_placement", placements=named)))
    elif placement is not None and given:
        taking.note(Problem("placement", say("sources.placement_and_fractions", options=_and(given))))
    elif given and len(given) < len(fractions):
        missing = [name for name in fractions if name not in given]
        taking.note(Problem(next(iter(given)), say("sources.fractions_missing", options=_and(missing))))
    elif given:
        x, y, width, height = given.values()
        return Rectangle(x=x, y=y, width=width, height=height)
    elif placement is not None and canvas is not None:
        return rectangle(placement, Size(source.width, source.height), canvas)
    return None


def _and(names: Iterable[str]) -> str:
    return choice([*names], "and")


async def setup(bot: Raybot) -> None:
    await bot.add_cog(Reframe())
