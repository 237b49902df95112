"""How jobs go, in words, and the pictures made of words. Pure: values in, embeds and sentences out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final, assert_never

import discord

from bot.domain.forecast import Usual
from bot.domain.job import Job, Reason, State
from bot.domain.lineage import Origin, Way
from bot.domain.money import Usd
from bot.words.speech import phrase, say
from cogs.asked import about, every
from cogs.prompt import shortened

COLOUR: Final = discord.Colour(0x5B5BD6)
GOOD: Final = discord.Colour(0x2E9E5B)
BAD: Final = discord.Colour(0xC2483D)

MOST_OF_A_MESSAGE: Final = 2_000  # characters, as the other two
MOST_OF_A_FIELD: Final = 1_024
MOST_OF_AN_EMBED: Final = 6_000
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


@dataclass(frozen=True)
class Wait:
    """What is known of when a job may be ready; all of it may be unknown.

    `ahead`: how many are sent before it. `usually`: half of such videos are ready by then; `at_the_latest`: nine
    of ten. `takes`: how long such videos render, of one that is being rendered.
    """

    ahead: int | None = None
    usually: datetime | None = None
    at_the_latest: datetime | None = None
    takes: Usual | None = None


UNKNOWN: Final = Wait()


def progress(
    job: Job, *, kept: int = 0, coming: int = 0, wait: Wait = UNKNOWN, parent: str | None = None
) -> discord.Embed:
    """The one message in the channel that shows who asked for what, and how it goes.

    `kept`: how many of its videos could not be posted. `coming`: how many are finished, and not posted yet.
    `wait`: what is known of when it may be ready. `parent`: the address of the message that it goes on from.
    """
    colour = {State.DONE: GOOD, State.FAILED: BAD, State.CANCELLED: BAD}.get(job.state, COLOUR)
    colour = GOOD if job.is_over and _ready(job) else colour
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


def how_it_goes(job: Job, wait: Wait = UNKNOWN) -> str:
    """The state of a job in a sentence. Sentences about what is not over end in an ellipsis."""
    match job.state:
        case State.QUEUED:
            return _waiting(job, wait)
        case State.SENDING:
            return say("progress.sending")
        case State.RUNNING:
            return _rendering(job, wait.takes)
        case State.DONE:
            return f"✅ {_done(job)}"
        case State.FAILED:
            return f"✅ {_released(job)}" if _ready(job) else f"❌ {_failed(job)}"
        case State.CANCELLED:
            return say("progress.cancelled")
        case State.UNRESOLVED:
            return say("progress.unresolved", hold=job.hold)
        case _:
            assert_never(job.state)


def _rendering(job: Job, takes: Usual | None) -> str:
    """Since when, and how long such videos render here: what stays true however late it is read."""
    says, ready = _takes(job, takes), _ready(job)
    return f"{says} {say('progress.ready_so_far', n=ready, count=job.request.count)}" if ready else says


def _takes(job: Job, takes: Usual | None) -> str:
    since = None if job.accepted_at is None else f"<t:{int(job.accepted_at.timestamp())}:R>"
    if takes is None:
        return say("progress.rendering") if since is None else say("progress.rendering_since", since=since)
    half, nine = _about(takes.median), _about(takes.slow)
    if half == nine:
        if since is None:
            return say("progress.rendering_nine", nine=nine)
        return say("progress.rendering_nine_since", since=since, nine=nine)
    if since is None:
        return say("progress.rendering_half", half=half, nine=nine)
    return say("progress.rendering_half_since", since=since, half=half, nine=nine)


def _about(seconds: float) -> str:
    """Rounded up: `50 s`, `3 min`."""
    if seconds <= 90:
        return say("asked.seconds", seconds=max(ceil(seconds / 10), 1) * 10)
    return say("progress.minutes", minutes=ceil(seconds / 60))


def _waiting(job: Job, wait: Wait) -> str:
    match job.reason:
        case Reason.OUT_OF_CREDIT:
            return say("progress.waits_for_credit")
        case Reason.KEY_REFUSED:
            return say("progress.waits_for_key")
        case Reason.BUSY | Reason.UNREACHABLE:
            return say("progress.waits_for_provider")
        case _:
            return say("progress.waits") if wait.ahead is None else _in_the_queue(wait.ahead, wait)


def _in_the_queue(ahead: int, wait: Wait) -> str:
    """Its place, and when it may be ready, by this bot's own last renders of such videos, where those say enough.

    By the clock, so that it does not read as if it were over when that time has passed.
    """
    if wait.usually is None or wait.at_the_latest is None:
        return say("progress.has_place", place=ahead + 1) if ahead else say("progress.is_next")
    usually, latest = f"<t:{int(wait.usually.timestamp())}:t>", f"<t:{int(wait.at_the_latest.timestamp())}:t>"
    if ahead:
        return say("progress.has_place_ready_by", place=ahead + 1, usually=usually, latest=latest)
    return say("progress.is_next_ready_by", usually=usually, latest=latest)


def _done(job: Job) -> str:
    """How it ended, and what it really cost."""
    ready, costs = _ready(job), _costs(job)
    if ready == job.request.count:
        return " ".join((_which(job), *costs))
    if job.reason is Reason.LOST and ready:
        return " ".join((_which(job), *costs, say("progress.rest_resolved")))
    if job.reason is Reason.LOST:
        return " ".join((say("progress.resolved"), *costs))
    missing = next(result.failure for result in job.results if result.failure is not None)
    return " ".join((_which(job), *costs, say("progress.rest_failed"), _why(missing)))


def _costs(job: Job) -> Iterator[str]:
    if job.settled and job.estimated:
        yield say("progress.cost_estimated", cost=job.settled)
    elif job.settled:
        yield say("progress.cost", cost=job.settled)
    if job.overrun:
        yield say("progress.billed_more", overrun=job.overrun)


def _ready(job: Job) -> int:
    return sum(result.succeeded for result in job.results)


def _which(job: Job) -> str:
    ready, count = _ready(job), job.request.count
    if ready < count:
        return say("progress.some_ready", n=ready, count=count)
    return say("progress.both_ready") if ready == 2 else say("progress.ready", n=ready)


def _released(job: Job) -> str:
    """Staff have released it, and there are videos all the same."""
    in_time = _ready(job) == job.request.count
    why = say("progress.released") if in_time else say("progress.rest_resolved")
    return f"{_which(job)} {why} {_not_charged(job)}"


def _not_charged(job: Job) -> str:
    if job.overrun:
        return say("progress.not_charged_billed", overrun=job.overrun)
    return say("progress.not_charged")


def _failed(job: Job) -> str:
    if job.reason is Reason.NO_CHANNEL:
        return f"{say('progress.no_channel', channel=job.channel_id)} {_not_charged(job)}"
    return f"{_why(job.reason)} {_not_charged(job)}"


def _why(reason: Reason | None) -> str:
    match reason:
        case Reason.MODERATED:
            return say("progress.moderated")
        case Reason.REFUSED:
            return say("progress.refused")
        case Reason.BROKEN:
            return say("progress.broken")
        case Reason.TIMED_OUT:
            return say("progress.timed_out")
        case Reason.EXPIRED:
            return say("progress.expired")
        case Reason.NOT_TRANSFERRED:
            return say("progress.not_transferred")
        case Reason.SOURCE_GONE:
            return say("progress.source_gone")
        case Reason.NO_CHANNEL | Reason.BUSY | Reason.OUT_OF_CREDIT | Reason.KEY_REFUSED | Reason.UNREACHABLE:
            return say("progress.not_sent")
        case Reason.LOST:
            return say("progress.lost")
        case None:
            return say("progress.did_not_work")
        case _:
            assert_never(reason)


def notice(job: Job) -> str:
    """The message that tells a member that there will be no video."""
    says = say("progress.notice", member=job.member_id)
    return f"{says} {_failed(job)} {say('progress.notice_job', job=job.id)}"


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
    by = f"<@{job.member_id}>, <t:{int(job.held_at.timestamp())}:f>"
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


def fitting(lines: Sequence[str], most: int) -> str:
    """The lines from the first on that fit, whole: half a link leads nowhere."""
    fitting = lines[0]
    for line in lines[1:]:
        if len(fitting) + 1 + len(line) > most:
            break
        fitting += f"\n{line}"
    return fitting
