"""Posts: what Discord is to show. A row is written with the reason for it and done when there is a message.

A post's nonce is its name for good: Discord drops a second message with the same nonce, and the buttons of
the message carry it, so that a message whose acknowledgement was lost can be found again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from storage.database import Tx, from_micros, rows, to_micros

Kind: TypeAlias = Literal["progress", "notice", "result"]


@dataclass(frozen=True)
class Post:
    """One message of a job's. `n` is the result's number, 0 for the others.

    `attempted_at`: since then it may already be in `channel_id`. `shown`: the job's version it shows.
    """

    nonce: str
    job_id: str
    kind: Kind
    n: int
    state: Literal["waiting", "posted", "undelivered"]
    channel_id: int
    attempted_at: datetime | None
    message_id: int | None
    shown: int
    tries: int
    next_try_at: datetime | None


def nonce_of(job_id: str, kind: Kind, n: int) -> str:
    """`<job>.p0` for the progress message, `.p1` for the notice, `.r<n>` for a result; 25 characters at most."""
    which = {"progress": "p0", "notice": "p1", "result": f"r{n}"}[kind]
    return f"{job_id}.{which}"


async def add(tx: Tx, job_id: str, kind: Kind, n: int = 0) -> None:
    """Ask for a post in the job's own channel. One that was asked for already stays as it is."""
    await tx.execute(
        """INSERT OR IGNORE INTO posts (nonce, job_id, kind, n, channel_id)
           SELECT ?, jobs.id, ?, ?, quotes.channel_id
           FROM jobs JOIN quotes ON quotes.id = jobs.quote_id WHERE jobs.id = ?""",
        (nonce_of(job_id, kind, n), kind, n, job_id),
    )


async def of_job(tx: Tx, job_id: str) -> list[Post]:
    """All posts of a job, the progress message first and the results in their order."""
    return [
        Post(
            nonce=row["nonce"],
            job_id=row["job_id"],
            kind=row["kind"],
            n=row["n"],
            state=row["state"],
            channel_id=row["channel_id"],
            attempted_at=None if row["attempted_at"] is None else from_micros(row["attempted_at"]),
            message_id=row["message_id"],
            shown=row["shown"],
            tries=row["tries"],
            next_try_at=None if row["next_try_at"] is None else from_micros(row["next_try_at"]),
        )
        for row in await rows(tx, "SELECT * FROM posts WHERE job_id = ? ORDER BY nonce", (job_id,))
    ]


async def jobs_behind(tx: Tx) -> dict[str, datetime]:
    """The jobs whose messages are not yet what they should be, each with the time at which that may be tried."""
    found = await rows(
        tx,
        """SELECT job_id, min(due_at) AS due_at FROM (
               SELECT job_id, coalesce(next_try_at, 0) AS due_at FROM posts WHERE state = 'waiting'
               UNION ALL
               SELECT job_id, coalesce(next_try_at, 0) FROM posts
               WHERE state = 'posted' AND kind = 'progress' AND shown < latest
           ) GROUP BY job_id""",
    )
    return {row["job_id"]: from_micros(row["due_at"]) for row in found}


async def announced(tx: Tx) -> set[str]:
    """The queued jobs whose progress message is there: only these are sent."""
    found = await rows(  # the first condition is the index's own; SQLite does not see that the second implies it
        tx,
        """SELECT jobs.id FROM jobs INDEXED BY jobs_under_way CROSS JOIN posts ON posts.job_id = jobs.id
           WHERE jobs.state IN ('queued', 'sending', 'running', 'unresolved') AND jobs.state = 'queued'
             AND posts.kind = 'progress' AND posts.state = 'posted'""",
    )
    return {row["id"] for row in found}


async def attempt(tx: Tx, nonce: str, channel_id: int, at: datetime) -> None:
    """Store that the post is about to be sent to this channel."""
    await tx.execute(
        "UPDATE posts SET attempted_at = ?, channel_id = ? WHERE nonce = ? AND state = 'waiting'",
        (to_micros(at), channel_id, nonce),
    )


async def not_made(tx: Tx, nonce: str) -> None:
    """It was refused for certain where it was tried: there is nothing to look for."""
    await tx.execute("UPDATE posts SET attempted_at = NULL WHERE nonce = ? AND state = 'waiting'", (nonce,))


async def posted(tx: Tx, nonce: str, message_id: int, *, shows: int) -> None:
    """The post is there, and shows the job's version `shows`."""
    await tx.execute(
        """UPDATE posts SET state = 'posted', message_id = ?, shown = ?, tries = 0, next_try_at = NULL
           WHERE nonce = ? AND state = 'waiting'""",
        (message_id, shows, nonce),
    )


async def shows(tx: Tx, nonce: str, version: int) -> None:
    """The message shows this version of its job."""
    await tx.execute("UPDATE posts SET shown = ?, tries = 0, next_try_at = NULL WHERE nonce = ?", (version, nonce))


async def postpone(tx: Tx, nonce: str, until: datetime) -> None:
    """It could not be done now, for a reason that may pass."""
    await tx.execute(
        "UPDATE posts SET tries = tries + 1, next_try_at = ? WHERE nonce = ?", (to_micros(until), nonce)
    )


async def undelivered(tx: Tx, nonce: str) -> None:
    """There is no way left to post it; what it says is kept."""
    cursor = await tx.execute(
        "UPDATE posts SET state = 'undelivered' WHERE nonce = ? AND state = 'waiting'", (nonce,)
    )
    if cursor.rowcount:  # the progress message has something to say of it
        await tx.execute(
            "UPDATE jobs SET version = version + 1 WHERE id = (SELECT job_id FROM posts WHERE nonce = ?)", (nonce,)
        )
