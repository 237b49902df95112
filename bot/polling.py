"""From accepted to the last result: one poll for all jobs at the provider, when the first of them is due."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.cadence import OFTEN, next_look
from bot.domain.job import FIND, LOSE, Job, Reason, State
from bot.logs import about
from bot.pause import Pause
from bot.render_times import RenderTimes
from bot.runware.client import Runware
from bot.runware.errors import Refused, RunwareError
from bot.runware.report import Report
from bot.steps import Steps, is_news
from storage import installation, jobs

log = logging.getLogger(__name__)

SILENT_FOR: Final = timedelta(hours=1)
"""A running job of which the provider knows nothing for so long is asked for in its archive, then given up."""

LONGEST_WAIT: Final = 600.0  # seconds; the most that a provider's Retry-After holds polls up
LONGEST_RENDER: Final = timedelta(hours=6)
"""What is said to be in the making for longer counts as silence: it would hold a place and money for ever."""

LOOK_AT_UNRESOLVED: Final = timedelta(minutes=10)
AWAITED_FOR: Final = timedelta(days=7)
"""For so long after staff have ended a job its results are still looked for; links last about as long."""

ASK_THE_ARCHIVE: Final = timedelta(hours=1)
"""A job whose fate is not known is asked for in the archive so often at the most."""

ASKED_AT_ONCE: Final = 3
"""Jobs for which the archive is asked in one turn: each is a request, while the running ones wait."""

LONGEST_LOOK: Final = 60.0  # seconds for one job, while somebody waits


class Polling:
    """`poll_seconds`: a fixed interval; None adapts to how long jobs usually take here."""

    def __init__(
        self, steps: Steps, runware: Runware, render_times: RenderTimes, *, poll_seconds: float | None
    ) -> None:
        self._steps = steps
        self._runware = runware
        self._fixed = poll_seconds
        self._render_times = render_times
        self._polled_at: datetime | None = None
        self._looked_at: dict[str, datetime] = {}
        self._asked_at: dict[str, datetime] = {}  # when the archive was asked for a job
        self._heard_at: dict[str, datetime] = {}  # when the provider last had news of a job
        self._pause = Pause(steps.database, installation.POLLS_PAUSED, now=steps.now)

    async def work(self, _: asyncio.TaskGroup) -> float | None:
        """Look, if a job is due. Returns the seconds until the next look; None: when something changes."""
        now = self._steps.now()
        if left := await self._pause.seconds_left():
            return left
        watched = await self._watched(now)
        wait = min((self._due_in(job, now) for job in watched), default=None)
        if wait is None or (wait := max(wait, self._rest(now))) > 0:
            return wait
        self._polled_at = now
        # what is over is looked at when it is due; what is not, whenever there is a poll
        asked_for = [job for job in watched if not job.is_over or self._due_in(job, now) <= 0]
        try:
            said = await self._runware.poll([job.task_id for job in asked_for])
        except RunwareError as error:
            asked = min(error.retry_after or 0.0, LONGEST_WAIT) if isinstance(error, Refused) else None
            async with self._steps.database.transaction() as tx:
                await self._pause.lengthen(tx, asked, base=1.0, most=60.0)
            return await self._pause.seconds_left()
        await self._pause.end()
        for job in asked_for:
            self._looked_at[job.id] = now
            if job.task_id in said:
                with about(job.id):
                    await self._read(job, said[job.task_id], now)
        await self._look_in_the_archive([job for job in asked_for if job.state is not State.RUNNING], now)
        return 0.0

    async def look_for(self, job: Job) -> Job:
        """Ask the provider for an unresolved job at once, by a poll, then in its archive, and take what it knows.

        The job as it is then: still unresolved where the provider knows nothing new, or cannot be asked in time.
        """
        for ask in (self._poll_for, self._archived):
            try:
                async with asyncio.timeout(LONGEST_LOOK / 2):
                    report = await ask(job)
            except (RunwareError, TimeoutError) as error:
                log.warning("job %s: the provider cannot be asked: %s: %s", job.id, type(error).__name__, error)
                continue
            if report is not None:
                await self._read(job, report, self._steps.now())
            after = await self._existing(job)
            if after.state is not State.UNRESOLVED:
                return after
        return await self._existing(job)

    async def _existing(self, job: Job) -> Job:
        return await jobs.existing(self._steps.database.read, job.id)

    async def _poll_for(self, job: Job) -> Report | None:
        return (await self._runware.poll([job.task_id])).get(job.task_id)

    async def _archived(self, job: Job) -> Report | None:
        """What the archive knows: results alone, since it keeps the answer to a send for ever."""
        report = await self._runware.details(job.task_id)
        return report if report is not None and is_news(job, report) else None

    async def _watched(self, now: datetime) -> list[Job]:
        """The jobs of which the provider may have news. What is remembered of others is forgotten."""
        under_way = await jobs.under_way(self._steps.database.read)
        watched = [job for job in under_way if job.state in (State.RUNNING, State.UNRESOLVED)]
        watched += await jobs.awaited(self._steps.database.read, since=now - AWAITED_FOR)
        for remembered in (self._heard_at, self._looked_at, self._asked_at):
            for job_id in remembered.keys() - {job.id for job in watched}:
                del remembered[job_id]
        return watched

    def _rest(self, now: datetime) -> float:
        """Seconds until there may be a poll again: jobs that fall due one shortly after the other share one."""
        if self._polled_at is None or self._polled_at > now:  # the clock was set back
            return 0.0
        return min(OFTEN, self._fixed or OFTEN) - (now - self._polled_at).total_seconds()

    def _due_in(self, job: Job, now: datetime) -> float:
        """Seconds until this job is looked at; zero or less: now."""
        accepted_at = job.accepted_at or job.held_at
        last = self._looked_at.get(job.id)
        if (last or accepted_at) > now:
            return 0.0  # the clock was set back
        if job.state is State.UNRESOLVED or job.is_over:
            return 0.0 if last is None else (last + LOOK_AT_UNRESOLVED - now).total_seconds()
        since = accepted_at if last is None else last
        age = (since - accepted_at).total_seconds()
        wait = next_look(age, self._render_times.soonest(job), self._fixed)
        return wait - (now - since).total_seconds()

    async def _read(self, job: Job, report: Report | None, now: datetime) -> None:
        accepted_at = job.accepted_at or job.sent_at or job.held_at
        has_news = report is not None and is_news(job, report)
        renders = report is not None and report.in_the_making > 0 and now - accepted_at < LONGEST_RENDER
        if report is None or not (has_news or renders):
            heard_at = self._heard_at.get(job.id) or accepted_at
            if job.state is State.RUNNING and now - heard_at > SILENT_FOR:
                await self._ask_the_archive(job)
            return
        self._heard_at[job.id] = now
        if job.state is State.UNRESOLVED:
            await self._steps.take(job, FIND)
        after = await self._steps.arrive(job, report)
        if after is not None and after.is_over and not job.is_over:
            self._render_times.add(after, now)

    async def _look_in_the_archive(self, lost: Sequence[Job], now: datetime) -> None:
        """What polls have forgotten may stand in the archive: a few of these jobs, those first whose turn it is."""
        never = datetime.min.replace(tzinfo=UTC)
        lost = [job for job in lost if self._heard_at.get(job.id) != now]
        due = [job for job in lost if not now - ASK_THE_ARCHIVE < self._asked_at.get(job.id, never) <= now]
        due.sort(key=lambda job: self._asked_at.get(job.id, never))
        for job in due[:ASKED_AT_ONCE]:
            self._asked_at[job.id] = now
            try:
                report = await self._archived(job)
            except RunwareError as error:
                log.warning("job %s: the archive cannot be asked: %s", job.id, error)
                return  # nor for the others
            if report is not None:
                await self._read(job, report, now)

    async def _ask_the_archive(self, job: Job) -> None:
        self._asked_at[job.id] = self._steps.now()
        try:
            report = await self._runware.details(job.task_id)
        except RunwareError as error:
            log.warning("job %s: the archive cannot be asked: %s", job.id, error)
            return
        if report is None or await self._steps.arrive(job, report) is None:
            log.error("job %s: unresolved, the provider knows nothing of task %s", job.id, job.task_id)
            await self._steps.take(job, LOSE, reason=Reason.LOST)
