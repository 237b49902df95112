"""The form in which a prompt is written anew: two fields, since one of Discord's takes 4,000 characters."""

from typing import Final

import discord

from bot.domain.halves import FIRST, SECOND, join, split
from bot.words.speech import say
from cogs import errors, modals
from cogs.gate import Interaction
from cogs.modals import Entered
from cogs.text import file_of

YOUR_FILE: Final = "your-prompt.txt"

_FIRST, _SECOND = "first", "second"


def prompt_form(custom_id: str, prompt: str, *, title: str) -> discord.ui.Modal:
    """Filled in with `prompt`. To be opened by `modals.send`; the submit is read by `written`."""
    halves = split(prompt)
    form = discord.ui.Modal(title=title, custom_id=custom_id, timeout=None)
    form.add_item(
        discord.ui.Label(text=say("forms.label_what_it_shows"), component=_field(_FIRST, halves.first, FIRST))
    )
    second = _field(_SECOND, halves.second, SECOND)
    more, about = say("forms.label_more"), say("forms.hint_one_prompt")
    form.add_item(discord.ui.Label(text=more, description=about, component=second))
    return form


def written(entered: Entered, *, was: str) -> str:
    """The prompt that was submitted. `was`: the one that the form was filled with."""
    return join(modals.one(entered, _FIRST), modals.one(entered, _SECOND), was=was)


def _field(name: str, value: str, most: int) -> "discord.ui.TextInput[discord.ui.Modal]":
    return discord.ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph,
        default=value or None,
        required=False,  # an empty prompt is refused in our words, with everything else that is wrong
        max_length=most,
    )


async def hand_back(interaction: Interaction, says: str, wrote: str) -> None:
    """Say why nothing came of what somebody wrote, to them alone, with what they wrote as a file."""
    if not wrote.strip():
        await errors.tell(interaction, says)
        return
    whole = f"{says}\n{say('card.written', file=YOUR_FILE)}"
    await errors.tell(interaction, whole, file=file_of(wrote, YOUR_FILE))
