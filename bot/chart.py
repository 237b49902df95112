"""A picture of spending over time, by day and by kind of request, and the same in words.

The picture brings its own background, so that it can be read in Discord's dark and light themes alike. Kinds are
told apart by pattern and by label, not by colour alone.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.domain.money import NANOS, ZERO, Usd
from bot.words.speech import phrase, say

MOST_WORDS: Final = 1_024
"""Characters of a picture's description, as Discord takes them."""

BACKGROUND: Final = "#1e2030"
INK: Final = "#f2f3f5"
FAINT: Final = "#8f96a8"
STYLES: Final = (("#7cc4f5", ""), ("#f5a742", "///"), ("#5fd0a5", "..."), ("#e58fc1", "xxx"))
"""Colour and pattern of each kind, in the order of the series. The colours differ in brightness too."""

SIZE: Final = (9.0, 4.2)  # inches
DPI: Final = 110  # 990 x 462 pixels: as wide as Discord shows a picture


@dataclass(frozen=True)
class Series:
    """One kind of request: what was spent on it on each day."""

    label: str
    amounts: tuple[Usd, ...]

    @property
    def total(self) -> Usd:
        return sum(self.amounts, ZERO)


@dataclass(frozen=True)
class Spending:
    """What is drawn. Every series has an amount for each of `days`; there are at most as many as `STYLES`."""

    days: tuple[date, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        if len(self.series) > len(STYLES) or any(len(each.amounts) != len(self.days) for each in self.series):
            raise ValueError("a series has an amount for each day, and a style")

    @property
    def total(self) -> Usd:
        return sum((each.total for each in self.series), ZERO)

    @property
    def by_day(self) -> tuple[Usd, ...]:
        return tuple(sum((each.amounts[day] for each in self.series), ZERO) for day in range(len(self.days)))

    @property
    def shown(self) -> "tuple[tuple[Series, tuple[str, str]], ...]":
        """The series that have anything, each in its own style, whichever others are there."""
        return tuple((each, style) for each, style in zip(self.series, STYLES, strict=False) if each.total)


def described(spending: Spending) -> str:
    """The picture's numbers in words, for who cannot see it: at most 1,024 characters."""
    first, last = _day(spending.days[0]), _day(spending.days[-1])
    kinds, total = ", ".join(_label(each) for each, _ in spending.shown), spending.total.cents
    if kinds:
        says = say("chart.described_by_kind", first=first, last=last, total=total, kinds=kinds)
    else:
        says = say("chart.described", first=first, last=last, total=total)
    days = [say("chart.on_day", day=_day(day), amount=amount.cents) for day, amount in _spent(spending)]
    while days and len(f"{says} {_by_day(days)}") > MOST_WORDS:
        days = days[1:]  # the older ones first
    return f"{says} {_by_day(days)}" if days else says


def _by_day(days: Sequence[str]) -> str:
    return say("chart.by_day", days=", ".join(days))


def _label(series: Series) -> str:
    return say("chart.kind", kind=series.label, amount=series.total.cents)


class Charts:
    """Draws one picture at a time, in a thread. The library is loaded for the first one: most days need none."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def draw(self, spending: Spending) -> bytes:
        """The picture, as a PNG."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(_draw, spending)


def _draw(spending: Spending) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=DPI, facecolor=BACKGROUND, layout="constrained")
    axes: Any = figure.add_subplot()
    _bars(axes, spending)
    _frame(axes, spending)
    png = io.BytesIO()
    FigureCanvasAgg(figure).print_png(png)  # pyright: ignore[reportUnknownMemberType] - the library has no types here
    return png.getvalue()


def _bars(axes: Any, spending: Spending) -> None:
    """Each day's kinds on top of each other, and its sum above them."""
    days = range(len(spending.days))
    bottom = [0.0] * len(spending.days)
    for series, (colour, pattern) in spending.shown:
        heights = [_dollars(amount) for amount in series.amounts]
        axes.bar(
            days,
            heights,
            bottom=bottom,
            color=colour,
            hatch=pattern,
            edgecolor=BACKGROUND,
            linewidth=0.6,
            width=0.8,
            label=_label(series),
        )
        bottom = [below + height for below, height in zip(bottom, heights, strict=True)]
    for day, amount in enumerate(spending.by_day):
        if amount:
            where = (day, bottom[day])
            axes.annotate(
                amount.cents,
                where,
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                va="bottom",
                rotation=90,
                fontsize=8,
                color=INK,
            )


def _frame(axes: Any, spending: Spending) -> None:
    """Title, axes and legend, in colours that stand out from the background."""
    axes.set_facecolor(BACKGROUND)
    heading = say("chart.heading", total=spending.total.cents, n=len(spending.days))
    axes.set_title(heading, color=INK, fontsize=12, loc="left")
    last = len(spending.days) - 1
    every = range(last, -1, -5 if last >= 10 else -1)  # the last day always
    axes.set_xticks(list(every), [_day(spending.days[day]) for day in every])
    axes.set_xlim(-0.7, len(spending.days) - 0.3)
    axes.set_ylim(0, (max(map(_dollars, spending.by_day), default=0.0) or 1.0) * 1.25)  # room for the sums
    axes.yaxis.set_major_formatter("${x:,.2f}")
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(axis="y", color=FAINT, alpha=0.3, linewidth=0.6)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(FAINT)
    if spending.shown:
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0, -0.1),
            ncols=len(STYLES),
            frameon=False,
            labelcolor=INK,
            fontsize=9,
            handlelength=2.4,
            handleheight=1.4,
        )


def _spent(spending: Spending) -> Sequence[tuple[date, Usd]]:
    return [(day, amount) for day, amount in zip(spending.days, spending.by_day, strict=True) if amount]


_MONTHS: Final = (
    phrase("chart.january"),
    phrase("chart.february"),
    phrase("chart.march"),
    phrase("chart.april"),
    phrase("chart.may"),
    phrase("chart.june"),
    phrase("chart.july"),
    phrase("chart.august"),
    phrase("chart.september"),
    phrase("chart.october"),
    phrase("chart.november"),
    phrase("chart.december"),
)


def _day(day: date) -> str:
    """`3 Nov`, the same whatever language the machine speaks."""
    return say(_MONTHS[day.month - 1], day=day.day)


def _dollars(amount: Usd) -> float:
    """For the length of a bar; figures are written from the amount itself."""
    return amount.nanos / NANOS
