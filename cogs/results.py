"""Going on from a finished video: each button opens a quote, in private, and nothing is bought by it.

What they are quotes for, and for whom: cogs/result_quotes.py. Deleting: cogs/result_deletion.py.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import discord

from bot.app import Raybot
from bot.domain.lineage import Way, bigger, shapes_for
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo, ReframeVideo, Request
from bot.taking import Taking
from bot.words.speech import say
from cogs import errors, modals
from cogs.gate import Interaction, acknowledge, admit
from cogs.modals import Entered
from cogs.prompt_form import hand_back, prompt_form, written
from cogs.result_buttons import ResultButton, more
from cogs.result_deletion import delete, erase
from cogs.result_quotes import finished, quote_continued, quote_same, quote_video
from cogs.staff import is_staff
from storage import policies

FORM: Final = re.compile(r"(?P<action>remix|edit|reframe):(?P<id>[0-9a-z]{10}\.[1-4])")

SHAPE: Final = "aspect_ratio"


async def repeat(interaction: Interaction, about: str) -> None:
    """The same request once more."""
    await acknowledge(interaction, thinking=True)
    await quote_same(interaction, about, Way.AGAIN, lambda request: replace(request))  # by today's rules


async def larger(interaction: Interaction, about: str) -> None:
    """The same request, one resolution up."""
    await acknowledge(interaction, thinking=True)
    await quote_same(interaction, about, Way.BIGGER, _bigger)


def _bigger(request: Request) -> Request:
    up = bigger(request)
    if up is None:
        raise Refusal(say("results.not_bigger"))
    return up


async def go_on(interaction: Interaction, about: str) -> None:
    """Five seconds more, from the last frame on."""
    await acknowledge(interaction, thinking=True)
    await quote_continued(interaction, about)


async def rest(interaction: Interaction, about: str) -> None:
    """What there is no room for under the video."""
    await acknowledge(interaction, thinking=True)
    job, result = await finished(interaction, about)
    requester = await admit(interaction)
    may_delete = job.member_id == requester.member_id or await is_staff(interaction, requester)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    view = more(job, result.n, policy, may_delete=may_delete)
    says = say("results.what_next") if view.children else say("results.nothing_next")
    await interaction.edit_original_response(content=says, view=view)


# With a form ---------------------------------------------------------------------------------------------------


async def open_remix(interaction: Interaction, about: str) -> None:
    """The prompt, filled in. A form opens only as the first answer, so it is read from the database at once."""
    job, _ = await finished(interaction, about)
    form = prompt_form(f"remix:{about}", job.request.prompt, title=say("forms.title_remix"))
    await modals.send(interaction, form)


async def open_edit(interaction: Interaction, about: str) -> None:
    """As `open_remix`; what is submitted is about the video itself."""
    job, _ = await finished(interaction, about)
    form = prompt_form(f"edit:{about}", job.request.prompt, title=say("forms.title_edit"))
    await modals.send(interaction, form)


async def open_reframe(interaction: Interaction, about: str) -> None:
    """As `open_edit`, with the new shape."""
    job, _ = await finished(interaction, about)
    form = prompt_form(f"reframe:{about}", job.request.prompt, title=say("forms.title_reframe"))
    shapes = [discord.SelectOption(label=shape) for shape in shapes_for(job.request)]
    select = discord.ui.Select[Any](custom_id=SHAPE, options=shapes, placeholder=say("forms.hint_new_shape"))
    form.add_item(discord.ui.Label(text=say("forms.label_new_shape"), component=select))
    await modals.send(interaction, form)


async def remix(interaction: Interaction, about: str, entered: Entered) -> None:
    """The same request with another prompt."""

    def rewritten(request: Request) -> Request:
        return replace(request, prompt=written(entered, was=request.prompt))

    await quote_same(interaction, about, Way.REMIX, rewritten)


async def edit(interaction: Interaction, about: str, entered: Entered) -> None:
    """The video itself, made anew."""
    await quote_video(interaction, about, Way.EDIT, entered, lambda taking, given: taking.build(EditVideo, **given))


async def reframe(interaction: Interaction, about: str, entered: Entered) -> None:
    """The video itself, in another shape."""

    def build(taking: Taking, given: dict[str, Any]) -> Request:
        return taking.build(ReframeVideo, **given, aspect_ratio=modals.one(entered, SHAPE))

    await quote_video(interaction, about, Way.REFRAME, entered, build)


SUBMITTED: Final[dict[str, Callable[[Interaction, str, Entered], Awaitable[None]]]] = {
    "remix": remix,
    "edit": edit,
    "reframe": reframe,
}


async def submitted(interaction: Interaction, match: re.Match[str], entered: Entered) -> None:
    """A form comes back, perhaps after a restart. Where it is refused, what was written is handed back."""
    await acknowledge(interaction, thinking=True)
    try:
        await SUBMITTED[match["action"]](interaction, match["id"], entered)
    except Refusal as refusal:
        wrote = written(entered, was="")
        if not wrote.strip():
            raise
        await hand_back(interaction, errors.says_of(refusal), wrote)


ResultButton.actions = {
    "repeat": repeat,
    "remix": open_remix,
    "continue": go_on,
    "edit": open_edit,
    "reframe": open_reframe,
    "bigger": larger,
    "more": rest,
    "delete": delete,
    "erase": erase,
}


async def setup(bot: Raybot) -> None:
    bot.add_dynamic_items(ResultButton)
    modals.route(bot, FORM, submitted)
