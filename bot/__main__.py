"""`python -m bot`: read the settings, run, and say in one line what is wrong where they do not work."""

import os
import signal


def _leave(number: int, frame: object) -> None:
    os._exit(0)


for _stop in (signal.SIGTERM, signal.SIGINT):  # before the imports, which take a second: nothing is under way yet
    signal.signal(_stop, _leave)

import asyncio
import contextlib
import logging
import sys

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
    """One line an event, to standard error. httpx is quiet, since its lines would drown ours."""
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    logging.getLogger("discord").setLevel(max(logging.WARNING, logging.getLogger().level))
    for name in ("discord.state", "discord.client"):
        logging.getLogger(name).addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """The library warns of having no intents and no voice, which is what we want."""
    message = record.getMessage()
    return "intent seems to be disabled" not in message and "voice will NOT be supported" not in message


if __name__ == "__main__":
    sys.exit(main())
