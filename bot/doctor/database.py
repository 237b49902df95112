"""The database: whole, ours, and its books in order. Opened for reading alone: the bot may run meanwhile."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from bot.doctor.finding import Finding, look, ok, wrong
from storage import installation
from storage.database import MIGRATIONS, SQLITE, Strange, check_whose

LONGEST: Final = 15.0  # seconds for all of it; the check of a large database is broken off then
BACKUP: Final = "stop the bot and put a backup in its place (README, Back it up)"

BOOKS: Final = {
    "have no hold, or two": """SELECT id FROM jobs
        WHERE (SELECT count(*) FROM ledger WHERE job_id = jobs.id AND kind = 'hold') <> 1""",
    "hold something else than their quote": """SELECT jobs.id FROM jobs
        JOIN quotes ON quotes.id = jobs.quote_id JOIN ledger ON ledger.job_id = jobs.id AND kind = 'hold'
        WHERE ledger.amount <> quotes.total""",
    "are over without their one outcome, or have one already": """SELECT id FROM jobs
        WHERE (SELECT group_concat(kind) FROM ledger WHERE job_id = jobs.id AND kind IN ('settle', 'release'))
              IS NOT CASE state WHEN 'done' THEN 'settle' WHEN 'failed' THEN 'release'
                                WHEN 'cancelled' THEN 'release' END""",
    "settle or release another amount than they hold": """SELECT hold.job_id FROM ledger AS hold
        JOIN ledger AS outcome ON outcome.job_id = hold.job_id AND outcome.kind IN ('settle', 'release')
        WHERE hold.kind = 'hold' AND (outcome.amount > hold.amount
              OR outcome.kind = 'release' AND outcome.amount <> hold.amount)""",
    "were billed another sum than was booked": """SELECT jobs.id FROM jobs
        JOIN (SELECT job_id, sum(cost) AS billed, count(*) AS came FROM results GROUP BY job_id) ON job_id = jobs.id
        WHERE state IN ('done', 'failed') AND came = jobs.count
          AND NOT EXISTS (SELECT 1 FROM ledger WHERE job_id = jobs.id AND estimated)
          AND NOT EXISTS (SELECT 1 FROM changes WHERE kind = 'resolve' AND subject = jobs.id)
          AND billed IS NOT NULL AND billed <> (SELECT coalesce(sum(amount), 0) FROM ledger
                                                WHERE job_id = jobs.id AND kind IN ('settle', 'overrun'))""",
}
"""What must find no job, by what it would mean. The schema refuses all of it; this looks past the schema."""

NEWS: Final = {
    "unresolved, the provider says nothing of them": (
        "SELECT count(*) FROM jobs WHERE state = 'unresolved'",
        "/limits resolve ends one, when its server's staff have decided",
    ),
    "with a result that could not be posted": (
        "SELECT count(DISTINCT job_id) FROM posts WHERE state = 'undelivered' AND kind = 'result'",
        "their members find them with /jobs",
    ),
    "waiting for more than an hour": (
        "SELECT count(*) FROM jobs WHERE state = 'queued' AND held_at < :hour_ago",
        "the log says why; they are released after 24 hours",
    ),
}
"""What staff or the operator may want to know of, and what to do."""


def check(path: Path, *, now: float) -> Iterator[Finding]:
    """`now`: seconds since 1970."""
    path = path.resolve()
    if not path.exists():
        yield look("database", f"there is none at {path} yet", "the bot makes it at its first start")
        return
    try:
        yield from _check(path, now)
    except (OSError, sqlite3.Error) as error:
        yield wrong("database", f"{path} cannot be read: {error}", f"look at its rights, or {BACKUP}")


def registered(path: Path) -> frozenset[str] | None:
    """The names of the commands that Discord was last given; None where that is not known."""
    try:
        with closing(_open(path.resolve())) as connection:
            sql = "SELECT value FROM installation WHERE name = ?"
            found = connection.execute(sql, (installation.COMMAND_NAMES,)).fetchone()
    except (OSError, sqlite3.Error):
        return None
    return None if found is None else frozenset(str(found[0]).split("\n"))


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)


def _check(path: Path, now: float) -> Iterator[Finding]:
    with path.open("rb") as file:
        if file.read(len(SQLITE)) not in (b"", SQLITE):
            raise sqlite3.DatabaseError("file is not a database")
    deadline = time.monotonic() + LONGEST
    with closing(_open(path)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
        connection.execute("BEGIN")  # all that follows sees one moment
        try:
            check_whose(connection)
        except Strange as error:
            yield wrong("database", f"{path}: {error}", "mend DATABASE_URL, so that it names a file of Raybot's")
            return
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            yield look("database", "there is nothing in it yet", "the bot makes its tables at its first start")
            return
        yield from _version(connection)
        try:
            yield _whole(connection)
            yield _books(connection)
            yield from _news(connection, now)
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            yield look(
                "database",
                f"it is so large that {LONGEST:g} s were not enough",
                "look again when little is going on",
            )


def _version(connection: sqlite3.Connection) -> Iterator[Finding]:
    [(version,)] = connection.execute("PRAGMA user_version")
    known = len(list(MIGRATIONS.glob("*.sql")))
    if version > known:
        yield wrong("database", f"it is from a newer Raybot (version {version}, this one knows {known})", "update")
    elif version < known:
        yield look("database", f"it has version {version} of {known}", "the bot brings it up to date at its start")


def _whole(connection: sqlite3.Connection) -> Finding:
    problems = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
    problems += [f"a row of {row[0]} refers to nothing" for row in connection.execute("PRAGMA foreign_key_check")][
        :3
    ]
    if problems:
        return wrong("database", f"it is damaged: {'; '.join(problems)}", BACKUP)
    return ok("database", "it is whole, and every row refers to what there is")


def _books(connection: sqlite3.Connection) -> Finding:
    found: list[str] = []
    for what, sql in BOOKS.items():
        jobs = [row[0] for row in connection.execute(f"{sql} LIMIT 6")]
        if jobs:
            found.append(f"jobs that {what}: {', '.join(jobs[:5])}{', …' if len(jobs) > 5 else ''}")
    if found:
        mend = (
            "somebody has changed the database behind the bot's back, or this is a fault: report it (SECURITY.md)"
        )
        return wrong("books", "; ".join(found), mend)
    [(jobs, held)] = connection.execute(
        """SELECT count(DISTINCT jobs.id), count(DISTINCT CASE WHEN outcome.id IS NULL THEN jobs.id END) FROM jobs
           LEFT JOIN ledger AS outcome ON outcome.job_id = jobs.id AND outcome.kind IN ('settle', 'release')"""
    )
    return ok("books", f"every job has one hold, and one outcome once it is over ({jobs} jobs, {held} under way)")


def _news(connection: sqlite3.Connection, now: float) -> Iterator[Finding]:
    hour_ago = int((now - 3600) * 1_000_000)
    for what, (sql, then) in NEWS.items():
        [(count,)] = connection.execute(sql, {"hour_ago": hour_ago} if ":hour_ago" in sql else {})
        if count:
            yield look("jobs", f"{count} {what}", then)
