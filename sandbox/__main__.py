"""`./run sandbox`: a Discord, a Runware and the unmodified bot on this machine, and a channel to type into."""

import asyncio
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from sandbox.console import Console
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox

RENDER_SECONDS = 5.0


async def main() -> int:
    """The exit status: 0, or 1 when the bot does not come up."""
    with tempfile.TemporaryDirectory(prefix="raybot-sandbox-") as folder:
        async with Sandbox(render_seconds=RENDER_SECONDS) as sandbox:
            settings = sandbox.settings(Path(folder) / "raybot.db", POLL_SECONDS="0.5")
            async with BotProcess(settings, folder=Path(folder)) as bot:
                try:
                    await sandbox.discord.registered()
                    await sandbox.discord.gateway.ready()
                except TimeoutError:
                    print("The bot did not start:", *bot.log, sep="\n")
                    return 1
                print(
                    f"Raybot runs offline. Its Discord is {sandbox.discord.url}, its Runware {sandbox.runware.url}."
                )
                await Console(sandbox).run()
                await bot.stop()
    return 0


def run() -> int:
    """`main`, ended cleanly by Ctrl-C and SIGTERM."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(main())
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, task.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            return loop.run_until_complete(task)
        return 0
    finally:
        loop.close()


if __name__ == "__main__":
    sys.exit(run())
