"""One file, one process, one transaction at a time: all of it or nothing."""

import asyncio
import itertools
import os
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import installation, posts
from storage.database import CannotOpen, Database, from_micros, to_micros
from storage.installation import remember, remembered
from tests.interrupt import interrupted
from tests.storage.story import everything

HOLD_IT_OPEN = """
import asyncio, sys
from pathlib import Path
from storage.database import Database
from storage.installation import remember

async def main():
    async with Database.open(Path(sys.argv[1])) as database:
        async with database.transaction() as tx:
            await remember(tx, "committed", "yes")
        async with database.transaction() as tx:
            await remember(tx, "committed", "no")
            await remember(tx, "half done", "yes")
            print("ready", flush=True)
            await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def another_process(path: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process that has the database open, in the middle of its second transaction. It is killed in the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD_IT_OPEN, str(path), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.communicate()


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def open_up(path: Path, mode: int) -> None:
    path.chmod(mode)


async def test_another_process_finds_the_door_locked_until_the_first_is_gone(tmp_path: Path) -> None:
    """Killed without warning, it leaves no lock, what it had committed, and nothing of what it had not."""
    path = tmp_path / "raybot.db"
    async with another_process(path):
        with pytest.raises(CannotOpen) as refused:
            async with Database.open(path):
                pytest.fail("two processes had the database")
        assert str(path) in str(refused.value)
        assert "another Raybot" in str(refused.value)
        assert "\n" not in str(refused.value)
    async with Database.open(path) as database:
        assert await remembered(database.read, "committed") == "yes"
        assert await remembered(database.read, "half done") is None


async def test_a_second_open_is_refused_by_whichever_way_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "raybot.db"
    link, folder = tmp_path / "link.db", tmp_path / "folder"
    link.symlink_to(path)
    folder.symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    async with Database.open(path):
        for way in (path, link, folder / "raybot.db", Path("raybot.db"), tmp_path / "x" / ".." / "raybot.db"):
            with pytest.raises(CannotOpen, match=r"raybot\.db is in use by another Raybot"):
                async with Database.open(way):
                    pytest.fail(f"{way} was opened twice")
    async with Database.open(link) as database:
        assert await remembered(database.read, "anything") is None


async def test_two_databases_may_be_open_side_by_side(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "a.db") as a, Database.open(tmp_path / "b.db") as b, a.transaction() as tx:
        await remember(tx, "name", "a")
        assert await remembered(b.read, "name") is None


async def test_only_the_owner_can_read_what_is_stored(tmp_path: Path) -> None:
    """Prompts and spending are in the file, and in the two that SQLite keeps beside it."""
    path = tmp_path / "data" / "raybot.db"
    before = os.umask(0)
    try:
        async with Database.open(path) as database:
            async with database.transaction() as tx:
                await remember(tx, "name", "value")
            assert {each.name: mode_of(each) for each in path.parent.iterdir()} == dict.fromkeys(
                ("raybot.db", "raybot.db-wal", "raybot.db-shm", "raybot.db.lock"), 0o600
            )
            assert mode_of(path.parent) == 0o700
    finally:
        os.umask(before)


async def test_a_copy_that_everybody_could_read_is_closed_to_them(tmp_path: Path) -> None:
    """A database that was restored from a backup, say. The folder that was there already is left as it is."""
    path = tmp_path / "raybot.db"
    async with Database.open(path):
        pass
    open_up(path, 0o644)
    open_up(tmp_path, 0o755)
    async with Database.open(path):
        assert (mode_of(path), mode_of(tmp_path)) == (0o600, 0o755)


@pytest.mark.parametrize("trouble", ["not a database", "a folder", "a file for a folder", "another's database"])
async def test_what_cannot_be_opened_is_named_in_one_line(tmp_path: Path, trouble: str) -> None:
    path = tmp_path / "raybot.db"
    match trouble:
        case "not a database":
            path.write_text("Dear diary, " * 1000)
        case "a folder":
            path.mkdir()
        case "a file for a folder":
            path.write_text("")
            path = path / "raybot.db"
        case _:
            with sqlite3.connect(path) as other:
                other.execute("CREATE TABLE jobs (mine TEXT)")
            other.close()
    with pytest.raises(CannotOpen) as refused:
        async with Database.open(path):
            pytest.fail("it was opened")
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_database_that_cannot_be_opened_leaves_no_thread_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite takes no path of this length. A thread that outlives the loop would add a traceback to the line."""
    path = tmp_path.joinpath(*["d" * 100] * 6, "raybot.db")
    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    with pytest.raises(CannotOpen, match="unable to open"):
        async with Database.open(path):
            pytest.fail("it was opened")
    assert started == []


async def test_what_was_stored_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    for n in range(3):
        async with Database.open(tmp_path / "raybot.db") as database, database.transaction() as tx:
            assert await remembered(tx, "opened") == (str(n) if n else None)
            await remember(tx, "opened", str(n + 1))


async def test_all_connections_are_set_up_to_keep_what_they_promise(database: Database) -> None:
    """Durable, with foreign keys, and with triggers that REPLACE cannot go around."""
    async with database.transaction() as tx, database.snapshot() as still:
        for connection in (tx, still, database.read, database.history):
            found: dict[str, object] = {}
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers"):
                [row] = await connection.execute_fetchall(f"PRAGMA {pragma}")
                found[pragma] = row[0]
            assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


async def test_what_is_not_committed_cannot_be_read(database: Database) -> None:
    async with database.transaction() as tx:
        await remember(tx, "name", "value")
        assert await remembered(tx, "name") == "value"
        assert await remembered(database.read, "name") is None
    assert await remembered(database.read, "name") == "value"


async def test_the_connections_for_reading_change_nothing(database: Database) -> None:
    for connection in (database.read, database.history):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await remember(connection, "name", "value")


@pytest.mark.parametrize("error", [ValueError, sqlite3.IntegrityError, KeyboardInterrupt, asyncio.CancelledError])
async def test_a_transaction_that_fails_leaves_nothing_and_the_next_one_works(
    database: Database, error: type[BaseException]
) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            await remember(tx, "name", "value")
            raise error

    with pytest.raises(error):
        await work()
    async with database.transaction() as tx:
        assert await remembered(tx, "name") is None
        await remember(tx, "other", "value")
    assert await remembered(database.read, "other") == "value"


async def test_a_statement_that_fails_takes_the_whole_transaction_with_it(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            await remember(tx, "name", "value")
            await tx.execute("INSERT INTO installation (name, value) VALUES ('x', NULL)")

    with pytest.raises(sqlite3.IntegrityError):
        await work()
    assert await remembered(database.read, "name") is None


async def test_transactions_take_turns(database: Database) -> None:
    """Fifty tasks that each read, wait and write: none writes over what another has read."""

    async def count() -> None:
        async with database.transaction() as tx:
            before = int(await remembered(tx, "count") or 0)
            await asyncio.sleep(0)
            await remember(tx, "count", str(before + 1))

    await asyncio.gather(*(count() for _ in range(50)))
    assert await remembered(database.read, "count") == "50"


async def test_a_transaction_that_is_cancelled_at_any_await_is_whole_or_nothing(database: Database) -> None:
    """At each await of it, and at the ones after."""

    async def work(n: str) -> None:
        async with database.transaction() as tx:
            await remember(tx, f"one {n}", n)
            await asyncio.sleep(0)  # no statement waits
            await remember(tx, f"two {n}", n)
            await asyncio.sleep(0)

    whole = {True: 0, False: 0}
    for more in ((), (1,), (1, 2)):
        for at in itertools.count(1):
            name = f"{at} {more}"
            try:
                await interrupted(work(name), at, *(at + n for n in more))
            except asyncio.CancelledError:
                async with database.transaction() as tx:  # it is free, and comes after all of that
                    both = [await remembered(tx, f"{part} {name}") for part in ("one", "two")]
                assert both in ([name, name], [None, None])
                whole[both == [name, name]] += 1
            else:
                break
    assert whole[True] >= 3  # cancelled while it was put on the disk
    assert whole[False] >= 6  # and before


async def test_a_task_that_is_cancelled_while_it_waits_for_its_turn_changes_nothing(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            await remember(tx, "name", "value")

    async with database.transaction():
        before = await everything(database.read)
        waiting = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await everything(database.read) == before


@given(st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_is_stored_to_the_microsecond(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment
    assert from_micros(to_micros(moment)).tzinfo is UTC
    elsewhere = moment.astimezone(timezone(timedelta(hours=-5, minutes=-30)))
    assert to_micros(elsewhere) == to_micros(moment)


def test_a_moment_without_a_zone_is_not_stored() -> None:
    with pytest.raises(TypeError):
        to_micros(datetime(2026, 11, 20))  # noqa: DTZ001


async def test_what_is_committed_is_seen_by_the_next_read_however_many_read_at_once(tmp_path: Path) -> None:
    """A cursor left open by one reader would hold all others to what was stored when it was opened."""
    async with Database.open(tmp_path / "raybot.db") as database:
        async with database.transaction() as tx:
            await installation.remember(tx, "n", "0")
        done = False

        async def read_on() -> None:
            while not done:
                for connection in (database.read, database.history):
                    await installation.remembered(connection, "n")
                    await posts.jobs_behind(connection)

        readers = [asyncio.create_task(read_on()) for _ in range(16)]
        for n in range(100):
            async with database.transaction() as tx:
                await installation.remember(tx, "n", str(n))
            assert await installation.remembered(database.read, "n") == str(n)
            assert await installation.remembered(database.history, "n") == str(n)
        done = True
        await asyncio.gather(*readers)


async def test_a_strangers_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """A mistyped DATABASE_URL may name any file."""
    stranger = tmp_path / "stranger"
    stranger.write_bytes(b"something else, that others have to read")
    stranger.chmod(0o755)
    with pytest.raises(CannotOpen, match="not a database"):
        async with Database.open(stranger):
            pass
    assert stranger.stat().st_mode & 0o777 == 0o755
    assert not (tmp_path / "stranger.lock").exists()


@pytest.mark.parametrize("tell", ["application_id = 7", "user_version = 0", "user_version = 3"])
@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_another_programs_database_is_refused_and_left_as_it_is(
    tmp_path: Path, tell: str, journal: str
) -> None:
    """Whether it says whose it is or not, and wherever its pages are."""
    path = tmp_path / "diary.db"
    theirs = sqlite3.connect(path)
    theirs.execute(f"PRAGMA journal_mode = {journal}")
    theirs.execute(f"PRAGMA {tell}")
    theirs.execute("CREATE TABLE diary (day TEXT)")
    theirs.execute("INSERT INTO diary VALUES ('Saturday')")
    theirs.commit()
    path.chmod(0o644)
    try:
        with pytest.raises(CannotOpen, match="another program's database"):
            async with Database.open(path):
                pass
        assert theirs.execute("SELECT * FROM diary").fetchall() == [("Saturday",)]
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("diary",)]
    finally:
        theirs.close()
    if journal == "delete":
        assert path.stat().st_mode & 0o777 == 0o644
        assert os.listdir(tmp_path) == ["diary.db"]  # noqa: PTH208


async def test_a_database_says_whose_it_is(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "raybot.db"):
        pass
    content = (tmp_path / "raybot.db").read_bytes()
    assert content[68:72] == b"Rayb"  # where SQLite's file format has the application's id


async def test_a_database_from_before_it_said_so_is_known_by_its_tables(database: Database, tmp_path: Path) -> None:
    async with database.transaction() as tx:
        await tx.execute("PRAGMA application_id = 0")
    shutil.copy(tmp_path / "raybot.db", tmp_path / "older.db")
    shutil.copy(tmp_path / "raybot.db-wal", tmp_path / "older.db-wal")
    async with Database.open(tmp_path / "older.db") as older:
        assert await everything(older.read)


async def test_what_sqlite_puts_beside_it_is_its_owners_too(tmp_path: Path) -> None:
    """Also where the umask would let everybody in."""
    before = os.umask(0)
    try:
        async with Database.open(tmp_path / "raybot.db") as database:
            async with database.transaction() as tx:
                await remember(tx, "name", "value")
            modes = {name: (tmp_path / name).stat().st_mode & 0o077 for name in os.listdir(tmp_path)}  # noqa: PTH208
    finally:
        os.umask(before)
    assert modes.keys() >= {"raybot.db", "raybot.db-wal", "raybot.db-shm"}
    assert set(modes.values()) == {0}
