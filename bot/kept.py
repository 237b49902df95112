"""Files that are kept: what quotes and jobs are made from, by hash, and finished videos, by their job.

A kept name always has whole content: files come in elsewhere in the folder, and are renamed into place. What
nothing needs goes by its age or, where there is too much, what was used longest ago first.
"""

import asyncio
import itertools
import logging
import os
import secrets
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self, TypeVar

from bot.domain.refusal import Refusal
from bot.folder import CannotKeep as CannotKeep
from bot.folder import File, Folder, is_file, move, remove, save, size_of
from bot.uninterrupted import to_its_end
from bot.words.speech import say
from storage import installation, sources
from storage.database import Database
from storage.sources import Use

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY: Final = 3600.0  # seconds between two sweeps
AT_A_TIME: Final = 500  # files that the database is asked about in one statement


class NoRoom(Refusal):
    """A file cannot be stored: the disk is full or broken, or what is needed has MEDIA_MAX_BYTES already."""

    def __init__(self) -> None:
        super().__init__(say("media.cannot_keep"))


@dataclass(frozen=True)
class Swept:
    """What a sweep did. `freed` and `left`: bytes."""

    removed: int
    freed: int
    left: int


class Kept:
    """Open with `async with Kept.open(...)`, and start `run()` beside everything else.

    `keep`: for how long a file stays after its last use; `most`: bytes of all files; `now`: the time, aware.
    """

    def __init__(
        self, folder: Path, database: Database, *, keep: timedelta, most: int, now: Callable[[], datetime]
    ) -> None:
        self._folder = Folder(folder)
        self._database = database
        self._owner = ""  # known once it is open
        self._keep = keep
        self._most = most
        self._now = now
        # bytes, as last counted, and what has come since; the first file that comes has it counted
        self._size = most
        self._pinned: Counter[str] = Counter()  # hashes in use, whether the database knows of it yet or not
        # Over each look at the database with what is done about it, and over each end of a use: in between, nothing
        # that is about to be removed comes into use, or out of it because a quote needs it by then.
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, folder: Path, database: Database, *, keep: timedelta, most: int, now: Callable[[], datetime]
    ) -> AsyncGenerator[Self]:
        """The files in `folder`, made where needed; what a killed process was about to receive is removed.

        Raises CannotKeep when another process or database has the folder, or when it cannot be used.
        """
        kept = cls(folder, database, keep=keep, most=most, now=now)
        async with database.transaction() as tx:
            owner = await installation.remember_first(tx, installation.IDENTITY, secrets.token_hex(8))
        kept._owner = owner
        lock = kept._folder.open(owner)
        try:
            yield kept
        finally:
            os.close(lock)

    def path(self, sha256: str) -> Path:
        """Where the file with this hash is, if it is kept. Raises ValueError for what is no hash."""
        return self._folder.input(sha256)

    def has(self, sha256: str) -> bool:
        return is_file(self.path(sha256))

    def result(self, job_id: str, n: int, suffix: str) -> Path:
        """Where a finished video is, if it is kept. `suffix`: such as `.mp4`, or `.silent.mp4`."""
        return self._folder.result(job_id, n, suffix)

    @asynccontextmanager
    async def receiving(self) -> AsyncGenerator["Receiving"]:
        """A private place for files that come in, gone afterwards, whatever happens, with all that was not kept.

        What was kept stays meanwhile; afterwards it goes as well, unless a quote was made from it.
        """
        receiving = Receiving(self, self._folder.incoming / secrets.token_hex(16))
        try:
            yield receiving
        finally:
            await to_its_end(self._end(receiving))

    def make(self, place: Path) -> None:
        """A private place, and whatever of the folder is gone meanwhile. Raises OSError."""
        self._folder.make(self._owner)
        place.mkdir(mode=0o700, exist_ok=True)

    async def sweep(self) -> Swept:
        """Remove what is of no use to anybody, and what is not needed and too old or too much.

        Raises sqlite3.Error or OSError where the database or the folder cannot be read; nothing is removed then.
        """
        return await to_its_end(self._sweep_alone())

    async def run(self) -> None:
        """Sweep at once and then about hourly, until cancelled."""
        while True:
            try:
                swept = await self.sweep()
                log.info("kept files: %d removed, %d MB left", swept.removed, swept.left // 10**6)
            except (OSError, sqlite3.Error) as error:
                log.error("the files in MEDIA_DIR cannot be swept: %s", error)
            await asyncio.sleep(EVERY)

    async def take_in(self, file: Path, sha256: str, pinned: set[str]) -> Path:
        """For `Receiving`, whose hashes are `pinned`: the file, whole and for good, under its hash.

        Raises NoRoom, and OSError where it cannot be stored.
        """
        path = self.path(sha256)
        size = await asyncio.to_thread(save, file)
        async with self._one_at_a_time:
            self._pin(sha256, pinned)
            if not is_file(path):
                await self._make_room(size)
            self._size += await asyncio.to_thread(move, file, path)
        return path

    async def take_in_result(self, file: Path, path: Path) -> Path:
        """As `take_in`, of a finished video. Its link serves where there is no room."""
        size = await asyncio.to_thread(save, file)
        async with self._one_at_a_time:
            await self._make_room(size - size_of(path))
            self._size += await asyncio.to_thread(move, file, path)
        return path

    async def pin(self, sha256: str, pinned: set[str]) -> bool:
        """Whether it is kept; then it stays until `pinned` ends."""
        async with self._one_at_a_time:
            if is_kept := self.has(sha256):
                self._pin(sha256, pinned)
        return is_kept

    def _pin(self, sha256: str, pinned: set[str]) -> None:
        if sha256 not in pinned:
            pinned.add(sha256)
            self._pinned[sha256] += 1

    async def _make_room(self, size: int) -> None:
        if self._size + size > self._most:
            await self._sweep(self._most - size)
        if self._size + size > self._most:
            log.error("MEDIA_MAX_BYTES: no room for a file of %d MB beside what is needed", size // 10**6)
            raise NoRoom

    async def _sweep_alone(self) -> Swept:
        async with self._one_at_a_time:
            return await self._sweep(self._most)

    async def _sweep(self, most: int) -> Swept:
        files = await asyncio.to_thread(self._folder.files)
        uses = await self._uses(files)
        doomed = superfluous(files, uses, self._pinned.keys(), now=self._now(), keep=self._keep, most=most)
        freed = await asyncio.to_thread(remove, [file.path for file in doomed])
        self._size = sum(file.size for file in files) - sum(freed)
        if self._size > self._most:
            log.warning("MEDIA_MAX_BYTES: the files that are needed have more, %d MB", self._size // 10**6)
        return Swept(len(freed), sum(freed), self._size)

    async def _uses(self, files: Iterable[File]) -> dict[File, Use]:
        found: dict[File, Use] = {}
        for kind, some in _some_at_a_time(files):
            names = {file.of for file in some}
            if kind == "input":
                uses = await sources.uses(self._database.history, names, now=self._now())
            else:
                uses = await sources.uses_of_results(self._database.history, names)
            found |= {file: uses[file.of] for file in some if file.of in uses}
        return found

    async def _end(self, receiving: "Receiving") -> None:
        """Its place goes, with what it pinned and nothing refers to. What cannot be asked about goes later."""
        async with self._one_at_a_time:
            if receiving.place.exists():
                await asyncio.to_thread(shutil.rmtree, receiving.place, ignore_errors=True)
            self._pinned -= Counter(receiving.pinned)
            if not receiving.pinned:
                return
            free = [File(self.path(name), "input", name, 0) for name in receiving.pinned - self._pinned.keys()]
            try:
                uses = await self._uses(free)
            except sqlite3.Error as error:
                log.warning("whether a received file is needed is not known: %s", error)
                return
            self._size -= sum(await asyncio.to_thread(remove, [file.path for file in free if file not in uses]))


class Receiving:
    """A use of the kept files, with a private place for what is to become one. It ends with its `async with`."""

    def __init__(self, kept: Kept, place: Path) -> None:
        self._kept = kept
        self.place: Final = place
        self.pinned: Final[set[str]] = set()  # the hashes that stay until the end

    def new(self) -> Path:
        """A name in the private place that nothing has yet. Raises OSError where the place cannot be made."""
        self._kept.make(self.place)
        return self.place / secrets.token_hex(8)

    async def keep(self, file: Path, sha256: str) -> Path:
        """Keep a file of the private place under its hash. Raises NoRoom, and OSError where it cannot be stored."""
        return await to_its_end(self._kept.take_in(file, sha256, self.pinned))

    async def keep_result(self, file: Path, job_id: str, n: int, suffix: str) -> Path:
        """Keep a file of the private place as `Kept.result`. Raises as `keep` does."""
        return await to_its_end(self._kept.take_in_result(file, self._kept.result(job_id, n, suffix)))

    async def pin(self, sha256: str) -> bool:
        """Whether it is kept already; then it stays until the end."""
        return await to_its_end(self._kept.pin(sha256, self.pinned))


def superfluous(
    files: Iterable[File], uses: Mapping[File, Use], pinned: Set[str], *, now: datetime, keep: timedelta, most: int
) -> list[File]:
    """What is to be removed: what is of no use, what was used too long ago, and the oldest until `most` is left."""
    files = list(files)
    free = [file for file in files if file.of not in pinned and not (file in uses and uses[file].is_needed)]
    free.sort(key=lambda file: uses[file].last if file in uses else _NEVER)
    size, doomed = sum(file.size for file in files), list[File]()
    for file in free:
        if file not in uses or now - uses[file].last >= keep or size > most:
            doomed.append(file)
            size -= file.size
    return doomed


_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def _some_at_a_time(files: Iterable[File]) -> Iterator[tuple[str, list[File]]]:
    for kind, group in itertools.groupby(files, key=lambda file: file.kind):
        while some := list(itertools.islice(group, AT_A_TIME)):
            yield kind, some
