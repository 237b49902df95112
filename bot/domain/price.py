"""What a request costs, before it is asked for. Append a PriceList; never edit an old one.

Each figure says whether the provider states it or we infer it, since a member should know which.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from bot.domain.money import ZERO, Usd
from bot.domain.request import Duration, Request, Resolution, TextToVideo

Look: TypeAlias = Literal["SDR", "HDR", "HDR+EXR"]
"""The dynamic range of a video, and whether an OpenEXR sequence comes with it."""


class Basis(StrEnum):
    """How we know a figure."""

    STATED = "stated"  # the provider's page, or the bill of one of its own examples
    INFERRED = "inferred"  # derived by us, or stated only by another reseller of the model


@dataclass(frozen=True)
class Figure:
    """One price of the table."""

    amount: Usd
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """The prices in force from `effective` on, as read on `checked` at `source`."""

    effective: date
    checked: date
    source: str
    generation: Mapping[tuple[Look, Resolution, Duration], Figure]


@dataclass(frozen=True)
class Line:
    """One line of a quote: what it is for, and how often it is charged."""

    text: str
    each: Usd
    times: int
    basis: Basis

    @property
    def amount(self) -> Usd:
        return self.each * self.times


@dataclass(frozen=True)
class Quote:
    """A price with what it is made of. `price_list` is the date from which its list is in force."""

    lines: tuple[Line, ...]
    price_list: date

    @property
    def total(self) -> Usd:
        return sum((line.amount for line in self.lines), ZERO)


def _stated(amount: str) -> Figure:
    return Figure(Usd.of(amount), Basis.STATED)


def _inferred(amount: str) -> Figure:
    return Figure(Usd.of(amount), Basis.INFERRED)


PRICE_LISTS: Final[tuple[PriceList, ...]] = (
    PriceList(
        effective=date(2026, 11, 20),
        checked=date(2026, 11, 20),
        source="https://runware.ai/docs/models/luma-ray3-2",
        generation=MappingProxyType(
            {
                ("SDR", "360p", 5): _stated("0.06"),
                ("SDR", "540p", 5): _stated("0.15"),
                ("SDR", "720p", 5): _stated("0.30"),
                ("SDR", "1080p", 5): _stated("1.20"),
                # 10 s costs three times 5 s: the provider billed 0.90 and 3.60 for its own examples; the two
                # smaller tiers follow the same rule at other resellers of the model.
                ("SDR", "360p", 10): _inferred("0.18"),
                ("SDR", "540p", 10): _inferred("0.45"),
                ("SDR", "720p", 10): _stated("0.90"),
                ("SDR", "1080p", 10): _stated("3.60"),
                ("HDR", "720p", 5): _stated("0.60"),
                ("HDR", "1080p", 5): _stated("2.40"),
                ("HDR+EXR", "720p", 5): _stated("0.90"),
                ("HDR+EXR", "1080p", 5): _stated("3.60"),
            }
        ),
    ),
)
"""Oldest first."""


def price_list(on: date) -> PriceList:
    """The list in force on that day; the first also holds for any day before it."""
    return max((prices for prices in PRICE_LISTS if prices.effective <= on), default=PRICE_LISTS[0], key=_since)


def _since(prices: PriceList) -> date:
    return prices.effective


def quote(request: Request, *, on: date) -> Quote:
    """What `request` costs by the list in force on the day `on` (UTC)."""
    prices = price_list(on)
    match request:
        case TextToVideo():
            look = _look(request)
            figure = prices.generation[look, request.resolution, request.duration]
            text = f"{request.resolution} video, {request.duration} s"
            if look != "SDR":
                text += f", {look}"
            line = Line(text, figure.amount, request.count, figure.basis)
            return Quote((line,), prices.effective)


def _look(request: TextToVideo) -> Look:
    if request.exr:
        return "HDR+EXR"
    return "HDR" if request.hdr else "SDR"
