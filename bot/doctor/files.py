"""The machine: who can read what is ours, and how much room there is. Blocks, and changes nothing."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.doctor.finding import Finding, look, ok, wrong
from bot.settings import Settings

LITTLE_ROOM: Final = 500 * 10**6
"""Bytes. Below it a few videos and the database's own log may fill the disk."""

FILES_LOOKED_AT: Final = 10_000


def check(settings: Settings, dotenv: Path = Path(".env")) -> Iterator[Finding]:
    """Rights of .env, of the database with what SQLite puts beside it, and of MEDIA_DIR; room on their disks."""
    yield from _rights(settings, dotenv)
    disks: set[int] = set()
    for name, path in (("DATABASE_URL", settings.database.parent), ("MEDIA_DIR", settings.media_dir)):
        there = _nearest(path)
        if there.stat().st_dev not in disks:
            disks.add(there.stat().st_dev)
            yield _room(name, there)


def _rights(settings: Settings, dotenv: Path) -> Iterator[Finding]:
    database = settings.database.resolve()
    beside = [database.with_name(database.name + end) for end in ("", "-wal", "-shm", ".lock")]
    ours = [*([dotenv] if dotenv.is_file() else []), *(path for path in beside if path.is_file())]
    media, more = _media(settings.media_dir)
    open_to_others = [path for path in (*ours, *media) if path.lstat().st_mode & 0o077]
    if open_to_others:
        first = open_to_others[0]
        others = f" and {len(open_to_others) - 1} more" if len(open_to_others) > 1 else ""
        yield wrong("files", f"others can read {first}{others}", f"chmod go= {first}")
    else:
        some = " (of a very large folder the first ones)" if more else ""
        yield ok("files", f"{len(ours) + len(media)} files and folders are their owner's only{some}")
    if not dotenv.is_file():
        yield look(".env", "there is none, so the settings come from the environment alone")


def _media(folder: Path) -> tuple[list[Path], bool]:
    """MEDIA_DIR with what is in it; whether there is more than was looked at."""
    if not (folder / "owner").is_file():  # not the bot's, or not yet: to close it may close what others need
        return [], False
    found = [folder]
    for path in folder.rglob("*"):
        if len(found) == FILES_LOOKED_AT:
            return found, True
        if not stat.S_ISLNK(path.lstat().st_mode) and path.name not in ("owner",):
            found.append(path)
    return found, False


def _room(name: str, path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    says = f"{free / 10**9:.1f} GB are free where {name} is"
    return ok("disk", says) if free >= LITTLE_ROOM else wrong("disk", says, "free some, or move it to another disk")


def _nearest(path: Path) -> Path:
    """The folder, or the one above it that it would be made in."""
    path = path.resolve()
    return next(each for each in (path, *path.parents) if each.exists())
