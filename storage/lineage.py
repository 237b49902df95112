"""Lineage: which finished video a quote goes on from, and in which way. Written with the quote, never changed."""

import sqlite3

from bot.domain.lineage import Origin, Way
from storage.database import Tx, rows


async def add(tx: Tx, quote_id: str, origin: Origin) -> None:
    """With the quote itself, in one transaction. The schema refuses what is no finished video of its server's."""
    await tx.execute(
        "INSERT INTO lineage (quote_id, parent_id, parent_n, way, film) VALUES (?, ?, ?, ?, ?)",
        (quote_id, origin.job_id, origin.n, origin.way, origin.film),
    )


def origin_of(row: sqlite3.Row) -> Origin | None:
    """What a row with the table's columns says; None where the quote goes on from nothing."""
    if row["parent_id"] is None:
        return None
    return Origin(row["parent_id"], row["parent_n"], Way(row["way"]), row["film"])


async def message_of(tx: Tx, job_id: str, n: int) -> tuple[int, int, int] | None:
    """Where a finished video was posted: the ids of server, channel and message.

    None where it stands in no channel: it was not posted, or its message was deleted.
    """
    found = await rows(
        tx,
        """SELECT jobs.server_id, posts.channel_id, posts.message_id
           FROM posts JOIN jobs ON jobs.id = posts.job_id JOIN quotes ON quotes.id = jobs.quote_id
           WHERE posts.job_id = ? AND posts.kind = 'result' AND posts.n = ? AND posts.state = 'posted'
             AND posts.channel_id = quotes.channel_id -- and not in somebody's direct messages
             AND NOT EXISTS (SELECT 1 FROM deletions WHERE deletions.nonce = posts.nonce)""",
        (job_id, n),
    )
    return (found[0]["server_id"], found[0]["channel_id"], found[0]["message_id"]) if found else None


async def film_is_flagged(tx: Tx, job_id: str) -> bool:
    """Whether anything is flagged of the film that a continuation is joined to, as far back as it goes."""
    [row] = await rows(
        tx,
        """WITH RECURSIVE parts (job_id, n) AS (
               SELECT lineage.parent_id, lineage.parent_n FROM lineage JOIN jobs USING (quote_id)
               WHERE jobs.id = ? AND lineage.way = 'continue'
               UNION
               SELECT lineage.parent_id, lineage.parent_n FROM parts
               JOIN jobs ON jobs.id = parts.job_id
               JOIN lineage USING (quote_id) WHERE lineage.way = 'continue'
           )
           SELECT EXISTS (SELECT 1 FROM parts JOIN results USING (job_id, n) WHERE results.flagged) AS it""",
        (job_id,),
    )
    return bool(row["it"])
