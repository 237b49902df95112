"""Faults of Discord's that end the process, or meet its start."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox
from tests.faults.discord_rows import in_place, started_again
from tests.house import open_house

SOON: Final = 20  # seconds, on a machine that is busy


@pytest.mark.parametrize(("fault", "status"), [("gateway 4004", 2), ("gateway malformed frame", 1)])
async def test_what_ends_the_process_is_said_in_a_line_and_loses_nothing(
    tmp_path: Path, fault: str, status: int
) -> None:
    """2 where a setting has to be looked at, 1 where starting it again helps; the job that ran is then finished."""
    async with open_house(tmp_path, render_seconds=2) as house:
        member, channel = house.member(), house.channel()
        bought = await house.buy(member, channel)
        await house.progress(bought.job_id, "Rendering")
        house.sandbox.switch(fault)
        async with asyncio.timeout(SOON):
            assert await house.bot.wait() == status
        last = house.bot.log[-1]
        assert last.startswith("DISCORD_TOKEN: " if status == 2 else "Discord's gateway said what cannot be read")
        assert not any("Traceback" in line for line in house.bot.log), "\n".join(house.bot.log)
        await started_again(house)
        await house.quiet(30)
        await in_place(house, bought)


@pytest.mark.parametrize("fault", ["gateway handshake 503", "gateway handshake cut"])
async def test_a_first_handshake_that_fails_is_made_again(tmp_path: Path, fault: str) -> None:
    async with Sandbox(rate_limits=False) as sandbox:
        sandbox.switch(fault)
        async with BotProcess(sandbox.settings(tmp_path / "raybot.db"), folder=tmp_path) as bot:
            await sandbox.discord.gateway.ready(SOON)
            assert await bot.stop() == 0


async def test_a_502_at_the_start_is_tried_again(tmp_path: Path) -> None:
    async with Sandbox(rate_limits=False) as sandbox:
        sandbox.switch("start 502", times=2)
        async with BotProcess(sandbox.settings(tmp_path / "raybot.db"), folder=tmp_path) as bot:
            await sandbox.discord.gateway.ready(SOON)
            assert await bot.stop() == 0


async def test_a_page_at_the_start_is_not_discord(tmp_path: Path) -> None:
    async with Sandbox(rate_limits=False) as sandbox:
        sandbox.switch("start page")
        async with BotProcess(sandbox.settings(tmp_path / "raybot.db"), folder=tmp_path) as bot:
            async with asyncio.timeout(SOON):
                assert await bot.wait() == 2
            [line] = bot.log
            assert line.startswith("DISCORD_API_URL: ")
