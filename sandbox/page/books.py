"""What the side panel shows: the provider's bill beside the bot's ledger, jobs, time, and the bot's last words.

The bot's database is only read, as a file, in SQL of the sandbox's own: nothing of the bot is imported.
"""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sandbox.discord.wire import Object
from sandbox.page import shown
from sandbox.page.stage import Stage
from sandbox.sandbox import AT_ONCE, FAULTS

JOBS_MOST: Final = 50
LINES_MOST: Final = 40  # of the bot's log
NANO: Final = Decimal(10) ** 9  # the ledger is in whole nano-dollars

_JOBS: Final = """
    SELECT jobs.id, jobs.member_id, jobs.state, jobs.reason,
           sum(CASE ledger.kind WHEN 'hold' THEN amount END) AS hold,
           sum(CASE ledger.kind WHEN 'settle' THEN amount END) AS settled,
           sum(CASE ledger.kind WHEN 'release' THEN amount END) AS released,
           sum(CASE ledger.kind WHEN 'overrun' THEN amount END) AS overrun
    FROM jobs LEFT JOIN ledger ON ledger.job_id = jobs.id
    GROUP BY jobs.id ORDER BY jobs.held_at DESC LIMIT ?"""
_SUMS: Final = "SELECT kind, sum(amount) FROM ledger GROUP BY kind"
_OPEN: Final = """
    SELECT sum(amount) FROM ledger AS held WHERE kind = 'hold' AND NOT EXISTS (
        SELECT 1 FROM ledger WHERE job_id = held.job_id AND kind IN ('settle', 'release')
    )"""


def read(database: Path) -> Object:
    """Jobs, the latest first, and the sums of the ledger, in dollars. Empty while there is no database."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            connection.row_factory = sqlite3.Row
            jobs = [_job(row) for row in connection.execute(_JOBS, (JOBS_MOST,))]
            sums: dict[str, int] = {row[0]: row[1] for row in connection.execute(_SUMS)}
            held: int | None = connection.execute(_OPEN).fetchone()[0]
    except sqlite3.Error:  # not made yet, or being migrated
        return {"jobs": [], "ledger": None}
    settled, overrun = sums.get("settle", 0), sums.get("overrun", 0)
    return {
        "jobs": jobs,
        "ledger": {
            "settled": dollars(settled),
            "overrun": dollars(overrun),
            "billed": dollars(settled + overrun),
            "held": dollars(held),
        },
    }


def around(stage: Stage) -> Object:
    """What the sandbox itself knows: the bill, the clock, the pace, the faults, the bot's process."""
    runware, mischief = stage.sandbox.runware, stage.mischief
    return {
        "shift": shown.shift(stage.sandbox),
        "billed": f"{sum((charge.amount for charge in runware.bill), Decimal()):.2f}",
        "balance": f"{runware.balance:.2f}",
        "pace": runware.render_seconds,
        "faults": [
            {"name": name, "says": says, "at_once": name in AT_ONCE, "on": name in mischief.on}
            for name, says in FAULTS.items()
        ],
        "on": mischief.on,
        "running": stage.bot.is_running,
        "log": list(stage.bot.log)[-LINES_MOST:],
    }


def dollars(nano: int | None) -> str:
    """Nano-dollars as dollars: cents, and further digits only where there are any."""
    amount = Decimal(nano or 0) / NANO
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents}" if cents == amount else f"{amount.normalize():f}"


def _job(row: sqlite3.Row) -> dict[str, Any]:
    kinds = ("hold", "settled", "released", "overrun")
    amounts = {kind: None if row[kind] is None else dollars(row[kind]) for kind in kinds}
    return {
        "id": row["id"],
        "member": str(row["member_id"]),
        "state": row["state"],
        "reason": row["reason"],
        **amounts,
    }
