"""How long the provider is left alone: stored, growing, and as long as it asked for."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cadence import LONGEST_REST
from bot.pause import Pause
from storage.database import Database


class Watch:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield database


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pause(database: Database, watch: Watch) -> Pause:
    return Pause(database, "it", now=watch.now)


async def refused(database: Database, pause: Pause, asked: float | None = None) -> float:
    """The provider says "not now"; the seconds until it is asked again."""
    async with database.transaction() as tx:
        await pause.lengthen(tx, asked, base=2.0, most=300.0)
    return await pause.seconds_left()


async def test_nothing_is_waited_for_before_a_refusal(pause: Pause) -> None:
    assert await pause.seconds_left() == 0
    await pause.end()


async def test_each_refusal_in_a_row_doubles_it_up_to_a_bound(
    database: Database, pause: Pause, watch: Watch
) -> None:
    for expected in (2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        waits = await refused(database, pause)
        assert expected <= waits <= expected * 1.25
        watch.advance(waits)
        assert await pause.seconds_left() == 0


async def test_what_is_refused_together_counts_once(database: Database, pause: Pause, watch: Watch) -> None:
    """Four jobs that were on their way at once do not make it sixteen times as long."""
    waits = [await refused(database, pause) for _ in range(4)]
    assert 2 <= waits[-1] <= 2.5
    watch.advance(waits[-1])
    assert 4 <= await refused(database, pause) <= 5


async def test_a_retry_after_is_kept_by_whatever_is_told_meanwhile(
    database: Database, pause: Pause, watch: Watch
) -> None:
    assert await refused(database, pause, asked=60) == 60
    watch.advance(10)
    assert await refused(database, pause) == 50
    await pause.end()  # something was accepted that had been sent before
    assert await pause.seconds_left() == 50
    assert await refused(database, pause, asked=1_000_000) == LONGEST_REST.total_seconds()


async def test_what_was_accepted_ends_no_pause_that_begins_at_the_same_moment(
    database: Database, pause: Pause, watch: Watch
) -> None:
    """The end has seen the pause before, which is over, and waits for the transaction that stores the next."""
    watch.advance(await refused(database, pause))
    async with database.transaction() as tx:
        ending = asyncio.create_task(pause.end())
        await pause_seen(database)
        await pause.lengthen(tx, 60.0, base=2.0, most=300.0)
    await ending
    assert await pause.seconds_left() == 60


async def pause_seen(database: Database) -> None:
    """What was read before this has been read: one connection answers in order."""
    for _ in range(5):
        await database.read.execute("SELECT 1")


async def test_an_acceptance_ends_the_row_of_refusals(database: Database, pause: Pause, watch: Watch) -> None:
    for _ in range(5):
        watch.advance(await refused(database, pause))
    await pause.end()
    assert await refused(database, pause) <= 2.5


async def test_it_outlives_the_process(database: Database, pause: Pause, watch: Watch) -> None:
    for _ in range(3):
        watch.advance(await refused(database, pause))
    await refused(database, pause, asked=60)
    again = Pause(database, "it", now=watch.now)
    assert await again.seconds_left() == 60
    assert await Pause(database, "other", now=watch.now).seconds_left() == 0
    watch.advance(60)
    assert 32 <= await refused(database, again) <= 40


async def test_a_clock_that_was_set_back_holds_nothing_up_for_days(
    database: Database, pause: Pause, watch: Watch
) -> None:
    await refused(database, pause, asked=60)
    watch.advance(-86_400)
    assert await pause.seconds_left() == 0
