"""When to look, and when to try again: pure arithmetic over ages and counts, in seconds."""

import random
from datetime import datetime, timedelta
from typing import Final

FIRST_LOOK: Final = 15.0
"""The first look at a job of a kind of which none has finished yet."""

LATEST_FIRST_LOOK: Final = 300.0
"""However long such jobs seem to take: what finished while nobody looked has taken until somebody did."""

OFTEN: Final = 1.5
"""One request for all jobs, so that more of them ask no more often. The provider advises one to two seconds."""

SELDOM: Final = 30.0


def next_look(age: float, usual: float | None, fixed: float | None) -> float:
    """Seconds until the next look at a job that the provider accepted `age` seconds ago.

    First near the time that such a job usually takes, then often, then less and less. `fixed`: always this.
    """
    if fixed is not None:
        return fixed
    first = FIRST_LOOK if usual is None else min(usual * 0.9, LATEST_FIRST_LOOK)
    if age < first:
        return first - age
    return min(max(OFTEN, (age - first) / 20), SELDOM)


LONGEST_REST: Final = timedelta(hours=1)
"""Nothing is put off for longer than that. What is stored for later was stored before the clock was set back."""


def is_due(at: datetime | None, now: datetime) -> bool:
    """Whether it may be tried again, where it was put off until `at`."""
    return at is None or not now < at <= now + LONGEST_REST


def backoff(tries: int, *, base: float = 2.0, most: float = 300.0) -> float:
    """Seconds before the try after `tries` failed ones: doubling, bounded, with up to a quarter of jitter, so that
    what failed together does not come back together."""
    return min(base * 2.0 ** min(tries, 20), most) * random.uniform(1.0, 1.25)  # noqa: S311 - no secret
