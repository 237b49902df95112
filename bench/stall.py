"""How long the bot's event loop is held up, while a large video is looked at and members use commands."""

import asyncio
import json
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Final

from bench.figures import By, Goal, Line, Sample
from bench.load import Load, is_a_card, is_a_quote, is_anything
from bench.options import Options
from bench.side import Side, ours
from sandbox.clip import clip
from sandbox.discord.member import Member

ATTACHMENT: Final = 25_000_000  # bytes
MEMBERS: Final = 50
SETTLING: Final = 2.0


async def measure(options: Options, folder: Path) -> list[Line]:
    """The longest turn of the loop, as measured in the bot's own process (bench/watched.py)."""
    worst: list[float] = []
    video = _padded(clip(640, 360, 5_000_000, sound=True), ATTACHMENT)
    for number in range(options.rounds):
        kept = folder / f"turns-{number}.json"
        command = (sys.executable, "-m", "bench.watched", str(kept))
        async with ours(folder / str(number), command=command) as side:
            await side.start()
            await asyncio.sleep(SETTLING)
            os.kill(side.process.pid, signal.SIGUSR1)  # what counts begins here
            await _use(side, video)
            await side.stop()
        worst.append(1000 * json.loads(kept.read_text())["longest"])
    return [
        Line(
            what=f"worst stall of the event loop: a 25 MB attachment is probed, {MEMBERS} members use commands",
            against="none",
            unit="ms",
            ours=Sample(tuple(worst)),
            theirs=None,
            goal=Goal(by=By.ALONE, bound=20),
        )
    ]


async def _use(side: Side, video: bytes) -> None:
    """Somebody attaches a video, and meanwhile everybody else asks for something, three times."""
    discord = side.sandbox.discord
    with Load(discord, at_once=MEMBERS, expects=is_a_quote) as load:
        members = [next(load.members()) for _ in range(MEMBERS + 1)]
        attached = members[0].upload("video.mp4", video)
        edit = load.use(members[0], "edit", prompt="in the rain", video=attached)
        await asyncio.gather(edit, *(_three(load, member) for member in members[1:]))


async def _three(load: Load, member: Member) -> None:
    await load.use(member)
    await load.use(member, "jobs", expects=is_anything)
    await load.use(member, "spending", expects=is_a_card)


def _padded(video: bytes, size: int) -> bytes:
    """An MP4 with a box of nothing at its end, as ISO/IEC 14496-12 has it ("free")."""
    return video + struct.pack(">I4s", size - len(video), b"free") + bytes(size - len(video) - 8)
