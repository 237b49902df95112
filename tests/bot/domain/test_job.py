"""A job's steps, what a report adds to it, and what is booked at its end."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.job import (
    OVER,
    SEND,
    STEPS,
    Arrival,
    Books,
    Outcome,
    Reason,
    Result,
    State,
    close,
    fresh,
    late_overrun,
    resolve,
)
from bot.domain.money import ZERO, Usd

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def arrived(video_id: str | None = "a", *, cost: Usd | None = None) -> Arrival:
    """A finished video."""
    return Arrival(video_id, ("https://vm.runware.ai/a.mp4",), cost, None)


def failed(video_id: str | None = None, *, cost: Usd | None = None) -> Arrival:
    return Arrival(video_id, (), cost, Reason.BROKEN)


def stored(*arrivals: Arrival) -> list[Result]:
    """The arrivals as they are stored."""
    return [
        Result(each.video_id, each.links, each.cost, each.failure, n, NOW)
        for n, each in enumerate(arrivals, start=1)
    ]


# The steps


def test_a_hold_has_its_outcome_on_the_way_into_every_last_state_and_on_no_other() -> None:
    for step in STEPS:
        assert (step.outcome is not None) == (step.after in OVER), step
    assert {step.outcome for step in STEPS if step.after is State.DONE} == {Outcome.SETTLE}
    assert {step.outcome for step in STEPS if step.after in OVER - {State.DONE}} == {Outcome.RELEASE}


def test_a_job_that_is_over_never_moves_again() -> None:
    assert not any(step.before in OVER for step in STEPS)
    assert {step.before for step in STEPS} == set(State) - OVER


def test_every_state_is_reached_from_the_queue_and_finds_its_way_out() -> None:
    """Nobody's hold stays for ever: from each state there are steps to an outcome."""

    def reached(start: State) -> set[State]:
        found = {start}
        while more := {step.after for step in STEPS if step.before in found} - found:
            found |= more
        return found

    assert reached(State.QUEUED) == set(State)
    assert all(reached(state) & OVER for state in State)


def test_nothing_is_accepted_that_was_not_sent_and_nothing_sent_is_cancelled() -> None:
    """The promises that the drawing makes to whoever presses Cancel while a job is being sent."""
    assert [step for step in STEPS if step.after is State.SENDING] == [SEND]
    assert {step.before for step in STEPS if step.after is State.CANCELLED} == {State.QUEUED}
    assert {step.before for step in STEPS if step.after is State.RUNNING} == {State.SENDING, State.UNRESOLVED}
    assert {step.before for step in STEPS if step.after is State.DONE} == {State.RUNNING, State.UNRESOLVED}


# What is booked


@pytest.mark.parametrize(
    ("hold", "results", "books"),
    [
        ("0.30", [arrived(cost=Usd.of("0.30"))], ("settle", "0.30", "0", False)),
        ("0.30", [arrived(cost=Usd.of("0.2751182"))], ("settle", "0.2751182", "0", False)),  # the rest returns
        ("0.30", [arrived(cost=Usd.of("0.35"))], ("settle", "0.30", "0.05", False)),  # not the member's
        ("0.30", [arrived(cost=None)], ("settle", "0.30", "0", True)),
        ("0.30", [arrived(cost=ZERO)], ("settle", "0.30", "0", True)),  # nobody renders for nothing
        ("0.30", [failed()], ("release", "0", "0", False)),
        ("0.30", [failed(cost=Usd.of("0.30"))], ("release", "0", "0.30", False)),  # a failure that was billed
        ("0.60", [arrived(cost=Usd.of("0.30")), failed()], ("settle", "0.30", "0", False)),
        ("0.60", [arrived(cost=None), failed()], ("settle", "0.30", "0", True)),
        ("0.60", [arrived(cost=Usd.of("0.30")), failed(cost=Usd.of("0.30"))], ("settle", "0.30", "0.30", False)),
        ("0.60", [arrived(cost=Usd.of("0.1")), arrived(cost=Usd.of("0.55"))], ("settle", "0.60", "0.05", False)),
        ("1.20", [arrived(cost=None), arrived("b"), arrived("c"), arrived("d")], ("settle", "1.20", "0", True)),
    ],
)  # fmt: skip
def test_the_books_of_a_job(hold: str, results: list[Arrival], books: tuple[str, str, str, bool]) -> None:
    outcome, settle, overrun, estimated = books
    expected = Books(Outcome(outcome), Usd.of(settle), Usd.of(overrun), estimated)
    assert close(Usd.of(hold), stored(*results)) == expected


@pytest.mark.parametrize(
    ("results", "settle", "books"),
    [
        ([], "0.60", ("settle", "0.60", "0")),
        ([], "0.10", ("settle", "0.10", "0")),
        ([], "0", ("release", "0", "0")),
        ([arrived(cost=Usd.of("0.30"))], "0.30", ("settle", "0.30", "0")),
        ([arrived(cost=Usd.of("0.30"))], "0.10", ("settle", "0.10", "0.20")),  # billed all the same
        ([arrived(cost=Usd.of("0.30"))], "0", ("release", "0", "0.30")),
        ([failed(cost=Usd.of("0.20"))], "0", ("release", "0", "0.20")),
        ([arrived()], "0", ("release", "0", "0")),
    ],
)
def test_the_books_of_a_job_that_staff_resolve(
    results: list[Arrival], settle: str, books: tuple[str, str, str]
) -> None:
    """What is known to have been billed is booked, whatever they decide."""
    outcome, settled, overrun = books
    expected = Books(Outcome(outcome), Usd.of(settled), Usd.of(overrun), estimated=False)
    assert resolve(stored(*results), Usd.of(settle)) == expected


@pytest.mark.parametrize(
    ("results", "booked", "overrun"),
    [
        ([arrived(cost=Usd.of("0.30"))], "0", "0.30"),
        ([arrived(cost=Usd.of("0.30"))], "0.30", "0"),
        ([arrived(cost=Usd.of("0.30"))], "0.60", "0"),  # staff settled more than it cost
        ([arrived(cost=Usd.of("0.30")), arrived("b", cost=Usd.of("0.40"))], "0.50", "0.20"),
        ([failed(cost=Usd.of("0.20"))], "0.10", "0.10"),
        ([failed()], "0", "0"),
        ([arrived()], "0", "0.30"),  # a share of the hold
        ([arrived(cost=ZERO)], "0.10", "0.20"),
    ],
)
def test_what_late_results_add_to_the_books(results: list[Arrival], booked: str, overrun: str) -> None:
    found = late_overrun(Usd.of("0.60"), 2, stored(*results), Usd.of(booked))
    assert found == Usd.of(overrun)


def won_for(cost: Usd | None) -> Arrival:
    return arrived(cost=cost)


def failed_for(cost: Usd | None) -> Arrival:
    return failed(cost=cost)


HOLDS = st.integers(1, 10**11).map(Usd)
COSTS = st.integers(0, 10**11).map(Usd)
BILLED = st.builds(won_for, HOLDS) | st.builds(failed_for, COSTS)
ANY = st.builds(won_for, st.none() | COSTS) | st.builds(failed_for, st.none() | COSTS)


@given(HOLDS, st.lists(BILLED, min_size=1, max_size=4))
def test_settled_and_overrun_are_what_the_provider_billed(hold: Usd, arrivals: list[Arrival]) -> None:
    """The books add up, to the nano-dollar, wherever the provider names its costs."""
    books = close(hold, stored(*arrivals))
    assert books.settle + books.overrun == sum((each.cost or ZERO for each in arrivals), ZERO)
    assert not books.estimated


@given(HOLDS, st.lists(ANY, min_size=1, max_size=4))
def test_a_member_pays_for_successes_only_and_never_more_than_the_hold(hold: Usd, arrivals: list[Arrival]) -> None:
    books = close(hold, stored(*arrivals))
    successes = [each for each in arrivals if each.failure is None]
    assert ZERO <= books.settle <= hold
    assert books.overrun >= ZERO
    assert books.outcome is (Outcome.SETTLE if successes else Outcome.RELEASE)
    assert (books.settle > ZERO) == bool(successes)  # the schema has no entry of zero
    assert books.estimated == any(not each.cost for each in successes)
    if all(each.cost for each in successes):
        assert books.settle == min(sum((each.cost or ZERO for each in successes), ZERO), hold)


@given(st.integers(1, 10**11), st.integers(1, 4), st.integers(0, 4))
def test_successes_without_a_cost_settle_at_the_quote(each: int, count: int, failures: int) -> None:
    """A quote is a price times a count; what is left unsaid is that price, and no overrun is invented."""
    failures = min(failures, count - 1)
    results = stored(*[arrived()] * (count - failures), *[failed()] * failures)
    books = close(Usd(each * count), results)
    assert (books.settle, books.overrun) == (Usd(each * (count - failures)), ZERO)


# What is new in a report. The provider names everything that has arrived so far, in every answer.


@pytest.mark.parametrize(
    ("before", "report", "new"),
    [
        ([], [], []),
        ([], [arrived("a")], [arrived("a")]),
        ([arrived("a")], [arrived("a"), arrived("b")], [arrived("b")]),
        ([arrived("a")], [arrived("b")], [arrived("b")]),  # it does not repeat what it has said
        ([], [arrived("a"), arrived("a")], [arrived("a")]),  # it says the same thing twice
        ([failed()], [failed()], []),
        ([failed()], [failed(), failed()], [failed()]),
        ([failed()], [arrived("a"), failed()], [arrived("a")]),
        ([failed("x")], [failed("x")], []),
        ([failed("x")], [failed("x"), failed("y")], [failed("y")]),
        ([failed("x")], [failed("y")], [failed("y")]),
        # "Failed items move to `errors`", where they have no videoUUID: the same failure, not another one
        ([failed("x")], [failed()], []),
        ([failed("x")], [failed(), failed()], [failed()]),
        ([failed()], [failed("x")], []),
        ([failed()], [failed("x"), failed("y")], [failed("x")]),
        ([arrived("a"), failed("x")], [arrived("a"), failed()], []),
        ([failed(), failed()], [failed()], []),
        ([arrived("a")], [failed("x"), arrived("b"), failed()], [failed("x"), arrived("b"), failed()]),
    ],
)
def test_what_is_new_in_a_report(before: list[Arrival], report: list[Arrival], new: list[Arrival]) -> None:
    assert fresh(stored(*before), report) == new


@given(st.permutations(range(4)), st.lists(st.sampled_from(["won", "named", "nameless"]), max_size=4), st.data())
def test_cumulative_reports_add_up_to_the_truth(order: list[int], kinds: list[str], data: st.DataObject) -> None:
    """However results trickle in, and whether a failure keeps its name from one report to the next."""
    truth = [(order[i], kind) for i, kind in enumerate(kinds)]
    results: list[Result] = []
    for seen in [*sorted(data.draw(st.lists(st.integers(0, len(truth)), max_size=5))), len(truth)]:
        report = [
            arrived(str(i))
            if kind == "won"
            else failed(str(i) if kind == "named" and data.draw(st.booleans(), label="keeps its name") else None)
            for i, kind in truth[:seen]
        ]
        results = stored(*results, *fresh(results, report))
        assert fresh(results, report) == []
    assert Counter(result.succeeded for result in results) == Counter(kind == "won" for kind in kinds)
