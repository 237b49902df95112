"""Messages with a finished video that somebody had deleted: the intent is stored first. Books and files stay."""

from datetime import datetime
from typing import NamedTuple

from storage.database import Tx, rows, to_micros


class Shown(NamedTuple):
    """A message that shows a finished video: ids of Discord's, and the nonce of its post."""

    nonce: str
    channel_id: int
    message_id: int


async def showing(tx: Tx, job_id: str, n: int) -> list[Shown]:
    """Every message that shows this video: its post, and those in which it was posted again.

    One whose deletion was asked for before is among them, since it may have failed.
    """
    found = await rows(
        tx,
        """SELECT nonce, channel_id, message_id FROM posts
           WHERE job_id = :job AND kind = 'result' AND n = :n AND state = 'posted'
           UNION ALL
           SELECT nonce, channel_id, message_id FROM reposts WHERE job_id = :job AND state = 'posted'
           ORDER BY nonce""",
        {"job": job_id, "n": n},
    )
    return [Shown(row["nonce"], row["channel_id"], row["message_id"]) for row in found]


async def ask(tx: Tx, nonce: str, *, by: int, at: datetime) -> None:
    """Store that this message is to go. Who asked first stays."""
    await tx.execute(
        "INSERT OR IGNORE INTO deletions (nonce, asked_by, asked_at) VALUES (?, ?, ?)", (nonce, by, to_micros(at))
    )
