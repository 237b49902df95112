"""Limits: how people write them, and how they stand. Pure: the caller brings the time and the sums.

Zero blocks, unset inherits, unlimited must be said. A layer without limits is an empty tuple: unlimited.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from bot.domain.money import ZERO, Usd
from bot.domain.refusal import NotUnderstood
from bot.domain.window import AllTime, Calendar, Rolling, Window
from bot.words.speech import say

MOST: Final = Usd.of(1_000_000)
"""More is a slip of the pen."""
MOST_WRITTEN: Final = "1000000"
TOO_MUCH: Final = MOST * 2


class Layer(StrEnum):
    """Whose money it is: every layer has to admit a request, in this order."""

    ACCOUNT = "account"  # all servers together
    SERVER = "server"
    MEMBER = "member"


@dataclass(frozen=True)
class Origin:
    """Who set a limit: the operator's settings, the server's staff, or they for a role or a member."""

    source: Literal["default", "server", "role", "personal"] = "default"
    role_id: int | None = None


DEFAULT: Final = Origin()


@dataclass(frozen=True)
class Return:
    """From `at` on `amount` no longer counts in a window of rolling hours. UTC."""

    at: datetime
    amount: Usd


@dataclass(frozen=True)
class Limit:
    """So much per window. An amount of zero blocks."""

    amount: Usd
    window: Window

    def __post_init__(self) -> None:
        if self.amount < ZERO:
            raise ValueError("a limit cannot be negative")

    def __str__(self) -> str:
        return f"{self.amount}/{self.window}"


Limits: TypeAlias = tuple[Limit, ...]
"""Several windows that must all admit; none at all is unlimited."""


@dataclass(frozen=True)
class Standing:
    """One limit as it stands: what was spent and is held in its window. `resets_at` None: it rolls, or never.

    `granted`: what is left of the grants that extend it. `returns`: of one that rolls, what comes back next, the
    soonest first; never all of it where that is a lot.
    """

    layer: Layer
    limit: Limit
    spent: Usd
    held: Usd
    resets_at: datetime | None
    origin: Origin = DEFAULT
    granted: Usd = ZERO
    returns: tuple[Return, ...] = ()

    @property
    def own(self) -> Usd:
        """What is left of the limit itself; never negative, even when it was lowered below what is spent."""
        return max(self.limit.amount - self.spent - self.held, ZERO)

    @property
    def left(self) -> Usd:
        """What may still be held, grants included. Nothing extends a limit of zero."""
        return self.own + self.granted if self.limit.amount > ZERO else ZERO

    def shortfall(self, price: Usd) -> Usd:
        """What of `price` grants would have to pay."""
        return max(price - self.own, ZERO)

    def admits(self, price: Usd) -> bool:
        return self.limit.amount > ZERO and price <= self.left

    def refuses(self, price: Usd) -> bool:
        return not self.admits(price)

    def fits_at(self, price: Usd, granted: Callable[[datetime], Usd] = lambda _: ZERO) -> datetime | None:
        """The first moment at which it admits `price`, if nothing else is spent until then. None: waiting is not
        enough, or for longer than is known.

        `granted`: what grants add at a moment, since they end.
        """
        if not self.limit.amount:
            return None
        if self.resets_at is not None:
            return self.resets_at if price <= self.limit.amount + granted(self.resets_at) else None
        used = self.spent + self.held
        for each in self.returns:
            used -= each.amount
            if price <= max(self.limit.amount - used, ZERO) + granted(each.at):
                return each.at
        return None


_AMOUNT: Final = re.compile(
    r"(?P<sign>[-−+]?)(?:us ?\$|\$|usd)? ?(?=[.,]?[0-9])"
    r"(?P<whole>[0-9]{1,3}(?: [0-9]{3})+|[0-9]*)(?:[.,](?P<cents>[0-9]*))? ?"
    r"(?:(?P<cent>¢|(?:cents?|ct|c)(?![a-z]))|\$|usd|(?:us )?dollars?)?"
)
_OTHER_MONEY: Final = re.compile(
    r"[€£¥₹₽₩₿]|(?<![a-z])(?:eur|euros?|gbp|pounds?|jpy|yen|chf|francs?|cad|aud|inr|rupees?)(?![a-z])"
)
_AND: Final = re.compile(
    r" (?:and|&|\+) |; ?|, |(?<=[a-z]),"
    r"|(?:(?<=[ /]day)|(?<=week)|(?<=month)|(?<=days)|(?<=weeks)|(?<=months)|(?<=/mo)|(?<=[0-9]h)|(?<=hours)"
    r"|(?<=total)|(?<=ly)) (?=\$?[.,]?[0-9])"
)
_WINDOW: Final = re.compile(
    r"(?:/ ?|(?:an?|per|each|every|in|in any) )?"
    r"(?:(?P<unit>day|week|month)s?|(?P<short>mo)|(?P<hours>[0-9]+) ?(?:h|hours?)|"
    r"(?P<total>total|all(?: time)?)|(?P<often>dai|week|month)ly)"
)


def parse_limits(text: str, default: Window | None = None) -> Limits:
    """`5.00/day`, `$5 a day and 60/month`, `5/day 60/mo`, `50c/day,5/week`, `20/24h`, `100 total`, `0`, or
    `unlimited` (none).

    `default`: the window of an amount without one. Raises NotUnderstood.
    """
    words = " ".join(text.casefold().split())
    if words == "unlimited":
        return ()
    _check_currency(words)
    limits = tuple(_limit(part, default) for part in _AND.split(words))
    if len({limit.window for limit in limits}) < len(limits):
        raise NotUnderstood(say("written.windows_once"))
    return limits


def parse_amount(text: str) -> Usd:
    """`5`, `$5`, `5.00`, `5,00`, `1 000`, `.50`, `50c` or `5 USD`, up to a million. Raises NotUnderstood."""
    words = " ".join(text.casefold().split())
    _check_currency(words)
    found = _AMOUNT.fullmatch(words)
    if found is None:
        raise NotUnderstood(say("written.amount"))
    if found["sign"]:
        raise NotUnderstood(say("written.amount_signed"))
    amount = _amount(found)
    if amount > MOST:
        raise NotUnderstood(say("written.amount_large", most=MOST_WRITTEN))
    return amount


def written(limits: Limits) -> str:
    """As `parse_limits` reads it, and as it is stored: `$5.00/day and $60.00/month`."""
    return " and ".join(map(str, limits)) or "unlimited"


def _limit(part: str, default: Window | None) -> Limit:
    found = _AMOUNT.match(part)
    if found is None:
        raise NotUnderstood(say("written.limits"))
    rest = part[found.end() :].strip()
    window = _window(rest) if rest else default
    if found["sign"]:
        raise NotUnderstood(say("written.limit_signed"))
    amount = _amount(found)
    if amount > MOST:
        raise NotUnderstood(say("written.limit_large", most=MOST_WRITTEN))
    if window is None:
        raise NotUnderstood(say("written.limit_window", amount=amount))
    return Limit(amount, window)


def _amount(found: re.Match[str]) -> Usd:
    """Without regard to its sign; of one that is far too large, something that is too large as well."""
    whole = found["whole"].replace(" ", "")
    if len(found["cents"] or "") > (0 if found["cent"] else 2):
        raise NotUnderstood(say("written.cents"))
    amount = Usd.of(f"{whole[:20] or 0}.{found['cents'] or 0}")
    if found["cent"]:
        amount = amount.share(100)
    return max(amount, TOO_MUCH) if len(whole) > 20 else amount


def _check_currency(words: str) -> None:
    if _OTHER_MONEY.search(words):
        raise NotUnderstood(say("written.dollars"))


def _window(words: str) -> Window:
    found = _WINDOW.fullmatch(words)
    if found is None:
        raise NotUnderstood(say("written.limits"))
    match found["unit"] or found["often"] or (found["short"] and "month"):
        case "day" | "dai":
            return Calendar("day")
        case "week" | "month" as unit:
            return Calendar(unit)
        case _:
            return AllTime() if found["total"] else Rolling(int(found["hours"][:9]))
