"""`./run backup [FILE]`: a consistent copy of the database, also while the bot writes to it.

It goes through SQLite's own backup, in one step, so that the copy is the database of one moment. It is readable by
its owner only, never takes the place of a file that is there, and is looked through before it is called one.
"""

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from bot.settings import WrongSettings, examine
from storage.database import Strange, check_whose

FAILED: Final = 1
CANNOT_WORK: Final = 2

SAYS: Final = """{copy} has the database as it was at {at} UTC: {jobs} jobs, {size:.1f} MB, whole.
It holds members' prompts, and neither key nor file of theirs; keep it as private as the database itself.
To go back: stop the bot, remove {database}-wal and {database}-shm,
put the copy in the place of {database}, start the bot. It knows nothing of what was bought since."""


class CannotBackUp(Exception):
    """One line for the operator; there is no copy then."""


def main() -> int:
    try:
        if len(sys.argv) > 2 or any(word.startswith("-") for word in sys.argv[1:]):
            raise WrongSettings("backup: it takes one word at most, the name of the file that it is to make")
        settings, wrong = examine()
        if "DATABASE_URL" in wrong:
            raise WrongSettings(f"DATABASE_URL: {wrong['DATABASE_URL']}")
        now = datetime.now(UTC)
        copy = Path(sys.argv[1]) if len(sys.argv) == 2 else name(settings.database, now)
        jobs = back_up(settings.database, copy)
    except WrongSettings as error:
        print(error, file=sys.stderr)  # noqa: T201
        return CANNOT_WORK
    except CannotBackUp as error:
        print(f"backup: {error}", file=sys.stderr)  # noqa: T201
        return FAILED
    size = copy.stat().st_size / 10**6
    at = f"{now:%Y-%m-%d %H:%M}"
    print(SAYS.format(copy=copy, at=at, jobs=jobs, size=size, database=settings.database))  # noqa: T201
    return 0


def name(database: Path, now: datetime) -> Path:
    """What a copy is called where nobody says: beside the database, with its moment."""
    return database.with_name(f"{database.stem}-{now:%Y%m%d-%H%M%S}.backup.db")


def back_up(database: Path, copy: Path) -> int:
    """Copy the database, and look the copy through; how many jobs are in it.

    Raises CannotBackUp, and leaves nothing of the copy then, nor where it is interrupted.
    """
    if not database.is_file():
        raise CannotBackUp(f"there is no database at {database}")
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        raise CannotBackUp(f"{copy} is there already, and is left as it is; name another file") from None
    except OSError as error:
        raise CannotBackUp(f"{copy} cannot be made: {error.strerror}") from error
    try:
        _copy(database, copy)
        return _look_through(copy)
    except BaseException as error:  # Ctrl-C too: half a copy looks like a whole one
        for path in (copy, *(copy.with_name(copy.name + end) for end in ("-wal", "-shm", "-journal"))):
            path.unlink(missing_ok=True)
        if isinstance(error, KeyboardInterrupt):
            raise CannotBackUp("no copy was made: it was interrupted") from None
        if not isinstance(error, (OSError, sqlite3.Error, Strange, CannotBackUp)):
            raise
        raise CannotBackUp(f"no copy was made: {error}") from error


def _copy(database: Path, copy: Path) -> None:
    read_only = f"file:{quote(str(database.resolve()))}?mode=ro"
    with (
        closing(sqlite3.connect(read_only, uri=True, timeout=10)) as source,
        closing(sqlite3.connect(copy, timeout=10)) as target,
    ):
        source.backup(target)  # all pages in one step: what is written meanwhile waits in the WAL and is left out
        target.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    with copy.open("rb") as written:
        os.fsync(written.fileno())


def _look_through(copy: Path) -> int:
    """How many jobs are in it. Raises CannotBackUp where it is not whole."""
    with closing(sqlite3.connect(f"file:{quote(str(copy.resolve()))}?mode=ro", uri=True)) as connection:
        problems = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
        if problems or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise CannotBackUp(f"the database is damaged: {'; '.join(problems) or 'rows that refer to nothing'}")
        check_whose(connection)
        return int(connection.execute("SELECT count(*) FROM jobs").fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
