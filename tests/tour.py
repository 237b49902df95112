"""`./run tour`: the provider's four published examples, played as members would play them.

Starts the sandbox and the unmodified bot, uses real slash commands and clicks, downloads what was posted, measures
it, and prints what was asked, quoted, billed, posted and measured. What is expected is typed from the provider's
examples page (https://runware.ai/docs/models/luma-ray3-2, "Examples", read on 2026-11-20); the prompts are ours.
Exits with 1 when anything differs.
"""

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import av
import httpx

from sandbox.clip import clip
from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox
from tests.audit import audit, described, quiet


@dataclass(frozen=True)
class Source:
    """A clip to send. The page links to its own; how long that lasts shows in what it cost."""

    width: int
    height: int
    microseconds: int
    sound: bool = False


@dataclass(frozen=True)
class Example:
    """One example of the page: what is asked for, and what it came to."""

    name: str
    member: str
    command: str
    prompt: str
    options: dict[str, str | int | float]
    size: tuple[int, int]  # pixels
    seconds: float
    cost: Decimal  # dollars, as billed
    source: Source | None = None


EXAMPLES: Final = (
    Example(
        name="Glacier cathedral",
        member="Ada",
        command="generate",
        prompt=(
            "Ten seconds inside a cathedral cut from blue ice at sunrise: a climber in grey walks up the nave, the "
            "camera rises from the boots to a great rose window of clear ice, and colours drift over the visor."
        ),
        options={"resolution": "1080p", "aspect_ratio": "16:9", "duration": 10},
        size=(1920, 1080),
        seconds=10,
        cost=Decimal("3.60"),
    ),
    Example(
        name="Glass foundry",
        member="Linus",
        command="generate",
        prompt=(
            "An open-air glass foundry at dusk, very wide: a crane carries a glowing sheet over dark water, "
            "sparks rise, workers in silver guide it with poles, and it folds into one smooth wave of light."
        ),
        options={"resolution": "720p", "aspect_ratio": "21:9", "duration": 10},
        size=(1680, 720),
        seconds=10,
        cost=Decimal("0.90"),
    ),
    Example(
        name="Porcelain cyclorama",
        member="Edsger",
        command="reframe",
        prompt=(
            "A wide porcelain-grey studio around the model in the white coat: thin sheets of paper hang in a loose "
            "spiral, the floor reflects, the light is soft. Keep pose, face and timing as they are; no text."
        ),
        options={
            "aspect_ratio": "16:9",
            "resolution": "1080p",
            "source_x": 0.62,
            "source_y": 0.5,
            "source_width": 0.42,
            "source_height": 0.95,
        },
        size=(1920, 1080),
        seconds=6.041995,
        cost=Decimal("2.1751182"),
        source=Source(720, 960, 6_041_995),
    ),
    Example(
        name="Subway walk",
        member="Grace",
        command="edit",
        prompt=(
            "The same walk, as an explorer in rich fabrics through a subway tunnel that moss has taken over: wet "
            "tiles, puddles that mirror a passing train, dust in the air, light from the side."
        ),
        options={"resolution": "720p"},
        size=(720, 1280),
        seconds=5,
        cost=Decimal("1.08"),
        source=Source(1080, 1920, 5_000_000, sound=True),
    ),
)


@dataclass
class Played:
    """What came of one example."""

    example: Example
    quoted: str
    billed: Decimal
    link: str
    size: tuple[int, int]
    seconds: float
    sound: bool  # of what is played in the channel

    def differences(self) -> list[str]:
        """What is not as the page has it, in words."""
        expected = self.example
        found: list[str] = []
        if self.quoted != f"${expected.cost}":
            found.append(f"quoted {self.quoted} instead of ${expected.cost}")
        if self.billed != expected.cost:
            found.append(f"billed {self.billed} instead of {expected.cost}")
        if self.size != expected.size:
            found.append(f"{self.size} pixels instead of {expected.size}")
        if abs(self.seconds - expected.seconds) > 1 / 24:
            found.append(f"{self.seconds} s instead of {expected.seconds} s")
        if self.sound != (expected.source is not None and expected.source.sound):
            found.append("sound, of which its source has none" if self.sound else "silent, and its source is not")
        return found


async def play(sandbox: Sandbox, example: Example) -> Played:
    """Ask, read the price, confirm, wait for the link, and measure what it leads to."""
    member = sandbox.discord.member(example.member)
    options: dict[str, Value] = {"prompt": example.prompt, **example.options}
    if (source := example.source) is not None:
        file = await asyncio.to_thread(clip, source.width, source.height, source.microseconds, sound=source.sound)
        options["video"] = member.upload("source.mp4", file)
    use = await member.command(example.command, options)
    card = await use.answer(30)
    quoted = next(iter(re.findall(r"\*\*(\$[0-9.]+)\*\*", card.text)), "nothing")
    billed_before = sum((charge.amount for charge in sandbox.runware.bill), Decimal(0))
    await member.click(card, "Confirm")
    post = await card.channel.wait_for(_posted_for(member, card), 60)
    link = post.links[0]
    played = sandbox.discord.link(post.attachments[0]) if post.attachments else link
    size, seconds, sound = await measure(played)
    billed = sum((charge.amount for charge in sandbox.runware.bill), Decimal(0)) - billed_before
    return Played(example, quoted, billed, link, size, seconds, sound)


def _posted_for(member: Member, after: Message) -> Callable[[Message], bool]:
    def is_it(message: Message) -> bool:
        return message.id > after.id and bool(message.links) and member.name in message.pings

    return is_it


async def measure(link: str) -> tuple[tuple[int, int], float, bool]:
    """Of the video behind a link: its size in pixels, its container's length in seconds, whether it has sound."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answer = (await http.get(link)).raise_for_status()
    with av.open(io.BytesIO(answer.content), mode="r") as video:
        assert video.duration is not None, "the video does not say how long it is"
        picture = video.streams.video[0]
        return (picture.width, picture.height), video.duration / av.time_base, bool(video.streams.audio)


def table(played: list[Played]) -> str:
    """What was played, a line each."""
    lines = [f"{'':2}{'example':<21}{'asked':<29}{'quoted':>11}{'billed':>11}  {'measured':<29}link"]
    for one in played:
        example, options = one.example, one.example.options
        asked = f"{example.command} {options['resolution']} {options.get('aspect_ratio', '')} {example.seconds} s"
        measured = f"{one.size[0]}×{one.size[1]} {one.seconds:.3f} s{', sound' if one.sound else ''}"
        mark = "✗" if one.differences() else "✓"
        lines.append(
            f"{mark} {example.name:<21}{asked:<29}{one.quoted:>11}{one.billed:>11}  {measured:<29}{one.link}"
        )
        lines += [f"    {difference}" for difference in one.differences()]
    return "\n".join(lines)


async def tour() -> int:
    """The exit status: 0 when everything is as the page has it."""
    with tempfile.TemporaryDirectory(prefix="raybot-tour-") as folder:
        database = Path(folder) / "raybot.db"
        async with Sandbox(openapi=described()) as sandbox:
            settings = sandbox.settings(database, POLL_SECONDS="0.2")
            async with BotProcess(settings, folder=Path(folder)) as bot:
                try:
                    await sandbox.discord.registered()
                    await sandbox.discord.gateway.ready()
                    played = [await play(sandbox, example) for example in EXAMPLES]
                    await quiet(database)
                except (TimeoutError, AssertionError) as error:
                    print(f"the tour broke off: {error!r}; the bot said:", *bot.log, sep="\n")
                    return 1
                await bot.stop()
            problems = audit(sandbox, database).problems
    print(table(played))
    print(*problems or ["bill, ledger and channel agree"], sep="\n")
    return 1 if problems or any(one.differences() for one in played) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(tour()))
