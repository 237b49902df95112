"""What happens before a test begins: quotes that were shown, jobs that were bought and brought somewhere."""

import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.domain.grant import Draw, Grant
from bot.domain.job import ACCEPT, CANCEL, LOSE_SENT, REJECT, SEND, Arrival, Job, Reason, State, Step
from bot.domain.money import Usd
from bot.domain.request import Count, TextToVideo
from storage import grants, jobs, quotes
from storage.database import Tx
from storage.quotes import StoredQuote

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SERVER, CHANNEL, MEMBER, STAFF = 1, 10, 100, 900
PRICE = Usd.of("0.06")

_numbers = itertools.count(1)


def minutes(after: float) -> datetime:
    """So many minutes after the story began."""
    return NOW + timedelta(minutes=after)


def a_quote(count: Count = 1, **more: Any) -> StoredQuote:
    """A quote of six cents a result, that nobody has stored yet."""
    facts: dict[str, Any] = {
        "id": f"q{next(_numbers)}",
        "server_id": SERVER,
        "channel_id": CHANNEL,
        "member_id": MEMBER,
        "request": TextToVideo(prompt="a lighthouse at dusk", resolution="360p", count=count),
        "price_list": date(2026, 11, 20),
        "total": PRICE * count,
        "quoted_at": NOW,
        "expires_at": minutes(10),
        **more,
    }
    return StoredQuote(**facts)


async def shown(tx: Tx, count: Count = 1, **more: Any) -> StoredQuote:
    """A quote that is stored."""
    quote = a_quote(count, **more)
    await quotes.add(tx, quote)
    return quote


async def bought(tx: Tx, count: Count = 1, *, at: datetime = NOW, draws: Sequence[Draw] = (), **more: Any) -> str:
    """A job that is queued; its id."""
    quote, job_id = await shown(tx, count, **more), f"j{next(_numbers)}"
    await jobs.hold(tx, quote, job_id=job_id, task_id=str(uuid.uuid4()), body="{}", at=at, draws=draws)
    return job_id


async def granted(
    tx: Tx, amount: str = "1.00", *, days: float = 1, at: datetime = NOW, member: int = MEMBER, server: int = SERVER
) -> Grant:
    """A grant for so many days."""
    return await grants.give(
        tx,
        server,
        member,
        Usd.of(amount),
        expires_at=NOW + timedelta(days=days),
        actor_id=STAFF,
        reason="for the contest",
        at=at,
    )


def won(name: str = "a", cost: Usd | None = PRICE) -> Arrival:
    """A finished video."""
    return Arrival(name, (f"https://vm.runware.ai/{name}.mp4",), cost, None)


def lost(name: str | None = None, cost: Usd | None = None, why: Reason = Reason.BROKEN) -> Arrival:
    """A failure."""
    return Arrival(name, (), cost, why)


async def run(tx: Tx, job_id: str) -> None:
    """Send a queued job, and have it accepted."""
    for step in (SEND, ACCEPT):
        await jobs.take(tx, job_id, step, at=minutes(1))


_WAYS: dict[State, Sequence[tuple[Step, Reason | None]]] = {
    State.QUEUED: [],
    State.SENDING: [(SEND, None)],
    State.RUNNING: [(SEND, None), (ACCEPT, None)],
    State.DONE: [(SEND, None), (ACCEPT, None)],
    State.FAILED: [(SEND, None), (REJECT, Reason.REFUSED)],
    State.CANCELLED: [(CANCEL, None)],
    State.UNRESOLVED: [(SEND, None), (LOSE_SENT, Reason.LOST)],
}


async def brought_to(tx: Tx, state: State, count: Count = 1, **more: Any) -> Job:
    """A job in this state, by the shortest way."""
    job_id = await bought(tx, count, **more)
    for step, reason in _WAYS[state]:
        await jobs.take(tx, job_id, step, at=minutes(1), reason=reason)
    if state is State.DONE:
        await jobs.arrive(tx, job_id, [won(str(n)) for n in range(count)], at=minutes(2))
    return await jobs.existing(tx, job_id)


async def everything(tx: Tx) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, table by table."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table in (
        "installation",
        "quotes",
        "cancelled_quotes",
        "sources",
        "jobs",
        "steps",
        "ledger",
        "results",
        "transfers",
        "posts",
        "reposts",
        "lineage",
        "deletions",
        "changes",
        "grants",
        "draws",
        "alerts",
        "observed_prices",
    ):
        found[table] = [tuple(row) for row in await tx.execute_fetchall(f"SELECT * FROM {table} ORDER BY 1, 2")]
    return found


async def entries(tx: Tx, job_id: str) -> list[tuple[str, Usd]]:
    return [
        (row["kind"], Usd(row["amount"]))
        for row in await tx.execute_fetchall(
            "SELECT kind, amount FROM ledger WHERE job_id = ? ORDER BY id", (job_id,)
        )
    ]
