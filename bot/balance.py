"""The provider's balance as it was last read. In memory alone: after a restart it is not known until it is read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.money import Usd

KNOWN_FOR: Final = timedelta(minutes=10)


@dataclass
class Balance:
    """Written by bot/watch.py, read by bot/checkout.py."""

    amount: Usd | None = None
    read_at: datetime | None = None

    def at(self, now: datetime) -> Usd | None:
        """The balance, if it was read in the last ten minutes."""
        is_fresh = self.read_at is not None and self.read_at <= now <= self.read_at + KNOWN_FOR
        return self.amount if is_fresh else None
