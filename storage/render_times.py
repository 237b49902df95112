"""How long renders took, for whoever wants to say how long the next one takes."""

import json
from datetime import datetime
from typing import Final

from bot.domain.request import Request
from bot.domain.stored import from_json
from storage.database import Tx, rows, to_micros

MOST: Final = 1_000
"""So many are read at the start."""


async def latest(tx: Tx, *, since: datetime) -> list[tuple[Request, float]]:
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
        (to_micros(since), MOST),
    )
    return [(from_json(json.loads(row["request"])), max(row["micros"], 0) / 1e6) for row in found]
