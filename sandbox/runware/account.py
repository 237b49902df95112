"""The money at Runware: what was billed, and what is left of the prepaid balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One thing that was really billed, in US dollars. `video_id` is None where nothing was made for it."""

    task_id: str
    video_id: str | None
    amount: Decimal
    at: datetime


class Account:
    """The balance and its charges, in the order in which they were billed."""

    def __init__(self, balance: Decimal) -> None:
        self.balance = balance
        self.bill: list[Charge] = []

    def charge(self, charge: Charge) -> None:
        """Bill `charge`; the balance may fall below zero by what was not foreseen (`Costs`, a failure's cost)."""
        self.bill.append(charge)
        self.balance -= charge.amount

    def details(self, now: datetime) -> dict[str, Any]:
        """What `accountManagement` answers, `getDetails` (runware.md 7). The people in it are made up.

        That `usage` counts one request per charge is a simplification: nothing says what it counts.
        """
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return {
            "organizationUUID": "7c1c6d5e-0d0c-4a39-9a0e-5a4d1b2f7e10",
            "organizationName": "Sandbox Pictures",
            "AIRSource": "sandbox",
            "balance": float(self.balance),
            "team": [
                {
                    "name": "Ada Producer",
                    "email": "ada@sandbox.example",
                    "roles": ["owner"],
                    "joinedAt": "2026-01-05T09:00:00Z",
                }
            ],
            "apiKeys": [{"name": "raybot", "apiKey": "sand************-key", "enabled": True}],
            "usage": {
                "total": _usage(self.bill),
                "today": _usage(charge for charge in self.bill if charge.at >= midnight),
                "last7Days": _usage(charge for charge in self.bill if charge.at > now - timedelta(days=7)),
                "last30Days": _usage(charge for charge in self.bill if charge.at > now - timedelta(days=30)),
            },
        }


def _usage(charges: Iterable[Charge]) -> dict[str, Any]:
    amounts = [charge.amount for charge in charges]
    return {"credits": float(sum(amounts, Decimal())), "requests": len(amounts)}
