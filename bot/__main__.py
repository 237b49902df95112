"""`python -m bot`: read the settings, run, and say in one line what is wrong where they do not work."""

import asyncio
import contextlib
import signal
import sys

from bot import logs
from bot.app import CannotStart, run
from bot.settings import Settings, WrongSettings, load

CANNOT_START = 2
"""The exit status for settings that are missing or do not work."""


def main() -> int:
    try:
        settings = load()
        configure_logging(settings)
        asyncio.run(_until_stopped(settings))
    except (WrongSettings, CannotStart) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the operator's one line
        return CANNOT_START
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
    secrets = (settings.discord_token, settings.runware_api_key, settings.upload_endpoint or "")
    logs.configure(settings.log_level, secrets)


if __name__ == "__main__":
    sys.exit(main())
