"""Posts: what Discord is to show. A row is written with the reason for it and done when there is a message.

A post's nonce is its name for good: Discord drops a second message with the same nonce, and the buttons of
the message carry it, so that a message whose acknowledgement was lost can be found again. What is posted once more
(storage/reposts.py) has a table and nonces of its own, `<job>.a<n>`, and is made in the same way.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from storage.database import Tx, from_micros, rows, to_micros

Kind: TypeAlias = Literal["progress", "notice", "result"]


@dataclass(frozen=True)
class Post:
    """One message of a job's. `n` is the result's number, 0 for the others; of a repost its own number.

    `attempted_at`: since then it may already be in `channel_id`. `shown`: the job's version it shows.
    """

    nonce: str
    job_id: str
    kind: Kind | Literal["again"]
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
    """All posts of a job, the progress message first and the results in their order; then a repost that waits."""
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
        for row in await rows(
            tx,
            """SELECT 0 AS is_again, nonce, job_id, kind, n, state, channel_id, attempted_at, message_id, shown,
                   tries, next_try_at
               FROM posts WHERE job_id = :job
               UNION ALL
               SELECT 1, nonce, job_id, 'again', n, state, channel_id, attempted_at, message_id, 0,
                   tries, next_try_at
               FROM reposts WHERE job_id = :job AND state = 'waiting'
               ORDER BY is_again, nonce""",
            {"job": job_id},
        )
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
               UNION ALL
               SELECT job_id, coalesce(next_try_at, 0) FROM reposts WHERE state = 'waiting'
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
        f"UPDATE {_table(nonce)} SET attempted_at = ?, channel_id = ? WHERE nonce = ? AND state = 'waiting'",  # noqa: S608
        (to_micros(at), channel_id, nonce),
    )


async def not_made(tx: Tx, nonce: str) -> None:
    """It was refused for certain where it was tried: there is nothing to look for."""
    await tx.execute(
        f"UPDATE {_table(nonce)} SET attempted_at = NULL WHERE nonce = ? AND state = 'waiting'",  # noqa: S608
        (nonce,),
    )


async def posted(tx: Tx, nonce: str, message_id: int, *, shows: int) -> None:
    """The post is there, and shows the job's version `shows`.

    Where the progress message says of a result that it is on its way, it is behind from now on.
    """
    if _table(nonce) == "reposts":
        await tx.execute(
            """UPDATE reposts SET state = 'posted', message_id = ?, tries = 0, next_try_at = NULL
               WHERE nonce = ? AND state = 'waiting'""",
            (message_id, nonce),
        )
        return
    cursor = await tx.execute(
        """UPDATE posts SET state = 'posted', message_id = ?, shown = ?, tries = 0, next_try_at = NULL
           WHERE nonce = ? AND state = 'waiting'""",
        (message_id, shows, nonce),
    )
    if cursor.rowcount:
        await tx.execute(
            """UPDATE jobs SET version = version + 1
               WHERE id = (SELECT job_id FROM posts WHERE nonce = ? AND kind = 'result') AND EXISTS (
                   SELECT 1 FROM posts
                   WHERE job_id = jobs.id AND kind = 'progress' AND state = 'posted' AND shown = latest
               )""",
            (nonce,),
        )


async def shows(tx: Tx, nonce: str, version: int) -> None:
    """The message shows this version of its job."""
    await tx.execute("UPDATE posts SET shown = ?, tries = 0, next_try_at = NULL WHERE nonce = ?", (version, nonce))


async def postpone(tx: Tx, nonce: str, until: datetime) -> None:
    """It could not be done now, for a reason that may pass."""
    await tx.execute(
        f"UPDATE {_table(nonce)} SET tries = tries + 1, next_try_at = ? WHERE nonce = ?",  # noqa: S608
        (to_micros(until), nonce),
    )


async def undelivered(tx: Tx, nonce: str) -> None:
    """There is no way left to post it; what it says is kept."""
    cursor = await tx.execute(
        f"UPDATE {_table(nonce)} SET state = 'undelivered' WHERE nonce = ? AND state = 'waiting'",  # noqa: S608
        (nonce,),
    )
    if cursor.rowcount and _table(nonce) == "posts":  # the progress message has something to say of it
        await tx.execute(
            "UPDATE jobs SET version = version + 1 WHERE id = (SELECT job_id FROM posts WHERE nonce = ?)", (nonce,)
        )


def _table(nonce: str) -> Literal["posts", "reposts"]:
    """Where the row of this nonce is: no job's id has a dot in it."""
    return "reposts" if nonce.partition(".")[2].startswith("a") else "posts"
