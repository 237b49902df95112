"""./run soak [MINUTES] [SEED]: members buy, faults of both sides and kills come at random; then the audit.

Not a part of `./run test`: it takes as long as it is told (3 minutes). It ends with 1 where anything does not add
up, and leaves the database and the bot's log in a folder that it names. Loopback only.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from sandbox.discord.client import ClientRefuses
from sandbox.discord.use import NoAnswer
from sandbox.process import BotProcess
from sandbox.sandbox import FAULTS, Sandbox
from tests.audit import audit, change, described, quiet, rows
from tests.test_kills import KINDS, House

LASTING: Final = frozenset(
    {
        # the place, a message or the session is gone for good, and with it what the audit looks for
        "progress deleted", "channel deleted", "kicked", "thread archived", "thread locked",
        "permission view", "permission send", "permission embed", "permission attach", "permission history",
        "gateway 4004", "gateway malformed frame", "start page",
        # the provider is silent for hours
        "runware: task half an hour", "runware: task silent", "runware: task forgotten",
        "runware: task forgotten archived",
    }
)  # fmt: skip
"""Faults that no minutes mend. Each has its row in tests/faults/."""

assert FAULTS.keys() >= LASTING, LASTING - FAULTS.keys()

PASSING: Final = tuple(sorted(name for name in FAULTS.keys() - LASTING if not name.startswith("runware: cost")))
"""A cost that the provider names is not what this one bills while it lies about that: the books cannot agree."""

BUYERS: Final = ("Ada", "Linus", "Mary", "Grace")
AN_HOUR: Final = int(timedelta(hours=1) / timedelta(microseconds=1))


class Soak:
    """What goes on at once: buying, faults, kills. `until`: by the monotonic clock."""

    def __init__(self, house: House, dice: random.Random, until: float) -> None:
        self.house = house
        self.dice = dice
        self.until = until
        self.faults: Counter[str] = Counter()
        self.killed: Counter[str] = Counter()
        self.kills = 0
        self.starts = 0
        self.unanswered = 0
        self._up = asyncio.Event()
        self._up.set()

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name in BUYERS:
                group.create_task(self._buy(name))
            group.create_task(self._break())
            group.create_task(self._kill())

    async def _buy(self, name: str) -> None:
        """Buy, look at one's jobs, and cancel what can be cancelled, again and again."""
        while self.goes_on:
            await self._up.wait()
            try:
                async with asyncio.timeout(20):
                    await self.house.buy(name, self.dice.choice((1, 1, 2, 4)), self.dice.choice(KINDS))
                    if self.dice.random() < 0.2:
                        await self._cancel(name)
            except (NoAnswer, TimeoutError, ClientRefuses):  # the bot was dead, or its answer was lost
                self.unanswered += 1
            await asyncio.sleep(self.dice.uniform(0.1, 1.5))

    async def _cancel(self, name: str) -> None:
        member = self.house.sandbox.discord.member(name)
        listed = await (await member.command("jobs")).answer()
        labels = [button.label for button in listed.buttons if button.label and button.label.startswith("Cancel")]
        if labels:
            await member.click(listed, labels[0])

    async def _break(self) -> None:
        while self.goes_on:
            name = self.dice.choice(PASSING)
            with suppress(StopIteration):  # it is about the last post, and there is none yet
                self.house.sandbox.switch(name, times=self.dice.choice((1, 1, 2, 3)))
                self.faults[name] += 1
            await asyncio.sleep(self.dice.uniform(0.2, 1.5))

    async def _kill(self) -> None:
        while self.goes_on:
            await asyncio.sleep(self.dice.uniform(3, 12))
            self._up.clear()
            await self.house.bot.kill()
            self.kills += 1
            self.killed.update(self.house.unfinished())
            await asyncio.sleep(self.dice.uniform(0, 1))
            await self._come_back()
            self._up.set()

    async def _come_back(self) -> None:
        """Start it, faults or none, and again where it ends, as a supervisor does; after three tries mend all."""
        ready = asyncio.ensure_future(self.house.sandbox.discord.gateway.ready(120))
        tries = 0
        try:
            while not ready.done():
                if not self.house.bot.is_running:
                    tries += 1
                    self.starts += 1
                    if tries > 3:
                        self.house.sandbox.mend()
                    await self.house.bot.start()
                await asyncio.wait([ready], timeout=0.5)
        finally:
            ready.cancel()
        ready.result()


async def soak(folder: Path, minutes: float, seed: str) -> list[str]:
    """Everything that does not add up, in words. Prints what was done."""
    dice = random.Random(seed)
    async with Sandbox(render_seconds=0.5, rate_limits=False, openapi=described()) as sandbox:
        database = folder / "raybot.db"
        unlimited = dict.fromkeys(("ACCOUNT_LIMIT", "DEFAULT_SERVER_LIMIT", "DEFAULT_MEMBER_LIMIT"), "unlimited")
        settings = sandbox.settings(database, POLL_SECONDS="0.2", MAX_JOBS="6", RUNWARE_TIMEOUT="2", **unlimited)
        async with BotProcess(settings, folder=folder) as bot:
            await sandbox.discord.registered()
            await sandbox.discord.gateway.ready()
            house = House(sandbox, bot, database)
            it = Soak(house, dice, time.monotonic() + minutes * 60)
            try:
                await it.run()
                problems = await _in_the_end(house)
            finally:
                (folder / "bot.log").write_text("\n".join(bot.log))
            _tell(it, sandbox, database)
            return problems


async def _in_the_end(house: House) -> list[str]:
    """The world is in order again, what waits for another try has it, and then everything adds up."""
    for _ in range(4):
        await house.bot.kill()
        house.sandbox.mend()
        _pass_an_hour(house.database)
        await house.restart()
        with suppress(TimeoutError):
            await quiet(house.database, timeout=60)
            return audit(house.sandbox, house.database).problems
    waiting = rows(
        house.database, "SELECT id, state, reason FROM jobs WHERE state NOT IN ('done', 'failed', 'cancelled')"
    )
    return [f"it has not become quiet: {waiting}", *audit(house.sandbox, house.database).problems]


def _pass_an_hour(database: Path) -> None:
    """For pauses and tries that are stored; the bot is not running."""
    change(database, "UPDATE jobs SET next_try_at = next_try_at - ? WHERE next_try_at IS NOT NULL", AN_HOUR)
    for table in ("posts", "reposts"):
        change(database, f"UPDATE {table} SET next_try_at = next_try_at - ? WHERE next_try_at IS NOT NULL", AN_HOUR)
    change(database, "DELETE FROM installation WHERE name LIKE '%paused%'")


def _tell(it: Soak, sandbox: Sandbox, database: Path) -> None:
    def line(what: str, counted: Counter[str]) -> None:
        print(f"{what}: {', '.join(f'{name} {n}' for name, n in sorted(counted.items())) or 'none'}")  # noqa: T201

    jobs = Counter(row["state"] for row in rows(database, "SELECT state FROM jobs"))
    line(f"jobs ({jobs.total()})", jobs)
    line(f"faults ({it.faults.total()}, {len(it.faults)} of {len(PASSING)} kinds)", it.faults)
    line(f"unfinished jobs at {it.kills} kills, after which it was started {it.starts} times", it.killed)
    print(f"presses and commands without an answer: {it.unanswered}")  # noqa: T201
    print(f"billed: ${sum(charge.amount for charge in sandbox.runware.bill)}")  # noqa: T201


def main() -> int:
    """The exit status: 0 where everything adds up."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    seed = sys.argv[2] if len(sys.argv) > 2 else str(random.SystemRandom().randrange(10**6))
    folder = Path(mkdtemp(prefix="raybot-soak-"))
    print(f"{minutes:g} minutes, seed {seed}, in {folder}")  # noqa: T201
    problems = asyncio.run(soak(folder, minutes, seed))
    print(*(problems or ["Bill, ledger and channels agree."]), sep="\n")  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
