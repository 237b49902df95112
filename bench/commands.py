"""A slash command and its answer, and what a bot weighs: against a bot of nothing but the library."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Final

from bench.figures import By, Goal, Line, Sample
from bench.load import Load, is_a_quote, is_anything
from bench.options import Options
from bench.side import Side, ours, peer

AT_ONCE: Final = 64
WARM_UP: Final = 300  # commands of each side before anything counts
ONE_BY_ONE: Final = 60  # commands in a round of them
AGAINST: Final = "bare discord.py bot: defer, edit"
SETTLING: Final = 1.0  # seconds after READY until memory is read


async def rate(options: Options, folder: Path) -> list[Line]:
    """Commands per second with 64 in flight, and how long one takes by itself."""
    async with AsyncExitStack() as stack:
        sides = [
            await stack.enter_async_context(ours(folder / "ours")),
            await stack.enter_async_context(peer("bare", folder / "bare")),
        ]
        loads = [
            stack.enter_context(Load(side.sandbox.discord, at_once=AT_ONCE, expects=expects))
            for side, expects in zip(sides, (is_a_quote, is_anything), strict=True)
        ]
        for side, load in zip(sides, loads, strict=True):
            await side.start()
            await load.times(WARM_UP)
        per_second: tuple[list[float], ...] = ([], [])
        alone: tuple[list[float], ...] = ([], [])
        work: tuple[list[float], ...] = ([], [])
        for _ in range(options.rounds):
            for n, (side, load) in enumerate(zip(sides, loads, strict=True)):
                rate, cost = await _rate(side, load, options.seconds)
                per_second[n].append(rate)
                work[n].append(cost)
                alone[n].append(1000 * median(await load.one_by_one(ONE_BY_ONE)))
    return [
        Line(
            what="`/generate` to its quote card, 64 in flight",
            against=AGAINST,
            unit="a second",
            ours=Sample(tuple(per_second[0])),
            theirs=Sample(tuple(per_second[1])),
            goal=Goal(by=By.RATIO, bound=0.5, at_least=True),
        ),
        Line(
            what="the same, what a command costs the bot's process",
            against=AGAINST,
            unit="ms of a core",
            ours=Sample(tuple(work[0])),
            theirs=Sample(tuple(work[1])),
            goal=Goal(by=By.RATIO, bound=None),
        ),
        Line(
            what="the same, one at a time, median",
            against=AGAINST,
            unit="ms",
            ours=Sample(tuple(alone[0])),
            theirs=Sample(tuple(alone[1])),
            goal=Goal(by=By.MORE, bound=3.0),
        ),
    ]


async def _rate(side: Side, load: Load, seconds: float) -> tuple[float, float]:
    """Commands per second, and milliseconds of a core that each took of the bot."""
    began, had = time.perf_counter(), side.cpu()
    done = len(await load.for_seconds(seconds))
    return done / (time.perf_counter() - began), 1000 * (side.cpu() - had) / done


async def start(options: Options, folder: Path) -> list[Line]:
    """From the start of the process to READY, and what it has in memory then."""
    seconds: tuple[list[float], ...] = ([], [])
    memory: tuple[list[float], ...] = ([], [])
    async with ours(folder / "ours") as first, peer("bare", folder / "bare") as second:
        await first.start()  # makes the database, registers the commands
        await first.stop()
        for _ in range(options.rounds):
            for n, side in enumerate((first, second)):
                seconds[n].append(await side.start())
                await asyncio.sleep(SETTLING)
                memory[n].append(side.memory())
                await side.stop()
    return [
        Line(
            what="start to READY",
            against="bare discord.py bot",
            unit="s",
            ours=Sample(tuple(seconds[0])),
            theirs=Sample(tuple(seconds[1])),
            goal=Goal(by=By.MORE, bound=0.3),
        ),
        Line(
            what="memory at READY",
            against="bare discord.py bot",
            unit="MiB",
            ours=Sample(tuple(memory[0])),
            theirs=Sample(tuple(memory[1])),
            goal=Goal(by=By.MORE, bound=25),
        ),
    ]


async def growth(options: Options, folder: Path) -> list[Line]:
    """What is in memory more after many commands than after the first of them."""
    async with ours(folder / "ours") as side:
        with Load(side.sandbox.discord, at_once=AT_ONCE, expects=is_a_quote) as load:
            await side.start()
            await load.times(options.warm_up)
            before = side.memory()
            await load.times(options.commands)
            grown = side.memory() - before
    return [
        Line(
            what=f"memory grown by {options.commands:,} commands, after {options.warm_up:,}",
            against="none",
            unit="MiB",
            ours=Sample((grown,)),
            theirs=None,
            goal=Goal(by=By.ALONE, bound=1.0),
        )
    ]
