"""The audit that ends every test in which something went wrong on purpose: bill, ledger and channels agree.

It reads the bot's database as any program would, and the sandbox's own records; it calls nothing of the bot's.
"""

import asyncio
import os
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sandbox.discord.message import Message
from sandbox.sandbox import Sandbox

NANOS = 1_000_000_000

_VIDEO_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

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
    seen = _Seen(sandbox, database)
    jobs = rows(database, "SELECT * FROM jobs")
    for job in jobs:
        found.jobs[job["state"]] += 1
        found.problems += [f"job {job['id']} ({job['state']}): {says}" for says in seen.problems(job)]
    tasks = {job["task_id"] for job in jobs}
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


class _Seen:
    """What there is of every job, read once: a house may have seen hundreds of them."""

    def __init__(self, sandbox: Sandbox, database: Path) -> None:
        self._entries = _by_job(rows(database, "SELECT job_id, kind, amount FROM ledger"))
        self._posts = _by_job(
            rows(
                database,
                "SELECT job_id, nonce, state FROM posts UNION SELECT job_id, nonce, state FROM reposts",
            )
        )
        self._results = _by_job(rows(database, "SELECT * FROM results WHERE failure IS NULL"))
        self._billed = defaultdict[str, Decimal](Decimal)
        for charge in sandbox.runware.bill:
            self._billed[charge.task_id] += charge.amount * NANOS
        self._accepted = Counter(each.task_id for each in sandbox.runware.submissions if each.verdict == "accepted")
        self._standing, self._shown, self._withheld = Counter[str](), Counter[str](), Counter[str]()
        for channel in sandbox.discord.world.channels.values():
            for message in channel.messages:
                self._see(message)

    def _see(self, message: Message) -> None:
        nonces = {(button.custom_id or "").rpartition(":")[2] for button in message.buttons}
        self._standing.update(nonces)
        if WITHHELD in message.content:
            self._withheld.update(nonces)
        if not str(message.nonce or "").partition(".")[2].startswith("a"):  # somebody asked to have it once more
            self._shown.update(set(_VIDEO_ID.findall(message.content)))

    def problems(self, job: dict[str, Any]) -> Iterator[str]:
        """What does not agree about a job."""
        books, kinds = Counter[str](), Counter[str]()
        for entry in self._entries[job["id"]]:
            books[entry["kind"]] += entry["amount"]
            kinds[entry["kind"]] += 1
        # one at the end, and one for each result that came after staff had ended it
        overruns = 1 if job["resolved_at"] is None else 1 + job["count"]
        if kinds["hold"] != 1 or kinds["settle"] + kinds["release"] != 1 or kinds["overrun"] > overruns:
            yield f"its entries are {dict(kinds)}"
        billed = self._billed[job["task_id"]]
        if billed != books["settle"] + books["overrun"]:
            yield f"the provider billed {billed}, booked are {books['settle'] + books['overrun']}"
        accepted = self._accepted[job["task_id"]]
        if accepted > 1 or (job["state"] == "done" and not accepted):
            yield f"it was accepted {accepted} times"
        yield from self._of_posts(job)

    def _of_posts(self, job: dict[str, Any]) -> Iterator[str]:
        for post in self._posts[job["id"]]:
            standing = self._standing[post["nonce"]]
            if standing != (1 if post["state"] == "posted" else 0):
                yield f"{post['nonce']} is {post['state']} and stands {standing} times in the channels"
        for result in self._results[job["id"]]:
            shown, withheld = self._shown[result["video_id"]], self._withheld[f"{job['id']}.r{result['n']}"]
            if shown + (withheld if result["flagged"] else 0) != 1:
                yield f"result {result['n']} was posted {shown} times, and withheld {withheld} times"


def _by_job(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    jobs = defaultdict[str, list[dict[str, Any]]](list)
    for row in found:
        jobs[row["job_id"]].append(row)
    return jobs
