"""A sandbox Discord for each test, and a bot that speaks the wire without a library."""

import importlib
import warnings
from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.clock import Clock
from sandbox.discord.server import Discord
from tests.sandbox.discord.wirebot import WireBot

with warnings.catch_warnings():  # discord.py imports audioop, which Python 3.11 announces to leave
    warnings.simplefilter("ignore", DeprecationWarning)
    importlib.import_module("discord")


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
