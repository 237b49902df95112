"""The buttons of a job's messages in the channel, and of the list of /jobs."""

import re
from typing import Final

import discord

from bot.app import Raybot
from bot.domain.job import Job, State
from bot.refusals import NoSuchJob
from bot.words.speech import say
from cogs import errors, job_cards
from cogs.button import Button
from cogs.deleted import hidden_from
from cogs.flagged import veils
from cogs.gate import Interaction, acknowledge, admit
from cogs.original import edit_original
from cogs.parent import parent_of
from cogs.result_buttons import under_a_video
from cogs.staff import is_staff
from cogs.text import file_of
from storage import jobs

POST: Final = re.compile(r"(?P<action>cancel|details):(?P<id>[0-9a-z]{10})\.(?:[pr][0-9]|a[0-9]{1,9})")


def post_buttons(job: Job, nonce: str) -> discord.ui.View:
    """The buttons of a message in the channel. Their ids carry its nonce, by which it can be found."""
    view = discord.ui.View(timeout=None)
    if job.state is State.QUEUED and ".p" in nonce:
        label = say("progress.button_cancel")
        view.add_item(PostButton(discord.ui.Button(label=label, custom_id=f"cancel:{nonce}")))
    n = _number(job, nonce)
    row = None if n is None else 1
    label = say("progress.button_details")
    view.add_item(PostButton(discord.ui.Button(label=label, custom_id=f"details:{nonce}", row=row)))
    for button in () if n is None else under_a_video(job, n):
        view.add_item(button)
    return view


def _number(job: Job, nonce: str) -> int | None:
    """Of the finished video that a post shows; None where it shows none, or several."""
    which = nonce.partition(".")[2]
    if which.startswith("r"):
        return int(which[1:])
    finished = [result.n for result in job.results if result.succeeded]
    return finished[0] if which.startswith("a") and len(finished) == 1 else None


def cancel_button(job: Job, nonce: str) -> "PostButton":
    """Cancel, for one of several jobs of a list."""
    label = say("progress.button_cancel_job", job=job.id)
    return PostButton(discord.ui.Button(label=label, custom_id=f"cancel:{nonce}"))


class PostButton(Button, template=POST):
    """Cancel or Details on a message in the channel, or in the list of /jobs."""


async def cancel(interaction: Interaction, job_id: str) -> None:
    """Take a job back that was not sent yet: one's own, or as staff anybody's in the server."""
    await acknowledge(interaction, thinking=True)
    requester = await admit(interaction)
    by_staff = await is_staff(interaction, requester)
    job = await interaction.client.checkout.cancel_job(job_id, requester, by_staff=by_staff)
    interaction.client.runner.wake()
    if job.member_id == requester.member_id:
        says = say("progress.job_cancelled", job=job.id, price=job.hold.cents)
    else:
        says = say("progress.job_cancelled_by_staff", job=job.id, price=job.hold.cents, member=job.member_id)
    await errors.tell(interaction, says)


async def details(interaction: Interaction, job_id: str) -> None:
    """Everything about a job, for anybody in its server; in a direct message, for whoever asked for it."""
    await acknowledge(interaction, thinking=True)
    job = await jobs.get(interaction.client.database.read, job_id)
    if interaction.guild_id is None:
        mine = job is not None and job.member_id == interaction.user.id
    else:
        requester = await admit(interaction)
        mine = job is not None and job.server_id == requester.server_id
    if job is None or not mine:
        raise NoSuchJob
    prompt, links = job.request.prompt, await _links(interaction, job)
    whole = [file_of(prompt, "prompt.txt")] if len(prompt) > job_cards.WHOLE_PROMPT else []
    whole += [file_of("\n".join(links), "links.txt")] if links else []
    parent = await parent_of(interaction.client.database.read, job)
    await edit_original(interaction, embed=job_cards.receipt(job, parent), attachments=whole)


async def _links(interaction: Interaction, job: Job) -> list[str]:
    """Every link of the job's videos that may be shown here, to whoever presses."""
    hosts = interaction.client.settings.link_hosts
    veiled = await veils(interaction.client, job, interaction.channel_id)
    hidden = await hidden_from(interaction, job)
    shown = [result for result in job.results if veiled.get(result.n) != "withheld" and result.n not in hidden]
    return [link for result in shown for link in result.links if hosts.admit(link)]


PostButton.actions = {"cancel": cancel, "details": details}


async def setup(bot: Raybot) -> None:
    bot.add_dynamic_items(PostButton)
