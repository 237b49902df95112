"""A token bucket: so many at once, then one at a time, whatever the clock does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pace import Pace

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SIX = Pace.per_minute(6)


def used(pace: Pace, moments: Sequence[float]) -> list[float]:
    """Which of these moments, in seconds after NOW, found something in a bucket that was full."""
    full_at, found = NOW, list[float]()
    for seconds in moments:
        now = NOW + timedelta(seconds=seconds)
        if pace.free_at(full_at, now) <= now:
            full_at = pace.used(full_at, now)
            found.append(seconds)
    return found


def test_six_at_once_and_then_one_every_ten_seconds() -> None:
    assert used(SIX, [0] * 20) == [0] * 6
    assert used(SIX, [0] * 20 + list(range(1, 31))) == [0] * 6 + [10, 20, 30]


def test_a_full_bucket_is_no_fuller_after_a_year() -> None:
    assert used(SIX, [0, *[365 * 86_400.0] * 20]) == [0, *[365 * 86_400.0] * 6]


def test_it_says_when_there_is_something_again() -> None:
    full_at = NOW
    for _ in range(6):
        full_at = SIX.used(full_at, NOW)
    assert SIX.free_at(full_at, NOW) == NOW + timedelta(seconds=10)
    assert SIX.free_at(full_at, NOW + timedelta(seconds=4)) == NOW + timedelta(seconds=10)


def test_a_clock_that_is_set_back_locks_nobody_out_for_longer_than_an_empty_bucket() -> None:
    tomorrow = NOW + timedelta(days=1)
    assert SIX.free_at(SIX.used(tomorrow, tomorrow), NOW) == NOW + timedelta(seconds=10)


@given(st.integers(1, 60), st.lists(st.floats(0, 600, allow_nan=False), min_size=1, max_size=200).map(sorted))
def test_never_more_than_twice_the_number_in_any_minute_and_never_less_than_one(
    number: int, moments: list[float]
) -> None:
    found = used(Pace.per_minute(number), moments)
    assert found[0] == moments[0]
    for start in found:
        assert sum(start <= each < start + 60 for each in found) <= 2 * number


@pytest.mark.parametrize("number", [0, -1])
def test_a_pace_that_lets_nobody_do_anything_is_none(number: int) -> None:
    with pytest.raises((ValueError, ZeroDivisionError)):
        Pace.per_minute(number)
