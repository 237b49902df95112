"""What the queue learns from the past."""

import pytest

from bot.domain.job import ACCEPT, CHARGE, LOSE, SEND, Reason, resolve
from bot.domain.turns import Turns
from storage import jobs, turns
from storage.database import Database
from tests.storage.story import PRICE, SERVER, bought, minutes, won


async def test_the_last_turns_are_those_of_who_waits(database: Database) -> None:
    """Of servers and members with something in the queue, and of nobody else."""
    async with database.transaction() as tx:
        for member, sent in ((1, 1), (1, 3), (2, 2), (3, 4)):
            job_id = await bought(tx, member_id=member)
            await jobs.take(tx, job_id, SEND, at=minutes(sent))
        for member in (1, 2, 5):
            await bought(tx, member_id=member)
        await bought(tx, server_id=9, member_id=1)
        found = await turns.of_those_who_wait(tx)
    assert found == Turns({SERVER: minutes(4)}, {(SERVER, 1): minutes(3), (SERVER, 2): minutes(2)})


async def test_renders_are_remembered_as_long_as_they_took(database: Database) -> None:
    """The oldest first; without what ended before, what staff have settled, and what goes on."""
    async with database.transaction() as tx:
        for accepted, ended, staff in ((0, 2, False), (0, 3, False), (1, 6, False), (1, 60, True)):
            job_id = await bought(tx)
            await jobs.take(tx, job_id, SEND, at=minutes(accepted))
            await jobs.take(tx, job_id, ACCEPT, at=minutes(accepted))
            if staff:
                await jobs.take(tx, job_id, LOSE, at=minutes(2), reason=Reason.LOST)
                await jobs.take(tx, job_id, CHARGE, at=minutes(ended), reason=Reason.LOST, books=resolve([], PRICE))
            else:
                await jobs.arrive(tx, job_id, [won(job_id)], at=minutes(ended))
        await bought(tx)
        found = await turns.renders(tx, since=minutes(3))
    assert [seconds for _, seconds in found] == [pytest.approx(180), pytest.approx(300)]
    assert {request.resolution for request, _ in found} == {"360p"}
