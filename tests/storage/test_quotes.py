"""Quotes are kept as they were shown, and buy at most once."""

import sqlite3
from datetime import date, timedelta

import pytest

from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from storage import jobs, quotes
from storage.database import Database
from tests.storage.story import NOW, a_quote, bought, everything, minutes, shown


async def test_a_quote_is_read_back_as_it_was_shown(database: Database) -> None:
    """Every field, with a prompt that would break what does not quote its quotes."""
    quote = a_quote(
        server_id=2**63 - 1,
        channel_id=1_234_567_890_123_456_789,
        member_id=3,
        request=TextToVideo(prompt="'; DROP TABLE quotes; -- “é” 🎬\x00\n", resolution="1080p", hdr=True, count=2),
        total=Usd(4_800_000_001),
        price_list=date(2027, 2, 28),
        quoted_at=NOW + timedelta(microseconds=1),
        expires_at=minutes(10),
    )
    async with database.transaction() as tx:
        await quotes.add(tx, quote)
    assert await quotes.get(database.read, quote.id) == quote


async def test_a_quote_that_was_never_made_is_not_found(database: Database) -> None:
    assert await quotes.get(database.read, "nothing") is None


async def test_a_quote_knows_the_job_that_it_bought(database: Database) -> None:
    quote = a_quote()
    async with database.transaction() as tx:
        job_id = await bought(tx, id=quote.id)
    stored = await quotes.get(database.read, quote.id)
    assert stored is not None
    assert (stored.job_id, stored.is_cancelled) == (job_id, False)


async def test_a_quote_is_cancelled_once_and_for_good(database: Database) -> None:
    """From whichever device, as often as somebody likes: the first time counts."""
    async with database.transaction() as tx:
        quote = await shown(tx)
        for minute in (1, 2):
            await quotes.cancel(tx, quote.id, minutes(minute))
    stored = await quotes.get(database.read, quote.id)
    assert stored is not None
    assert stored.is_cancelled
    assert [
        row[0] for row in await database.read.execute_fetchall("SELECT cancelled_at FROM cancelled_quotes")
    ] == [1_795_176_060_000_000]


async def test_a_quote_that_has_bought_cannot_be_cancelled(database: Database) -> None:
    async with database.transaction() as tx:
        await bought(tx, id="bought")
        with pytest.raises(sqlite3.IntegrityError, match="was confirmed"):
            await quotes.cancel(tx, "bought", NOW)


async def test_a_cancelled_quote_buys_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        quote = await shown(tx)
        await quotes.cancel(tx, quote.id, NOW)
        before = await everything(tx)
        with pytest.raises(sqlite3.IntegrityError, match="a quote that stands"):
            await jobs.hold(tx, quote, job_id="j", task_id="t", body="{}", at=NOW)
        assert await everything(tx) == before


async def test_a_quote_is_never_made_twice(database: Database) -> None:
    async with database.transaction() as tx:
        quote = await shown(tx)
        with pytest.raises(sqlite3.IntegrityError, match=r"quotes\.id"):
            await quotes.add(tx, quote)
