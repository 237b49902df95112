"""When to look and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cadence import (
    FIRST_LOOK,
    LATEST_FIRST_LOOK,
    LONGEST_REST,
    OFTEN,
    SELDOM,
    backoff,
    is_due,
    next_look,
)


def _first(usual: float | None) -> float:
    """The age at which a job is looked at first."""
    return FIRST_LOOK if usual is None else min(0.9 * usual, LATEST_FIRST_LOOK)


SECONDS = st.floats(0, 1e6)
USUAL = st.none() | st.floats(0, 1e5)


@settings(deadline=None)
@given(age=SECONDS, usual=USUAL, fixed=st.floats(0.05, 3600))
def test_a_fixed_interval_is_always_that(age: float, usual: float | None, fixed: float) -> None:
    assert next_look(age, usual, fixed) == fixed


@settings(deadline=None)
@given(age=SECONDS, usual=USUAL)
def test_the_first_look_is_near_the_usual_time(age: float, usual: float | None) -> None:
    """And nobody looks before; without experience it is after a quarter of a minute, and always after five at most:
    a job that was ready overnight, while the bot was down, holds up no look at the next one."""
    first = _first(usual)
    if age < first:
        assert age + next_look(age, usual, None) == pytest.approx(first)


@settings(deadline=None)
@given(age=SECONDS, later=SECONDS, usual=USUAL)
def test_then_looks_are_often_at_first_and_ever_less(age: float, later: float, usual: float | None) -> None:
    first = _first(usual)
    wait, later_wait = next_look(first + age, usual, None), next_look(first + age + later, usual, None)
    assert OFTEN <= wait <= later_wait <= SELDOM


@settings(deadline=None)
@given(usual=st.none() | st.floats(1, 120))
def test_a_usual_render_takes_few_looks(usual: float | None) -> None:
    """One and a half times a usual time of two minutes is seen within 40 looks, and at most 5% or 1.5 s late."""
    end, age, looks = 1.5 * (FIRST_LOOK if usual is None else usual), 0.0, 0
    while age < end:
        age += next_look(age, usual, None)
        looks += 1
    assert looks <= 40
    assert age - end <= max(OFTEN, 0.05 * end) + 1e-6


@settings(deadline=None)
@given(tries=st.integers(0, 10_000), base=st.floats(0.1, 10), most=st.floats(10, 3600))
def test_backing_off_doubles_up_to_its_bound(tries: int, base: float, most: float) -> None:
    """With up to a quarter more by chance."""
    wait = min(base * 2.0 ** min(tries, 20), most)
    assert wait <= backoff(tries, base=base, most=most) <= 1.25 * wait


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({backoff(3) for _ in range(20)}) > 10


def test_what_was_put_off_before_the_clock_was_set_back_is_due() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert is_due(None, now)
    assert is_due(now, now)
    assert not is_due(now + timedelta(seconds=1), now)
    assert not is_due(now + LONGEST_REST, now)
    assert is_due(now + LONGEST_REST + timedelta(seconds=1), now)
