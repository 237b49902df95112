"""What the side panel does that no member can: time, pace, faults, the bot's process. To add one: `CONTROLS`."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sandbox.discord.wire import Object
from sandbox.page.frame import Unclear, number, text
from sandbox.page.stage import Stage

FURTHEST: Final = 366 * 86_400  # seconds that one jump may take
SLOWEST: Final = 3_600.0  # seconds for one video


async def jump(stage: Stage, frame: Object) -> None:
    """Let `seconds` pass at once, for Discord, the provider and, by its CLOCK_FILE, the bot."""
    stage.sandbox.clock.advance(timedelta(seconds=number(frame, "seconds", FURTHEST)))
    stage.sandbox.discord.world.changes.announce()


async def pace(stage: Stage, frame: Object) -> None:
    """How many `seconds` the provider takes for a video from now on."""
    stage.sandbox.runware.render_seconds = number(frame, "seconds", SLOWEST)


async def balance(stage: Stage, frame: Object) -> None:
    """What is left of the prepaid money at the provider: `dollars`."""
    written = text(frame, "dollars").strip()
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", written):
        raise Unclear("A balance is an amount of dollars, such as 12.50.")
    stage.sandbox.runware.balance = Decimal(written)


async def fault(stage: Stage, frame: Object) -> None:
    """Switch the fault called `name` on or off: `on`."""
    stage.mischief.switch(text(frame, "name"), on=frame.get("on") is True)


async def happen(stage: Stage, frame: Object) -> None:
    """Let what is called `name` happen at once."""
    stage.mischief.happen(text(frame, "name"))


async def mend(stage: Stage, frame: Object) -> None:
    """Switch every fault off, and undo what can be undone."""
    stage.mischief.mend()


async def restart(stage: Stage, frame: Object) -> None:
    """End the bot as operators do (or with `kill` at once), and start it again."""
    await stage.restart(kill=frame.get("kill") is True)


CONTROLS: Final[Mapping[str, Callable[[Stage, Object], Awaitable[None]]]] = {
    "jump": jump,
    "pace": pace,
    "balance": balance,
    "fault": fault,
    "happen": happen,
    "mend": mend,
    "restart": restart,
}
