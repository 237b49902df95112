"""/presets: a member's own named options, in one server, for /generate, /edit and /reframe."""

from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.choices import Choices
from bot.domain.policy import Policy
from bot.domain.preset import EmptyPreset, NoSuchPreset, Preset, clean
from bot.domain.problem import InvalidRequest
from bot.domain.request import Count, Duration, Format, Safety, Strength
from bot.domain.size import AspectRatio, Resolution
from bot.words.speech import say
from cogs import choosing, errors
from cogs.choosing import PresetName
from cogs.gate import Interaction, acknowledge, admit
from cogs.options import OUTPUT, RESOLUTION, Quality
from cogs.original import edit_original
from cogs.prompt import shortened
from cogs.text import COLOUR, MOST_OF_AN_EMBED
from cogs.translation import localized
from storage import policies, presets


class PresetCommands(commands.Cog):
    """Reads the options, saves or lists, answers in private."""

    group = app_commands.Group(name="presets", description=localized("commands.presets"))

    @group.command(name="save", description=localized("commands.presets_save"))
    @app_commands.describe(
        name=localized("commands.presets_save_name"),
        resolution=RESOLUTION,
        aspect_ratio=localized("commands.presets_save_aspect_ratio"),
        duration=localized("commands.presets_save_duration"),
        loop=localized("commands.presets_save_loop"),
        hdr=localized("commands.presets_save_hdr"),
        exr=localized("commands.presets_save_exr"),
        strength=localized("commands.presets_save_strength"),
        keep_sound=localized("commands.presets_save_keep_sound"),
        **OUTPUT,
    )
    async def save(
        self,
        interaction: Interaction,
        name: PresetName,
        resolution: Resolution | None = None,
        aspect_ratio: AspectRatio | None = None,
        duration: Duration | None = None,
        loop: bool | None = None,
        hdr: bool | None = None,
        exr: bool | None = None,
        count: Count | None = None,
        strength: Strength | None = None,
        keep_sound: bool | None = None,
        format: Format | None = None,
        quality: Quality | None = None,
        safety: Safety | None = None,
    ) -> None:
        await acknowledge(interaction, thinking=True)
        requester, bot = await admit(interaction), interaction.client
        choices = Choices(
            resolution=resolution,
            aspect_ratio=aspect_ratio,
            duration=duration,
            loop=loop,
            hdr=hdr,
            exr=exr,
            count=count,
            strength=strength,
            keep_sound=keep_sound,
            format=format,
            quality=quality,
            safety=safety,
        )
        preset = Preset(clean(name), choices)
        if not choices.chosen():
            raise EmptyPreset
        if problems := tuple(choices.problems()):
            raise InvalidRequest(problems)
        async with bot.database.transaction() as tx:
            is_new = await presets.save(tx, requester.server_id, requester.member_id, preset, at=bot.now())
        policy = await policies.in_force(bot.database.read, requester.server_id)
        name, about = shortened(preset.name), _about(choices)
        if is_new:
            says = say("presets.saved", name=name, choices=about)
        else:
            says = say("presets.replaced", name=name, choices=about)
        await errors.tell(interaction, "\n".join([says, *_not_here(choices, policy)]))

    @group.command(name="list", description=localized("commands.presets_list"))
    async def show(self, interaction: Interaction) -> None:
        await acknowledge(interaction, thinking=True)
        requester, read = await admit(interaction), interaction.client.database.read
        found = await presets.of_member(read, requester.server_id, requester.member_id)
        if not found:
            await errors.tell(interaction, say("presets.none_yet"))
            return
        policy = await policies.in_force(read, requester.server_id)
        await edit_original(interaction, embed=_listed(found, policy))

    @group.command(name="delete", description=localized("commands.presets_delete"))
    @app_commands.describe(name=localized("commands.presets_delete_name"))
    async def delete(self, interaction: Interaction, name: PresetName) -> None:
        await acknowledge(interaction, thinking=True)
        requester, bot = await admit(interaction), interaction.client
        preset = await choosing.find(interaction, requester, name)
        async with bot.database.transaction() as tx:
            was_there = await presets.delete(tx, requester.server_id, requester.member_id, preset.name)
        if not was_there:  # another device was faster
            raise NoSuchPreset(shortened(preset.name))
        await errors.tell(interaction, say("presets.deleted", name=shortened(preset.name)))

    @delete.autocomplete("name")
    async def names(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The member's own, by name."""
        return await choosing.names(interaction, current)


def _listed(found: Sequence[Preset], policy: Policy) -> discord.Embed:
    card = discord.Embed(title=say("presets.heading_list"), colour=COLOUR)
    for each in found:
        value = "\n".join([_about(each.choices), *_not_here(each.choices, policy)])
        if len(card) + len(each.name) * 2 + len(value) > MOST_OF_AN_EMBED:
            break
        card.add_field(name=shortened(each.name), value=value, inline=False)
    return card


def _about(choices: Choices) -> str:
    """`resolution 1080p · hdr on`."""
    return " · ".join(f"{name} {_in_words(value)}" for name, value in choices.chosen().items())


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return say("presets.on") if value else say("presets.off")
    return str(value)


def _not_here(choices: Choices, policy: Policy) -> list[str]:
    """What of them the server does not allow now."""
    return [
        say("presets.not_here", option=problem.option, value=choices.chosen()[problem.option])
        for problem in policy.chosen_problems(choices.resolution, choices.safety)
    ]


async def setup(bot: Raybot) -> None:
    await bot.add_cog(PresetCommands())
