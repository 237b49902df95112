"""Whether what is written arrives: the file is still the one that was opened, and takes what it is given.

What keeps it from that (a full disk, another program's lock, a file that was taken away) is no bug of ours. It is
said once in the log, when it begins, and once more when it is over.
"""

import logging
import sqlite3
from pathlib import Path
from typing import Final, TypeAlias

log = logging.getLogger(__name__)

OUTSIDE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
    }
)
"""SQLite's primary result codes (sqlite.org/rescode.html) whose cause is the disk or another program."""

_PRIMARY: Final = 0xFF  # the bits of a result code that are its primary one


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 where Python has raised it."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


class CannotWrite(sqlite3.OperationalError):
    """Nothing of this transaction is stored, for a reason that is not ours and may pass. It is logged already."""


class FileGone(CannotWrite):
    """The file was taken away or replaced: what is written into it would be lost, and so nothing more is."""


def cannot_write(error: BaseException) -> bool:
    """Whether it is a CannotWrite and nothing else, also where groups of tasks have wrapped it."""
    within: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return all(map(cannot_write, within)) if within else isinstance(error, CannotWrite)


_Identity: TypeAlias = list[tuple[int, int]]


class Writes:
    """The writes to one open database, and what became of the last. Made once all its files are there."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._opened = self._found()
        self.arrive = True
        """Whether the last write was stored."""

    @property
    def is_gone(self) -> bool:
        """Whether another file stands under its path than the one that was opened, or none. One or two `stat`s."""
        return self._opened is None or self._found() != self._opened

    def stored(self) -> None:
        """A write has arrived."""
        if not self.arrive:
            log.warning("%s can be written again", self.path)
        self.arrive = True

    def refused(self, error: sqlite3.OperationalError) -> CannotWrite | None:
        """What to raise for an error whose cause lies outside; None for one that is ours."""
        if not isinstance(error, FileGone) and primary_code(error) not in OUTSIDE:
            return None
        if self.arrive:
            log.error("%s cannot be written, so nothing is bought until it can be: %s", self.path, error)
        self.arrive = False
        return error if isinstance(error, CannotWrite) else CannotWrite(str(error))

    def _found(self) -> _Identity | None:
        """Which files these are now: the database, and the log in which SQLite puts what is new."""
        try:
            found = [file.stat() for file in (self.path, self.path.with_name(f"{self.path.name}-wal"))]
        except OSError:
            return None
        return [(each.st_dev, each.st_ino) for each in found]
