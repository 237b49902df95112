"""When to look, and when to try again: pure arithmetic over ages and counts, in seconds."""

import random
from collections import defaultdict, deque
from datetime import datetime
from statistics import median
from typing import Final, assert_never

from bot.domain.job import Job, State
from bot.domain.price import FIVE_SECONDS
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, TextToVideo

FIRST_LOOK: Final = 15.0
"""The first look at a job of a kind of which none has finished yet."""

OFTEN: Final = 3.0
SELDOM: Final = 30.0


class RenderTimes:
    """How long jobs have taken here, by what was asked for; the last 20 of each kind count."""

    def __init__(self) -> None:
        self._seconds: defaultdict[tuple[str, str, int], deque[float]] = defaultdict(lambda: deque(maxlen=20))

    def add(self, job: Job, finished_at: datetime) -> None:
        """Count a job that is over. A failure may come at once, and says nothing of how long a render takes."""
        if job.state is State.DONE and job.accepted_at is not None:
            self._seconds[_kind(job)].append((finished_at - job.accepted_at).total_seconds())

    def usual(self, job: Job) -> float | None:
        """The median in seconds; None before the first."""
        return median(self._seconds[_kind(job)]) if self._seconds[_kind(job)] else None


def _kind(job: Job) -> tuple[str, str, int]:
    """What decides how long it takes: the kind, the resolution, and the length in steps of 5 s."""
    request = job.request
    match request:
        case TextToVideo() | ImageToVideo():
            seconds: int = request.duration
        case EditVideo() | ReframeVideo():
            seconds = -(-request.video.microseconds // FIVE_SECONDS) * 5
        case _:
            assert_never(request)
    return request.kind, request.resolution, seconds


def next_look(age: float, usual: float | None, fixed: float | None) -> float:
    """Seconds until the next look at a job that the provider accepted `age` seconds ago.

    First near the time that such a job usually takes, then often, then less and less. `fixed`: always this.
    """
    if fixed is not None:
        return fixed
    first = FIRST_LOOK if usual is None else usual * 0.9
    if age < first:
        return first - age
    return min(max(OFTEN, (age - first) / 20), SELDOM)


def backoff(tries: int, *, base: float = 2.0, most: float = 300.0) -> float:
    """Seconds before the try after `tries` failed ones: doubling, bounded, with up to a quarter of jitter, so that
    what failed together does not come back together."""
    return min(base * 2.0 ** min(tries, 20), most) * random.uniform(1.0, 1.25)  # noqa: S311 - no secret
