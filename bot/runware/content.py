"""What is sent to the provider: text, with files in between that are read and encoded while they go out."""

import asyncio
import base64
import hashlib
import stat
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.runware.errors import SourceGone

BLOCK: Final = 3 * 128 * 1024  # bytes of a file in memory at once; each three become four without a seam


@dataclass(frozen=True)
class File:
    """A file that goes out as base64: whole, and as its hash says, or not at all.

    `sha256`: of its bytes, in hexadecimal. `size`: in bytes, as it was found.
    """

    path: Path
    sha256: str
    size: int

    @classmethod
    async def find(cls, path: Path, sha256: str) -> "File":
        """The file as it is now. Raises SourceGone where there is none."""
        return cls(path, sha256, await asyncio.to_thread(_size, path))


@dataclass(frozen=True)
class Content:
    """Pieces of text, in UTF-8, and files, in the order in which they are sent. It can be sent again and again."""

    pieces: tuple[bytes | File, ...]

    @property
    def length(self) -> int:
        """In bytes, as it is sent."""
        return sum(len(piece) if isinstance(piece, bytes) else 4 * -(-piece.size // 3) for piece in self.pieces)

    async def stream(self) -> AsyncGenerator[bytes]:
        """From the beginning, a block at a time.

        Raises SourceGone, before the last block of a file has gone out, where the file is not what it was: what
        has been sent then is shorter than `length`, and nobody can take it for whole.
        """
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            blocks = _Blocks(piece)
            for start in range(0, piece.size, BLOCK):
                yield await asyncio.to_thread(blocks.at, start)


def text(content: str) -> Content:
    """Content without files."""
    return Content((content.encode(),))


def _size(path: Path) -> int:
    try:
        found = path.stat()
    except OSError as error:
        raise SourceGone(f"{path.name}: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise SourceGone(f"{path.name} is no file")
    return found.st_size


class _Blocks:
    """A file's blocks as base64, read in order. It is opened for each: what is given up leaves nothing open."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def at(self, start: int) -> bytes:
        path, end = self._file.path, min(start + BLOCK, self._file.size)
        try:
            with path.open("rb") as opened:
                opened.seek(start)
                block = opened.read(end - start)
        except OSError as error:
            raise SourceGone(f"{path.name}: {error.strerror}") from error
        self._digest.update(block)
        if end == self._file.size and self._digest.hexdigest() != self._file.sha256:
            raise SourceGone(f"{path.name} is not what it was")
        return base64.b64encode(block)
