"""What was uploaded for a job is stored once for each way, and only while the job is being sent in it."""

import sqlite3

import pytest

from bot.domain.job import POSTPONE, SEND, State
from storage import jobs, transfers
from storage.database import Tx
from storage.transfers import OTHER, USUAL
from tests.storage.story import NOW, brought_to, minutes

HASH, ANOTHER = "a" * 64, "b" * 64


async def sending(tx: Tx) -> str:
    return (await brought_to(tx, State.SENDING)).id


async def test_a_job_begins_in_the_usual_way_with_nothing_uploaded(tx: Tx) -> None:
    job_id = await sending(tx)
    assert await transfers.way_of(tx, job_id) == USUAL
    assert await transfers.of_job(tx, job_id, USUAL) == {}
    assert await transfers.last_made(tx, job_id) is None


async def test_an_upload_is_found_by_its_hash_for_its_job_and_its_way_alone(tx: Tx) -> None:
    one, other = await sending(tx), await sending(tx)
    await transfers.add(tx, one, HASH, USUAL, "id 1", at=NOW)
    await transfers.add(tx, one, ANOTHER, USUAL, "id 2", at=minutes(3))
    await transfers.add(tx, other, HASH, USUAL, "id 3", at=minutes(9))
    assert await transfers.of_job(tx, one, USUAL) == {HASH: "id 1", ANOTHER: "id 2"}
    assert await transfers.of_job(tx, one, OTHER) == {}
    assert await transfers.last_made(tx, one) == minutes(3)


async def test_an_upload_is_stored_once(tx: Tx) -> None:
    """A second name for the same file would make another body under the same task id."""
    job_id = await sending(tx)
    await transfers.add(tx, job_id, HASH, USUAL, "id 1", at=NOW)
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        await transfers.add(tx, job_id, HASH, USUAL, "id 2", at=NOW)
    assert await transfers.of_job(tx, job_id, USUAL) == {HASH: "id 1"}


async def test_the_way_changes_once_and_stays_while_the_job_is_queued_and_sent_again(tx: Tx) -> None:
    job_id = await sending(tx)
    assert await transfers.change_way(tx, job_id)
    assert not await transfers.change_way(tx, job_id)
    await jobs.take(tx, job_id, POSTPONE, at=NOW)
    assert await transfers.way_of(tx, job_id) == OTHER
    await jobs.take(tx, job_id, SEND, at=NOW)
    assert not await transfers.change_way(tx, job_id)
    await transfers.add(tx, job_id, HASH, OTHER, "https://example.com/1", at=NOW)
    assert await transfers.of_job(tx, job_id, OTHER) == {HASH: "https://example.com/1"}


@pytest.mark.parametrize("state", [state for state in State if state is not State.SENDING])
async def test_only_what_is_being_sent_changes_its_way(tx: Tx, state: State) -> None:
    job_id = (await brought_to(tx, state)).id
    assert not await transfers.change_way(tx, job_id)
    assert await transfers.way_of(tx, job_id) == USUAL
