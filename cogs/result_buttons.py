"""The buttons with which members go on from a finished video. What each does: cogs/results.py.

A phone shows three or four buttons in a row: what people use most stands first, and More has the rest, in private.
"""

import re
from collections.abc import Iterator
from typing import Final

import discord

from bot.domain.job import Job
from bot.domain.lineage import bigger, can_continue
from bot.domain.policy import Policy
from bot.words.speech import say
from cogs.button import Button

RESULT: Final = re.compile(
    r"(?P<action>repeat|remix|continue|edit|reframe|bigger|more|delete|erase):(?P<id>[0-9a-z]{10}\.[1-4])"
)
"""Not the post's nonce, which is `<job>.r<n>`: by that the post itself is found."""


class ResultButton(Button, template=RESULT):
    """What goes on from one finished video, or deletes its messages."""


def button(action: str, label: str, job_id: str, n: int, *, row: int | None = None) -> ResultButton:
    """`row`: counted from 0; None takes the first with room."""
    return _styled(action, label, job_id, n, discord.ButtonStyle.secondary, row)


def danger(action: str, label: str, job_id: str, n: int) -> ResultButton:
    """In red."""
    return _styled(action, label, job_id, n, discord.ButtonStyle.danger, None)


def under_a_video(job: Job, n: int) -> Iterator[ResultButton]:
    """What stands under every finished video, in two rows. Details belong between the last two."""
    yield button("repeat", say("results.button_again"), job.id, n, row=0)
    yield button("remix", say("results.button_remix"), job.id, n, row=0)
    if can_continue(job.request):
        yield button("continue", say("results.button_continue"), job.id, n, row=0)
    yield button("more", say("results.button_more"), job.id, n, row=1)


def more(job: Job, n: int, policy: Policy, *, may_delete: bool) -> discord.ui.View:
    """The rest: what the server allows by now."""
    view = discord.ui.View(timeout=None)
    if "edit" in policy.kinds:
        view.add_item(button("edit", say("results.button_edit"), job.id, n))
    if "reframe" in policy.kinds:
        view.add_item(button("reframe", say("results.button_reframe"), job.id, n))
    larger = bigger(job.request)
    if larger is not None and not policy.problems(policy.raised(larger)):
        view.add_item(button("bigger", say("results.button_bigger", resolution=larger.resolution), job.id, n))
    if may_delete:
        view.add_item(danger("delete", say("results.button_delete"), job.id, n))
    return view


def _styled(
    action: str, label: str, job_id: str, n: int, style: discord.ButtonStyle, row: int | None
) -> ResultButton:
    shown = discord.ui.Button[discord.ui.View](
        label=label, style=style, custom_id=f"{action}:{job_id}.{n}", row=row
    )
    return ResultButton(shown)
