"""A file in the making: it is there whole, readable by its owner only and with its hash, or it is not there."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


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
        await _to_its_end(self._open)

    async def write(self, data: bytes) -> None:
        """Add these bytes."""
        await _to_its_end(lambda: self._write(data))

    async def close(self) -> None:
        """Nothing more will come."""
        await _to_its_end(self._close)

    async def discard(self) -> None:
        """Leave nothing of it, where it was opened."""
        if self._file is not None:
            await _to_its_end(self._discard)

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


async def _to_its_end(call: Callable[[], T]) -> T:
    """`call`, off the event loop. It ends before this does, even when cancelled: no write may outlive its file."""
    running = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # looked at, since asyncio complains of those that nobody looks at
        raise
