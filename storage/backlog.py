"""Whether the queue moves: how much is in it, and for how long what could be sent has not been."""

from datetime import datetime
from typing import NamedTuple

from storage.database import Tx, from_micros, rows, to_micros


class Backlog(NamedTuple):
    """`under_way`: jobs that are not over. `due_since`: when the first of those that may be sent became due."""

    under_way: int
    due_since: datetime | None


async def backlog(tx: Tx, now: datetime) -> Backlog:
    """As it is now. A job that waits for its next try is not due."""
    [row] = await rows(
        tx,
        """SELECT count(*) AS under_way,
                  min(CASE WHEN state = 'queued' AND coalesce(next_try_at, held_at) <= :now
                      THEN coalesce(next_try_at, held_at) END) AS due_since
           FROM jobs INDEXED BY jobs_under_way
           WHERE state IN ('queued', 'sending', 'running', 'unresolved')""",
        {"now": to_micros(now)},
    )
    due = row["due_since"]
    return Backlog(row["under_way"], None if due is None else from_micros(due))
