"""How long renders took."""

import pytest

from bot.domain.job import ACCEPT, CHARGE, LOSE, SEND, Reason, resolve
from storage import jobs, render_times
from storage.database import Database
from tests.storage.story import PRICE, bought, minutes, won


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
        found = await render_times.latest(tx, since=minutes(3))
    assert [seconds for _, seconds in found] == [pytest.approx(180), pytest.approx(300)]
    assert {request.resolution for request, _ in found} == {"360p"}
