"""How long jobs have taken here."""

from datetime import timedelta

import pytest

from bot.domain.forecast import Usual
from bot.domain.job import State
from bot.render_times import REMEMBERED, RenderTimes
from tests.bot.domain.waiting import NOON, a_job


def test_the_usual_time_is_that_of_what_was_alike() -> None:
    """By resolution and duration; other kinds have had none."""
    times = RenderTimes()
    for seconds in (80, 10, 90, 85, 1000):
        times.add(a_job(state=State.DONE, accepted_at=NOON), NOON + timedelta(seconds=seconds))
    for alike in ({}, {"aspect_ratio": "1:1", "loop": True}):
        assert times.soonest(a_job(asked=alike)) == 10
        found = times.usual(a_job(asked=alike))
        assert found is not None
        assert (found.median, found.slow) == (85, pytest.approx(636))
    for other in ({"resolution": "1080p"}, {"duration": 10}):
        assert times.soonest(a_job(asked=other)) is None
        assert times.usual(a_job(asked=other)) is None


def test_the_first_look_is_for_the_quick_ones() -> None:
    """What one in twenty takes at most: a single one that was quicker does not bring everybody's look forward."""
    times = RenderTimes([(a_job().request, float(seconds)) for seconds in range(101, 141)])
    assert times.soonest(a_job()) == 103


def test_only_the_last_ones_count() -> None:
    request = a_job().request
    times = RenderTimes([(request, seconds) for seconds in [1_000.0] * 50 + [60.0] * REMEMBERED])
    assert times.usual(a_job()) == Usual(60, 60)


def test_what_was_ready_while_the_bot_was_down_says_nothing() -> None:
    """A job that is found in the morning would have the next one promised for the evening."""
    overnight = 8 * 3_600.0
    times = RenderTimes([(a_job().request, seconds) for seconds in (60.0, 60.0, overnight, 60.0, 60.0, 60.0)])
    times.add(a_job(state=State.DONE, accepted_at=NOON), NOON + timedelta(seconds=overnight))
    assert times.usual(a_job()) == Usual(60, 60)


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED, State.UNRESOLVED])
def test_a_failure_says_nothing_of_how_long_a_render_takes(state: State) -> None:
    """A refusal by moderation comes at once: the next look must not come at once for it."""
    times = RenderTimes()
    times.add(a_job(state=state, accepted_at=NOON), NOON + timedelta(seconds=1))
    times.add(a_job(state=State.DONE), NOON)
    assert times.soonest(a_job()) is None
