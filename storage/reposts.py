"""Finished videos that are posted once more: who asked, how often, and what became of it. They go as posts do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.repost import OF_A_MEMBER, next_repost
from storage.database import Tx, from_micros, rows, to_micros


@dataclass(frozen=True)
class Repost:
    """`channel_id`: where it is, or is being tried."""

    nonce: str
    state: Literal["waiting", "posted", "undelivered"]
    channel_id: int
    message_id: int | None


async def add(tx: Tx, job_id: str, *, by: int, at: datetime) -> Repost:
    """Ask for one in the job's own channel; where one of this job's waits already, that is it."""
    await tx.execute(
        """INSERT OR IGNORE INTO reposts (nonce, job_id, n, asked_by, asked_at, channel_id)
           SELECT jobs.id || '.a' || next.n, jobs.id, next.n, ?, ?, quotes.channel_id
           FROM jobs JOIN quotes ON quotes.id = jobs.quote_id
           CROSS JOIN (SELECT 1 + count(*) AS n FROM reposts WHERE job_id = ?) AS next
           WHERE jobs.id = ? AND NOT EXISTS (SELECT 1 FROM reposts WHERE job_id = jobs.id AND state = 'waiting')""",
        (by, to_micros(at), job_id, job_id),
    )
    [found] = await _reposts(tx, "job_id = ? ORDER BY n DESC LIMIT 1", job_id)
    return found


async def waiting(tx: Tx, job_id: str) -> Repost | None:
    """The one of this job's that is still to be made."""
    found = await _reposts(tx, "job_id = ? AND state = 'waiting'", job_id)
    return found[0] if found else None


async def get(tx: Tx, nonce: str) -> Repost:
    """Raises LookupError where there is none of this nonce."""
    found = await _reposts(tx, "nonce = ?", nonce)
    if not found:
        raise LookupError(f"there is no repost {nonce}")
    return found[0]


async def next_at(tx: Tx, job_id: str, member_id: int, now: datetime) -> datetime | None:
    """When this member may ask for the next one of this job; None where that is now."""
    [of_job] = await rows(tx, "SELECT max(asked_at) AS at FROM reposts WHERE job_id = ?", (job_id,))
    of_member = await rows(
        tx,
        "SELECT asked_at FROM reposts WHERE asked_by = ? ORDER BY asked_at DESC LIMIT ?",
        (member_id, OF_A_MEMBER),
    )
    last = None if of_job["at"] is None else from_micros(of_job["at"])
    return next_repost(last, [from_micros(row["asked_at"]) for row in of_member], now)


async def _reposts(tx: Tx, where: str, *parameters: object) -> list[Repost]:
    found = await rows(
        tx,
        f"SELECT nonce, state, channel_id, message_id FROM reposts WHERE {where}",  # noqa: S608 - our own words
        parameters,
    )
    return [Repost(row["nonce"], row["state"], row["channel_id"], row["message_id"]) for row in found]
