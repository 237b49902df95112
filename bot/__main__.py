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

from bot import logs
from bot.app import CannotStart, Stopped, run
from bot.settings import Settings, WrongSettings, load

STOPPED = 1
"""The exit status where it helps to start it again, as supervisors do."""

CANNOT_START = 2
"""The exit status for settings that are missing or do not work."""


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
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running


def configure_logging(settings: Settings) -> None:
    """One line an event, to standard error, without what only the settings and the providers may know."""
    logs.configure(settings.log_level, settings.secrets)


if __name__ == "__main__":
    sys.exit(main())
