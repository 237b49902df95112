"""Sums and lists for /spending: right to the nano-dollar and to the day, by an index, never one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.grant import Draw
from bot.domain.job import State
from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from storage import grants, jobs, receipts
from storage.database import Database, Tx, rows
from storage.receipts import OfMember, Spent
from tests.storage.plans import offending
from tests.storage.story import MEMBER, NOW, SERVER, bought, brought_to, granted, lost, minutes, run, won

OTHER = 101
DAYS = [NOW - timedelta(hours=12) + timedelta(days=n) for n in (-1, 0, 1)]
"""Yesterday and today, as bounds."""


async def done(tx: Tx, cost: str = "0.06", *, at: datetime = NOW, **more: Any) -> str:
    """A job that is finished, with one success that cost so much."""
    job_id = await bought(tx, at=at, **more)
    await run(tx, job_id)
    await jobs.arrive(tx, job_id, [won(cost=Usd.of(cost))], at=minutes(2))
    return job_id


async def test_spending_is_summed_by_the_day_on_which_it_was_held(database: Database) -> None:
    async with database.transaction() as tx:
        await done(tx)
        await done(tx, "0.05", at=NOW + timedelta(minutes=1))
        await done(tx, at=NOW - timedelta(days=1))
        await done(tx, at=NOW - timedelta(days=2))
        await done(tx, at=DAYS[0])
        await done(tx, at=DAYS[2])
    assert await receipts.by_day(database.read, SERVER, MEMBER, DAYS) == [
        Spent(0, "text_to_video", Usd.of("0.12")),
        Spent(1, "text_to_video", Usd.of("0.11")),
    ]


async def test_only_what_was_settled_is_spent(database: Database) -> None:
    async with database.transaction() as tx:
        for state in State:
            if state is not State.DONE:
                await brought_to(tx, state)
    assert await receipts.by_day(database.read, SERVER, MEMBER, DAYS) == []
    assert await receipts.by_member(database.read, SERVER, since=DAYS[0]) == []


async def test_a_member_pays_up_to_the_quote_and_the_server_the_rest(database: Database) -> None:
    async with database.transaction() as tx:
        await done(tx, "0.08")
        failed = await bought(tx)
        await run(tx, failed)
        await jobs.arrive(tx, failed, [lost(cost=Usd.of("0.01"))], at=minutes(2))
        await done(tx, member_id=OTHER)
    [mine] = await receipts.by_day(database.read, SERVER, MEMBER, DAYS)
    [servers] = await receipts.by_day(database.read, SERVER, None, DAYS)
    assert (mine.amount, servers.amount) == (Usd.of("0.06"), Usd.of("0.15"))
    assert await receipts.by_member(database.read, SERVER, since=DAYS[0]) == [
        OfMember(MEMBER, Usd.of("0.06"), 1),
        OfMember(OTHER, Usd.of("0.06"), 1),
        OfMember(None, Usd.of("0.03"), 2),
    ]


async def test_other_servers_and_other_members_do_not_count(database: Database) -> None:
    async with database.transaction() as tx:
        await done(tx, member_id=OTHER)
        await done(tx, server_id=2)
    assert await receipts.by_day(database.read, SERVER, MEMBER, DAYS) == []
    assert [each.amount for each in await receipts.by_day(database.read, 2, None, DAYS)] == [Usd.of("0.06")]
    assert [each.member_id for each in await receipts.by_member(database.read, SERVER, since=DAYS[0])] == [OTHER]
    assert {entry.member_id for entry in await receipts.entries(database.read, SERVER)} == {OTHER}
    assert await receipts.entries(database.read, 3) == []


async def test_the_largest_spender_comes_first_and_old_spending_is_left_out(database: Database) -> None:
    async with database.transaction() as tx:
        await done(tx)
        await done(tx, member_id=OTHER)
        await done(tx, member_id=OTHER)
        for _ in range(3):
            await done(tx, at=DAYS[0] - timedelta(microseconds=1))
    assert [each[:2] for each in await receipts.by_member(database.read, SERVER, since=DAYS[0])] == [
        (OTHER, Usd.of("0.12")),
        (MEMBER, Usd.of("0.06")),
    ]


async def test_a_day_may_have_23_hours(database: Database) -> None:
    """In Berlin the clocks jump on 29 March: 22:30 UTC is then already the next day."""
    zone = ZoneInfo("Europe/Berlin")
    bounds = [datetime(2026, 3, day, tzinfo=zone) for day in (28, 29, 30, 31)]
    async with database.transaction() as tx:
        for hour in ("28T22:59", "28T23:00", "29T21:59", "29T22:00"):
            await done(tx, at=datetime.fromisoformat(f"2026-03-{hour}+00:00").astimezone(UTC))
    found = await receipts.by_day(database.read, SERVER, MEMBER, bounds)
    assert [(each.day, each.amount) for each in found] == [
        (0, Usd.of("0.06")),
        (1, Usd.of("0.12")),
        (2, Usd.of("0.06")),
    ]


async def test_every_entry_is_listed_with_what_grants_pay_of_it(database: Database) -> None:
    async with database.transaction() as tx:
        grant = await granted(tx)
        job_id = await bought(tx, draws=[Draw(grant.id, Usd.of("0.04"))])
        await run(tx, job_id)
        await jobs.arrive(tx, job_id, [won(cost=Usd.of("0.05"))], at=minutes(2))
        assert await grants.paid(tx, [job_id]) == {job_id: Usd.of("0.03")}
    held, settled = await receipts.entries(database.read, SERVER)
    assert (held.kind, held.amount, held.from_grants) == ("hold", Usd.of("0.06"), Usd.of("0.04"))
    assert (settled.kind, settled.amount, settled.from_grants) == ("settle", Usd.of("0.05"), Usd.of("0.03"))
    assert (held.job_id, held.request, held.resolution) == (job_id, "text_to_video", "360p")
    assert (held.prompt, held.held_at, settled.booked_at) == ("a lighthouse at dusk", NOW, minutes(2))
    assert held.id < settled.id


@pytest.mark.parametrize("text", ['"quoted"', "{}", "ein Fuchs 🦊", "a\nb", "5", "\0=1", "a\0b"])
async def test_a_prompt_is_listed_as_it_was_typed(database: Database, text: str) -> None:
    async with database.transaction() as tx:
        await bought(tx, request=TextToVideo(prompt=text, resolution="360p"))
    assert [entry.prompt for entry in await receipts.entries(database.read, SERVER)] == [text]


async def use_everything(database: Database) -> None:
    await receipts.by_day(database.read, SERVER, MEMBER, DAYS)
    await receipts.by_day(database.read, SERVER, None, DAYS)
    await receipts.by_member(database.read, SERVER, since=DAYS[0])
    await receipts.entries(database.read, SERVER)


async def test_every_statement_goes_by_an_index(database: Database) -> None:
    executed = await traced(database)
    assert len(executed) == 4
    for sql in executed:
        plan = [row["detail"] for row in await rows(database.read, f"EXPLAIN QUERY PLAN {sql}")]
        assert not offending(sql, plan), (sql, plan)
        if "FROM draws" not in sql:  # all entries are what the file is for
            assert [step for step in plan if "held_at>" in step], (sql, plan)


async def test_a_thousand_jobs_take_as_many_statements_as_one(database: Database) -> None:
    async with database.transaction() as tx:
        await done(tx)
    few = await traced(database)
    async with database.transaction() as tx:
        for _ in range(999):
            await bought(tx)
    assert len(await traced(database)) == len(few)
    assert len(await receipts.entries(database.read, SERVER)) == 1_001


async def traced(database: Database) -> list[str]:
    """The statements of all functions, as they were executed."""
    executed: list[str] = []
    database.read.connection.set_trace_callback(executed.append)
    await use_everything(database)
    database.read.connection.set_trace_callback(None)
    return [sql for sql in executed if sql.lstrip().upper().startswith("SELECT")]
