"""MEDIA_DIR on the disk: which files are in it, how they come in whole, how they go. Everything here blocks.

Links are left alone, wherever they lead, and so is whatever somebody else has put there.
"""

import fcntl
import logging
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

log = logging.getLogger(__name__)

_INPUT: Final = re.compile(r"[0-9a-f]{64}")
_RESULT: Final = re.compile(r"([0-9a-z]{1,20})\.r[1-4](\.silent|\.film)?\.(mp4|mov|webm)")
_PLACE: Final = re.compile(r"[0-9a-f]{32}")


class CannotKeep(Exception):
    """The folder cannot be used; the message is one line for the operator, and names MEDIA_DIR."""


@dataclass(frozen=True)
class File:
    """A file that is kept. `of`: its hash, or the job whose result it is; `size`: in bytes."""

    path: Path
    kind: Literal["input", "result"]
    of: str
    size: int


class Folder:
    """MEDIA_DIR. `incoming` is for files that are not whole yet; its parts are named by 32 hexadecimal digits."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.inputs: Final = path / "inputs"
        self.results: Final = path / "results"
        self.incoming: Final = path / "incoming"

    def open(self, owner: str) -> int:
        """Make what is not there, remove what a killed process was about to receive; the lock, to be closed.

        `owner`: what the database calls its installation, since files of another one would look like nobody's.
        Raises CannotKeep when another process or database has the folder, or when it cannot be used.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel takes it back when a process ends
                self._begin(owner)
            except BaseException:
                os.close(lock)
                raise
        except BlockingIOError:
            raise CannotKeep(f"MEDIA_DIR: {self.path} is in use by another Raybot; give each its own") from None
        except OSError as error:
            raise CannotKeep(f"MEDIA_DIR: {self.path} cannot be used: {error.strerror}") from error
        return lock

    def input(self, sha256: str) -> Path:
        """Raises ValueError for what is no hash."""
        return self.inputs / _matching(_INPUT, sha256)

    def result(self, job_id: str, n: int, suffix: str) -> Path:
        """Raises ValueError for what is no result."""
        return self.results / _matching(_RESULT, f"{job_id}.r{n}{suffix}")

    def files(self) -> list[File]:
        """Everything that is kept, inputs first. Raises OSError."""
        inputs = [File(path, "input", path.name, size) for path, size in _files(self.inputs, _INPUT)]
        results = [
            File(path, "result", path.name.split(".")[0], size) for path, size in _files(self.results, _RESULT)
        ]
        return inputs + results

    def _check_owner(self, owner: str) -> None:
        name = self.path / "owner"
        if not is_file(name):
            name.write_text(owner, "ascii")
        elif name.read_text("ascii", errors="replace") != owner:
            raise CannotKeep(
                f"MEDIA_DIR: the files in {self.path} belong to another database; "
                "name another folder, or remove this one if that database is gone"
            )

    def make(self, owner: str) -> None:
        """Whatever of it is not there. Raises OSError and CannotKeep."""
        for part in (self.path, self.inputs, self.results, self.incoming):
            part.mkdir(mode=0o700, exist_ok=True)
        self._check_owner(owner)

    def _begin(self, owner: str) -> None:
        self.make(owner)
        for part in (self.inputs, self.results, self.incoming):
            if part.is_symlink():
                raise NotADirectoryError(0, f"{part.name} in it is a link")
            part.chmod(0o700)
        if {each.name for each in self.path.iterdir()} <= {"lock", "owner", "inputs", "results", "incoming"}:
            self.path.chmod(0o700)  # nobody else's
        for place in self.incoming.iterdir():
            if _PLACE.fullmatch(place.name) and not place.is_symlink():
                shutil.rmtree(place, ignore_errors=True)


def is_file(path: Path) -> bool:
    """Whether it is a file, and no link to one."""
    return path.is_file() and not path.is_symlink()


def size_of(path: Path) -> int:
    """In bytes; 0 where there is no file."""
    try:
        return path.stat().st_size if is_file(path) else 0
    except FileNotFoundError:
        return 0


def save(file: Path) -> int:
    """What is in it is on the disk for good, readable by its owner only; its size. Raises OSError."""
    with file.open("rb") as content:
        os.fchmod(content.fileno(), 0o600)
        os.fsync(content.fileno())
        return os.fstat(content.fileno()).st_size


def move(file: Path, path: Path) -> int:
    """For good. By how many bytes there is now more at `path`. Raises OSError."""
    before = size_of(path)
    file.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return size_of(path) - before


def remove(paths: Iterable[Path]) -> list[int]:
    """The sizes of the files that are gone now, in bytes."""
    freed: list[int] = []
    for path in paths:
        size = size_of(path)
        try:
            path.unlink()
            freed.append(size)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("a file in MEDIA_DIR cannot be removed: %s", error.strerror)
    return freed


def _matching(pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(name):
        raise ValueError("no file is kept by such a name")
    return name


def _files(folder: Path, named: re.Pattern[str]) -> Iterator[tuple[Path, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if named.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    yield Path(entry.path), entry.stat(follow_symlinks=False).st_size
