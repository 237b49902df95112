"""Transactions that come at the same time share a commit, and each of them is as good as alone."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from storage import commits as commits_of
from storage.database import Database
from storage.installation import remember, remembered
from storage.writes import CannotWrite, FileGone

MANY = 50


async def store(database: Database, name: str, value: str = "stored") -> None:
    async with database.transaction() as tx:
        await remember(tx, name, value)


async def traced(database: Database) -> list[str]:
    """What the connection that writes is asked from now on."""
    said: list[str] = []
    async with database.transaction() as tx:
        tx.connection.set_trace_callback(said.append)
    said.clear()
    return said


def commits(said: list[str]) -> int:
    return sum("COMMIT" in sql for sql in said)


async def test_many_at_once_share_a_commit_and_none_goes_on_before_it(database: Database) -> None:
    said = await traced(database)

    async def one(name: str) -> int:
        await store(database, name)
        return commits(said)

    at_the_end_of_each = await asyncio.gather(*(one(str(n)) for n in range(MANY)))
    assert commits(said) == 1
    assert set(at_the_end_of_each) == {1}
    assert [await remembered(database.read, str(n)) for n in range(MANY)] == ["stored"] * MANY


async def test_nothing_is_written_before_the_commit_however_much_it_is(database: Database, tmp_path: Path) -> None:
    """Statements are carried out in the event loop's thread, which must not wait for the disk."""
    log = tmp_path / "raybot.db-wal"
    async with database.transaction() as tx:
        before = log.stat().st_size
        for n in range(MANY):
            await remember(tx, str(n), "x" * 40_000)
        assert log.stat().st_size == before
    assert log.stat().st_size > before + MANY * 40_000


async def test_those_that_come_during_a_commit_share_the_next_one(database: Database) -> None:
    said = await traced(database)
    first = asyncio.create_task(store(database, "first"))
    while not commits(said):
        await asyncio.sleep(0)
    await asyncio.gather(first, *(store(database, str(n)) for n in range(MANY)))
    assert commits(said) == 2


async def test_what_is_stored_is_seen_by_others_only_when_it_is_on_the_disk(database: Database) -> None:
    """A crash in between would take it away again."""
    said = await traced(database)
    seen: list[tuple[int, str | None]] = []

    async def look() -> None:
        while not commits(said):
            seen.append((commits(said), await remembered(database.read, "name")))
            await asyncio.sleep(0)

    await asyncio.gather(look(), store(database, "name"))
    assert len(seen) > 1
    assert {value for before, value in seen if not before} == {None}


async def test_one_that_fails_takes_nothing_of_the_others_along(database: Database) -> None:
    said = await traced(database)

    async def succeed(name: str) -> None:
        await store(database, name)

    async def fail(name: str) -> None:
        async with database.transaction() as tx:
            await remember(tx, name, "half done")
            raise ZeroDivisionError

    async def break_a_rule(name: str) -> None:
        async with database.transaction() as tx:
            await remember(tx, name, "half done")
            await tx.execute("INSERT INTO installation (name, value) VALUES ('x', NULL)")

    ways = (succeed, fail, break_a_rule) * 10
    became = await asyncio.gather(*(way(str(n)) for n, way in enumerate(ways)), return_exceptions=True)
    assert [type(each) for each in became] == [type(None), ZeroDivisionError, sqlite3.IntegrityError] * 10
    assert commits(said) == 1
    assert [await remembered(database.read, str(n)) for n in range(30)] == ["stored", None, None] * 10


async def test_where_the_commit_fails_all_of_them_have_failed(database: Database, tmp_path: Path) -> None:
    """Also one that failed by itself: what it has seen, and would tell of, was never stored."""

    async def refuse() -> None:
        async with database.transaction() as tx:
            raise ZeroDivisionError(await remembered(tx, "0"))

    path = tmp_path / "raybot.db"
    path.rename(tmp_path / "elsewhere")
    became = await asyncio.gather(*(store(database, str(n)) for n in range(10)), refuse(), return_exceptions=True)
    assert [type(each) for each in became] == [FileGone] * 11
    (tmp_path / "elsewhere").rename(path)
    await store(database, "afterwards")
    assert await remembered(database.read, "0") is None
    assert await remembered(database.read, "afterwards") == "stored"


async def test_where_another_program_has_the_file_those_who_wait_together_are_told_together(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's patience begins only when that of all before them is over."""
    monkeypatch.setattr(commits_of, "PATIENCE", 0.2)
    said = await traced(database)
    looks: list[int] = []

    async def told(name: str) -> None:
        with pytest.raises(CannotWrite):
            await store(database, name)
        looks.append(len(said))

    with closing(sqlite3.connect(tmp_path / "raybot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.gather(*(told(str(n)) for n in range(5)))
    assert looks == list(range(looks[0], looks[0] + 5)), "each looked once more, and waited for nothing"
    await store(database, "afterwards")
    assert await remembered(database.read, "afterwards") == "stored"


async def test_an_error_that_nobody_expects_reaches_all_who_wait(database: Database) -> None:
    def allow(action: int, what: str | None, *_: object) -> int:
        is_commit = action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT"
        return sqlite3.SQLITE_DENY if is_commit else sqlite3.SQLITE_OK

    async with database.transaction() as tx:
        connection = tx.connection
    connection.set_authorizer(allow)
    became = await asyncio.gather(*(store(database, str(n)) for n in range(3)), return_exceptions=True)
    assert [type(each) for each in became] == [sqlite3.DatabaseError] * 3
    connection.set_authorizer(None)
    assert await remembered(database.read, "0") is None
    await store(database, "0")
    assert await remembered(database.read, "0") == "stored"


async def test_who_is_cancelled_during_a_commit_goes_on_when_it_is_over_however_often(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold_up(sql: str) -> None:
        if "COMMIT" in sql:
            begun.set()
            go_on.wait(5)

    async with database.transaction() as tx:
        connection = tx.connection
    connection.set_trace_callback(hold_up)
    storing = asyncio.create_task(store(database, "name"))
    while not begun.is_set():
        await asyncio.sleep(0)
    for _ in range(3):
        storing.cancel()
        await asyncio.sleep(0.01)
    assert not storing.done()
    go_on.set()
    await asyncio.wait([storing], timeout=5)
    assert storing.cancelled()
    assert await remembered(database.read, "name") == "stored"


async def test_where_the_program_ends_during_a_commit_nobody_waits_on(database: Database) -> None:
    """As at the end of `asyncio.run`, which cancels every task that is left, in any order."""
    before = asyncio.all_tasks()
    storing = asyncio.create_task(store(database, "name"))
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before
    assert len(left) == 2, "the commit has a task of its own"
    for task in left:
        task.cancel()
    done, _ = await asyncio.wait([storing], timeout=5)
    assert done


async def test_where_sqlite_undoes_everything_by_itself_none_of_them_is_stored(database: Database) -> None:
    """As it may where the disk is full. Those that come later have a commit of their own."""

    async def undone() -> None:
        async with database.transaction() as tx:
            await tx.execute("ROLLBACK")
            raise CannotWrite("the disk is full")

    became = await asyncio.gather(
        store(database, "before"), undone(), store(database, "after"), return_exceptions=True
    )
    assert [type(each) for each in became] == [CannotWrite, CannotWrite, type(None)]
    assert await remembered(database.read, "before") is None
    assert await remembered(database.read, "after") == "stored"


async def test_where_one_cannot_be_undone_by_itself_all_of_them_are(database: Database) -> None:
    """Nothing of it may be left in a commit of the others'."""

    def keep(action: int, what: str | None, *_: object) -> int:
        is_undone = action == sqlite3.SQLITE_SAVEPOINT and what == "ROLLBACK"
        return sqlite3.SQLITE_DENY if is_undone else sqlite3.SQLITE_OK

    async def fail() -> None:
        async with database.transaction() as tx:
            await remember(tx, "fails", "half done")
            tx.connection.set_authorizer(keep)
            raise ZeroDivisionError

    async def after() -> None:
        async with database.transaction() as tx:
            tx.connection.set_authorizer(None)
            await remember(tx, "after", "stored")

    became = await asyncio.gather(store(database, "before"), fail(), after(), return_exceptions=True)
    assert [type(each) for each in became] == [sqlite3.OperationalError, sqlite3.OperationalError, type(None)]
    names = ("before", "fails", "after")
    assert [await remembered(database.read, name) for name in names] == [None, None, "stored"]


async def test_what_is_undone_before_the_commit_is_not_taken_for_stored(database: Database) -> None:
    async with database.transaction() as tx:
        connection = tx.connection
    storing = asyncio.create_task(store(database, "name"))
    await asyncio.sleep(0)
    assert connection.in_transaction
    connection.rollback()
    with pytest.raises(sqlite3.OperationalError):
        await storing
    await store(database, "other")
    assert await remembered(database.read, "name") is None
    assert await remembered(database.read, "other") == "stored"


async def test_one_that_is_cancelled_is_not_in_the_commit_and_keeps_nobody_from_it(database: Database) -> None:
    async def linger() -> None:
        async with database.transaction() as tx:
            await remember(tx, "lingers", "half done")
            await asyncio.sleep(60)

    before, lingers, after = (
        asyncio.create_task(work) for work in (store(database, "before"), linger(), store(database, "after"))
    )
    await asyncio.sleep(0.05)
    assert not before.done()
    lingers.cancel()
    await asyncio.gather(before, lingers, after, return_exceptions=True)
    assert lingers.cancelled()
    assert [await remembered(database.read, name) for name in ("before", "lingers", "after")] == [
        "stored",
        None,
        "stored",
    ]


async def test_one_that_does_not_wait_is_stored_soon_and_before_all_that_come_later(database: Database) -> None:
    said = await traced(database)
    async with database.transaction(waits=False) as tx:
        await remember(tx, "name", "first")
    assert commits(said) == 0
    async with database.transaction() as tx:
        assert await remembered(tx, "name") == "first"
    assert await remembered(database.read, "name") == "first"


async def test_where_one_that_did_not_wait_could_not_be_stored_the_next_one_says_so(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "raybot.db"
    path.rename(tmp_path / "elsewhere")
    async with database.transaction(waits=False) as tx:
        await remember(tx, "name", "first")
    await asyncio.sleep(0.05)
    assert await remembered(database.read, "name") is None
    with pytest.raises(FileGone):
        await store(database, "other")


async def test_a_database_that_is_closed_at_once_has_what_was_under_way(tmp_path: Path) -> None:
    """Whoever stored it was cancelled, and may not have been told."""
    async with Database.open(tmp_path / "raybot.db") as database:
        storing = asyncio.create_task(store(database, "name"))
        await asyncio.sleep(0)
        storing.cancel()
    async with Database.open(tmp_path / "raybot.db") as database:
        assert await remembered(database.read, "name") == "stored"
