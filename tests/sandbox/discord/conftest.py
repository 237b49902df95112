"""A sandbox Discord for each test, and two bots for it: a bare one that speaks the wire, and a real discord.py one."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.clock import Clock
from sandbox.discord.server import Discord
from tests.sandbox.discord.wirebot import WireBot


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    """A Discord without rate limits, so that a test may be quick."""
    async with Discord(clock=Clock(), rate_limits=False) as discord:
        yield discord


@pytest.fixture
async def bot(discord: Discord) -> AsyncIterator[WireBot]:
    """A bot that has identified, without any intent."""
    async with aiohttp.ClientSession() as session:
        bot = WireBot(discord, session)
        await bot.connect()
        await bot.identify()
        await bot.event("READY")
        yield bot
        await bot.close()
