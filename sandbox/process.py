"""The unmodified bot as a child process: reached only through its settings, and ended as operators end it."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parent.parent
DIE_WITH_PARENT = str(Path(__file__).parent / "die_with_parent.py")
LINES_KEPT = 5_000
INHERITED = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
"""What the bot gets of our own environment. Nothing of ours may stand in for a setting."""


class BotProcess:
    """`python -m bot` with these settings and no others; an async context manager that kills what still runs.

    Where this process is killed itself, the bot goes with it, on Linux (sandbox/die_with_parent.py).

    `log`: the lines that it wrote, oldest first. `folder`: where it runs, and so where it looks for `.env`.
    `command`: another bot, to be measured beside ours.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        folder: Path,
        command: Sequence[str] = (sys.executable, "-m", "bot"),
    ) -> None:
        self.log: deque[str] = deque(maxlen=LINES_KEPT)
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._environment = {**inherited, "PYTHONPATH": str(ROOT), **settings}
        self._folder = folder
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was never started"
        return self._process.pid

    async def start(self) -> None:
        """Start it; it is ready when the gateway says so."""
        assert not self.is_running, "it runs already"
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-S", DIE_WITH_PARENT, str(os.getpid())),
            *self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=1 << 20,  # bytes of one line
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def kill(self) -> None:
        """SIGKILL: it gets no chance to do anything."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM, as a supervisor sends it; the exit status."""
        return await self._end(signal.SIGTERM)

    async def wait(self) -> int:
        """Wait until it ends by itself; the exit status."""
        assert self._process is not None
        assert self._reading is not None
        await self._reading
        return await self._process.wait()

    async def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self.is_running:
            self._process.send_signal(how)
        return await self.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.log.append(line.decode(errors="replace").rstrip())
