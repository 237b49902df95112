"""Carries jobs from queued to their end: send what is queued, look at what runs, deliver what is to be shown.

It keeps nothing in memory that it could not do without: kill it at any await, start it again, and it goes on from
what is stored. The intent is committed before each effect, and an effect whose answer was lost is looked for
before it is repeated.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from types import MappingProxyType
from typing import Final, TypeAlias

from bot.cadence import backoff, is_due
from bot.domain.job import Job
from bot.domain.limit import Layer, Limits
from bot.logs import about
from bot.polling import Polling
from bot.render_times import RenderTimes
from bot.runware.client import Runware
from bot.steps import Steps
from bot.submission import Submission
from bot.transfer import Transfer
from storage import posts
from storage.database import Database
from storage.writes import cannot_write

log = logging.getLogger(__name__)

Work: TypeAlias = Callable[[asyncio.TaskGroup], Awaitable[float | None]]
"""One turn of a loop: does what is due, and says in how many seconds there may be more (None: on a change)."""

IDLE: Final = 30.0
"""The most seconds that a loop sleeps, so that a change that it was not told of waits no longer than that."""


class Runner:
    """`deliver` brings Discord in line with what is stored of one job. It may be called at any time, and again.

    `limits`: where staff have decided nothing. `also`: further loops, which are woken with the runner's own.
    """

    def __init__(
        self,
        database: Database,
        runware: Runware,
        *,
        transfer: Transfer,
        deliver: Callable[[str], Awaitable[None]],
        max_jobs: int,
        poll_seconds: float | None,
        now: Callable[[], datetime],
        render_times: RenderTimes | None = None,
        limits: Mapping[Layer, Limits] = MappingProxyType({}),
        also: Sequence[Work] = (),
    ) -> None:
        steps = Steps(database, limits=limits, now=now, changed=self.wake)
        self._steps = steps
        self._polling = Polling(steps, runware, render_times or RenderTimes(), poll_seconds=poll_seconds)
        self._deliver = deliver
        self._delivering: set[str] = set()
        self._turns: dict[str, float] = {}
        self._work: dict[Work, asyncio.Event] = {
            Submission(steps, runware, transfer, max_jobs=max_jobs).work: asyncio.Event(),
            self._polling.work: asyncio.Event(),
            self._deliver_what_waits: asyncio.Event(),
            **{work: asyncio.Event() for work in also},
        }

    @property
    def turns(self) -> Mapping[str, float]:
        """When each loop last came round without a fault, by its name, on the monotonic clock."""
        return self._turns

    def wake(self) -> None:
        """Something has changed: every loop looks at once."""
        for changed in self._work.values():
            changed.set()

    async def look_for(self, job: Job) -> Job:
        """Ask the provider for an unresolved job at once; the job as it is then."""
        return await self._polling.look_for(job)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for work, changed in self._work.items():
                group.create_task(_repeat(work, changed, group, self._turns))

    async def _deliver_what_waits(self, group: asyncio.TaskGroup) -> float | None:
        now = self._steps.now()
        waiting = await posts.jobs_behind(self._steps.database.read)
        for job_id, due_at in waiting.items():
            if is_due(due_at, now) and job_id not in self._delivering:
                self._delivering.add(job_id)
                group.create_task(self._deliver_one(job_id))
        later = [due_at for due_at in waiting.values() if due_at > now]
        return min(((due_at - now).total_seconds() for due_at in later), default=None)

    async def _deliver_one(self, job_id: str) -> None:
        try:
            with about(job_id):
                await self._deliver(job_id)
        except Exception as error:
            if not cannot_write(error):
                log.exception("job %s: delivery failed; it is tried again", job_id)
            await asyncio.sleep(backoff(1))
        finally:
            self._delivering.discard(job_id)
            self.wake()


async def _repeat(work: Work, changed: asyncio.Event, group: asyncio.TaskGroup, turns: dict[str, float]) -> None:
    """Do `work`, sleep as long as it says or until something changes, and again. A fault ends none of it."""
    faults, name = 0, type(getattr(work, "__self__", work)).__name__.lower()
    turns[name] = monotonic()
    while True:
        changed.clear()
        try:
            sleep = await work(group)
            faults, turns[name] = 0, monotonic()
        except Exception as error:
            if not cannot_write(error):
                log.exception("a turn of the runner failed; it goes on")
            faults += 1
            await asyncio.sleep(backoff(faults, base=1.0, most=60.0))
            continue
        try:
            async with asyncio.timeout(IDLE if sleep is None else min(max(sleep, 0.0), IDLE)):
                await changed.wait()
        except TimeoutError:
            continue
