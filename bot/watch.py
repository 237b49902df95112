"""Watches the account at the provider: its balance, and once a day whether our books are what it has billed."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.balance import Balance
from bot.domain.alert import BooksDiffer, LowBalance, floor, is_worth_telling, lowness
from bot.domain.drift import CENT
from bot.domain.limit import Layer, Limits
from bot.domain.money import Usd
from bot.runware.client import Account, Runware
from bot.runware.errors import RunwareError
from storage import alerts, installation, ledger
from storage.database import Database, Tx

log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Comparison:
    """What was booked and what was billed, by spans; `held` for jobs that may be billed and not yet booked."""

    books: tuple[BooksDiffer, ...]
    held: Usd


class Watch:
    """`work` is a loop of the runner's. It asks the provider once in ten minutes, whatever comes of it.

    `account`: as it was read at the start, if it was, so that it need not be asked again at once. Where the bot
    `serves_several` servers what it finds is for the operator's log alone.
    """

    def __init__(
        self,
        database: Database,
        runware: Runware,
        balance: Balance,
        *,
        limits: Mapping[Layer, Limits],
        serves_several: bool,
        now: Callable[[], datetime],
        account: Account | None = None,
    ) -> None:
        self._database = database
        self._runware = runware
        self._balance = balance
        self._floor = floor(limits.get(Layer.ACCOUNT, ()))
        self._serves_several = serves_several
        self._now = now
        self._lowness = 0  # as it was logged
        self._asked_at: datetime | None = None
        self._account = account

    async def work(self, group: asyncio.TaskGroup) -> float | None:
        """One turn: read the account if that is due."""
        now = self._now()
        if self._asked_at is not None and self._asked_at <= now < self._asked_at + EVERY:
            return (self._asked_at + EVERY - now).total_seconds()
        self._asked_at = now
        try:
            account = self._account or await self._runware.account()
        except RunwareError as error:
            log.info("the account at the provider could not be read: %s", error)
        else:
            self._account = None
            await self.take(account)
        return EVERY.total_seconds()

    async def take(self, account: Account) -> None:
        """Note what the provider says of the account, and tell staff what they should know of it."""
        now = self._asked_at = self._now()
        if account.balance is not None:
            self._balance.amount, self._balance.read_at = account.balance, now
        async with self._database.transaction() as tx:
            held = await ledger.held(tx)
            if account.balance is not None:
                low = LowBalance(account.balance, held, self._floor)
                self._log_balance(low)
                await alerts.balance_read(tx, low, await self._told(tx), at=now)
            if account.billed:
                await self._reconcile(tx, account.billed, held, now)

    async def reconcile(self) -> Comparison:
        """The books against what the provider says now. Raises RunwareError where it does not say."""
        account, tx = await self._runware.account(), self._database.history
        return Comparison(await _compared(tx, account.billed, self._now()), await ledger.held(tx))

    async def _reconcile(self, tx: Tx, billed: Mapping[int, Usd], held: Usd, now: datetime) -> None:
        """Once a day, UTC: what was booked against what the provider says."""
        today = now.astimezone(UTC).date().isoformat()
        if await installation.remembered(tx, installation.RECONCILED) == today:
            return
        await installation.remember(tx, installation.RECONCILED, today)
        told = False
        for books in await _compared(tx, billed, now):
            _log(books, held)
            if not told and is_worth_telling(books, held):
                told = True
                for server_id in await self._told(tx):
                    await alerts.add(tx, server_id, "books", books, since=now, at=now)

    async def _told(self, tx: Tx) -> Collection[int]:
        """The servers that hear of the account's figures."""
        return () if self._serves_several else await alerts.channels(tx)

    def _log_balance(self, low: LowBalance) -> None:
        """Once for each time that it became low, or lower than what is held."""
        level = lowness(low)
        if level > self._lowness:
            says = "the balance at the provider is %s: %s is held for jobs under way, and less than %s is low"
            log.warning(says, low.balance, low.held, low.floor)
        self._lowness = level and max(level, self._lowness)


async def _compared(tx: Tx, billed: Mapping[int, Usd], now: datetime) -> tuple[BooksDiffer, ...]:
    """Each span that the provider names, the shortest first."""
    return tuple(
        [
            BooksDiffer(days, await ledger.booked(tx, since=_begins(days, now)), amount)
            for days, amount in sorted(billed.items())
        ]
    )


def _begins(days: int, now: datetime) -> datetime:
    """Today begins at midnight, UTC; more days are so many times 24 hours."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if days == 1 else now - timedelta(days=days)


def _log(books: BooksDiffer, held: Usd) -> None:
    difference = books.billed - books.booked
    level = logging.WARNING if max(difference, Usd(0) - difference) > CENT else logging.INFO
    says = "books of %d days: %s booked, %s billed by the provider, %s more; %s is held for jobs under way"
    log.log(level, says, books.days, books.booked, books.billed, difference, held)
