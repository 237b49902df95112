"""The cards of a job: its message in the channel, its receipt, the list of /jobs. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import discord
from discord.utils import format_dt

from bot.domain.job import Job, State
from bot.domain.lineage import Origin, Way
from bot.domain.money import Usd
from bot.words.speech import phrase, say
from cogs.asked import about, every
from cogs.job_text import UNKNOWN, Wait, how_it_goes, ready_of
from cogs.prompt import shortened
from cogs.text import BAD, COLOUR, GOOD, MOST_OF_A_FIELD, MOST_OF_AN_EMBED, fitting

WHOLE_PROMPT: Final = 3_800  # characters that fit one embed beside the other lines

_FROM: Final[Mapping[Way, str]] = {
    Way.AGAIN: phrase("progress.again"),
    Way.REMIX: phrase("progress.remix"),
    Way.BIGGER: phrase("progress.bigger"),
    Way.CONTINUE: phrase("progress.continue"),
    Way.EDIT: phrase("progress.edit"),
    Way.REFRAME: phrase("progress.reframe"),
}
_FROM_LINKED: Final[Mapping[Way, str]] = {
    Way.AGAIN: phrase("progress.again_linked"),
    Way.REMIX: phrase("progress.remix_linked"),
    Way.BIGGER: phrase("progress.bigger_linked"),
    Way.CONTINUE: phrase("progress.continue_linked"),
    Way.EDIT: phrase("progress.edit_linked"),
    Way.REFRAME: phrase("progress.reframe_linked"),
}


def progress(
    job: Job, *, kept: int = 0, coming: int = 0, wait: Wait = UNKNOWN, parent: str | None = None
) -> discord.Embed:
    """The one message in the channel that shows who asked for what, and how it goes.

    `kept`: how many of its videos could not be posted. `coming`: how many are finished, and not posted yet.
    `wait`: what is known of when it may be ready. `parent`: the address of the message that it goes on from.
    """
    colour = {State.DONE: GOOD, State.FAILED: BAD, State.CANCELLED: BAD}.get(job.state, COLOUR)
    colour = GOOD if job.is_over and ready_of(job) else colour
    asked_for = say("progress.asked_for", n=job.request.count, member=job.member_id)
    says = [how_it_goes(job, wait)]
    comes_from = f"\n{origin(job.origin, parent)}" if job.origin is not None else ""
    says += [say("progress.not_posted", n=kept)] if kept else []
    says += [say("progress.on_its_way", n=coming)] if coming else []
    return discord.Embed(
        description=f"{asked_for}\n> {shortened(job.request.prompt)}\n"
        f"{about(job.request)} · {job.hold}{comes_from}\n\n" + "\n".join(says),
        colour=colour,
    ).set_footer(text=say("progress.footer", job=job.id))


def origin(comes: Origin, parent: str | None) -> str:
    """What a job goes on from, with a link to its message where there is one."""
    if parent is None:
        return say(_FROM[comes.way], n=comes.n, job=comes.job_id)
    return say(_FROM_LINKED[comes.way], link=parent)


def receipt(job: Job, parent: str | None = None) -> discord.Embed:
    """All there is to know of a job, for whoever presses Details. `parent`: as in `progress`."""
    prompt = job.request.prompt
    card = discord.Embed(
        title=say("progress.heading_receipt", job=job.id),
        description=f"> {shortened(prompt, WHOLE_PROMPT)}",
        colour=COLOUR,
    )
    card.add_field(name=say("progress.field_asked_for"), value=about(job.request), inline=False)
    card.add_field(name=say("progress.field_parameters"), value=every(job.request)[:MOST_OF_A_FIELD], inline=False)
    if job.origin is not None:
        card.add_field(name=say("progress.field_origin"), value=origin(job.origin, parent), inline=False)
    by = f"<@{job.member_id}>, {format_dt(job.held_at, 'f')}"
    card.add_field(name=say("progress.field_by"), value=by, inline=False)
    card.add_field(name=say("progress.field_how_it_goes"), value=how_it_goes(job), inline=False)
    card.add_field(name=say("progress.field_books"), value=_books(job), inline=False)
    return card


def _books(job: Job) -> str:
    entries = [say("progress.held", amount=job.hold)]
    if job.settled and job.estimated:
        entries.append(say("progress.settled_estimated", amount=job.settled))
    elif job.settled:
        entries.append(say("progress.settled", amount=job.settled))
    if job.is_over and (job.settled or Usd(0)) < job.hold:
        entries.append(say("progress.returned", amount=job.hold - (job.settled or Usd(0))))
    if job.overrun:
        entries.append(say("progress.overrun", amount=job.overrun))
    return " · ".join(entries)


def job_list(jobs: Sequence[tuple[Job, Sequence[str]]]) -> discord.Embed:
    """My jobs, the newest first, each with the links that lead to it; as many as an embed takes."""
    card = discord.Embed(title=say("progress.heading_yours"), colour=COLOUR)
    for job, links in jobs:
        says = f"> {shortened(job.request.prompt, 100)}\n{about(job.request)} · {job.hold}\n{how_it_goes(job)}"
        value = fitting((says, *links), MOST_OF_A_FIELD)
        if len(card) + len(value) > MOST_OF_AN_EMBED - 50:
            return card
        card.add_field(name=say("progress.field_job", job=job.id), value=value, inline=False)
    return card
