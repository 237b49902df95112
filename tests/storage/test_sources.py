"""Which kept files are needed, and when each was last, as the books have it."""

from datetime import timedelta

import pytest

from bot.domain.job import State
from storage import posts, quotes, sources
from storage.database import Database, Tx
from storage.sources import Use
from tests.storage.story import NOW, bought, brought_to, minutes, shown

A, B = "a" * 64, "b" * 64


async def use_of(tx: Tx, sha256: str = A, *, after: float = 0) -> Use | None:
    return (await sources.uses(tx, [sha256], now=minutes(after))).get(sha256)


async def quoted(tx: Tx, quote_id: str, *sha256s: str, after: float = 0) -> None:
    """A quote made of these, so many minutes after the story began."""
    await shown(tx, id=quote_id, quoted_at=minutes(after), expires_at=minutes(after + 10))
    await sources.add(tx, quote_id, sha256s)


async def in_state(tx: Tx, state: State) -> str:
    job = await brought_to(tx, state, id=state.value)
    await sources.add(tx, state.value, [A])
    return job.id


async def test_a_file_that_no_quote_was_made_from_has_no_use(database: Database) -> None:
    async with database.transaction() as tx:
        await quoted(tx, "q", B)
        assert await sources.uses(tx, [A], now=NOW) == {}
        assert await sources.uses(tx, [], now=NOW) == {}


async def test_each_file_has_its_own_use(database: Database) -> None:
    async with database.transaction() as tx:
        await quoted(tx, "q", A)
        await quoted(tx, "r", B, after=5)
        found = await sources.uses(tx, [A, B], now=minutes(12))
    assert found == {A: Use(False, NOW), B: Use(True, minutes(5))}


async def test_an_open_quote_needs_its_files_and_a_minute_longer(database: Database) -> None:
    """A Confirm at the last moment may still be being stored."""
    async with database.transaction() as tx:
        await quoted(tx, "q", A)
        for now, is_needed in ((0, True), (10, True), (11, False)):
            assert await use_of(tx, after=now) == Use(is_needed, NOW)
        last = minutes(11) - timedelta(microseconds=1)
        assert await sources.uses(tx, [A], now=last) == {A: Use(True, NOW)}


async def test_a_cancelled_quote_needs_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await quoted(tx, "q", A)
        await quotes.cancel(tx, "q", minutes(1))
        assert await use_of(tx) == Use(False, NOW)


async def test_one_quote_that_needs_a_file_is_enough(database: Database) -> None:
    """Whichever of them was first; the last use is the latest of all."""
    async with database.transaction() as tx:
        for name in ("a", "m", "z"):
            await quoted(tx, name, A, after={"m": 3}.get(name, 0))
        await quotes.cancel(tx, "a", NOW)
        await quotes.cancel(tx, "z", NOW)
        assert await use_of(tx, after=4) == Use(True, minutes(3))


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.RUNNING, State.UNRESOLVED])
async def test_a_job_that_is_not_over_needs_its_files_for_as_long_as_it_takes(
    database: Database, state: State
) -> None:
    async with database.transaction() as tx:
        job_id = await in_state(tx, state)
        assert await use_of(tx, after=1e6) == Use(True, NOW)
        assert await sources.uses_of_results(tx, [job_id]) == {job_id: Use(True, NOW)}


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
async def test_a_job_without_a_result_is_done_with_its_files(database: Database, state: State) -> None:
    async with database.transaction() as tx:
        job_id = await in_state(tx, state)
        assert await use_of(tx) == Use(False, minutes(1))
        assert await sources.uses_of_results(tx, [job_id]) == {job_id: Use(False, minutes(1))}


@pytest.mark.parametrize("end", ["posted", "undelivered"])
async def test_a_job_needs_its_files_until_its_results_are_posted(database: Database, end: str) -> None:
    """The sound of a source is put back onto its result before that is posted."""
    async with database.transaction() as tx:
        job_id = await in_state(tx, State.DONE)
        assert await use_of(tx) == Use(True, minutes(2))
        nonce = f"{job_id}.r1"
        await (posts.posted(tx, nonce, 7, shows=1) if end == "posted" else posts.undelivered(tx, nonce))
        assert await use_of(tx) == Use(False, minutes(2))
        assert await sources.uses_of_results(tx, [job_id]) == {job_id: Use(False, minutes(2))}


async def test_an_expired_quote_that_bought_still_needs_its_files(database: Database) -> None:
    async with database.transaction() as tx:
        await bought(tx, id="q")
        await sources.add(tx, "q", [A])
        assert await use_of(tx, after=1e6) == Use(True, NOW)


async def test_results_of_no_job_have_no_use(database: Database) -> None:
    assert await sources.uses_of_results(database.read, ["nothing"]) == {}


async def test_the_same_bytes_twice_in_a_request_are_one_source(database: Database) -> None:
    async with database.transaction() as tx:
        await quoted(tx, "q", A, B, A)
        assert [tuple(row) for row in await tx.execute_fetchall("SELECT * FROM sources")] == [("q", A), ("q", B)]


async def test_a_quote_that_is_rolled_back_leaves_no_source(database: Database) -> None:
    with pytest.raises(InterruptedError):  # noqa: PT012 - it comes in the middle
        async with database.transaction() as tx:
            await quoted(tx, "q", A)
            raise InterruptedError
    assert await sources.uses(database.read, [A], now=NOW) == {}
