"""What was uploaded for a job, and what its body calls it: stored before it is used, and never changed.

So each send of a job is the same to the letter, and a job without its uploads has certainly not been sent.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from storage.database import Tx, from_micros, rows, to_micros

Way: TypeAlias = Literal["usual", "other"]
"""How pictures and videos are given to the provider: pictures as bytes and videos by the id of an upload; or, once
that has failed, pictures by the id of an upload and videos by its address."""

USUAL: Final[Way] = "usual"
OTHER: Final[Way] = "other"


async def add(tx: Tx, job_id: str, sha256: str, way: Way, reference: str, *, at: datetime) -> None:
    """Store what an upload is called. Raises sqlite3.IntegrityError where the job is not being sent in this way."""
    await tx.execute(
        "INSERT INTO transfers (job_id, sha256, way, reference, made_at) VALUES (?, ?, ?, ?, ?)",
        (job_id, sha256, way, reference, to_micros(at)),
    )


async def of_job(tx: Tx, job_id: str, way: Way) -> dict[str, str]:
    """What this way calls the job's uploads, by their hash."""
    found = await rows(tx, "SELECT sha256, reference FROM transfers WHERE job_id = ? AND way = ?", (job_id, way))
    return {row["sha256"]: row["reference"] for row in found}


async def last_made(tx: Tx, job_id: str) -> datetime | None:
    """When the job's latest upload was stored."""
    [row] = await rows(tx, "SELECT max(made_at) AS made_at FROM transfers WHERE job_id = ?", (job_id,))
    return None if row["made_at"] is None else from_micros(row["made_at"])


async def way_of(tx: Tx, job_id: str) -> Way:
    """In which way the job's pictures and videos are given."""
    [row] = await rows(tx, "SELECT way FROM jobs WHERE id = ?", (job_id,))
    return USUAL if row["way"] == USUAL else OTHER


async def change_way(tx: Tx, job_id: str) -> bool:
    """Give them in the other way from now on. False where it is that already, or the job is not being sent."""
    cursor = await tx.execute(
        "UPDATE jobs SET way = 'other' WHERE id = ? AND way = 'usual' AND state = 'sending'", (job_id,)
    )
    return cursor.rowcount == 1
