"""A request that runs out of time, at whatever moment, gives its place among the client's connections back.

Seen with httpx 0.28.1 and httpcore 1.0.9: cut short by `asyncio.timeout`, a request keeps its connection for good;
cut short in any way while it waits for a place, it leaves one that never connects. So the scope is anyio's, and no
place is waited for.
"""

import asyncio
import contextlib

import httpx
import pytest

from bot.runware import client
from bot.runware.client import READ, Runware, open_http
from bot.runware.errors import RunwareError
from sandbox.faults import Fault
from sandbox.runware import server
from tests.bot.runware.wire import TASK

PLACES = 3
MANY = 120
"""More than httpx has places by default."""


async def test_what_runs_out_of_time_at_any_moment_holds_no_place(
    provider: server.Runware, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From before the connection is made to after the answer has begun."""
    limits = httpx.Limits(max_connections=PLACES, max_keepalive_connections=PLACES)
    async with httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(5, pool=2), trust_env=False) as http:
        runware = Runware(http, url=provider.url, key=provider.key)

        async def poll() -> None:
            with contextlib.suppress(RunwareError):
                await runware.poll([TASK])

        for n in range(150):
            with monkeypatch.context() as impatient:
                impatient.setattr(client, "WHOLE_ANSWER", n * 0.00015 / READ)
                await asyncio.gather(*(poll() for _ in range(PLACES)))
        async with asyncio.timeout(10):
            answers = await asyncio.gather(*(runware.poll([TASK]) for _ in range(PLACES)))
        assert answers == [{TASK: None}] * PLACES


async def test_no_place_is_waited_for(provider: server.Runware) -> None:
    """All of them are at the provider before the first is answered."""
    provider.faults.add("getResponse", Fault(delay=3, takes_effect=True), times=MANY)
    async with open_http() as http:
        runware = Runware(http, url=provider.url, key=provider.key)
        polls = [asyncio.create_task(runware.poll([TASK])) for _ in range(MANY)]
        async with asyncio.timeout(2.5):
            while len(provider.requests) < MANY:
                await asyncio.sleep(0.02)
        for each in polls:
            each.cancel()
        await asyncio.wait(polls)
