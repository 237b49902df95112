"""Who may spend how much, and when it resets. Pure: the caller brings the time and the sums.

Zero blocks, unset inherits, unlimited must be said. A layer without limits is an empty tuple: unlimited.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final, Literal, TypeAlias, assert_never

from bot.domain.money import ZERO, Usd
from bot.domain.refusal import Refusal


class Layer(StrEnum):
    """Whose money it is: every layer has to admit a request, in this order."""

    ACCOUNT = "account"  # all servers together
    SERVER = "server"
    MEMBER = "member"


@dataclass(frozen=True)
class Calendar:
    """A calendar day, week (from Monday) or month, in the layer's own time zone."""

    unit: Literal["day", "week", "month"]

    def __str__(self) -> str:
        return self.unit


@dataclass(frozen=True)
class Rolling:
    """The last so many hours."""

    hours: int

    def __str__(self) -> str:
        return f"{self.hours}h"


@dataclass(frozen=True)
class AllTime:
    """Since the books were opened; it never resets."""

    def __str__(self) -> str:
        return "total"


Window: TypeAlias = Calendar | Rolling | AllTime

EVER: Final = datetime.fromtimestamp(0, UTC)
"""Before the first entry of any ledger."""


def opens_at(window: Window, now: datetime, zone: tzinfo) -> datetime:
    """When the window that `now` lies in began, in UTC. What was held since then counts."""
    match window:
        case Calendar(unit):
            return _midnight(_first_day(unit, now.astimezone(zone)), zone)
        case Rolling(hours):
            return now.astimezone(UTC) - timedelta(hours=hours)
        case AllTime():
            return EVER
        case _:
            assert_never(window)


def resets_at(window: Window, now: datetime, zone: tzinfo) -> datetime | None:
    """When the next calendar window begins, in UTC; None for windows without such a moment."""
    match window:
        case Calendar(unit):
            first = _first_day(unit, now.astimezone(zone))
            longest = {"day": 1, "week": 7, "month": 31}[unit]
            return _midnight(_first_day(unit, first + timedelta(days=longest)), zone)
        case Rolling() | AllTime():
            return None
        case _:
            assert_never(window)


@dataclass(frozen=True)
class Limit:
    """So much per window. An amount of zero blocks."""

    amount: Usd
    window: Window

    def __post_init__(self) -> None:
        if self.amount < ZERO:
            raise ValueError("a limit cannot be negative")


@dataclass(frozen=True)
class Standing:
    """One limit as it stands: what was spent and is held in its window. `resets_at` None: it rolls, or never."""

    layer: Layer
    limit: Limit
    spent: Usd
    held: Usd
    resets_at: datetime | None

    @property
    def left(self) -> Usd:
        """What may still be held; never negative, even when the limit was lowered below what is spent."""
        return max(self.limit.amount - self.spent - self.held, ZERO)

    def admits(self, price: Usd) -> bool:
        return self.limit.amount > ZERO and price <= self.left


class OverLimit(Refusal):
    """A limit does not admit the price. `standings` are the ones that refuse, outermost first."""

    def __init__(self, price: Usd, standings: tuple[Standing, ...]) -> None:
        self.price = price
        self.standings = standings
        super().__init__(f"This costs {price}, and that is more than what is left.")


def admit(price: Usd, standings: Iterable[Standing]) -> None:
    """Do nothing when every standing admits `price`. Raises OverLimit with all that do not."""
    if refusing := tuple(standing for standing in standings if not standing.admits(price)):
        raise OverLimit(price, refusing)


_WINDOW = r"day|week|month|total|\d{1,4}h"
_LIMIT = re.compile(rf"\$?(?P<amount>\d{{1,9}}(?:\.\d{{1,2}})?)/(?P<window>{_WINDOW})")


def parse_limits(text: str) -> tuple[Limit, ...]:
    """`5.00/day`, `5/day and 60/month`, `20/24h`, `100/total` or `unlimited` (an empty tuple).

    Raises ValueError with a sentence that says what can be written.
    """
    if text.strip().lower() == "unlimited":
        return ()
    limits: list[Limit] = []
    for part in re.split(r"\s+and\s+", text.strip().lower()):
        found = _LIMIT.fullmatch(part)
        if found is None or _window(found["window"]) == Rolling(0):
            raise ValueError("write it like 5.00/day, 50.00/month, 20/24h, 100/total or unlimited")
        limits.append(Limit(Usd.of(found["amount"]), _window(found["window"])))
    return tuple(limits)


def _window(text: str) -> Window:
    match text:
        case "day" | "week" | "month":
            return Calendar(text)
        case "total":
            return AllTime()
        case _:
            return Rolling(int(text.removesuffix("h")))


def _first_day(unit: Literal["day", "week", "month"], local: datetime) -> datetime:
    match unit:
        case "day":
            return local
        case "week":
            return local - timedelta(days=local.weekday())
        case "month":
            return local.replace(day=1)


def _midnight(local: datetime, zone: tzinfo) -> datetime:
    """Where daylight saving skips midnight this is the moment at which the clocks jump."""
    return datetime.combine(local.date(), time(), zone).astimezone(UTC)
