"""From accepted to the last result: one poll for all jobs at the provider, when the first of them is due."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from bot.cadence import backoff, next_look
from bot.domain.job import FIND, LOSE, Job, Reason, State, fresh
from bot.render_times import RenderTimes
from bot.runware.client import Runware
from bot.runware.errors import Refused, RunwareError
from bot.runware.report import Report
from bot.steps import Steps
from storage import jobs

log = logging.getLogger(__name__)

SILENT_FOR: Final = timedelta(hours=1)
"""A running job of which the provider knows nothing for so long is asked for in its archive, then given up."""

LONGEST_WAIT: Final = 600.0  # seconds; the most that a provider's Retry-After holds polls up
LONGEST_RENDER: Final = timedelta(hours=6)
"""What is said to be in the making for longer counts as silence: it would hold a place and money for ever."""

LOOK_AT_UNRESOLVED: Final = timedelta(minutes=10)


class Polling:
    """`poll_seconds`: a fixed interval; None adapts to how long jobs usually take here."""

    def __init__(
        self, steps: Steps, runware: Runware, render_times: RenderTimes, *, poll_seconds: float | None
    ) -> None:
        self._steps = steps
        self._runware = runware
        self._fixed = poll_seconds
        self._render_times = render_times
        self._looked_at: dict[str, datetime] = {}
        self._heard_at: dict[str, datetime] = {}  # when the provider last had news of a job
        self._failed = 0
        self._not_before: datetime | None = None

    async def work(self, _: asyncio.TaskGroup) -> float | None:
        """Look, if a job is due. Returns the seconds until the next look; None: when something changes."""
        now = self._steps.now()
        if self._not_before is not None and now < self._not_before <= now + timedelta(seconds=LONGEST_WAIT):
            return (self._not_before - now).total_seconds()
        under_way = await jobs.under_way(self._steps.database.read)
        at_the_provider = [job for job in under_way if job.state in (State.RUNNING, State.UNRESOLVED)]
        self._heard_at = {job.id: at for job in at_the_provider if (at := self._heard_at.get(job.id))}
        self._looked_at = {job.id: at for job in at_the_provider if (at := self._looked_at.get(job.id))}
        wait = min((self._due_in(job, now) for job in at_the_provider), default=None)
        if wait is None or wait > 0:
            return wait
        try:
            said = await self._runware.poll([job.task_id for job in at_the_provider])
        except RunwareError as error:
            self._failed += 1
            asked = error.retry_after if isinstance(error, Refused) else None
            wait = min(max(backoff(self._failed - 1, base=1.0, most=60.0), asked or 0.0), LONGEST_WAIT)
            self._not_before = self._steps.now() + timedelta(seconds=wait)
            return wait
        self._failed = 0
        for job in at_the_provider:
            self._looked_at[job.id] = now
            if job.task_id in said:
                await self._read(job, said[job.task_id], now)
        return 0.0

    def _due_in(self, job: Job, now: datetime) -> float:
        """Seconds until this job is looked at; zero or less: now."""
        accepted_at = job.accepted_at or job.held_at
        last = self._looked_at.get(job.id)
        if (last or accepted_at) > now:
            return 0.0  # the clock was set back
        if job.state is State.UNRESOLVED:
            return 0.0 if last is None else (last + LOOK_AT_UNRESOLVED - now).total_seconds()
        since = accepted_at if last is None else last
        age = (since - accepted_at).total_seconds()
        wait = next_look(age, self._render_times.median(job), self._fixed)
        return wait - (now - since).total_seconds()

    async def _read(self, job: Job, report: Report | None, now: datetime) -> None:
        accepted_at = job.accepted_at or job.sent_at or job.held_at
        is_news = report is not None and bool(fresh(job.results, report.arrivals(job.request.count)))
        renders = report is not None and report.in_the_making > 0 and now - accepted_at < LONGEST_RENDER
        if report is None or not (is_news or renders):
            heard_at = self._heard_at.get(job.id) or accepted_at
            if job.state is State.RUNNING and now - heard_at > SILENT_FOR:
                await self._ask_the_archive(job)
            return
        self._heard_at[job.id] = now
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
