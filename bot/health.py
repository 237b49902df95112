"""Whether the bot is well, for whoever watches it: GET /health answers 200 or 503 with a small JSON.

It tells how things go and nothing of anybody: no id, no name, no sum. To add something: a key in `_report`.
"""

import asyncio
import math
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from bot.settings import Listen
from storage import installation
from storage.backlog import backlog
from storage.database import Database, to_micros

STUCK: Final = 600.0
"""Seconds. A loop of the runner's comes round every 30 s; one turn of it may take minutes at the worst."""

STORES_WITHIN: Final = 5.0  # seconds; a database that takes longer is not written

WRITE_EVERY: Final = 60.0
"""Seconds. While nothing else is written, so often whoever asks has a few bytes written, since a disk fills up
without being asked; and at every look while the last write was refused."""


class CannotListen(Exception):
    """One line for the operator, which names HEALTH."""


class Health:
    """`latency`: seconds of the last heartbeat, None while the gateway is down, NaN before the first.

    `turns`: when each loop last came round, by its name, on `time.monotonic`'s clock. `now`: the time, aware.
    """

    def __init__(
        self,
        database: Database,
        *,
        latency: Callable[[], float | None],
        turns: Callable[[], Mapping[str, float]],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._latency = latency
        self._turns = turns
        self._now = now
        self._written_at = -math.inf

    @asynccontextmanager
    async def served(self, listen: Listen) -> AsyncGenerator[int]:
        """Answer there meanwhile; the port. Raises CannotListen."""
        app = web.Application(client_max_size=1)
        app.router.add_get("/health", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, listen.host, listen.port).start()
            except OSError as error:
                where = f"{listen.host}:{listen.port}"
                raise CannotListen(f"HEALTH: {where} cannot be used: {error.strerror}") from error
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    async def _answer(self, _: web.Request) -> web.Response:
        report = await self._report()
        return web.json_response(report, status=200 if report["ok"] else 503, headers={"Cache-Control": "no-store"})

    async def _report(self) -> dict[str, Any]:
        latency, now = self._latency(), time.monotonic()
        loops = {name: round(now - at, 1) for name, at in self._turns().items()}
        found, writes = await self._queue(), await self._writes()
        milliseconds = round(latency * 1000) if latency is not None and math.isfinite(latency) else None
        return {
            "ok": latency is not None
            and found is not None
            and writes
            and all(age < STUCK for age in loops.values()),
            "gateway": {"up": latency is not None, "latency_ms": milliseconds},
            "database": {"answers": found is not None, "writes": writes},
            "loops": {name: {"seconds_since_turn": age, "moves": age < STUCK} for name, age in loops.items()},
            "queue": found or {},
        }

    async def _writes(self) -> bool:
        """Whether what is written is stored, in the file that was opened."""
        if self._database.writes.is_gone:
            return False
        if self._database.writes.arrive and time.monotonic() - self._written_at < WRITE_EVERY:
            return True
        try:
            async with asyncio.timeout(STORES_WITHIN), self._database.transaction() as tx:
                await installation.remember(tx, installation.WRITTEN, str(to_micros(self._now())))
        except (TimeoutError, sqlite3.Error):
            return False
        self._written_at = time.monotonic()
        return True

    async def _queue(self) -> dict[str, float] | None:
        """How many jobs are under way, and how long the first that could be sent waits; None: no answer."""
        try:
            found = await backlog(self._database.read, self._now())
        except sqlite3.Error:
            return None
        waits = 0.0 if found.due_since is None else (self._now() - found.due_since).total_seconds()
        return {"jobs_under_way": found.under_way, "seconds_waiting": round(max(waits, 0.0), 1)}
