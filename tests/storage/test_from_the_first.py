"""A database that the first migration alone made, with everything in it, comes to the newest and loses nothing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.job import CANCEL, Arrival, Reason, State
from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from bot.domain.stored import to_json
from storage import jobs, ledger, posts
from storage.database import MIGRATIONS, Database
from tests.storage.story import MEMBER, SERVER, minutes

PRICE: Final = 120_000_000  # of two results
TABLES: Final = (
    "installation", "quotes", "cancelled_quotes", "sources", "jobs", "ledger", "results", "transfers", "posts"
)  # fmt: skip

WAYS: Final[dict[str, list[str]]] = {
    # by which states a job came to this one
    "queued": [],
    "sending": ["sending"],
    "running": ["sending", "running"],
    "unresolved": ["sending", "running", "unresolved"],
    "done": ["sending", "running", "done"],
    "failed": ["sending", "running", "failed"],
    "rejected": ["sending", "failed"],
    "cancelled": ["cancelled"],
}


def begin(path: Path, upto: int = 1) -> sqlite3.Connection:
    """A database of that time."""
    connection = sqlite3.connect(path, isolation_level=None)
    for n, file in enumerate(sorted(MIGRATIONS.glob("*.sql"))[:upto], start=1):
        connection.executescript(f"{file.read_text('utf-8')}\nPRAGMA user_version = {n};")
    return connection


def book(db: sqlite3.Connection, job: str, kind: str, amount: int, *, estimated: int = 0) -> None:
    db.execute(
        "INSERT INTO ledger (job_id, kind, amount, server_id, member_id, held_at, estimated, booked_at) "
        "VALUES (?, ?, ?, ?, ?, 7, ?, 8)",
        (job, kind, amount, SERVER, MEMBER, estimated),
    )


def quote(db: sqlite3.Connection, name: str) -> None:
    request = json.dumps(to_json(TextToVideo(prompt=f"a {name} fox", resolution="360p", count=2)))
    db.execute(
        "INSERT INTO quotes VALUES (?, ?, 10, ?, ?, '2026-11-20', ?, 1, 2)", (name, SERVER, MEMBER, request, PRICE)
    )


def post(db: sqlite3.Connection, job: str, kind: str, n: int, state: str) -> None:
    message = db.execute("SELECT 1 + count(*) FROM posts").fetchone()[0] if state == "posted" else None
    nonce = posts.nonce_of(job, "notice" if kind == "notice" else "result" if n else "progress", n)
    db.execute(
        "INSERT INTO posts (nonce, job_id, kind, n, state, channel_id, message_id) VALUES (?, ?, ?, ?, ?, 10, ?)",
        (nonce, job, kind, n, state, message),
    )


def job(db: sqlite3.Connection, name: str) -> None:
    """A job that came to its state by steps, with what was booked, and what there was to post."""
    quote(db, name)
    db.execute(
        "INSERT INTO jobs (id, quote_id, server_id, member_id, count, task_id, body, state, held_at) "
        "VALUES (?, ?, ?, ?, 2, ?, '{}', 'queued', 7)",
        (name, name, SERVER, MEMBER, f"task {name}"),
    )
    book(db, name, "hold", PRICE)
    post(db, name, "progress", 0, "posted")
    for state in WAYS[name]:
        if state in ("done", "failed", "unresolved") and "running" in WAYS[name]:
            results(db, name, won={"done": 1, "failed": 0, "unresolved": 1}[state])
        if state == "done":
            book(db, name, "settle", PRICE // 2, estimated=1)
            book(db, name, "overrun", 5)
        elif state in ("failed", "cancelled"):
            book(db, name, "release", PRICE)
        db.execute(
            "UPDATE jobs SET state = ?, version = version + 1, reason = ?, "
            "sent_at = CASE ? WHEN 'cancelled' THEN NULL ELSE 8 END, "
            "accepted_at = CASE ? WHEN 'running' THEN 9 ELSE accepted_at END WHERE id = ?",
            (state, "broken" if state == "failed" else None, state, state, name),
        )
    if WAYS[name][-1:] == ["failed"]:
        post(db, name, "notice", 0, "waiting")


def results(db: sqlite3.Connection, name: str, *, won: int) -> None:
    """One success, or none, and where the job is over failures up to its two results."""
    insert = "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, 9)"
    for n in range(1, won + 1):
        db.execute(insert, (name, n, f"{name}{n}", '["https://vm.runware.ai/a.mp4"]', 60_000_000, None))
        post(db, name, "result", n, "undelivered" if name == "done" else "waiting")
    if name != "unresolved":
        for n in range(won + 1, 3):
            db.execute(insert, (name, n, None, "[]", None, "broken"))


def everything(path: Path, columns: dict[str, list[str]] | None = None) -> dict[str, list[dict[str, Any]]]:
    """All rows of the tables of that time; `columns`: only these."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        found = {table: [dict(row) for row in db.execute(f"SELECT * FROM {table}")] for table in TABLES}
    if columns is None:
        return found
    return {
        table: [{name: row[name] for name in columns[table]} for row in content] for table, content in found.items()
    }


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "raybot.db"
    with closing(begin(path)) as db:
        for name in WAYS:
            job(db, name)
        for name in ("open", "withdrawn"):
            quote(db, name)
        db.execute("INSERT INTO cancelled_quotes VALUES ('withdrawn', 5)")
        db.execute("INSERT INTO sources VALUES ('open', ?)", ("a" * 64,))
        db.execute("INSERT INTO installation VALUES ('home server', '1')")
        db.execute("INSERT INTO transfers VALUES ('sending', 'hash', 'usual', 'id', 8)")
    return path


async def test_every_row_of_the_first_schema_is_as_it_was(old: Path) -> None:
    before = everything(old)
    assert {row["state"] for row in before["jobs"]} == set(State)
    assert all(before.values()), "a table has nothing to lose"
    async with Database.open(old):
        pass
    columns = {table: list(content[0]) for table, content in before.items()}
    assert everything(old, columns) == before


async def test_every_hold_outcome_and_post_is_read_and_goes_on_as_before(old: Path) -> None:
    hold, half = Usd(PRICE), Usd(PRICE // 2)
    async with Database.open(old) as database:
        found = {name: await jobs.existing(database.read, name) for name in WAYS}
        assert {name: (str(each.state), each.settled, each.overrun) for name, each in found.items()} == {
            **{name: (name, None, None) for name in WAYS},
            "done": ("done", half, Usd(5)),
            "rejected": ("failed", None, None),
        }
        assert {(each.hold, each.estimated, each.resolved_at) for each in found.values()} == {
            (hold, False, None),
            (hold, True, None),
        }
        assert [len(found[name].results) for name in ("done", "failed", "unresolved", "queued")] == [2, 2, 1, 0]
        assert await ledger.held(database.read) == hold * 4  # queued, sending, running and unresolved
        told = {name: [(p.nonce, p.state) for p in await posts.of_job(database.read, name)] for name in WAYS}
        assert told["done"] == [("done.p0", "posted"), ("done.r1", "undelivered")]
        assert told["unresolved"] == [("unresolved.p0", "posted"), ("unresolved.r1", "waiting")]
        assert told["failed"] == [("failed.p0", "posted"), ("failed.p1", "waiting")]
        async with database.transaction() as tx:
            await jobs.take(tx, "queued", CANCEL, at=minutes(1))
            links = ("https://vm.runware.ai/b.mp4",)
            await jobs.arrive(tx, "running", [Arrival(n, links, half, None) for n in "ab"], at=minutes(1))
        assert await ledger.held(database.read) == hold * 2
        assert (await jobs.existing(database.read, "running")).settled == hold


async def test_what_staff_had_resolved_before_says_when(tmp_path: Path) -> None:
    """Its results may still come: it is awaited like one that is resolved today."""
    path = tmp_path / "raybot.db"
    with closing(begin(path, 3)) as db:
        for name in ("unresolved", "failed"):
            job(db, name)
        book(db, "unresolved", "release", PRICE)
        db.execute("UPDATE jobs SET state = 'failed', reason = 'lost' WHERE id = 'unresolved'")
        db.execute(
            "INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at) "
            "VALUES (?, 'resolve', 'unresolved', 'held', 'released', 900, '', 60000000)",
            (SERVER,),
        )
    async with Database.open(path) as database:
        resolved = await jobs.existing(database.read, "unresolved")
        assert (resolved.reason, resolved.is_awaited) == (Reason.LOST, True)
        assert (await jobs.existing(database.read, "failed")).resolved_at is None
        assert resolved.resolved_at is not None
        assert await jobs.awaited(database.read, since=resolved.resolved_at) == [resolved]
