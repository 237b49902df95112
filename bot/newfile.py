"""A file in the making: it is there whole, readable by its owner only and with its hash, or it is not there."""

import asyncio
import hashlib
import os
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path

from bot.uninterrupted import to_its_end


class NewFile:
    """One writer's file at `path`. All methods raise OSError; whoever fails or is cancelled calls `discard`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0  # bytes
        self._hash = hashlib.sha256()
        self._file: BufferedWriter | None = None

    @property
    def sha256(self) -> str:
        """Of all that was written, in hex."""
        return self._hash.hexdigest()

    async def open(self) -> None:
        """Raises FileExistsError, and leaves what is there as it is."""
        await to_its_end(asyncio.to_thread(self._open))

    async def write(self, data: bytes) -> None:
        """Add these bytes."""
        await to_its_end(asyncio.to_thread(self._write, data))

    async def close(self) -> None:
        """Nothing more will come."""
        await to_its_end(asyncio.to_thread(self._close))

    async def discard(self) -> None:
        """Leave nothing of it, where it was opened."""
        if self._file is not None:
            await to_its_end(asyncio.to_thread(self._discard))

    def _open(self) -> None:
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def _close(self) -> None:
        assert self._file is not None
        self._file.close()

    def _discard(self) -> None:
        with suppress(OSError):  # what a full disk did not take is of no use now
            self._close()
        self.path.unlink(missing_ok=True)
