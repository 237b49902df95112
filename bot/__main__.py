"""`python -m bot`: read the settings, run, and say in one line what is wrong where they do not work."""

import os
import signal


def _leave(number: int, frame: object) -> None:
    os._exit(0)


for _stop in (signal.SIGTERM, signal.SIGINT):  # before the imports, which take a second: nothing is under way yet
    signal.signal(_stop, _leave)

import asyncio
import contextlib
import sys
import threading

from bot import logs
from bot.app import CannotStart, Stopped, run
from bot.settings import Settings, WrongSettings, load

STOPPED = 1
"""The exit status where it helps to start it again, as supervisors do."""

CANNOT_START = 2
"""The exit status for settings that are missing or do not work."""

LEAVES_WITHIN = 8.0
"""Seconds from a stop to the end of the process. A supervisor kills after ten."""


def main() -> int:
    try:
        settings = load()
        configure_logging(settings)
        asyncio.run(_until_stopped(settings))
    except (WrongSettings, CannotStart, Stopped) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the operator's one line
        return STOPPED if isinstance(error, Stopped) else CANNOT_START
    return 0


async def _until_stopped(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C. What is under way then is stored, and goes on at the next start."""
    running = asyncio.ensure_future(run(settings))
    loop = asyncio.get_running_loop()

    def leave() -> None:
        running.cancel()
        _leave_in_time()

    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, leave)
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _leave_in_time() -> None:
    """A thread cannot be cancelled: one that looks up a name, or reads a disk that hangs, keeps nobody waiting.

    Nothing is lost by it, since all that is stored outlives even a kill.
    """
    last = threading.Timer(LEAVES_WITHIN, os._exit, (0,))
    last.daemon = True
    last.start()


def configure_logging(settings: Settings) -> None:
    """One line an event, to standard error, without what only the settings and the providers may know."""
    logs.configure(settings.log_level, settings.secrets)


if __name__ == "__main__":
    sys.exit(main())
