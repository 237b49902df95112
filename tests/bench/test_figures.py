"""Medians, ratios, percentiles, verdicts: what stands between what was measured and what is said of it."""

import pytest

from bench.figures import By, Goal, Line, Sample, compared, percentile, table


def line(
    goal: Goal, ours: tuple[float, ...] = (2.0, 9.0, 4.0), theirs: tuple[float, ...] | None = (4.0, 3.0, 4.0)
) -> Line:
    return Line(
        what="answers",
        against="nobody",
        unit="s",
        ours=Sample(ours),
        theirs=None if theirs is None else Sample(theirs),
        goal=goal,
    )


def test_the_spread_is_from_the_least_to_the_most() -> None:
    sample = Sample((3.0, 1.0, 2.0, 10.0))
    assert sample.median == 2.5
    assert sample.spread == (1.0, 10.0)


def test_rounds_are_compared_with_the_round_beside_them() -> None:
    """Both sides were twice as slow in the second round: that changes no ratio."""
    assert compared(Sample((1.0, 2.0)), Sample((4.0, 8.0)), By.RATIO).values == (0.25, 0.25)
    assert compared(Sample((1.0, 2.0)), Sample((4.0, 8.0)), By.MORE).values == (-3.0, -6.0)
    assert compared(Sample((1.0, 2.0)), None, By.ALONE).values == (1.0, 2.0)


def test_a_round_with_none_beside_it_is_no_comparison() -> None:
    with pytest.raises(ValueError):
        compared(Sample((1.0, 2.0)), Sample((4.0,)), By.RATIO)


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 50.0), (95, 95.0), (99, 99.0), (100, 100.0), (0.1, 1.0), (94.5, 95.0)]
)
def test_a_percentile_is_a_value_that_was_measured(percent: float, value: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], percent) == value
    assert percentile([7.0], percent) == 7.0


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal(by=By.RATIO, bound=0.9, at_least=True), True),  # the median of 0.5, 3 and 1
        (Goal(by=By.RATIO, bound=1.0, at_least=True), True),
        (Goal(by=By.RATIO, bound=1.1, at_least=True), False),
        (Goal(by=By.RATIO, bound=0.9), False),
        (Goal(by=By.MORE, bound=0.0), True),  # of -2, 6 and 0
        (Goal(by=By.MORE, bound=-0.1), False),
        (Goal(by=By.RATIO, bound=None), True),
    ],
)
def test_the_median_of_the_comparisons_decides(goal: Goal, met: bool) -> None:
    assert line(goal).is_met is met


def test_the_table_says_what_was_measured_and_how_it_came_out() -> None:
    missed = line(Goal(by=By.RATIO, bound=0.5))
    alone = line(Goal(by=By.ALONE, bound=20), ours=(12.34,), theirs=None)
    [_, rule, first, second] = table([missed, alone]).splitlines()
    cells = [cell.strip() for cell in first.strip("|").split("|")]
    assert cells == [
        "answers",
        "nobody",
        "4.00 s (2.00 to 9.00)",
        "4.00 s (3.00 to 4.00)",
        "1.00 (0.50 to 3.00)",
        "at most 0.5",
        "missed",
    ]
    assert "| 12.3 s " in second
    assert second.rstrip(" |").endswith("met")
    assert set(rule) == {"|", "-", " "}


def test_the_json_has_every_round() -> None:
    found = line(Goal(by=By.MORE, bound=3)).as_json()
    assert found["ours"] == [2.0, 9.0, 4.0]
    assert found["theirs"] == [4.0, 3.0, 4.0]
    assert (found["median"], found["spread"], found["met"]) == (0.0, [-2.0, 6.0], True)
