"""No statement of the program's scans a table that grows: each is explained as it was really executed."""

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.checkout import Checkout
from bot.domain.alert import LowBalance
from bot.domain.job import ACCEPT, LOSE, SEND, Arrival, Outcome, State
from bot.domain.limit import Layer, parse_limits
from bot.domain.money import Usd
from bot.domain.price import price_list
from bot.domain.request import TextToVideo
from bot.domain.rules import Kind
from bot.offer import Requester
from bot.runware.task import Storage
from storage import (
    alerts,
    grants,
    installation,
    jobs,
    ledger,
    limits,
    observed_prices,
    posts,
    render_times,
    reposts,
    sources,
    targets,
    transfers,
    turns,
)
from storage.database import Database, Tx, rows, to_micros
from storage.direct import Direct
from tests.storage.plans import GROWING, STAYS, offending
from tests.storage.story import bought

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIST = price_list(NOW.date()).effective
LIMITS = {layer: parse_limits("50/month and 20/24h and 100/total") for layer in Layer}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield database


async def use_everything(database: Database) -> None:
    """A video from its quote to its last post, and everything that asks about it."""
    checkout = Checkout(database, LIMITS, storage=Storage(), now=lambda: NOW)
    who = Requester(1, 2, 3)
    request = TextToVideo(prompt="a fox")
    job = await checkout.confirm((await checkout.offer(request, who)).stored.id, who)
    stored = (await checkout.offer(request, who)).stored
    async with database.transaction() as tx:
        await sources.add(tx, stored.id, ["a" * 64, "b" * 64])
        await sources.uses(tx, ["a" * 64, "c" * 64], now=NOW)
        await sources.uses_of_results(tx, [job.id, "nothing"])
    await checkout.cancel_quote((await checkout.offer(request, who)).stored.id, who)
    await checkout.cancel_job((await checkout.confirm((await checkout.offer(request, who)).stored.id, who)).id, who)
    async with database.transaction() as tx:
        await posts.attempt(tx, f"{job.id}.p0", 2, NOW)
        await posts.posted(tx, f"{job.id}.p0", 7, shows=job.version)
        assert job.id in await posts.announced(tx)
        await jobs.take(tx, job.id, SEND, at=NOW)
        await jobs.body(tx, job.id)
        await transfers.way_of(tx, job.id)
        await transfers.change_way(tx, job.id)
        await transfers.add(tx, job.id, "0" * 64, "other", "id", at=NOW)
        await transfers.of_job(tx, job.id, "other")
        await transfers.last_made(tx, job.id)
        await jobs.take(tx, job.id, ACCEPT, at=NOW)
        await jobs.under_way(tx)
        await jobs.awaited(tx, since=NOW)
        await turns.of_those_who_wait(tx)
        await render_times.latest(tx, since=NOW)
        await posts.jobs_behind(tx)
        await jobs.arrive(tx, job.id, [Arrival("v", ("https://a.example/v",), Usd.of("0.30"), None)], at=NOW)
        await posts.postpone(tx, f"{job.id}.r1", NOW + timedelta(1))
        await posts.undelivered(tx, f"{job.id}.r1")
        await posts.shows(tx, f"{job.id}.p0", 9)
        await posts.of_job(tx, job.id)
        await jobs.ttl(tx, job.id)
        repost = await reposts.add(tx, job.id, by=3, at=NOW)
        await reposts.waiting(tx, job.id)
        await posts.attempt(tx, repost.nonce, 2, NOW)
        await posts.not_made(tx, repost.nonce)
        await posts.postpone(tx, repost.nonce, NOW + timedelta(1))
        await posts.posted(tx, repost.nonce, 8, shows=1)
        await reposts.get(tx, repost.nonce)
        await reposts.next_at(tx, job.id, 3, NOW)
        await jobs.of_member(tx, 1, 3, most=8)
        assert await jobs.finished(tx, 1, 3, most=8)
        target = await targets.add(tx, 1, 3, [targets.Medium("https://a.example/v.mp4", "v.mp4", False)], at=NOW)
        await targets.enter(tx, target.id, {"prompt": "rain"})
        assert await targets.get(tx, target.id, 1, 3, now=NOW)
        await installation.remember_first(tx, "name", "value")
    await use_limits(database, checkout, who)
    await use_alerts(database)


async def use_alerts(database: Database) -> None:
    """What staff are told of, and everything that happens to an alert."""
    async with database.transaction() as tx:
        defaults = {Layer.SERVER: parse_limits("1/month"), Layer.ACCOUNT: parse_limits("1/total")}
        await alerts.limits_reached(tx, defaults, server_id=1, now=NOW)
        [first, *_] = await alerts.waiting(tx)
        await alerts.attempt(tx, first.id, 77, NOW)
        await alerts.postpone(tx, first.id, NOW)
        await alerts.posted(tx, first.id, 7)
        await alerts.add(tx, 1, "another", first.alert, at=NOW)
        [done] = [job for job in await jobs.of_member(tx, 1, 3, most=9) if job.state is State.DONE and job.results][
            :1
        ]
        assert await observed_prices.note(tx, replace(done, hold=Usd.of("9")), at=NOW)
        assert await observed_prices.in_force(tx, price_list(NOW.date()).effective, at=NOW)
        await alerts.balance_read(tx, LowBalance(Usd(0), await ledger.held(tx), Usd(1)), [1], at=NOW)
        await alerts.balance_read(tx, LowBalance(Usd(9), Usd(0), Usd(1)), [1], at=NOW)
        await ledger.booked(tx, since=NOW)
        await alerts.undelivered(tx, (await alerts.waiting(tx))[-1].id)


async def use_limits(database: Database, checkout: Checkout, who: Requester) -> None:
    """Limits of each kind, grants that are drawn on, and what staff look at and decide."""
    subjects = {Kind.MEMBER_LIMIT: who.member_id, Kind.ROLE_LIMIT: 5}
    async with database.transaction() as tx:
        for kind, value in (
            (Kind.SERVER_LIMIT, "$20.00/month"),
            (Kind.ALERTS_CHANNEL, "77"),
            (Kind.ROLE_LIMIT, "$0.10/day and $1.00/24h"),
            (Kind.JOBS_AT_ONCE, "9"),
            (Kind.TIME_ZONE, "Europe/Berlin"),
        ):
            await limits.change(tx, 1, kind, subjects.get(kind), value, actor_id=9, reason="", at=NOW)
        await grants.give(
            tx, 1, who.member_id, Usd.of("5"), expires_at=NOW + timedelta(1), actor_id=9, reason="", at=NOW
        )
    request = TextToVideo(prompt="a fox")
    who = Requester(1, 2, who.member_id, frozenset({5, 6}))
    done, lost = [await checkout.confirm((await checkout.offer(request, who)).stored.id, who) for _ in range(2)]
    async with database.transaction() as tx:
        for job in (done, lost):
            await jobs.take(tx, job.id, SEND, at=NOW)
            await jobs.take(tx, job.id, ACCEPT, at=NOW)
        await jobs.take(tx, lost.id, LOSE, at=NOW)
        await jobs.arrive(tx, done.id, [Arrival("v", ("https://a.example/v",), Usd.of("0.30"), None)], at=NOW)
        await jobs.under_way(tx, 1)
        assert await grants.paid(tx, [done.id, lost.id]) != {}
        await limits.all_in_force(tx, 1)
        await limits.log(tx, 1, most=5)
        await limits.log(tx, 1, most=5, before_id=3)
    await checkout.resolve(lost.id, Outcome.SETTLE, who, reason="")
    async with database.transaction() as tx:
        late = Arrival("late", ("https://a.example/v",), Usd.of("0.30"), None)
        assert (await jobs.arrive(tx, lost.id, [late], at=NOW)).results
    async with database.transaction() as tx:  # as the same functions read elsewhere
        [left] = await grants.of_member(tx, 1, who.member_id, now=NOW)
        await grants.revoke(tx, left, actor_id=9, reason="", at=NOW)


async def test_nothing_scans_a_table_that_grows(database: Database) -> None:
    executed: set[str] = set()
    async with database.transaction() as tx:
        tx.connection.set_trace_callback(executed.add)
    await use_everything(database)
    async with database.transaction() as tx:
        tx.connection.set_trace_callback(None)
    explained = 0
    for sql in executed:
        if not sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            continue
        plan = [row["detail"] for row in await rows(database.read, f"EXPLAIN QUERY PLAN {sql}")]
        explained += 1
        assert not offending(sql, plan), (sql, plan)
    assert explained > 60, "too little was traced to say anything"


async def test_every_table_is_known_to_grow_or_to_stay_small(database: Database) -> None:
    found = await rows(database.read, "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert {row["name"] for row in found} == {*GROWING.split("|"), *STAYS}


async def instructions(tx: Direct, read: Callable[[Tx], Awaitable[object]]) -> int:
    """How many of its instructions SQLite carries out to read something: they grow with the rows it visits."""
    counted = itertools.count()
    tx.connection.set_progress_handler(lambda: next(counted) < 0, 1)
    assert await read(tx)
    tx.connection.set_progress_handler(None, 1)
    return next(counted)


async def change(tx: Tx, n: int) -> None:
    """Another alerts channel, and other limits of a server, a role and a member."""
    for kind, subject, value in (
        (Kind.ALERTS_CHANNEL, None, str(n)),
        (Kind.SERVER_LIMIT, None, f"${n}.00/day"),
        (Kind.ROLE_LIMIT, 5, f"${n}.00/day"),
        (Kind.MEMBER_LIMIT, 6, f"${n}.00/day"),
    ):
        await limits.change(tx, 1, kind, subject, value, actor_id=9, reason="", at=NOW)


async def see(tx: Tx, n: int) -> None:
    """Another price of two configurations, inside the week for which it is believed."""
    for name in ("a", "b"):
        await tx.execute(
            "INSERT INTO observed_prices VALUES (NULL, ?, ?, ?, ?, ?)",
            (LIST.isoformat(), name, n, await bought(tx), to_micros(NOW + timedelta(minutes=n))),
        )


async def all_limits(tx: Tx) -> object:
    return await limits.all_in_force(tx, 1)


async def prices(tx: Tx) -> object:
    return await observed_prices.in_force(tx, LIST, at=NOW + timedelta(days=1))


async def prices_of_which_most_are_forgotten(tx: Tx) -> object:
    return await observed_prices.in_force(tx, LIST, at=NOW + timedelta(days=7, minutes=2))


@pytest.mark.parametrize(
    ("add", "read"),
    [(change, alerts.channels), (change, all_limits), (see, prices), (see, prices_of_which_most_are_forgotten)],
)
async def test_what_is_in_force_is_found_without_reading_what_was_before(
    database: Database, add: Callable[[Tx, int], Awaitable[None]], read: Callable[[Tx], Awaitable[object]]
) -> None:
    """At each quote and hold: what it costs goes with what there is, not with how often that was changed."""
    async with database.transaction() as tx:
        for n in range(1, 4):
            await add(tx, n)
        few = await instructions(tx, read)
        for n in range(4, 100):
            await add(tx, n)
        many = await instructions(tx, read)
    assert few > 10, "nothing was counted"
    assert many <= few * 1.2, f"{few} instructions grew to {many}"
