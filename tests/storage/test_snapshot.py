"""Snapshots: several reads of one moment, which hold up nobody."""

import asyncio
import sqlite3

import pytest

from bot.checkout import Checkout
from bot.domain.limit import Layer, parse_limits
from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from bot.offer import Requester
from bot.runware.task import Storage
from storage import ledger
from storage.database import Database
from storage.installation import remember, remembered
from tests.storage.story import NOW, bought, minutes


async def write(database: Database, value: str) -> None:
    async with database.transaction() as tx:
        await remember(tx, "name", value)


async def test_a_snapshot_stays_in_its_moment_and_nobody_else_does(database: Database) -> None:
    """Transactions neither wait for it nor does `read` see the past."""
    await write(database, "before")
    async with database.snapshot() as tx:
        assert await remembered(tx, "name") == "before"
        await asyncio.wait_for(write(database, "after"), 2)
        assert await remembered(tx, "name") == "before"
        assert await remembered(database.read, "name") == "after"
    async with database.snapshot() as tx:
        assert await remembered(tx, "name") == "after"


async def test_a_snapshot_is_read_while_a_transaction_is_open(database: Database) -> None:
    await write(database, "before")
    async with database.transaction() as tx:
        await remember(tx, "name", "after")
        async with asyncio.timeout(2), database.snapshot() as still:
            assert await remembered(still, "name") == "before"


async def test_nothing_is_written_in_a_snapshot(database: Database) -> None:
    async with database.snapshot() as tx:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await remember(tx, "name", "value")


async def test_a_snapshot_that_is_left_in_any_way_ends(database: Database) -> None:
    """The next one sees what is stored then; several at once wait for each other."""

    async def look() -> None:
        async with database.snapshot() as tx:
            await remembered(tx, "name")
            await asyncio.sleep(5)

    async def fail() -> None:
        async with database.snapshot() as tx:
            await remembered(tx, "name")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    looking = asyncio.create_task(look())
    await asyncio.sleep(0.05)
    looking.cancel()
    await asyncio.wait([looking])
    await write(database, "after")

    async def name() -> str | None:
        async with database.snapshot() as tx:
            return await remembered(tx, "name")

    assert await asyncio.gather(*(name() for _ in range(5))) == ["after"] * 5


@pytest.mark.parametrize("ask", ["why", "nearest"])
async def test_how_a_member_stands_is_of_one_moment(
    database: Database, ask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold in the midst of the reads counts in every window, or in none."""
    limits = {layer: parse_limits("0.10/day and 0.10/month") for layer in (Layer.ACCOUNT, Layer.MEMBER)}
    checkout = Checkout(database, limits, storage=Storage(), now=lambda: minutes(1))
    read, interrupted = ledger.sums, asyncio.Event()

    async def sums(*args: object, **scope: object) -> ledger.Sums:
        found = await read(*args, **scope)  # type: ignore[arg-type]
        if not interrupted.is_set():
            interrupted.set()
            async with database.transaction() as tx:
                await bought(tx, at=NOW)
        return found

    monkeypatch.setattr(ledger, "sums", sums)
    who = Requester(1, 10, 100)
    if ask == "why":
        admission = await checkout.why(Usd.of("0.06"), who)
        assert {each.held for each in (*admission.standings, *admission.others)} == {Usd(0)}
    else:
        near = await checkout.nearest(TextToVideo(prompt="a fox", resolution="540p"), who)
        assert [each.price for each in near] == [Usd.of("0.06")]
    assert interrupted.is_set()
