"""A checkout over a real database, what a test does with it, and what it looks at afterwards."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.checkout import Checkout
from bot.domain.grant import Grant
from bot.domain.job import Job, Reason, Step
from bot.domain.limit import Layer, Limit
from bot.domain.money import Usd
from bot.domain.request import Request, TextToVideo
from bot.domain.rules import Kind
from bot.domain.window import AllTime
from bot.offer import Offer, Requester
from bot.runware.task import Storage
from storage import grants, jobs, limits
from storage.database import Database, Tx

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANN = Requester(server_id=1, channel_id=10, member_id=100)
STAFF = replace(ANN, member_id=900)

CHEAP = TextToVideo(prompt="a lighthouse at dusk", resolution="360p")  # six cents
TEN_OF_THEM = Usd.of("0.60")


@dataclass
class Shop:
    """A checkout over a real database, with a clock that stands still until somebody moves it."""

    database: Database
    now: datetime = NOON

    def checkout(self, **limits: str) -> Checkout:
        """One with these limits since ever, in dollars by layer; what is not named is unlimited."""
        since_ever = {Layer(layer): (Limit(Usd.of(amount), AllTime()),) for layer, amount in limits.items()}
        return Checkout(self.database, since_ever, storage=Storage(), now=lambda: self.now)

    async def offers(self, *requesters: Requester, request: Request = CHEAP) -> list[Offer]:
        """A quote for each."""
        checkout = self.checkout()
        return [await checkout.offer(request, requester) for requester in requesters]

    async def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that a purchase would change."""
        return {
            table: await rows(self.database.read, f"SELECT * FROM {table} ORDER BY 1")
            for table in ("jobs", "ledger", "posts", "results", "cancelled_quotes")
        }

    async def bring(self, job: Job, *steps: Step) -> None:
        async with self.database.transaction() as tx:
            for step in steps:
                await jobs.take(tx, job.id, step, at=self.now, reason=Reason.LOST)


async def rows(tx: Tx, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await tx.execute_fetchall(sql)]


async def held(shop: Shop) -> Usd:
    [(amount,)] = await rows(shop.database.read, "SELECT coalesce(sum(amount), 0) FROM ledger WHERE kind = 'hold'")
    return Usd(amount)


async def check_that_jobs_are_whole(shop: Shop) -> int:
    """How many jobs there are: each with its hold, to the nano-dollar, and its progress post, and none without."""
    found = await rows(
        shop.database.read,
        """SELECT jobs.id, quotes.total, hold.amount, posts.nonce FROM jobs JOIN quotes ON quotes.id = jobs.quote_id
           LEFT JOIN ledger AS hold ON hold.job_id = jobs.id AND hold.kind = 'hold'
           LEFT JOIN posts ON posts.job_id = jobs.id AND posts.kind = 'progress'""",
    )
    for job_id, total, hold, nonce in found:
        assert (hold, nonce) == (total, f"{job_id}.p0")
    for table in ("ledger", "posts"):
        [(number,)] = await rows(shop.database.read, f"SELECT count(*) FROM {table}")
        assert number == len(found)
    return len(found)


def each_outcome(results: Iterable[object]) -> Counter[type]:
    return Counter(type(result) for result in results)


async def decide(
    shop: Shop, kind: Kind, value: str | None, subject: int | None = None, *, reason: str = "", server: int = 1
) -> None:
    async with shop.database.transaction() as tx:
        await limits.change(tx, server, kind, subject, value, actor_id=STAFF.member_id, reason=reason, at=shop.now)


async def grant(shop: Shop, amount: str, member: int = ANN.member_id, *, days: float = 1) -> Grant:
    async with shop.database.transaction() as tx:
        return await grants.give(
            tx,
            1,
            member,
            Usd.of(amount),
            expires_at=shop.now + timedelta(days=days),
            actor_id=STAFF.member_id,
            reason="",
            at=shop.now,
        )


async def buy(shop: Shop, checkout: Checkout, requester: Requester = ANN) -> Job:
    [offer] = await shop.offers(requester)
    return await checkout.confirm(offer.stored.id, requester)
