"""How a job goes, in words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final, assert_never

from discord.utils import format_dt

from bot.domain.forecast import Usual
from bot.domain.job import Job, Reason, State
from bot.words.speech import say


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
            return f"✅ {_released(job)}" if ready_of(job) else f"❌ {_failed(job)}"
        case State.CANCELLED:
            return say("progress.cancelled")
        case State.UNRESOLVED:
            return say("progress.unresolved", hold=job.hold)
        case _:
            assert_never(job.state)


def _rendering(job: Job, takes: Usual | None) -> str:
    """Since when, and how long such videos render here: what stays true however late it is read."""
    says, ready = _takes(job, takes), ready_of(job)
    return f"{says} {say('progress.ready_so_far', n=ready, count=job.request.count)}" if ready else says


def _takes(job: Job, takes: Usual | None) -> str:
    since = None if job.accepted_at is None else format_dt(job.accepted_at, "R")
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
    usually, latest = format_dt(wait.usually, "t"), format_dt(wait.at_the_latest, "t")
    if ahead:
        return say("progress.has_place_ready_by", place=ahead + 1, usually=usually, latest=latest)
    return say("progress.is_next_ready_by", usually=usually, latest=latest)


def _done(job: Job) -> str:
    """How it ended, and what it really cost."""
    ready, costs = ready_of(job), _costs(job)
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


def ready_of(job: Job) -> int:
    """How many of its videos are there."""
    return sum(result.succeeded for result in job.results)


def _which(job: Job) -> str:
    ready, count = ready_of(job), job.request.count
    if ready < count:
        return say("progress.some_ready", n=ready, count=count)
    return say("progress.both_ready") if ready == 2 else say("progress.ready", n=ready)


def _released(job: Job) -> str:
    """Staff have released it, and there are videos all the same."""
    in_time = ready_of(job) == job.request.count
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
