"""A folder of kept files and a database, for tests of what stays and what goes."""

import hashlib
import stat
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.job import State
from bot.kept import Kept, Receiving
from storage import sources
from storage.database import Database
from tests.storage.story import NOW, brought_to, minutes, shown

WEEK = timedelta(days=7)


@dataclass
class Shelf:
    """A folder and a database, with a clock that stands still until somebody moves it."""

    folder: Path
    database: Database
    now: datetime = NOW

    def open(self, *, most: int = 10**6) -> AbstractAsyncContextManager[Kept]:
        return Kept.open(self.folder, self.database, keep=WEEK, most=most, now=lambda: self.now)

    def names(self, part: str = "inputs") -> set[str]:
        return {path.name for path in (self.folder / part).iterdir()}

    async def quoted(self, quote_id: str, *sha256s: str, after: float = 0) -> None:
        async with self.database.transaction() as tx:
            await shown(tx, id=quote_id, quoted_at=minutes(after), expires_at=minutes(after + 10))
            await sources.add(tx, quote_id, sha256s)

    async def bought(self, state: State, *sha256s: str) -> str:
        async with self.database.transaction() as tx:
            job = await brought_to(tx, state, id=f"q {state}")
            await sources.add(tx, f"q {state}", sha256s)
        return job.id


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def receive(receiving: Receiving, data: bytes) -> str:
    """Bytes come in and are kept; their hash."""
    file = receiving.new()
    file.write_bytes(data)
    await receiving.keep(file, hash_of(data))
    return hash_of(data)


async def kept_for(shelf: Shelf, kept: Kept, data: bytes, quote_id: str, *, after: float = 0) -> str:
    """A file that a quote was made from."""
    async with kept.receiving() as receiving:
        sha256 = await receive(receiving, data)
        await shelf.quoted(quote_id, sha256, after=after)
    return sha256


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)
