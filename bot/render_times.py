"""How long jobs have taken here. Filled from what is stored at the start, and by each job that ends."""

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from bot.domain.forecast import Usual, usual
from bot.domain.job import Job, State
from bot.domain.price import FIVE_SECONDS
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo

WATCHED: Final = 3_600.0
"""Seconds. What took longer was ready while the bot was down, or silent: it was over when somebody looked."""

REMEMBERED: Final = 50
"""So many of the last renders of each kind count: enough for a 90th percentile, few enough to follow a change."""

Kind: TypeAlias = tuple[str, str, int]
"""What decides how long it takes: the kind, the resolution, and the length in steps of 5 s."""


class RenderTimes:
    """How long jobs have taken here, from accepted to over, by what was asked for."""

    def __init__(self, before: Iterable[tuple[Request, float]] = ()) -> None:
        """`before`: requests with the seconds that they took, the oldest first."""
        self._seconds: defaultdict[Kind, deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
        for request, seconds in before:
            self._note(request, seconds)

    def add(self, job: Job, finished_at: datetime) -> None:
        """Count a job that is over. A failure may come at once, and says nothing of how long a render takes."""
        if job.state is State.DONE and job.accepted_at is not None:
            self._note(job.request, (finished_at - job.accepted_at).total_seconds())

    def _note(self, request: Request, seconds: float) -> None:
        if seconds <= WATCHED:
            self._seconds[_kind(request)].append(seconds)

    def soonest(self, job: Job) -> float | None:
        """What one in twenty takes at most, in seconds, by however few; None before the first."""
        took = sorted(self._seconds[_kind(job.request)])
        return took[len(took) // 20] if took else None

    def usual(self, job: Job) -> Usual | None:
        """What such jobs usually take; None where too few have been seen."""
        return usual(self._seconds[_kind(job.request)])


def _kind(request: Request) -> Kind:
    match request:
        case TextToVideo() | ImageToVideo():
            seconds: int = request.duration
        case EditVideo() | ReframeVideo():
            seconds = -(-request.video.microseconds // FIVE_SECONDS) * 5
        case _:
            assert_never(request)
    return request.kind, request.resolution, seconds
