"""What the queue learns from the past: who had the last turns, and how long renders took."""

import json
from datetime import datetime
from typing import Final

from bot.domain.request import Request
from bot.domain.stored import from_json
from bot.domain.turns import Turns
from storage.database import Tx, from_micros, rows, to_micros

LAST_RENDERS: Final = 1_000
"""So many are read at the start."""


async def of_those_who_wait(tx: Tx) -> Turns:
    """When something was last sent for each server and member that has a job in the queue."""
    found = await rows(
        tx,
        """SELECT server_id, member_id,
               (SELECT sent_at FROM jobs AS sent WHERE sent.server_id = waiting.server_id
                    AND sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT 1) AS server_turn,
               (SELECT sent_at FROM jobs AS sent WHERE sent.server_id = waiting.server_id
                    AND sent.member_id = waiting.member_id
                    AND sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT 1) AS member_turn
           FROM (SELECT DISTINCT server_id, member_id FROM jobs INDEXED BY jobs_under_way
                 WHERE state IN ('queued', 'sending', 'running', 'unresolved') AND state = 'queued') AS waiting""",
    )
    return Turns(
        servers={
            row["server_id"]: from_micros(row["server_turn"]) for row in found if row["server_turn"] is not None
        },
        members={
            (row["server_id"], row["member_id"]): from_micros(row["member_turn"])
            for row in found
            if row["member_turn"] is not None
        },
    )


async def renders(tx: Tx, *, since: datetime) -> list[tuple[Request, float]]:
    """The last renders that finished `since` then, the oldest first, each with its seconds from accepted to over.

    Without those that staff have settled: they were over when somebody looked.
    """
    found = await rows(
        tx,
        """SELECT quotes.request, ended.booked_at - jobs.accepted_at AS micros
           FROM (SELECT job_id, booked_at FROM ledger WHERE kind = 'settle' AND booked_at >= ?
                 ORDER BY booked_at DESC LIMIT ?) AS ended
           JOIN jobs ON jobs.id = ended.job_id AND jobs.accepted_at IS NOT NULL AND jobs.reason IS NULL
           JOIN quotes ON quotes.id = jobs.quote_id
           ORDER BY ended.booked_at""",
        (to_micros(since), LAST_RENDERS),
    )
    return [(from_json(json.loads(row["request"])), max(row["micros"], 0) / 1e6) for row in found]
