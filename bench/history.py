"""A database with three years in it, against an empty one: what must not become slower with time."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

from bench import confirming, past
from bench.checkouts import AT_ONCE, run
from bench.figures import By, Goal, Line, Sample
from bench.load import Load, is_a_card
from bench.options import Options
from bench.side import Side, ours
from storage.database import Database

CHECKOUTS: Final = 128
USES: Final = 15  # of a command in a round
MONTH: Final = timedelta(days=30)
GOAL: Final = Goal(by=By.RATIO, bound=1.5)


async def measure(options: Options, folder: Path) -> list[Line]:
    """Checkout, /spending, /limits why and the start: each with a history, and without."""
    checkouts = await asyncio.to_thread(_checkouts, options, folder)
    starts: tuple[list[float], ...] = ([], [])
    spending: tuple[list[float], ...] = ([], [])
    why: tuple[list[float], ...] = ([], [])
    async with AsyncExitStack() as stack:
        sides = [await stack.enter_async_context(ours(folder / name)) for name in ("long", "empty")]
        for side, entries in zip(sides, (options.entries, 0), strict=True):
            await _fill(side, folder / ("long" if entries else "empty") / "raybot.db", entries, options)
            await side.start()  # registers the commands
            await side.stop()
        for _ in range(options.rounds):
            for n, side in enumerate(sides):
                starts[n].append(await side.start())
                with Load(side.sandbox.discord, at_once=1, expects=is_a_card) as load:
                    ada, mary = (side.sandbox.discord.member(name) for name in ("Ada", "Mary"))
                    await load.use(ada, "spending", of="me")  # imports matplotlib
                    spending[n].append(
                        1000 * median([await load.use(ada, "spending", of="me") for _ in range(USES)])
                    )
                    asked = [await load.use(mary, "limits why", member=ada.user, price="1") for _ in range(USES)]
                    why[n].append(1000 * median(asked))
                await side.stop()
    entries = f"{options.entries:,} ledger entries, {options.entries // 2:,} jobs"
    return [
        Line(
            what=f"{what}, with {entries}",
            against="itself with one member's last month",
            unit=unit,
            ours=Sample(tuple(found[0])),
            theirs=Sample(tuple(found[1])),
            goal=GOAL,
        )
        for what, unit, found in (
            ("checkout", "ms", checkouts),
            ("`/spending`", "ms", spending),
            ("`/limits why`", "ms", why),
            ("start to READY", "s", starts),
        )
    ]


async def _fill(side: Side, path: Path, entries: int, options: Options) -> None:
    async with Database.open(path):
        pass
    discord = side.sandbox.discord
    server_id, member_id = discord.world.server().id, discord.member("Ada").id
    if entries:
        await asyncio.to_thread(past.write, path, entries=entries, server_id=server_id, member_id=member_id)
    else:  # what /spending draws of one member, or one side would draw nothing
        of_late = max(2, round(2 * options.entries / 2 / past.SERVERS / past.MEMBERS * (MONTH / past.SPAN)))
        past.write(
            path,
            entries=of_late,
            server_id=server_id,
            member_id=member_id,
            span=MONTH,
            servers=1,
            members=1,
        )


def _checkouts(options: Options, folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of a checkout. The member who asks has a history too."""
    templates = [folder / "long.db", folder / "empty.db"]
    for template, entries in zip(templates, (options.entries, 0), strict=True):
        run("create", str(template))
        if entries:
            past.write(template, entries=entries, server_id=confirming.SERVER, member_id=confirming.FIRST_MEMBER)
        run("prepare", str(template), str(CHECKOUTS))
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(options.rounds):
        for n, template in enumerate(templates):
            copy = folder / "copy.db"
            shutil.copyfile(template, copy)
            found[n].append(1000 * run("confirm", str(copy), str(AT_ONCE))["seconds"] / CHECKOUTS)
    return found
