"""When a video may be ready, as far as that can be said honestly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.forecast import ENOUGH, Forecast, Usual, forecasts, usual
from bot.domain.job import Job
from tests.bot.domain.waiting import a_job

USUAL = Usual(100, 150)


def say(running: list[float], queue: int, *, places: int = 2, known: Usual | None = USUAL) -> list[Forecast]:
    """The forecasts of a queue of so many, with renders of these ages at the provider."""
    found = forecasts(
        [(a_job(f"r{n}"), age) for n, age in enumerate(running)],
        [a_job(f"q{n}") for n in range(queue)],
        lambda _: known,
        places=places,
    )
    return [found[f"q{n}"] for n in range(queue)]


def test_with_a_free_place_it_takes_as_long_as_a_render_takes() -> None:
    assert say([], 1) == [Forecast(0, Usual(100, 150))]


def test_two_places_are_used_one_after_the_other() -> None:
    ready = [forecast.ready_in for forecast in say([], 5)]
    assert ready == [Usual(100, 150), Usual(100, 150), Usual(200, 300), Usual(200, 300), Usual(300, 450)]
    assert [forecast.ahead for forecast in say([], 5)] == [0, 1, 2, 3, 4]


def test_what_runs_frees_its_place_when_its_usual_time_is_over() -> None:
    assert say([30, 90], 2) == [Forecast(0, Usual(110, 210)), Forecast(1, Usual(170, 270))]


def test_what_takes_longer_than_usual_may_end_at_any_moment() -> None:
    assert say([1000, 1000], 1) == [Forecast(0, Usual(100, 150))]


def test_with_more_at_the_provider_than_places_the_first_to_end_frees_none() -> None:
    """MAX_JOBS was lowered."""
    assert say([90, 50, 10], 1, places=1) == [Forecast(0, Usual(190, 290))]


def test_nothing_is_said_where_too_little_is_known() -> None:
    assert say([], 2, known=None) == [Forecast(0, None), Forecast(1, None)]


def test_what_waits_for_something_unknown_is_unknown_too() -> None:
    known = {"r": USUAL, "q0": USUAL, "q1": None, "q2": USUAL}

    def usual_of(job: Job) -> Usual | None:
        return known[job.id]

    queue = [a_job(f"q{n}") for n in range(3)]
    found = forecasts([(a_job("r"), 0)], queue, usual_of, places=1)
    assert [found[job.id].ready_in for job in queue] == [Usual(200, 300), None, None]
    known["r"], known["q1"] = None, USUAL
    found = forecasts([(a_job("r"), 0)], queue, usual_of, places=1)
    assert [found[job.id].ready_in for job in queue] == [None, None, None]


def test_a_few_renders_say_nothing() -> None:
    assert usual([60.0] * (ENOUGH - 1)) is None
    assert usual([60.0] * ENOUGH) == Usual(60, 60)


@settings(deadline=None)
@given(st.lists(st.floats(1, 10_000), min_size=ENOUGH, max_size=60))
def test_half_are_ready_by_the_median_and_nine_of_ten_by_the_other(took: list[float]) -> None:
    found = usual(took)
    assert found is not None
    assert found.median <= found.slow
    assert sum(seconds <= found.median for seconds in took) >= len(took) / 2
    assert sum(seconds <= found.slow * (1 + 1e-9) for seconds in took) >= 0.9 * (len(took) - 1)


@settings(deadline=None)
@given(st.lists(st.floats(0, 300), max_size=6), st.integers(1, 20), st.integers(1, 6))
def test_who_comes_later_is_not_said_to_be_ready_before(running: list[float], queue: int, places: int) -> None:
    ready = [forecast.ready_in for forecast in say(running, queue, places=places)]
    assert all(one is not None and one.median <= one.slow for one in ready)
    medians = [one.median for one in ready if one is not None]
    assert medians == pytest.approx(sorted(medians))
