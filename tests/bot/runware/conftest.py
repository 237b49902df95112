"""The real client at a loopback Runware."""

from collections.abc import AsyncIterator

import pytest

from bot.runware.client import Runware, open_http
from sandbox.clock import Clock
from sandbox.runware import server
from tests.bot.runware.wire import KEY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def provider(clock: Clock) -> AsyncIterator[server.Runware]:
    """Tasks are ready after an hour, unless a script says otherwise."""
    async with server.Runware(clock=clock, key=KEY, render_seconds=3600) as provider:
        yield provider


@pytest.fixture
async def runware(provider: server.Runware) -> AsyncIterator[Runware]:
    async with open_http() as http:
        yield Runware(http, url=provider.url, key=provider.key)
