"""Which kept files are needed, and when each was last: the sources of quotes, the results of jobs."""

import json
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.database import Tx, from_micros, rows, to_micros


@dataclass(frozen=True)
class Use:
    """What a kept file is for. `is_needed`: by an open quote, or by a job that still has something to do.

    `last`: when it was quoted, or when its last job was over.
    """

    is_needed: bool
    last: datetime


# A job needs its files until its results are posted: a video is fetched, and gets its sound back, only then.
_JOB_NEEDS: Final = """
    jobs.state IN ('queued', 'sending', 'running', 'unresolved')
    OR EXISTS (SELECT 1 FROM posts WHERE posts.job_id = jobs.id AND kind = 'result' AND posts.state = 'waiting')
    OR EXISTS (SELECT 1 FROM reposts WHERE reposts.job_id = jobs.id AND reposts.state = 'waiting')
"""

GRACE: Final = timedelta(minutes=1)
"""For how long a quote that has expired counts as open: a Confirm at the last moment may still be being stored."""

_OUTCOME: Final = """
    LEFT JOIN ledger AS outcome ON outcome.job_id = jobs.id AND outcome.kind IN ('settle', 'release')
"""


async def add(tx: Tx, quote_id: str, sha256s: Iterable[str]) -> None:
    """The files that this quote is made from, with the quote itself in one transaction."""
    await tx.executemany(
        "INSERT INTO sources (quote_id, sha256) VALUES (?, ?)", [(quote_id, each) for each in sorted(set(sha256s))]
    )


async def uses(tx: Tx, sha256s: Collection[str], *, now: datetime) -> dict[str, Use]:
    """The uses of these files, by hash; one that no quote was ever made from has none."""
    found = await rows(
        tx,
        f"""SELECT asked.value AS name,
                max(CASE WHEN jobs.id IS NULL THEN cancelled_at IS NULL AND quotes.expires_at > :now
                    ELSE {_JOB_NEEDS} END) AS is_needed,
                max(coalesce(outcome.booked_at, jobs.held_at, quotes.quoted_at)) AS last
            FROM json_each(:names) AS asked
            CROSS JOIN sources ON sources.sha256 = asked.value
            CROSS JOIN quotes ON quotes.id = sources.quote_id
            LEFT JOIN cancelled_quotes ON cancelled_quotes.quote_id = quotes.id
            LEFT JOIN jobs ON jobs.quote_id = quotes.id
            {_OUTCOME}
            GROUP BY asked.value""",  # noqa: S608 - our own words
        {"names": json.dumps(list(sha256s)), "now": to_micros(now - GRACE)},
    )
    return _uses(found)


async def uses_of_results(tx: Tx, job_ids: Collection[str]) -> dict[str, Use]:
    """The uses of these jobs' results, by the job's id; a job that there never was has none."""
    found = await rows(
        tx,
        f"""SELECT jobs.id AS name, {_JOB_NEEDS} AS is_needed, coalesce(outcome.booked_at, jobs.held_at) AS last
            FROM json_each(:names) AS asked
            CROSS JOIN jobs ON jobs.id = asked.value
            {_OUTCOME}""",  # noqa: S608 - our own words
        {"names": json.dumps(list(job_ids))},
    )
    return _uses(found)


def _uses(found: Iterable[sqlite3.Row]) -> dict[str, Use]:
    return {str(row["name"]): Use(bool(row["is_needed"]), from_micros(row["last"])) for row in found}
