"""A job's life: its states, the steps between them, and what each step does to the ledger.

    QUEUED --send--> SENDING --accept--> RUNNING --finish--> DONE        settle
      ^  |             |  |                 |  \\----fail----> FAILED     release
      |  cancel,       |  |                 |
      |  drop          |  lose           lose (asked again; staff decide)
      |  |             |  +------> UNRESOLVED <--+
      |  |             |               |  find -> RUNNING, when the provider knows it after all
      |  |             |               |  charge -> DONE, waive -> FAILED: staff decide    settle, release
      |  v             |
      |  CANCELLED,    +--postpone--> QUEUED   refused for now (402, 401, 403, 429): the hold is kept
      |  FAILED        +--reject----> FAILED   refused for good                      release
      |  release
      hold: with the job itself, in one transaction

What staff have decided stays: state and outcome are for good. Results that come all the same are stored with the
job that is over, and what they cost beyond all that is booked is an overrun, one entry a result at the most:

      DONE, FAILED, resolved_at set --a result comes late--> the same state                overrun

The same arrows stand in storage/migrations, where the schema refuses all others; a test compares the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from bot.domain.lineage import Origin
from bot.domain.money import ZERO, Usd
from bot.domain.request import Request


class State(StrEnum):
    """Where a job is."""

    QUEUED = "queued"  # held; nothing was sent, or it was refused for now
    SENDING = "sending"  # the intent to send is stored; the provider may have it or not
    RUNNING = "running"  # the provider has accepted it
    DONE = "done"  # every result is in and at least one succeeded; or staff have settled it
    FAILED = "failed"  # no result, and there will be none
    CANCELLED = "cancelled"  # taken back before it was sent
    UNRESOLVED = "unresolved"  # the provider does not say; the hold stays until it does, or staff decide


class Outcome(StrEnum):
    """How a hold ends: each job has exactly one."""

    SETTLE = "settle"  # what was spent; the rest of the hold returns
    RELEASE = "release"  # all of it returns


class Step(NamedTuple):
    """One arrow of the drawing, and the outcome that is booked with it, if it is the last."""

    before: State
    after: State
    outcome: Outcome | None = None


SEND: Final = Step(State.QUEUED, State.SENDING)
ACCEPT: Final = Step(State.SENDING, State.RUNNING)
POSTPONE: Final = Step(State.SENDING, State.QUEUED)
REJECT: Final = Step(State.SENDING, State.FAILED, Outcome.RELEASE)
CANCEL: Final = Step(State.QUEUED, State.CANCELLED, Outcome.RELEASE)
DROP: Final = Step(State.QUEUED, State.FAILED, Outcome.RELEASE)  # too long in the queue, or nowhere to post
FINISH: Final = Step(State.RUNNING, State.DONE, Outcome.SETTLE)
FAIL: Final = Step(State.RUNNING, State.FAILED, Outcome.RELEASE)
LOSE_SENT: Final = Step(State.SENDING, State.UNRESOLVED)
LOSE: Final = Step(State.RUNNING, State.UNRESOLVED)
FIND: Final = Step(State.UNRESOLVED, State.RUNNING)
CHARGE: Final = Step(State.UNRESOLVED, State.DONE, Outcome.SETTLE)
WAIVE: Final = Step(State.UNRESOLVED, State.FAILED, Outcome.RELEASE)

STEPS: Final = (
    SEND, ACCEPT, POSTPONE, REJECT, CANCEL, DROP, FINISH, FAIL, LOSE_SENT, LOSE, FIND, CHARGE, WAIVE
)  # fmt: skip

OVER: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})
"""States without a way out: the hold has had its outcome."""


class Reason(StrEnum):
    """Why there is no video, or why a job waits. Members read it in the words of cogs/job_text.py."""

    # there will be none
    MODERATED = "moderated"  # the provider's moderation refused prompt or picture
    REFUSED = "refused"  # the provider refuses the request itself
    BROKEN = "broken"  # it was accepted, and went wrong there
    TIMED_OUT = "timed out"  # it was accepted, and the provider gave up on it
    EXPIRED = "expired"  # it waited too long to be sent
    NO_CHANNEL = "no channel"  # its messages cannot be posted
    NOT_TRANSFERRED = "not transferred"  # the provider could not read a picture or video, by either way
    SOURCE_GONE = "source gone"  # a picture or video is no longer kept here
    # it waits
    BUSY = "busy"  # the provider asks us to come back later
    OUT_OF_CREDIT = "out of credit"  # the account at the provider is empty
    KEY_REFUSED = "key refused"  # the provider does not take our key
    UNREACHABLE = "unreachable"  # the provider could not be reached at all
    LOST = "lost"  # the provider does not say what became of it


class Stale(Exception):
    """The job has moved on: the step that was tried no longer starts where the job is."""


@dataclass(frozen=True)
class Arrival:
    """One finished result as the provider reports it: it either has links or a failure.

    `links`: the finished video first, then what came with it. `cost`: None where the provider named none.
    `video_id`: the provider's; a failure may come without. `flagged`: the provider's check, where it was asked to
    look at the content, says that the video is not for everybody.
    """

    video_id: str | None
    links: tuple[str, ...]
    cost: Usd | None
    failure: Reason | None
    flagged: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Result(Arrival):
    """One of a job's 1 to 4 results, as it is stored: numbered in the order of arrival."""

    n: int
    arrived_at: datetime

    @property
    def succeeded(self) -> bool:
        return self.failure is None


def fresh(stored: Sequence[Result], arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Which of the arrivals are not stored yet. A report names everything that has arrived so far, each time.

    A result is known by its `video_id`. A failure may come without, or lose it from one report to the next, so
    that failures also go by their number: those beyond the ones stored are new.
    """
    known = {result.video_id for result in stored if result.video_id}
    named = {arrival.video_id: arrival for arrival in arrivals if arrival.video_id}
    nameless = [arrival for arrival in arrivals if arrival.video_id is None]
    candidates = [*(arrival for video_id, arrival in named.items() if video_id not in known), *nameless]
    failed = [result.video_id for result in stored if not result.succeeded]
    failing = {video_id for video_id, arrival in named.items() if arrival.failure is not None}
    failures = max(len(failing) + len(nameless), len(failing.union(filter(None, failed)))) - len(failed)
    new: list[Arrival] = []
    for arrival in candidates:
        if arrival.failure is None or failures > 0:
            new.append(arrival)
            failures -= arrival.failure is not None
    return new


@dataclass(frozen=True)
class Books:
    """What is booked when the last result is in: one outcome, and an overrun where more was billed.

    `settle`: zero together with Outcome.RELEASE. `estimated`: a success came without its cost.
    """

    outcome: Outcome
    settle: Usd
    overrun: Usd
    estimated: bool


def close(hold: Usd, results: Sequence[Result]) -> Books:
    """The books of a job whose results are all in.

    The member pays what the successes cost, at most the hold; what they cost beyond it, and whatever failures
    cost, is the server's overrun. A success without a cost, or at zero, counts with its share of the hold.
    """
    share = hold.share(len(results))
    successes = [result for result in results if result.succeeded]
    failures = [result.cost or ZERO for result in results if not result.succeeded]
    spent = sum((result.cost or share for result in successes), ZERO)
    settle = min(spent, hold)
    return Books(
        outcome=Outcome.SETTLE if successes else Outcome.RELEASE,
        settle=settle,
        overrun=spent - settle + sum(failures, ZERO),
        estimated=any(not result.cost for result in successes),
    )


def resolve(results: Sequence[Result], settle: Usd) -> Books:
    """The books of an unresolved job for which staff settle so much of the hold; zero releases it.

    What is known to have been billed beyond that is the server's overrun.
    """
    billed = sum((result.cost or ZERO for result in results), ZERO)
    return Books(
        outcome=Outcome.SETTLE if settle else Outcome.RELEASE,
        settle=settle,
        overrun=max(billed - settle, ZERO),
        estimated=False,
    )


def late_overrun(hold: Usd, count: int, results: Sequence[Result], booked: Usd) -> Usd:
    """What is booked when results of a job that staff ended have come late: what all of them cost, beyond what was
    settled and booked as overrun before. Zero where staff settled enough.

    A success without a cost, or at zero, counts with its share of the hold, as in `close`.
    """
    share = hold.share(count)
    costs = [result.cost or (share if result.succeeded else ZERO) for result in results]
    return max(sum(costs, ZERO) - booked, ZERO)


@dataclass(frozen=True)
class Job:
    """A confirmed request on its way, as it is stored. Times are UTC.

    `task_id` is ours, chosen before anything was sent.
    `sent_at`: the first attempt of the present sending. `tries`: how often in a row it was refused for now.
    `reason`: why there is no video, or why it waits. `version` grows with every change that can be seen.
    `resolved_at`: when staff ended it, if they had to. `origin`: the finished video that it goes on from.
    """

    id: str
    server_id: int
    channel_id: int
    member_id: int
    request: Request
    hold: Usd
    task_id: str
    state: State
    version: int
    held_at: datetime
    sent_at: datetime | None
    accepted_at: datetime | None
    tries: int
    next_try_at: datetime | None
    reason: Reason | None
    settled: Usd | None
    overrun: Usd | None
    estimated: bool
    results: tuple[Result, ...]
    resolved_at: datetime | None = None
    origin: Origin | None = None

    def links_until(self, ttl: int | None) -> datetime | None:
        """Until when the links to its results work at least, where the provider was told to keep them for `ttl`
        seconds; None where that is not known. It counts from when each was finished, and none is before acceptance.
        """
        return None if ttl is None or self.accepted_at is None else self.accepted_at + timedelta(seconds=ttl)

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_awaited(self) -> bool:
        """Whether staff ended it with results missing, which may come all the same."""
        return self.resolved_at is not None and len(self.results) < self.request.count
