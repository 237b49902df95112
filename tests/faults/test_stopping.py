"""SIGTERM at any moment: nothing new is begun, whoever waits is answered, and the rest goes on at the next start.

The process ends with 0 within ten seconds and without a traceback, and every purchase is then brought to its end.
RAYBOT_STOPS sets the number of random instants (4).
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from sandbox.discord.switches import ANSWER, CARD, POST
from sandbox.discord.use import NoAnswer
from sandbox.faults import Fault
from sandbox.process import ROOT, BotProcess
from sandbox.sandbox import Sandbox
from tests.cogs import ordering
from tests.faults.discord_rows import started_again
from tests.house import House, Raybot, open_house

STOPS: Final = int(os.environ.get("RAYBOT_STOPS", "4"))
WITHIN: Final = 10  # seconds, that a supervisor waits before it kills
LATE: Final = Fault(takes_effect=True, lag=1.0, alter=bytes)
"""An answer that takes a second, in which the process is told to stop."""

NEVER: Final = Fault(delay=60.0, status=503)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    limits = dict.fromkeys(("ACCOUNT_LIMIT", "DEFAULT_SERVER_LIMIT", "DEFAULT_MEMBER_LIMIT"), "unlimited")
    async with open_house(tmp_path, render_seconds=0.5, **limits) as house:
        yield house


async def stopped(bot: BotProcess) -> None:
    """It ends with 0, in time, without a traceback."""
    async with asyncio.timeout(WITHIN):
        status = await bot.stop()
    said = "\n".join(bot.log)
    assert status == 0, said
    assert "Traceback" not in said, said
    assert "never retrieved" not in said, said


@pytest.mark.parametrize("meets", [ANSWER, CARD, POST])
async def test_a_confirm_that_is_under_way_is_answered_and_goes_on(house: House, meets: str) -> None:
    """The press is taken, the card says so, and the video comes after the next start, once."""
    member, channel = house.member(), house.channel()
    card = await house.ask(member, channel)
    house.discord.faults.add(meets, LATE)
    use = await member.click(card, "Confirm")
    await asyncio.sleep(0.3)
    await stopped(house.bot)
    assert use.messages, "the press was answered before the process ended"
    assert "Confirmed, and $0.06 is on hold for it." in use.messages[-1].text
    await started_again(house)
    await house.quiet(30)
    [job] = house.rows("SELECT id FROM jobs")
    assert len(house.posts(job["id"], "r")) == 1


async def test_whoever_waits_for_too_long_is_told(house: House) -> None:
    """A file that does not come: nothing is bought, and its member reads what to do."""
    member, channel = house.member(), house.channel()
    house.discord.faults.add("GET /cdn", NEVER)
    picture = ordering.attached(member, ordering.photo(), "fox.png")
    use = await member.command("generate", {"prompt": "A fox", "first_frame": picture}, channel=channel)
    await use.settled()
    await stopped(house.bot)
    assert "I am being restarted." in (await use.answer()).text
    await started_again(house)


async def test_a_confirm_whose_message_hangs_is_kept(house: House) -> None:
    """Bought, and its progress message cannot be made yet: it is made at the next start."""
    member, channel = house.member(), house.channel()
    card = await house.ask(member, channel)
    house.discord.faults.add(POST, NEVER)
    use = await member.click(card, "Confirm")
    await house.until(lambda: house.rows("SELECT id FROM jobs"), "a job")
    await asyncio.sleep(0.3)
    await stopped(house.bot)
    said = [message.text for message in use.messages]
    assert any("What you have confirmed goes on by itself." in text for text in said), said
    house.discord.faults.clear()
    await started_again(house)
    await house.quiet(30)
    [job] = house.rows("SELECT * FROM jobs")
    assert job["state"] == "done"


async def test_stopped_at_any_moment(house: House) -> None:
    """Three members ask and confirm, and the process is told to stop whenever that is."""
    dice = random.Random(os.environ.get("RAYBOT_SEED", "evening"))
    for _ in range(STOPS):
        people = [house.member() for _ in range(3)]
        buying = asyncio.gather(*(house.buy(each, house.channel()) for each in people), return_exceptions=True)
        await asyncio.sleep(dice.uniform(0.02, 0.7))
        await stopped(house.bot)
        for ended in await buying:  # whoever asked when it was already gone has no answer
            assert not isinstance(ended, BaseException) or isinstance(ended, NoAnswer | TimeoutError), repr(ended)
        await started_again(house)
    await house.quiet(60)
    house.explained.add("was not acknowledged")
    assert house.rows("SELECT count(*) AS n FROM jobs")[0]["n"] >= STOPS


async def test_stopped_while_it_starts(tmp_path: Path) -> None:
    """From the instant on that it can hear of it, whatever it is about to do."""
    async with Sandbox(rate_limits=False) as sandbox:
        settings = sandbox.settings(tmp_path / "raybot.db")
        for turn in range(2 * STOPS):
            async with Raybot(settings, folder=tmp_path) as bot:
                async with asyncio.timeout(WITHIN):
                    while not await asyncio.to_thread(_hears, bot):
                        await asyncio.sleep(0.01)
                await asyncio.sleep(turn * 0.2)
                await stopped(bot)


DEAF: Final = """
import pathlib, socket, time

known = socket.getaddrinfo

def wait(host, *more, **options):
    if host in ("provider.invalid", b"provider.invalid"):
        pathlib.Path("asked").touch()
        time.sleep(30)
    return known(host, *more, **options)

socket.getaddrinfo = wait
"""
"""A resolver that does not answer: Python looks names up in threads, which nothing can cancel."""


async def test_a_name_that_is_being_looked_up_keeps_nobody_waiting(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(DEAF)
    async with Sandbox(rate_limits=False) as sandbox:
        paths = {"PYTHONPATH": f"{ROOT}:{tmp_path}", "RUNWARE_API_URL": "https://provider.invalid/v1"}
        settings = {**sandbox.settings(tmp_path / "raybot.db"), **paths}
        async with Raybot(settings, folder=tmp_path) as bot:
            async with asyncio.timeout(2 * WITHIN):
                while not (tmp_path / "asked").exists():
                    await asyncio.sleep(0.05)
            await stopped(bot)


def _hears(bot: Raybot) -> bool:
    """Whether it has a handler for SIGTERM. Linux only."""
    status = Path(f"/proc/{bot.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
