"""Who asks, and what they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.admission import Admission
from bot.domain.alternatives import SHAPES_IT, Alternatives, alternatives
from bot.domain.limit import Standing
from bot.domain.money import Usd
from bot.domain.policy import Policy
from bot.domain.price import Observed, Quote, if_trimmed, quote
from bot.domain.request import Request
from storage.quotes import StoredQuote


@dataclass(frozen=True)
class Requester:
    """Who asks, and where: ids of Discord's, from the interaction's payload, never from a cache.

    `parent_id`: the channel of the thread that `channel_id` is; None where it is none.
    """

    server_id: int
    channel_id: int
    member_id: int
    roles: frozenset[int] = frozenset()
    parent_id: int | None = None


@dataclass(frozen=True)
class Menu:
    """What a request could be instead in one respect, and what each of these would cost."""

    alternatives: Alternatives
    prices: Mapping[str, Quote]


@dataclass(frozen=True)
class Terms:
    """What a server allows, and what things cost, at one moment.

    `on`: the day (UTC) whose price list is in force. `observed`: what the provider was seen to bill since.
    """

    policy: Policy
    on: date
    observed: Observed

    def quote(self, request: Request) -> Quote:
        """What it costs."""
        return quote(request, on=self.on, observed=self.observed)

    def if_trimmed(self, request: Request) -> Usd | None:
        """What an edit would cost trimmed; None where that is no less, and for other kinds."""
        return if_trimmed(request, on=self.on, observed=self.observed)

    def menus(self, stored: StoredQuote) -> tuple[Menu, ...]:
        """What may be changed about a quote: what the rules and the policy admit, and for how much."""
        found = alternatives(stored.request, allows=self.policy.allows)
        if stored.origin is not None and stored.origin.film is not None:  # it is joined to what has its size
            found = tuple(each for each in found if each.name not in SHAPES_IT)
        return tuple(
            Menu(each, {value: self.quote(request) for value, request in each.options.items()}) for each in found
        )


@dataclass(frozen=True)
class Offer:
    """A quote as a card shows it. `admission`: how every layer stands, before anything is held.

    `trimmed`: what it would cost if its video were trimmed, where that is less. `terms`: as they are now, by
    which it may be changed.
    """

    stored: StoredQuote
    quote: Quote
    admission: Admission
    trimmed: Usd | None
    terms: Terms

    @property
    def menus(self) -> tuple[Menu, ...]:
        """What may be changed about it, and what that would cost now."""
        return self.terms.menus(self.stored)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Every limit that applies."""
        return self.admission.standings
