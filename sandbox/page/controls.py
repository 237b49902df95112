"""What the side panel does that no member can: time, pace, faults, the bot's process. To add one: `CONTROLS`."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sandbox.discord.wire import Object
from sandbox.page.acts import Unclear

if TYPE_CHECKING:
    from sandbox.page.server import Stage

FURTHEST: Final = 366 * 86_400  # seconds that one jump may take
SLOWEST: Final = 3_600.0  # seconds for one video


async def jump(stage: "Stage", frame: Object) -> None:
    """Let `seconds` pass at once, for Discord, the provider and, by its CLOCK_FILE, the bot."""
    stage.sandbox.clock.advance(timedelta(seconds=_number(frame, "seconds", FURTHEST)))
    stage.sandbox.discord.world.changes.announce()


async def pace(stage: "Stage", frame: Object) -> None:
    """How many `seconds` the provider takes for a video from now on."""
    stage.sandbox.runware.render_seconds = _number(frame, "seconds", SLOWEST)


async def balance(stage: "Stage", frame: Object) -> None:
    """What is left of the prepaid money at the provider: `dollars`."""
    written = str(frame.get("dollars")).strip()
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", written):
        raise Unclear("A balance is an amount of dollars, such as 12.50.")
    stage.sandbox.runware.balance = Decimal(written)


async def fault(stage: "Stage", frame: Object) -> None:
    """Switch the fault called `name` on or off: `on`."""
    stage.mischief.switch(str(frame.get("name")), on=frame.get("on") is True)


async def happen(stage: "Stage", frame: Object) -> None:
    """Let what is called `name` happen at once."""
    stage.mischief.happen(str(frame.get("name")))


async def mend(stage: "Stage", frame: Object) -> None:
    """Switch every fault off, and undo what can be undone."""
    stage.mischief.mend()


async def restart(stage: "Stage", frame: Object) -> None:
    """End the bot as operators do (or with `kill` at once), and start it again."""
    if stage.restarting.locked():
        raise Unclear("Raybot is being restarted already.")
    gateway = stage.sandbox.discord.gateway
    async with stage.restarting:
        identified = gateway.identifies
        await (stage.bot.kill() if frame.get("kill") is True else stage.bot.stop())
        stage.sandbox.discord.world.changes.announce()
        await stage.bot.start()
        await gateway.ready(20, identifies=identified + 1)


CONTROLS: Final[Mapping[str, Callable[["Stage", Object], Awaitable[None]]]] = {
    "jump": jump,
    "pace": pace,
    "balance": balance,
    "fault": fault,
    "happen": happen,
    "mend": mend,
    "restart": restart,
}


def _number(frame: Object, key: str, most: float) -> float:
    value = frame.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise Unclear(f"{key} is a number from 0 to {most:g}.")
    return float(value)
