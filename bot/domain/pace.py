"""How fast somebody may do something: a token bucket, told by one moment, that at which it is full again.

Each use moves that moment one interval further. When it lies too far ahead, the bucket is empty.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self


@dataclass(frozen=True)
class Pace:
    """`burst` uses at once from a full bucket, then one every `interval`."""

    burst: int
    interval: timedelta

    def __post_init__(self) -> None:
        if self.burst < 1 or self.interval <= timedelta(0):
            raise ValueError("a pace lets somebody do something, some time")

    @classmethod
    def per_minute(cls, number: int) -> Self:
        """So many at once, and as many in each minute after that."""
        return cls(number, timedelta(minutes=1) / number)

    def free_at(self, full_at: datetime, now: datetime) -> datetime:
        """When it may be used next: `now`, or a later moment. A bucket is never emptier than empty, whatever the
        clock did."""
        return max(now, self._within(full_at, now) - self.interval * (self.burst - 1))

    def used(self, full_at: datetime, now: datetime) -> datetime:
        """When the bucket is full again after a use now, which `free_at` allows."""
        return self._within(full_at, now) + self.interval

    def _within(self, full_at: datetime, now: datetime) -> datetime:
        return min(max(full_at, now), now + self.interval * self.burst)
