"""When a video may be ready: how long such videos have taken here, and who comes before. Pure; times in seconds."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from bot.domain.job import Job

ENOUGH: Final = 5
"""Fewer renders of a kind than these say nothing of how long the next one takes."""


@dataclass(frozen=True)
class Usual:
    """How long renders of one kind take: half of them at most `median`, nine of ten at most `slow`."""

    median: float
    slow: float


@dataclass(frozen=True)
class Forecast:
    """What can be said of a job that waits. `ahead`: how many are sent before it.

    `ready_in`: from now until it is ready, if all goes as it usually does, and if everything takes as long as nine
    of ten do; None where too little is known of a job that it waits for, or of its own kind.
    """

    ahead: int
    ready_in: Usual | None


def usual(took: Sequence[float]) -> Usual | None:
    """What the last renders of a kind say; None where they are too few."""
    if len(took) < ENOUGH:
        return None
    middle = median(took)
    return Usual(middle, max(middle, quantiles(took, n=10, method="inclusive")[8]))


def forecasts(
    at_the_provider: Iterable[tuple[Job, float]],
    waiting: Sequence[Job],
    usual_of: Callable[[Job], Usual | None],
    *,
    places: int,
) -> dict[str, Forecast]:
    """What can be said of each job of the queue, by its id.

    `at_the_provider`: each with the seconds since it was accepted. `waiting`: in turn. `places`: how many may be at
    the provider at once.
    """
    running = list(at_the_provider)
    typical = _ready(running, waiting, lambda job: _median(usual_of(job)), places)
    slow = _ready(running, waiting, lambda job: _slow(usual_of(job)), places)
    return {
        job.id: Forecast(ahead, None if one is None or other is None else Usual(one, max(one, other)))
        for ahead, (job, one, other) in enumerate(zip(waiting, typical, slow, strict=True))
    }


def _median(usual: Usual | None) -> float | None:
    return None if usual is None else usual.median


def _slow(usual: Usual | None) -> float | None:
    return None if usual is None else usual.slow


def _ready(
    running: Sequence[tuple[Job, float]],
    waiting: Sequence[Job],
    takes: Callable[[Job], float | None],
    places: int,
) -> list[float | None]:
    """When each job of the queue is ready, from the first that cannot be told on None."""
    free = [0.0] * max(places - len(running), 0)  # when a place becomes free
    for job, age in running:
        if (whole := takes(job)) is None:
            return [None] * len(waiting)
        free.append(max(whole - age, 0.0))  # one that takes longer than usual may end at any moment
    free = sorted(free)[len(free) - places :]  # where MAX_JOBS was lowered the first that end free no place
    ready: list[float | None] = []
    for job in waiting:
        if (own := takes(job)) is None:
            return ready + [None] * (len(waiting) - len(ready))
        ready.append(heapq.heapreplace(free, free[0] + own) + own)
    return ready
