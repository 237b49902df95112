"""A loopback Runware with a client, for one test."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.runware.server import Runware
from tests.sandbox.runware.wire import Counter


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    clock = Clock()
    async with (
        Runware(clock=clock, key="sandbox-key", render_seconds=60) as runware,
        httpx.AsyncClient(timeout=30, trust_env=False) as http,
    ):
        yield Counter(runware, clock, http)
