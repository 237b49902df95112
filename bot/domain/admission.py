"""Whether a request is admitted: every layer in order, what grants would pay, and what refuses. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.domain.grant import Draw, Left, draw, lasting
from bot.domain.limit import Layer, Origin, Standing
from bot.domain.money import ZERO, Usd
from bot.domain.refusal import Refusal
from bot.domain.rules import Freeze
from bot.words.speech import say


@dataclass(frozen=True)
class Frozen:
    """The server is frozen: it admits nothing new."""

    freeze: Freeze

    def refuses(self, price: Usd) -> bool:
        return True


@dataclass(frozen=True)
class Credit:
    """The provider's balance as it was last read, and all that is held of it. It is not for members to know."""

    balance: Usd
    held: Usd

    @property
    def left(self) -> Usd:
        """Below zero where more is held than there is."""
        return self.balance - self.held

    def refuses(self, price: Usd) -> bool:
        return price > self.left


@dataclass(frozen=True)
class Unlimited:
    """A layer that was said to have no limit."""

    layer: Layer
    origin: Origin

    def refuses(self, price: Usd) -> bool:
        return False


@dataclass(frozen=True)
class RequestCap:
    """The most that one request may cost. An amount of zero blocks."""

    amount: Usd

    def refuses(self, price: Usd) -> bool:
        return not ZERO < price <= self.amount


@dataclass(frozen=True)
class JobsAtOnce:
    """How many jobs a member may have under way, and how many there are. Zero blocks."""

    most: int
    under_way: int

    def refuses(self, price: Usd) -> bool:
        return self.under_way >= self.most


Check: TypeAlias = Frozen | Credit | Standing | Unlimited | RequestCap | JobsAtOnce


@dataclass(frozen=True)
class Admission:
    """The answer to a request of this price: every layer in order, and whether it refuses.

    `others`: limits of roles of the member that did not decide. `draws`: what grants pay of the price. `grants`:
    those that the member has.
    """

    price: Usd
    checks: tuple[Check, ...]
    others: tuple[Standing, ...] = ()
    draws: tuple[Draw, ...] = ()
    grants: tuple[Left, ...] = ()

    @property
    def refusing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.refuses(self.price))

    @property
    def standings(self) -> tuple[Standing, ...]:
        """The limits that apply, outermost first."""
        return tuple(check for check in self.checks if isinstance(check, Standing))

    def fits_at(self, standing: Standing) -> datetime | None:
        """When this limit admits the price, if nothing else is spent until then; None: waiting is not enough."""
        grants = self.grants if standing.layer is Layer.MEMBER else ()
        return standing.fits_at(self.price, lambda at: lasting(grants, at))

    @property
    def from_grants(self) -> Usd:
        return sum((each.amount for each in self.draws), ZERO)


class FrozenServer(Refusal):
    """Staff have stopped new jobs."""

    def __init__(self, freeze: Freeze) -> None:
        self.freeze = freeze
        says = say("refusals.frozen")
        super().__init__(f"{says} {say('refusals.frozen_why', reason=freeze.reason)}" if freeze.reason else says)


class OverLimit(Refusal):
    """Something does not admit the price. `standings`: the limits that refuse, outermost first."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.price = admission.price
        self.standings = tuple(check for check in admission.refusing if isinstance(check, Standing))
        super().__init__(" ".join(_sentences(admission)))


def admit(admission: Admission) -> None:
    """Do nothing when every layer admits. Raises FrozenServer, or OverLimit with all that do not."""
    for check in admission.refusing:
        if isinstance(check, Frozen):
            raise FrozenServer(check.freeze)
    if admission.refusing:
        raise OverLimit(admission)


@dataclass(frozen=True)
class Allowance:
    """What a layer allows by one origin: limits that must all admit. None at all is unlimited."""

    layer: Layer
    origin: Origin
    standings: tuple[Standing, ...]

    @property
    def blocks(self) -> bool:
        return any(not standing.limit.amount for standing in self.standings)

    @property
    def least_left(self) -> Usd | None:
        """None: unlimited."""
        return min((standing.left for standing in self.standings), default=None)

    def admits(self, price: Usd) -> bool:
        return all(standing.admits(price) for standing in self.standings)

    def shortfall(self, price: Usd) -> Usd:
        """What grants pay: one of them covers every window of it, so it is the largest."""
        return max((standing.shortfall(price) for standing in self.standings), default=ZERO)

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.standings or (Unlimited(self.layer, self.origin),)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything that decides about a member's next request but its price.

    `allowances`: the member's: that of each of their roles, or the one that stands for them; never empty.
    `credit` None: the provider's balance is not known, which refuses nothing.
    """

    freeze: Freeze | None
    account: Allowance
    server: Allowance
    allowances: tuple[Allowance, ...]
    grants: tuple[Left, ...]
    request_cap: Usd | None
    jobs: JobsAtOnce | None
    credit: Credit | None = None

    def ask(self, price: Usd) -> Admission:
        """Every layer's answer to a request of this price."""
        decides = self._deciding(price)
        checks: list[Check] = [] if self.freeze is None else [Frozen(self.freeze)]
        if self.credit is not None:
            checks.append(self.credit)
        checks += [*self.account.checks, *self.server.checks, *decides.checks]
        if self.request_cap is not None:
            checks.append(RequestCap(self.request_cap))
        if self.jobs is not None:
            checks.append(self.jobs)
        rest = (each for each in self.allowances if each is not decides)
        others = tuple(standing for each in rest for standing in each.standings)
        draws = draw(decides.shortfall(price), self.grants) if decides.admits(price) else ()
        return Admission(price, tuple(checks), others, draws, self.grants)

    def _deciding(self, price: Usd) -> Allowance:
        """The member's that decides: one that blocks; else the one that needs the least of the grants; where none
        admits, the one with the most left."""
        for each in self.allowances:
            if each.blocks:
                return each
        if admitting := [each for each in self.allowances if each.admits(price)]:
            return min(admitting, key=lambda each: each.shortfall(price))
        return max(self.allowances, key=lambda each: each.least_left or ZERO)  # the unlimited have admitted


def _sentences(admission: Admission) -> Iterable[str]:
    refusing = admission.refusing
    if any(isinstance(check, Credit) for check in refusing):
        yield say("refusals.no_credit", price=admission.price)
    if any(isinstance(check, Standing) for check in refusing):
        yield say("refusals.over_limit", price=admission.price)
    is_priced = any(isinstance(check, Credit | Standing) for check in refusing)
    for check in refusing:
        if isinstance(check, RequestCap):
            yield _over_cap(admission.price, check, is_priced=is_priced)
        elif isinstance(check, JobsAtOnce):
            yield _too_many(check)


def _over_cap(price: Usd, cap: RequestCap, *, is_priced: bool) -> str:
    """`is_priced`: what it costs was said already."""
    if not cap.amount:
        return say("refusals.no_new_requests")
    if is_priced:
        return say("refusals.over_cap_too", cap=cap.amount)
    return say("refusals.over_cap", price=price, cap=cap.amount)


def _too_many(jobs: JobsAtOnce) -> str:
    if not jobs.most:
        return say("refusals.no_new_jobs")
    return say("refusals.too_many_jobs", n=jobs.under_way, most=jobs.most)
