"""The database: one SQLite file, opened by one process, changed in transactions and in no other way."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self, TypeAlias
from urllib.parse import quote

import aiosqlite
import filelock

from storage.commits import Commits
from storage.direct import Direct
from storage.writes import Writes

SQLITE: Final = b"SQLite format 3\0"  # how every database file begins
APPLICATION_ID: Final = 0x52617962
"""Rayb: what a database of ours says that it is, since the migration that says so. 0: it says nothing."""
MIGRATIONS: Final = Path(__file__).parent / "migrations"

Tx: TypeAlias = Direct | aiosqlite.Connection
"""An open transaction or snapshot, or a connection for single reads: what the functions of this package take."""

PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # REPLACE deletes, and so meets the triggers that refuse to
    "PRAGMA cache_size = -384",  # KiB; beyond that the system's own cache serves as well, and not four times
)
"""Of every connection."""

READ_ONLY: Final = "PRAGMA query_only = ON"

STAYS_IN_MEMORY: Final = "PRAGMA cache_spill = OFF"
"""What is changed, until its commit. Moved to the file, it may wait for the disk within a statement. Not for
migrations: they may change more than fits."""

LOOK_EVERY: Final = 10.0
"""Seconds between two looks at whether the file is still there, while nothing is written."""

_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class CannotOpen(Exception):
    """The database cannot be used; the message is one line for the operator."""


class Strange(Exception):
    """This file is another program's."""


async def rows(tx: Tx, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[sqlite3.Row]:
    """All rows that a statement finds, fetched in one go.

    A cursor that is left open between execute and fetch would hold its connection to what was stored when it was
    opened, and with it every other read of that connection: what was committed since would not be seen.
    """
    return list(await tx.execute_fetchall(sql, parameters))  # pyright: ignore[reportArgumentType] - also a mapping


def to_micros(at: datetime) -> int:
    """A time as it is stored: whole microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """A stored time, aware, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


class Database:
    """Open with `async with Database.open(path)`; then `transaction()` to change, `read` to look once, and
    `snapshot()` to look several times at the same.

    `history` is for single reads of what grows with all that was ever bought: they take their time, in a thread.
    """

    def __init__(
        self,
        commits: Commits,
        read: Direct,
        still: Direct,
        history: aiosqlite.Connection,
        writes: Writes,
    ) -> None:
        self.writes: Final = writes
        self.read: Final = read
        self.history: Final = history
        self._commits = commits
        self._still = still
        self._one_snapshot_at_a_time = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncGenerator[Self]:
        """The database at `path`, made and migrated where needed, readable by its owner only.

        Raises CannotOpen when another process has it, or when it cannot be read, written or understood.
        """
        async with AsyncExitStack() as stack:
            try:
                path = _make(path)
                stack.enter_context(filelock.FileLock(f"{path}.lock", timeout=0, mode=0o600))
                with closing(sqlite3.connect(path)) as first:  # aiosqlite would leave a thread that fails later
                    check_whose(first)  # once more, with what was written and not yet moved into the file
                history = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None))
                history.row_factory = sqlite3.Row
                for pragma in PRAGMAS:
                    await history.execute(pragma)
                await migrate(history)
                await history.execute(READ_ONLY)
                read, still = [stack.enter_context(closing(_open_to_read(path))) for _ in range(2)]
                writes = Writes(path)
                commits = await stack.enter_async_context(aclosing(Commits(_connect(path), writes)))
            except Strange as error:
                raise CannotOpen(f"{path} cannot be used: {error}") from None
            except filelock.Timeout:
                raise CannotOpen(f"{path} is in use by another Raybot; stop that one first") from None
            except (OSError, sqlite3.Error) as error:
                raise CannotOpen(f"{path} cannot be opened: {error}") from error
            yield cls(commits, Direct(read), Direct(still), history, writes)

    def transaction(self, *, waits: bool = True) -> AbstractAsyncContextManager[Direct]:
        """All of what is done inside is stored, durably, or none of it; one transaction at a time.

        `waits` False: it is on the disk soon, and before whatever is done in a later one; where it cannot be
        stored, that is for a later one to say. For what may be lost with the machine.

        No await of a statement waits, and what was not committed is undone, so that a task that is cancelled
        at any await leaves either all of it or nothing behind. Those that come at the same time share a commit
        (storage/commits.py); none returns before its own is on the disk.

        Raises CannotWrite, with nothing stored, where the disk or another program does not let it, and FileGone
        where what is stored would be in no file that anybody finds again.
        """
        return self._commits.transaction(waits=waits)

    async def taken_away(self) -> None:
        """Returns when the file is no longer where it was opened: at once where a transaction meets it."""
        while not self.writes.is_gone:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._commits.file_gone.wait()

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Direct]:
        """Several reads of one moment: what is committed meanwhile is not seen. It holds up no transaction, nor do
        they wait for it; but it keeps the log of the database from being cleared, so end it soon.

        It has a connection of its own: on `read` it would keep everybody else in its moment.
        """
        async with self._one_snapshot_at_a_time:
            try:
                await self._still.execute("BEGIN")
                yield self._still
            finally:
                self._still.connection.rollback()


def _make(path: Path) -> Path:
    """The file itself, behind all links: whichever way leads there, the lock beside it is the same."""
    path = path.resolve()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    _check(path)
    if path.stat().st_mode & 0o077:  # a copy that was put here
        path.chmod(0o600)
    return path


def _check(path: Path) -> None:
    """Before anything of it is changed: a mistyped path may name any file at all."""
    if not path.is_file():
        raise IsADirectoryError("it is a folder")
    with path.open("rb") as file:
        head = file.read(100)  # SQLite's own; what is in it is documented at sqlite.org/fileformat.html
    if not head:
        return
    if not head.startswith(SQLITE):
        raise sqlite3.DatabaseError("file is not a database")
    # immutable: reading it otherwise may put files beside it, and change them
    with closing(sqlite3.connect(f"file:{quote(str(path))}?immutable=1", uri=True)) as connection:
        check_whose(connection)


def check_whose(connection: sqlite3.Connection) -> None:
    """Raises Strange for another program's database. One in which there is nothing yet may become ours."""
    [(application_id,)] = connection.execute("PRAGMA application_id")
    [(version,)] = connection.execute("PRAGMA user_version")
    tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    is_ours = application_id == APPLICATION_ID or (application_id == 0 and (version > 0 or not tables))
    if not is_ours or (tables and not {"installation", "quotes", "jobs"} <= tables):
        raise Strange("it is another program's database, and is left as it is")


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that waits for nobody, since everybody would wait. Its commits may come from another thread."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    for pragma in (*PRAGMAS, STAYS_IN_MEMORY):
        connection.execute(pragma)
    return connection


def _open_to_read(path: Path) -> sqlite3.Connection:
    connection = _connect(path)
    connection.execute(READ_ONLY)
    return connection


async def migrate(connection: aiosqlite.Connection, files: list[Path] | None = None) -> None:
    """Apply the migrations that this database has not had, each in a transaction with the record of it.

    Raises CannotOpen for a database of a newer Raybot.
    """
    files = sorted(MIGRATIONS.glob("*.sql")) if files is None else files
    [[applied]] = await rows(connection, "PRAGMA user_version")
    if applied > len(files):
        raise CannotOpen(f"this database is from a newer Raybot (version {applied}, this one knows {len(files)})")
    await connection.execute("PRAGMA foreign_keys = OFF")  # a table that others refer to may be made anew
    try:
        for number, file in enumerate(files[applied:], start=applied + 1):
            script = f"BEGIN IMMEDIATE;\n{file.read_text('utf-8')}\nPRAGMA user_version = {number};"
            await connection.executescript(script)
            if await rows(connection, "PRAGMA foreign_key_check"):
                raise CannotOpen(f"{file.name} leaves rows behind that refer to nothing")
            await connection.commit()
    finally:
        await connection.rollback()
        await connection.execute("PRAGMA foreign_keys = ON")
