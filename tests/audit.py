"""The audit that ends every test in which something went wrong on purpose: bill, ledger and channels agree.

It reads the bot's database as any program would, and the sandbox's own records; it calls nothing of the bot's.
"""

import asyncio
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sandbox.discord.message import Message
from sandbox.sandbox import Sandbox

NANOS = 1_000_000_000

WITHHELD: Final = "is not for everybody"
"""What stands in the place of a flagged video where it is not shown."""


def rows(database: Path, sql: str, *parameters: object) -> list[dict[str, Any]]:
    """What a statement finds in the bot's database, while the bot runs or not."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, parameters)]


def change(database: Path, sql: str, *parameters: object) -> None:
    """Change the database while the bot does not run: the passing of time, for the most part."""
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.execute(sql, parameters)


def described() -> Path | None:
    """Discord's published description, where the environment names a copy; the sandbox then validates by it."""
    named = os.environ.get("DISCORD_OPENAPI")
    return Path(named).resolve() if named else None


@dataclass
class Audit:
    """What an audit found: `problems` in words; `jobs` by their last state."""

    jobs: Counter[str] = field(default_factory=Counter[str])
    problems: list[str] = field(default_factory=list[str])


PATIENCE = float(os.environ.get("RAYBOT_PATIENCE", "40"))
"""Seconds in which all has to become quiet; `./run sabotage` has less of it."""


async def quiet(database: Path, *, timeout: float = PATIENCE) -> None:
    """Wait until every job is over and everything is posted and shown. TimeoutError where that never comes."""
    async with asyncio.timeout(timeout):
        while rows(
            database,
            """SELECT id FROM jobs WHERE state NOT IN ('done', 'failed', 'cancelled')
               UNION ALL SELECT nonce FROM posts WHERE state = 'waiting'
               UNION ALL SELECT nonce FROM reposts WHERE state = 'waiting'
               UNION ALL SELECT nonce FROM posts WHERE state = 'posted' AND kind = 'progress' AND shown < latest""",
        ):
            await asyncio.sleep(0.05)


def audit(sandbox: Sandbox, database: Path) -> Audit:
    """Hold the provider's bill, the ledger and the channels against each other, once everything is quiet, and what
    the bot sent against Discord's description."""
    found = Audit()
    posted = list(_all_messages(sandbox))
    for job in rows(database, "SELECT * FROM jobs"):
        found.jobs[job["state"]] += 1
        found.problems += [
            f"job {job['id']} ({job['state']}): {says}" for says in _job(sandbox, database, job, posted)
        ]
    tasks = {job["task_id"] for job in rows(database, "SELECT task_id FROM jobs")}
    found.problems += [f"task {task_id} was never confirmed" for task_id in sandbox.runware.tasks.keys() - tasks]
    found.problems += _wire(sandbox)
    return found


def _wire(sandbox: Sandbox) -> Iterator[str]:
    """What Discord's own description says against the bot's requests, where there is a copy of it."""
    validation = sandbox.discord.validation
    if validation is None:
        return
    yield from validation.problems
    for operation in sorted(validation.unvalidated):
        yield f"{operation} went unvalidated"
    if not validation.validated:
        yield "not one request was validated"


def _job(sandbox: Sandbox, database: Path, job: dict[str, Any], posted: list[Message]) -> Iterator[str]:
    entries = rows(database, "SELECT kind, amount FROM ledger WHERE job_id = ?", job["id"])
    books = Counter[str]()
    for entry in entries:
        books[entry["kind"]] += entry["amount"]
    kinds = Counter(entry["kind"] for entry in entries)
    # one at the end, and one for each result that came after staff had ended it
    overruns = 1 if job["resolved_at"] is None else 1 + job["count"]
    if kinds["hold"] != 1 or kinds["settle"] + kinds["release"] != 1 or kinds["overrun"] > overruns:
        yield f"its entries are {dict(kinds)}"
    billed = sum((c.amount for c in sandbox.runware.bill if c.task_id == job["task_id"]), Decimal(0)) * NANOS
    if billed != books["settle"] + books["overrun"]:
        yield f"the provider billed {billed}, booked are {books['settle'] + books['overrun']}"
    accepted = [s for s in sandbox.runware.submissions if s.task_id == job["task_id"] and s.verdict == "accepted"]
    if len(accepted) > 1 or (job["state"] == "done" and not accepted):
        yield f"it was accepted {len(accepted)} times"
    yield from _posts(database, job, posted)


def _posts(database: Path, job: dict[str, Any], posted: list[Message]) -> Iterator[str]:
    both = (
        "SELECT nonce, state FROM posts WHERE job_id = ?1 UNION SELECT nonce, state FROM reposts WHERE job_id = ?1"
    )
    for post in rows(database, both, job["id"]):
        there = [message for message in posted if _carries(message, post["nonce"])]
        wanted = 1 if post["state"] == "posted" else 0
        if len(there) != wanted:
            yield f"{post['nonce']} is {post['state']} and stands {len(there)} times in the channels"
    for result in rows(database, "SELECT * FROM results WHERE job_id = ? AND failure IS NULL", job["id"]):
        shown = sum(result["video_id"] in message.content and not _is_again(message) for message in posted)
        nonce = f"{job['id']}.r{result['n']}"
        withheld = sum(_carries(message, nonce) and WITHHELD in message.content for message in posted)
        if shown + (withheld if result["flagged"] else 0) != 1:
            yield f"result {result['n']} was posted {shown} times, and withheld {withheld} times"


def _carries(message: Message, nonce: str) -> bool:
    return any((button.custom_id or "").endswith(f":{nonce}") for button in message.buttons)


def _is_again(message: Message) -> bool:
    """Whether somebody asked to have it posted once more: a nonce such as `job.a1`."""
    return str(message.nonce or "").partition(".")[2].startswith("a")


def _all_messages(sandbox: Sandbox) -> Iterator[Message]:
    for channel in sandbox.discord.world.channels.values():
        yield from channel.messages
