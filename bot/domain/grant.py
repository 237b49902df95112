"""Grants: money beyond a member's limit, until some day. No balance is stored: what is left is a sum.

They extend the member layer only. The limit pays first; what is beyond it comes from the grants, the one that
expires first before the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.limit import MOST
from bot.domain.money import ZERO, Usd
from bot.domain.refusal import NotUnderstood
from bot.words.speech import say

LONGEST: Final = timedelta(days=3660)
"""Ten years; a grant for longer is a limit."""


@dataclass(frozen=True)
class Grant:
    """So much for a member of a server until `expires_at`. Times are UTC. Numbered as it stands in the log."""

    id: int
    server_id: int
    member_id: int
    amount: Usd
    expires_at: datetime
    giver_id: int
    reason: str
    given_at: datetime

    def __str__(self) -> str:
        return f"{self.amount} until {self.expires_at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Left:
    """A grant, and what may still be held of it."""

    grant: Grant
    left: Usd


@dataclass(frozen=True)
class Draw:
    """What a job takes from one grant."""

    grant_id: int
    amount: Usd


def check_grant(amount: Usd, expires_at: datetime, now: datetime) -> None:
    """Raises NotUnderstood for a grant that cannot be given."""
    if not ZERO < amount <= MOST:
        raise NotUnderstood(say("written.grant_amount"))
    if not now < expires_at <= now + LONGEST:
        raise NotUnderstood(say("written.grant_end"))


def total(grants: Iterable[Left]) -> Usd:
    """What is left of all of them."""
    return sum((each.left for each in grants), ZERO)


def lasting(grants: Iterable[Left], at: datetime) -> Usd:
    """What of them may still be held at a later moment, if nothing is until then."""
    return total(each for each in grants if each.grant.expires_at > at)


def draw(amount: Usd, grants: Sequence[Left]) -> tuple[Draw, ...]:
    """Take `amount` from the grants, in the order in which they expire. They have to have it."""
    draws: list[Draw] = []
    for each in sorted(grants, key=_expiry):
        if taken := min(each.left, amount):
            draws.append(Draw(each.grant.id, taken))
            amount -= taken
    assert not amount  # whoever asks has seen that there is enough
    return tuple(draws)


def settled(settle: Usd, hold: Usd, held: Sequence[Draw]) -> tuple[Draw, ...]:
    """What a job that held `held` of grants takes from them in the end, when it settles for `settle` of its hold.

    `held`: in the order in which the grants expire.
    """
    from_limit = hold - sum((each.amount for each in held), ZERO)
    beyond = max(settle - from_limit, ZERO)
    draws: list[Draw] = []
    for each in held:
        if taken := min(each.amount, beyond):
            draws.append(Draw(each.grant_id, taken))
            beyond -= taken
    return tuple(draws)


def _expiry(each: Left) -> tuple[datetime, int]:
    return each.grant.expires_at, each.grant.id
