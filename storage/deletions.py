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


async def standing(tx: Tx, job_id: str) -> dict[int, Shown]:
    """Where each of a job's videos stands, by number: its post, or else the latest in which it was posted again.

    Messages that somebody had deleted are left out.
    """
    found = await rows(
        tx,
        """SELECT posts.n, shown.nonce, shown.channel_id, shown.message_id FROM posts
           JOIN (
               SELECT 0 AS is_again, n, nonce, channel_id, message_id FROM posts
               WHERE job_id = :job AND kind = 'result' AND state = 'posted'
               UNION ALL
               SELECT 1, n, nonce, channel_id, message_id FROM reposts WHERE job_id = :job AND state = 'posted'
           ) AS shown ON shown.is_again OR shown.n = posts.n
           WHERE posts.job_id = :job AND posts.kind = 'result'
             AND NOT EXISTS (SELECT 1 FROM deletions WHERE deletions.nonce = shown.nonce)
           ORDER BY posts.n, shown.is_again DESC, shown.n -- the last one of each number stays""",
        {"job": job_id},
    )
    return {row["n"]: Shown(row["nonce"], row["channel_id"], row["message_id"]) for row in found}


async def deleted(tx: Tx, job_id: str) -> dict[int, int]:
    """The videos of a job that somebody had deleted and that stand nowhere since: by number, who did so last."""
    found = await rows(
        tx,
        """SELECT posts.n, asked_by FROM posts
           JOIN deletions ON deletions.nonce = posts.nonce
               OR deletions.nonce IN (SELECT nonce FROM reposts WHERE job_id = :job)
           WHERE posts.job_id = :job AND posts.kind = 'result'
             AND (posts.state <> 'posted' OR posts.nonce IN (SELECT nonce FROM deletions))
           ORDER BY posts.n, asked_at""",
        {"job": job_id},
    )
    stand = await standing(tx, job_id)
    return {row["n"]: row["asked_by"] for row in found if row["n"] not in stand}


async def ask(tx: Tx, nonce: str, *, by: int, at: datetime) -> None:
    """Store that this message is to go. Who asked first stays."""
    await tx.execute(
        "INSERT OR IGNORE INTO deletions (nonce, asked_by, asked_at) VALUES (?, ?, ?)", (nonce, by, to_micros(at))
    )
