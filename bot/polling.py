"""From accepted to the last result: one poll for all jobs at the provider, when the first of them is due."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from bot.cadence import RenderTimes, backoff, next_look
from bot.domain.job import FIND, LOSE, Job, Reason, State, fresh
from bot.runware.client import Runware
from bot.runware.errors import Refused, RunwareError
from bot.runware.report import Report
from bot.steps import Steps
from storage import jobs

log = logging.getLogger(__name__)

SILENT_FOR: Final = timedelta(hours=1)
"""A running job of which the provider knows nothing for so long is asked for in its archive, then given up."""

LOOK_AT_UNRESOLVED: Final = timedelta(minutes=10)


class Polling:
    """`poll_seconds`: a fixed interval; None adapts to how long jobs usually take here."""

    def __init__(self, steps: Steps, runware: Runware, *, poll_seconds: float | None) -> None:
        self._steps = steps
        self._runware = runware
        self._fixed = poll_seconds
        self._render_times = RenderTimes()
        self._looked_at: dict[str, datetime] = {}
        self._failed = 0

    async def work(self, _: asyncio.TaskGroup) -> float | None:
        """Look, if a job is due. Returns the seconds until the next look; None: when something changes."""
        now = self._steps.now()
        under_way = await jobs.under_way(self._steps.database.read)
        at_the_provider = [job for job in under_way if job.state in (State.RUNNING, State.UNRESOLVED)]
        self._looked_at = {job.id: at for job in at_the_provider if (at := self._looked_at.get(job.id))}
        wait = min((self._due_in(job, now) for job in at_the_provider), default=None)
        if wait is None or wait > 0:
            return wait
        try:
            found = await self._runware.poll([job.task_id for job in at_the_provider])
        except RunwareError as error:
            self._failed += 1
            log.warning("a poll failed, which says nothing about its jobs: %s: %s", type(error).__name__, error)
            asked = error.retry_after if isinstance(error, Refused) else None
            return max(backoff(self._failed - 1, base=1.0, most=60.0), asked or 0.0)
        self._failed = 0
        for job in at_the_provider:
            self._looked_at[job.id] = now
            await self._read(job, found.get(job.task_id), now)
        return 0.0

    def _due_in(self, job: Job, now: datetime) -> float:
        """Seconds until this job is looked at; zero or less: now."""
        accepted_at = job.accepted_at or job.held_at
        last = self._looked_at.get(job.id)
        if job.state is State.UNRESOLVED:
            return 0.0 if last is None else (last + LOOK_AT_UNRESOLVED - now).total_seconds()
        since = accepted_at if last is None else last
        age = (since - accepted_at).total_seconds()
        wait = next_look(age, self._render_times.usual(job), self._fixed)
        return wait - (now - since).total_seconds()

    async def _read(self, job: Job, report: Report | None, now: datetime) -> None:
        if report is None or not (report.in_the_making or fresh(job.results, report.arrivals(job.request.count))):
            if job.state is State.RUNNING and now - (job.accepted_at or job.held_at) > SILENT_FOR:
                await self._ask_the_archive(job)
            return
        if job.state is State.UNRESOLVED:
            await self._steps.take(job, FIND)
        after = await self._steps.arrive(job, report)
        if after is not None and after.is_over:
            self._render_times.add(after, now)

    async def _ask_the_archive(self, job: Job) -> None:
        try:
            report = await self._runware.details(job.task_id)
        except RunwareError as error:
            log.warning("job %s: the archive cannot be asked: %s", job.id, error)
            return
        if report is None or await self._steps.arrive(job, report) is None:
            log.error("job %s: unresolved, the provider knows nothing of task %s", job.id, job.task_id)
            await self._steps.take(job, LOSE, reason=Reason.LOST)
