"""What staff are told without asking, and when. Pure: the caller brings the sums and the time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from bot.domain.job import Reason
from bot.domain.limit import Layer, Limit, Limits, Standing
from bot.domain.money import Usd
from bot.domain.window import Calendar

THRESHOLDS: Final = (50, 80, 100)
"""Per cent of a limit, spent or held."""


@dataclass(frozen=True)
class LimitReached:
    """`percent` of a limit of the account or of a server are spent or held, or more; how it stood then."""

    layer: Layer
    limit: Limit
    spent: Usd
    held: Usd
    resets_at: datetime | None
    percent: int


@dataclass(frozen=True)
class LowBalance:
    """The provider's balance is below `floor`, or below what is held for jobs under way."""

    balance: Usd
    held: Usd
    floor: Usd


Unit: TypeAlias = Literal["result", "second"]
"""What a price is for."""


@dataclass(frozen=True)
class PriceDrift:
    """The provider billed another price than the one quoted, per `unit`: a result, or a second of one.

    `from_now_on`: what new quotes use. `job_id`: on which it was seen; None in older alerts to other servers.
    """

    configuration: str
    unit: Unit
    quoted: Usd
    billed: Usd
    from_now_on: Usd
    job_id: str | None


@dataclass(frozen=True)
class BooksDiffer:
    """What was booked in the last so many days (1: today, UTC) is not what the provider says it has billed."""

    days: int
    booked: Usd
    billed: Usd


@dataclass(frozen=True)
class QueueWaits:
    """The provider takes no job, for a reason that a person has to mend: no credit, or a key that is refused."""

    reason: Reason


Alert: TypeAlias = LimitReached | LowBalance | PriceDrift | BooksDiffer | QueueWaits


def is_of_the_account(alert: Alert) -> bool:
    """Whether it has figures of the account at the provider: for a server only where it has the bot alone."""
    return isinstance(alert, LowBalance | BooksDiffer)


def limit_reached(standing: Standing) -> LimitReached | None:
    """The highest threshold that what is spent and held has reached. A limit of zero has none: it only blocks."""
    used, whole = (standing.spent + standing.held).nanos, standing.limit.amount.nanos
    reached = [percent for percent in THRESHOLDS if whole and used * 100 >= whole * percent]
    if not reached:
        return None
    return LimitReached(
        standing.layer, standing.limit, standing.spent, standing.held, standing.resets_at, max(reached)
    )


LEAST_BALANCE: Final = Usd.of(5)


def floor(account: Limits) -> Usd:
    """Below which the balance is low: a tenth of what may be spent in a month, or $5 where that is not limited."""
    monthly = [limit.amount for limit in account if limit.window == Calendar("month") and limit.amount]
    return min(monthly).share(10) if monthly else LEAST_BALANCE


def lowness(alert: LowBalance) -> int:
    """0: there is enough; 1: below the floor; 2: below what is held, so that confirmed jobs may have to wait."""
    if alert.balance < alert.held:
        return 2
    return int(alert.balance < alert.floor)


TOLERATED: Final = Usd.of(1)


def is_worth_telling(books: BooksDiffer, held: Usd) -> bool:
    """Whether the books differ by more than a dollar beyond what jobs under way explain: of those the provider may
    have billed results already that are booked with the last one."""
    more = books.billed - books.booked
    return more > TOLERATED + held or books.booked - books.billed > TOLERATED
