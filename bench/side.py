"""One side of a comparison: a bot's process between a sandbox's servers, with what the system tells of it.

Each side has a sandbox of its own, in this process; the bot has the other core to itself.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.environments import DidNotStart, environment, python_of
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox

OURS: Final = (sys.executable, "-m", "bot")
TICKS: Final = 100  # a second, in /proc
MEBIBYTE: Final = 2**20


class Side:
    """A sandbox and a bot in it, which is started and ended as often as is wanted."""

    def __init__(self, name: str, sandbox: Sandbox, process: BotProcess) -> None:
        self.name = name
        self.sandbox = sandbox
        self.process = process

    async def start(self) -> float:
        """Start the bot; the seconds until the gateway has said READY to it."""
        identified = self.sandbox.discord.gateway.identifies
        began = perf_counter()
        await self.process.start()
        try:
            await self.sandbox.discord.gateway.ready(60, identifies=identified + 1)
        except TimeoutError:
            raise DidNotStart("\n".join([f"{self.name} did not start:", *self.process.log])) from None
        return perf_counter() - began

    async def stop(self) -> None:
        """End it as operators do."""
        await self.process.stop()

    def memory(self) -> float:
        """MiB that its process and those that it started have in memory now. Linux only."""
        return sum(_resident(pid) for pid in _family(self.process.pid)) / MEBIBYTE

    def cpu(self) -> float:
        """Seconds of a core that its process has had so far. Linux only."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@asynccontextmanager
async def ours(
    folder: Path, *, render_seconds: float = 0.2, command: Sequence[str] = OURS, **settings: str
) -> AsyncGenerator[Side]:
    """The unmodified bot; `settings` are further ones. It is not started yet."""
    async with Sandbox(render_seconds=render_seconds, rate_limits=False) as sandbox:
        given = sandbox.settings(
            folder / "raybot.db", **{"QUOTES_PER_MINUTE": "6000", "LOG_LEVEL": "WARNING", **settings}
        )
        async with _ending(
            BotProcess({**environment(), **given}, folder=_made(folder), command=command)
        ) as process:
            yield Side("Raybot", sandbox, process)


@asynccontextmanager
async def peer(name: str, folder: Path, *, render_seconds: float = 0.2, **settings: str) -> AsyncGenerator[Side]:
    """`bench/peers/{name}.py` in its own environment. It has registered its commands, and is not running."""
    command: Sequence[str] = (await asyncio.to_thread(python_of, name), "-m", f"bench.peers.{name}")
    async with Sandbox(render_seconds=render_seconds, rate_limits=False) as sandbox:
        given = {**environment(), **sandbox.settings(folder / "unused.db"), **settings}
        given["RUNWARE_SOCKET_URL"] = sandbox.runware.socket_url
        async with _ending(BotProcess({**given, "REGISTER": "1"}, folder=_made(folder), command=command)) as first:
            await Side(name, sandbox, first).start()
            await first.stop()
        async with _ending(BotProcess(given, folder=folder, command=command)) as process:
            yield Side(name, sandbox, process)


@asynccontextmanager
async def _ending(process: BotProcess) -> AsyncGenerator[BotProcess]:
    try:
        yield process
    finally:
        await process.kill()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _resident(pid: int) -> int:
    """Bytes of memory, those that are shared with others included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
