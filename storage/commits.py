"""Transactions, one at a time, and the commits that those share which come at the same time.

    transaction   BEGIN  SAVEPOINT … RELEASE            stored: every one of them, or none
    transaction                      SAVEPOINT … RELEASE
    transaction                                  SAVEPOINT … ROLLBACK TO         only this one changes nothing
    commit                                                             COMMIT    the one wait for the disk

Nobody goes on before what they did, and what they saw, is on the disk, unless they say that they need not wait.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from storage.direct import Direct
from storage.writes import FileGone, Writes, primary_code

PATIENCE: Final = 5.0
"""Seconds in which another program may end its own transaction, from when one of ours is asked for: those that wait
together give up together."""

LOOK_AGAIN: Final = 0.02  # seconds between two looks at whether it has


class Batch:
    """What is stored by one commit, or not at all."""

    def __init__(self) -> None:
        self.changes_rows = False  # or everybody in it has only looked, or failed
        self._over: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def end(self, error: Exception | None) -> None:
        """It is on the disk; or, with an error, nothing of it is, for good."""
        self._over.set_result(error)

    def abandon(self) -> None:
        """Where it has not ended, the program does; whoever waits ends with it."""
        self._over.cancel()

    @property
    def is_over(self) -> bool:
        return self._over.done()

    async def over(self) -> Exception | None:
        """None when it is on the disk, or why nothing of it is. Who is cancelled meanwhile, however often, goes on
        then, too, so that they see what has become of it."""
        cancelled = None
        while not self.is_over:
            try:
                await asyncio.shield(self._over)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        return self._over.result()


class Commits:
    """Made with a connection that nobody else uses, and that leaves transactions to whoever begins them."""

    def __init__(self, connection: sqlite3.Connection, writes: Writes) -> None:
        self._connection = connection
        self._tx = Direct(connection)
        self._writes = writes
        self._turn = asyncio.Lock()  # those who wait for it get it in the order in which they came
        self._batch: Batch | None = None  # the one that may still be joined
        self._committing: asyncio.Task[None] | None = None
        self._disk = ThreadPoolExecutor(1, "commits")
        self.file_gone: Final = asyncio.Event()

    @asynccontextmanager
    async def transaction(self, *, waits: bool) -> AsyncGenerator[Direct]:
        """Database.transaction says what it does, and what it raises."""
        batch: Batch | None = None
        until = asyncio.get_running_loop().time() + PATIENCE
        try:
            async with self._turn:
                batch = self._batch or await self._begin(until)
                with self._savepoint(batch):
                    yield self._tx
        except Exception as error:
            self._check(error)
            if batch is not None:
                await self._stored(batch)  # what it has seen may be others', who are in the same batch
            raise
        if waits:
            await self._stored(batch)

    async def aclose(self) -> None:
        """Wait for a commit that is under way, also for one whose transactions were cancelled."""
        try:
            if self._committing is not None:
                await asyncio.wait([self._committing])
        finally:
            self._disk.shutdown()
            self._connection.close()

    async def _stored(self, batch: Batch) -> None:
        if (error := await batch.over()) is not None:
            self._check(error)
            raise error

    def _check(self, error: Exception) -> None:
        """Raises CannotWrite for an error whose cause lies outside."""
        refused = self._writes.refused(error) if isinstance(error, sqlite3.OperationalError) else None
        if refused is not None and refused is not error:
            raise refused from error

    async def _begin(self, until: float) -> Batch:
        """A batch, and the commit of it: its turn comes after those who wait for theirs now, and they join it."""
        await self._lock_file(until)
        batch = self._batch = Batch()
        self._committing = asyncio.create_task(self._commit(batch))
        self._committing.add_done_callback(lambda _: batch.abandon())  # also where it had not begun
        return batch

    async def _lock_file(self, until: float) -> None:
        """Another program may have it. That is not waited for within SQLite, since everybody would wait then.

        `until`: the loop's time at which the last look is over. There is one look at least.
        """
        clock = asyncio.get_running_loop().time
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY or clock() >= until:
                    raise
            else:
                return
            await asyncio.sleep(LOOK_AGAIN)

    @contextmanager
    def _savepoint(self, batch: Batch) -> Generator[None]:
        """What fails inside changes nothing, and takes nothing of the others' along."""
        before = self._connection.total_changes  # it never goes down again, also not by a rollback
        self._connection.execute("SAVEPOINT one")
        try:
            yield
            self._connection.execute("RELEASE one")
            batch.changes_rows |= self._connection.total_changes > before
        except BaseException as error:
            try:
                self._connection.execute("ROLLBACK TO one")
                self._connection.execute("RELEASE one")
            except sqlite3.Error:  # SQLite has undone the whole batch, as it does where the disk is full
                self._connection.rollback()  # or it cannot even do this
                self._batch = None
                batch.end(error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError("undone"))
            raise

    async def _commit(self, batch: Batch) -> None:
        async with self._turn:
            if not batch.is_over:
                self._batch = None
                batch.end(await self._write(batch))

    async def _write(self, batch: Batch) -> Exception | None:
        """Put it on the disk, in a thread: that is what takes its time. None, or why it is not there."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._disk, self._commit_to_file)
            if batch.changes_rows:
                self._writes.stored()
        except Exception as error:  # whatever it is, those who wait are told
            if isinstance(error, FileGone):
                self.file_gone.set()
            self._connection.rollback()
            return error
        return None

    def _commit_to_file(self) -> None:
        if self._writes.is_gone:
            raise FileGone("the file was taken away or replaced")
        self._connection.execute("COMMIT")  # `commit()` says nothing where there is no transaction any more
