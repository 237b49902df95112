"""Who had the last turns."""

from bot.domain.job import SEND
from bot.domain.turns import Turns
from storage import jobs, turns
from storage.database import Database
from tests.storage.story import SERVER, bought, minutes


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
