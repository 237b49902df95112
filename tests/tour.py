"""`./run tour`: the provider's two published text examples, played as members would play them.

Starts the sandbox and the unmodified bot, uses real slash commands and clicks, downloads what was posted, measures
it, and prints what was asked, quoted, billed, posted and measured. What is expected is typed from the provider's
examples page (https://runware.ai/docs/models/luma-ray3-2, "Examples", read on 2026-11-20); the prompts are ours.
Exits with 1 when anything differs.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import av
import httpx

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox
from tests.audit import audit, described, quiet


@dataclass(frozen=True)
class Example:
    """One example of the page: what is asked for, and what it came to."""

    name: str
    member: str
    prompt: str
    options: dict[str, str | int]
    size: tuple[int, int]  # pixels
    seconds: int
    cost: Decimal  # dollars, as billed


EXAMPLES: Final = (
    Example(
        name="Glacier cathedral",
        member="Ada",
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
        prompt=(
            "An open-air glass foundry at dusk, very wide: a crane carries a glowing sheet over dark water, "
            "sparks rise, workers in silver guide it with poles, and it folds into one smooth wave of light."
        ),
        options={"resolution": "720p", "aspect_ratio": "21:9", "duration": 10},
        size=(1680, 720),
        seconds=10,
        cost=Decimal("0.90"),
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
        return found


async def play(sandbox: Sandbox, example: Example) -> Played:
    """Ask, read the price, confirm, wait for the link, and measure what it leads to."""
    member = sandbox.discord.member(example.member)
    use = await member.command("generate", {"prompt": example.prompt, **example.options})
    card = await use.answer()
    quoted = card.text.split(" for this video")[0].split("\n")[-1]
    billed_before = sum((charge.amount for charge in sandbox.runware.bill), Decimal(0))
    await member.click(card, "Confirm")
    post = await card.channel.wait_for(_posted_for(member, card), 30)
    link = post.links[0]
    size, seconds = await measure(link)
    billed = sum((charge.amount for charge in sandbox.runware.bill), Decimal(0)) - billed_before
    return Played(example, quoted, billed, link, size, seconds)


def _posted_for(member: Member, after: Message) -> Callable[[Message], bool]:
    def is_it(message: Message) -> bool:
        return message.id > after.id and bool(message.links) and member.name in message.pings

    return is_it


async def measure(link: str) -> tuple[tuple[int, int], float]:
    """The picture's size in pixels and the container's length in seconds of the video behind a link."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answer = (await http.get(link)).raise_for_status()
    with av.open(io.BytesIO(answer.content), mode="r") as video:
        assert video.duration is not None, "the video does not say how long it is"
        picture = video.streams.video[0]
        return (picture.width, picture.height), video.duration / av.time_base


def table(played: list[Played]) -> str:
    """What was played, a line each."""
    lines = [f"{'':2}{'example':<20}{'asked':<22}{'quoted':>8}{'billed':>8}  {'measured':<22}link"]
    for one in played:
        options = one.example.options
        asked = f"{options['resolution']} {options['aspect_ratio']} {options['duration']} s"
        measured = f"{one.size[0]}×{one.size[1]} {one.seconds:.3f} s"
        mark = "✗" if one.differences() else "✓"
        lines.append(
            f"{mark} {one.example.name:<20}{asked:<22}{one.quoted:>8}{one.billed:>8}  {measured:<22}{one.link}"
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
