"""`./run sandbox`: a Discord, a Runware and the unmodified bot on this machine, and a page in which to use them."""

import os
import signal


def _leave(number: int, frame: object) -> None:
    os._exit(0)


if __name__ == "__main__":  # before the imports, which take a while: nothing is under way yet
    for _stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(_stop, _leave)

import argparse
import asyncio
import contextlib
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from sandbox.console import Console
from sandbox.page.server import Page
from sandbox.page.stage import Stage
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox

RENDER_SECONDS: Final = 5.0  # at speed 1; the real service takes minutes
PORT: Final = 8320


class DidNotStart(Exception):
    """The bot did not come up."""


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line; ends the process with a sentence when that cannot be."""
    parser = argparse.ArgumentParser(
        prog="./run sandbox",
        description="Try the whole bot offline, in the browser. Needs no account; nothing leaves this machine.",
    )
    parser.add_argument("--console", action="store_true", help="a channel in the terminal instead of the page")
    parser.add_argument("--port", type=_port, default=PORT, help=f"where the page is ({PORT}; 0: any that is free)")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        help=f"how fast videos come: after {RENDER_SECONDS:g} s at 1 (1)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the bot's folder (database, files) when it ends, and say where"
    )
    return parser.parse_args(words)


async def main(asked: argparse.Namespace) -> int:
    """The exit status: 0, or 1 when the bot does not come up."""
    with _folder(keep=asked.keep) as folder:
        try:
            async with _stage(folder, RENDER_SECONDS / asked.speed) as stage:
                if asked.console:
                    print("Raybot runs offline, in this terminal. Without --console it is a page in the browser.")
                    await Console(stage.sandbox).run()
                else:
                    await _serve(stage, asked.port)
                await stage.bot.stop()
        except DidNotStart as error:
            print(error)
            return 1
    return 0


async def _serve(stage: Stage, port: int) -> None:
    """Serve the page until somebody ends it."""
    async with AsyncExitStack() as stack:
        try:
            page = await stack.enter_async_context(Page(stage, port=port))
        except OSError:
            print(f"Port {port} is taken, so another one is used.")
            page = await stack.enter_async_context(Page(stage))
        print(f"Raybot runs offline. Open {page.address} in a browser; Ctrl-C ends it.", flush=True)
        await asyncio.Event().wait()


@asynccontextmanager
async def _stage(folder: Path, render_seconds: float) -> AsyncGenerator[Stage]:
    """Both sides and a bot that serves already. Raises DidNotStart."""
    async with Sandbox(render_seconds=render_seconds) as sandbox:
        database, clock = folder / "raybot.db", folder / "clock"
        sandbox.clock.share(clock)
        settings = sandbox.settings(database, POLL_SECONDS="0.5", CLOCK_FILE=str(clock))
        async with BotProcess(settings, folder=folder) as bot:
            try:
                await sandbox.discord.registered()
                await sandbox.discord.gateway.ready()
            except TimeoutError:
                raise DidNotStart("\n".join(["The bot did not start:", *bot.log])) from None
            yield Stage(sandbox=sandbox, bot=bot, database=database)


@contextlib.contextmanager
def _folder(*, keep: bool) -> Generator[Path]:
    """A new folder for the bot, gone at the end; or kept, and then said where."""
    folder = Path(tempfile.mkdtemp(prefix="raybot-sandbox-"))
    try:
        yield folder
    finally:
        if keep:
            print(f"Kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _speed(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0.01 <= float(text) <= 1000:
            return float(text)
    raise argparse.ArgumentTypeError("a speed is a number from 0.01 to 1000")


async def _until_stopped(asked: argparse.Namespace) -> int:
    """`main`, ended cleanly by Ctrl-C and SIGTERM."""
    running = asyncio.ensure_future(main(asked))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        return await running
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_until_stopped(options())))
