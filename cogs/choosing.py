"""What a request is made with: what its member chose, then their preset, then the server's defaults.

What the server does not allow is refused here, before any picture or video is fetched; the checkout asks again.
"""

from typing import Any, Final, TypeAlias

from discord import app_commands

from bot.domain.choices import Choices
from bot.domain.policy import NotAllowedHere, RequestKind
from bot.domain.preset import MOST_LETTERS, BadName, NoSuchPreset, Preset, clean, key
from bot.domain.problem import Problem
from bot.offer import Requester
from bot.words.speech import say
from cogs.gate import Interaction
from cogs.prompt import shortened
from cogs.translation import localized
from storage import policies, presets

PresetName: TypeAlias = app_commands.Range[str, 1, MOST_LETTERS]
PRESET: Final = localized("commands.preset")


async def choose(
    interaction: Interaction,
    requester: Requester,
    kind: RequestKind,
    prompt: str,
    chosen: Choices,
    preset: str | None,
) -> dict[str, Any]:
    """The options of a request of this kind. Raises the Refusal of a preset or of the server's policy."""
    read = interaction.client.database.read
    policy = await policies.in_force(read, requester.server_id)
    policy.admit_channel(requester.channel_id, requester.parent_id)
    saved = None if preset is None else await find(interaction, requester, preset)
    options = policy.filled(kind, chosen if saved is None else chosen.over(saved.choices))
    problems = [
        *policy.asked_problems(kind, str(prompt)),
        *policy.chosen_problems(options["resolution"], options["safety"]),
    ]
    if problems:
        raise NotAllowedHere(problems if saved is None else _with_origin(problems, chosen, saved))
    return options


async def find(interaction: Interaction, requester: Requester, name: str) -> Preset:
    """Their preset of this name. Raises NoSuchPreset."""
    try:
        cleaned = clean(name)
    except BadName:
        cleaned = ""
    found = await presets.get(interaction.client.database.read, requester.server_id, requester.member_id, cleaned)
    if found is None:
        raise NoSuchPreset(shortened(str(name), MOST_LETTERS))
    return found


async def names(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The member's presets here with what was typed in their names."""
    if interaction.guild_id is None:
        return []
    found = await presets.of_member(interaction.client.database.read, interaction.guild_id, interaction.user.id)
    typed = key(" ".join(str(current).split()))
    return [app_commands.Choice(name=each.name, value=each.name) for each in found if typed in key(each.name)]


def _with_origin(problems: list[Problem], chosen: Choices, preset: Preset) -> list[Problem]:
    """Those that come out of the preset say so."""
    said = chosen.chosen()
    return [
        Problem(option, f"{says} {say('sources.from_preset', preset=shortened(preset.name))}")
        if option in preset.choices.chosen() and option not in said
        else Problem(option, says)
        for option, says in problems
    ]
