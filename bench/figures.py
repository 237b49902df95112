"""What was measured, and what is made of it: medians, spreads, ratios, and whether a goal is met. Pure.

Rounds of both sides alternate, so that whatever else the machine does meets both: what is compared are the rounds
that stand side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any


class By(StrEnum):
    """How two figures are compared."""

    RATIO = "ratio"  # ours divided by theirs
    MORE = "more"  # ours less theirs, in their unit
    ALONE = "alone"  # ours as it is: there is nothing to compare it with


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Where a comparison has to come out: at `bound`, above it where `at_least`, else below it; None: anywhere."""

    by: By
    bound: float | None
    at_least: bool = False

    def is_met(self, figure: float) -> bool:
        if self.bound is None:
            return True
        return figure >= self.bound if self.at_least else figure <= self.bound

    def __str__(self) -> str:
        if self.bound is None:
            return "none"
        return f"at {'least' if self.at_least else 'most'} {'+' if self.by is By.MORE else ''}{self.bound:g}"


@dataclass(frozen=True)
class Sample:
    """The same thing measured several times, in the order in which it was."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most."""
        return min(self.values), max(self.values)


def compared(ours: Sample, theirs: Sample | None, by: By) -> Sample:
    """Round by round. Without theirs: ours. Raises ValueError where a round of one side has none beside it."""
    if by is By.ALONE or theirs is None:
        return ours
    pairs = zip(ours.values, theirs.values, strict=True)
    return Sample(tuple(a / b if by is By.RATIO else a - b for a, b in pairs))


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that at least `percent` % of `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank), 1) - 1]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table. `unit`: of ours and theirs; `limit`: what stands in the way of a missed goal."""

    what: str
    against: str
    unit: str
    ours: Sample
    theirs: Sample | None
    goal: Goal
    limit: str = ""

    @property
    def comparison(self) -> Sample:
        return compared(self.ours, self.theirs, self.goal.by)

    @property
    def is_met(self) -> bool:
        return self.goal.is_met(self.comparison.median)

    def as_json(self) -> dict[str, Any]:
        low, high = self.comparison.spread
        return {
            "what": self.what,
            "against": self.against,
            "unit": self.unit,
            "ours": list(self.ours.values),
            "theirs": None if self.theirs is None else list(self.theirs.values),
            "compared_by": self.goal.by,
            "median": self.comparison.median,
            "spread": [low, high],
            "goal": {"bound": self.goal.bound, "at_least": self.goal.at_least},
            "met": self.is_met,
            "limit": self.limit,
        }


HEAD = ("what", "against", "Raybot", "the other", "compared", "goal", "")


def table(lines: Sequence[Line]) -> str:
    """The lines as a table in Markdown."""
    cells = [HEAD, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    rule = tuple("-" * max(width, 3) for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (cells[0], rule, *cells[1:])
    )


def _cells(line: Line) -> tuple[str, ...]:
    theirs = "" if line.theirs is None else _amount(line.theirs, line.unit)
    plus = line.goal.by is By.MORE
    found, (low, high) = line.comparison, line.comparison.spread
    comparison = (
        "" if line.goal.by is By.ALONE else f"{_short(found.median, plus)} ({_short(low)} to {_short(high)})"
    )
    verdict = f"missed{f': {line.limit}' if line.limit else ''}"
    if line.is_met:
        verdict = "" if line.goal.bound is None else "met"
    return line.what, line.against, _amount(line.ours, line.unit), theirs, comparison, str(line.goal), verdict


def _amount(sample: Sample, unit: str) -> str:
    low, high = sample.spread
    span = "" if len(sample.values) == 1 else f" ({_short(low)} to {_short(high)})"
    return f"{_short(sample.median)} {unit}{span}"


def _short(value: float, plus: bool = False) -> str:
    """Three figures, and no exponent."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:{'+' if plus else ''},.{digits}f}"
