"""From ready at the provider to posted, and what is asked of the provider in between: against its own clients.

All bots wait at the same time, each with its own provider, whose videos take the same times. What they spend that
time with is little: they wait.
"""

import asyncio
import json
import random
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench import past
from bench.figures import By, Goal, Line, Sample, percentile
from bench.options import Options
from bench.side import Side, ours, peer
from bot.runware.task import MODEL
from sandbox.discord.member import Member
from sandbox.runware.script import Takes
from storage.database import Database

LEARNT: Final = 50  # renders in the bot's database, from which it knows how long one takes
SPREAD: Final = 0.15  # of the time that a render takes, as a standard deviation
GAP: Final = 0.05  # seconds between two members who ask
PATIENCE: Final = 120.0  # seconds beyond the last render; the older client looks every 33 s
CLIENTS: Final = {
    "runware_1_8": "`runware-sdk` 1.8.0, one await per job",
    "runware_0_5": "`runware` 0.5.24, the same",
}


async def measure(options: Options, folder: Path) -> list[Line]:
    """So many jobs at the provider at once; each of them is ready at the same time for everybody."""
    rng = random.Random(8)  # noqa: S311 - no secret
    takes = [options.render_seconds * min(max(rng.gauss(1, SPREAD), 0.6), 1.6) for _ in range(options.jobs)]
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(
            ours(
                folder / "ours",
                MAX_JOBS=str(options.jobs),
                ACCOUNT_LIMIT="unlimited",
                DEFAULT_SERVER_LIMIT="unlimited",
                DEFAULT_MEMBER_LIMIT="unlimited",
            )
        )
        others = [
            await stack.enter_async_context(
                peer(name, folder / name, MODEL=MODEL, RUNWARE_MAX_CONCURRENT_REQUESTS=str(options.jobs))
            )
            for name in CLIENTS
        ]
        await _teach(first, folder / "ours" / "raybot.db", options.render_seconds)
        for side in (first, *others):
            side.sandbox.runware.balance *= 1000
            await side.start()
            for seconds in takes:
                side.sandbox.runware.script(Takes(seconds))
        buying = [_all(first, _buy, takes), *(_all(side, _ask, takes) for side in others)]
        mine, *theirs = await asyncio.gather(*buying)
    return [
        line
        for (late, requests), against in zip(theirs, CLIENTS.values(), strict=True)
        for line in _lines(mine, (late, requests), against, options)
    ]


def _lines(
    mine: tuple[list[float], float], theirs: tuple[list[float], float], against: str, options: Options
) -> list[Line]:
    jobs = f"{options.jobs} jobs of about {options.render_seconds:g} s at once"
    lateness = [
        (f"ready to posted, {jobs}, {name}", "s", *(percentile(each[0], percent) for each in (mine, theirs)), 0.25)
        for name, percent in (("median", 50), ("95th percentile", 95))
    ]
    return [
        Line(
            what=what,
            against=against,
            unit=unit,
            ours=Sample((a,)),
            theirs=Sample((b,)),
            goal=Goal(by=By.RATIO, bound=bound),
        )
        for what, unit, a, b, bound in (
            *lateness,
            ("requests to the provider, the same jobs", "a job", mine[1], theirs[1], 0.1),
        )
    ]


async def _teach(side: Side, path: Path, render_seconds: float) -> None:
    """Give the bot a past in which renders took as long as they will."""
    async with Database.open(path):
        pass
    server, ada = side.sandbox.discord.world.server(), side.sandbox.discord.member("Ada")
    past.write(
        path,
        entries=2 * LEARNT,
        server_id=server.id,
        member_id=ada.id,
        span=timedelta(days=1),
        servers=1,
        members=1,
        took=timedelta(seconds=render_seconds),
    )


async def _all(
    side: Side, ask: Callable[[Side, Member], Coroutine[None, None, None]], takes: list[float]
) -> tuple[list[float], float]:
    """Each member asks for a video. How late each was posted after it was ready, and requests per job."""
    world, provider = side.sandbox.discord.world, side.sandbox.runware
    members = [
        Member(side.sandbox.discord, world.add_member(world.server(), f"Member {n}")) for n in range(len(takes))
    ]
    before = len(provider.requests)
    async with asyncio.TaskGroup() as group:
        for member in members:
            group.create_task(ask(side, member))
            await asyncio.sleep(GAP)

    def found() -> dict[str, float] | None:
        posted = _posted(side)
        return posted if len(posted) == len(takes) else None

    try:
        async with asyncio.timeout(max(takes) + PATIENCE):
            while (posted := found()) is None:
                await asyncio.sleep(0.5)
    except TimeoutError:
        raise RuntimeError(
            f"{side.name} posted {len(_posted(side))} of {len(takes)}: {list(side.process.log)[-5:]}"
        ) from None
    return list(posted.values()), (len(provider.requests) - before) / len(takes)


def _posted(side: Side) -> dict[str, float]:
    """Seconds from ready to the first message that has the video in it, by video."""
    ready = {
        item.video_id: item.ready_at
        for task in side.sandbox.runware.tasks.values()
        for item in task.items
        if item.ready_at is not None
    }
    late: dict[str, float] = {}
    for request in side.sandbox.discord.requests:
        if request.status in (200, 201) and request.method in ("POST", "PATCH") and request.body:
            written = json.dumps(request.body)
            for video_id in ready.keys() - late.keys():
                if video_id in written:
                    late[video_id] = (request.when - ready[video_id]).total_seconds()
    return late


async def _buy(side: Side, member: Member) -> None:
    """/generate and Confirm."""
    channel = side.sandbox.discord.world.server().channel("general")
    use = await member.command("generate", {"prompt": "A fox in the snow", "resolution": "360p"}, channel=channel)
    card = await use.answer(30)
    await (await member.click(card, "Confirm")).answer(30)


async def _ask(side: Side, member: Member) -> None:
    """/generate: these bots ask for no confirmation."""
    channel = side.sandbox.discord.world.server().channel("general")
    await member.command("generate", {"prompt": "A fox in the snow"}, channel=channel)
