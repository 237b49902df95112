"""Who asks, and what they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.admission import Admission
from bot.domain.alternatives import Alternatives
from bot.domain.limit import Standing
from bot.domain.money import Usd
from bot.domain.price import Quote
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
class Offer:
    """A quote as a card shows it. `admission`: how every layer stands, before anything is held.

    `trimmed`: what it would cost if its video were trimmed, where that is less.
    """

    stored: StoredQuote
    quote: Quote
    admission: Admission
    trimmed: Usd | None

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Every limit that applies."""
        return self.admission.standings
