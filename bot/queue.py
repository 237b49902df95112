"""The queue as people see it: how many come before a job and when it may be ready, kept true on its message."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from bot.domain.forecast import Forecast, Usual, forecasts
from bot.domain.job import Job, State
from bot.domain.turns import in_turn
from bot.pause import Pause
from bot.render_times import RenderTimes
from storage import installation, jobs, posts, turns
from storage.database import Database

log = logging.getLogger(__name__)

LOOK_EVERY: Final = timedelta(seconds=2)
SHOW_EVERY: Final = timedelta(seconds=20)
AT_ONCE: Final = 4
"""So many messages at most are brought up to date in one turn, those that are sent next first: Discord takes about
one edit a second in a channel, and what is posted must not wait behind them."""

Shown: TypeAlias = tuple[int, bool]
"""How many come before a job, and whether it is said when it may be ready."""


class Queue:
    """`work` is a loop of the runner's: it has messages shown anew that no longer say what is so."""

    def __init__(
        self,
        database: Database,
        render_times: RenderTimes,
        *,
        max_jobs: int,
        now: Callable[[], datetime],
        changed: Callable[[], None],
    ) -> None:
        """`changed`: called when messages are to be shown anew."""
        self._database = database
        self._render_times = render_times
        self._max_jobs = max_jobs
        self._now = now
        self._changed = changed
        self._pause = Pause(database, installation.SUBMISSIONS_PAUSED, now=now)
        self._shown: dict[str, Shown] = {}  # what a job's message says
        self._next_look: datetime | None = None

    def usual(self, job: Job) -> Usual | None:
        """How long such a job usually renders here; None where too little is known."""
        return self._render_times.usual(job)

    async def forecast(self, job: Job) -> Forecast | None:
        """What can be said of a job now, for its message; None where it does not wait for its turn."""
        found = (await self._forecasts()).get(job.id) if job.state is State.QUEUED else None
        if found is not None:
            self._shown[job.id] = _shown(found)
        return found

    async def work(self, _: asyncio.TaskGroup) -> float | None:
        """One turn. Returns the seconds until the next."""
        now = self._now()
        if self._next_look is not None and now < self._next_look <= now + SHOW_EVERY:
            return (self._next_look - now).total_seconds()
        found = await self._forecasts()
        self._shown = {job_id: shown for job_id, shown in self._shown.items() if job_id in found}
        announced = await posts.announced(self._database.read) if found else set[str]()
        moved = [
            job_id
            for job_id, forecast in found.items()
            if job_id in announced and self._shown.get(job_id) != _shown(forecast)
        ]
        self._next_look = now + (SHOW_EVERY if moved else LOOK_EVERY)
        if moved:
            async with self._database.transaction() as tx:
                await jobs.show_anew(tx, moved[:AT_ONCE])
            self._changed()
            log.debug("the places of %d jobs are shown anew", len(moved[:AT_ONCE]))
        return SHOW_EVERY.total_seconds() if found else None

    async def _forecasts(self) -> dict[str, Forecast]:
        """Of every job that waits for nothing but its turn, in turn. While nothing is sent, nobody can say when."""
        now, read = self._now(), self._database.read
        under_way = await jobs.under_way(read)
        waiting = [job for job in under_way if job.state is State.QUEUED]
        shown = {job.id for job in waiting if job.reason is None}  # what was refused for now says so itself
        if not shown:
            return {}
        ages = [
            (job, (now - (job.accepted_at or job.sent_at or job.held_at)).total_seconds())
            for job in under_way
            if job.state in (State.SENDING, State.RUNNING)
        ]
        queue = in_turn(waiting, await turns.of_those_who_wait(read))
        rests = await self._pause.seconds_left() > SHOW_EVERY.total_seconds()  # a shorter one is not worth an edit
        usual = _unknown if rests else self._render_times.usual
        found = forecasts(ages, queue, usual, places=self._max_jobs)
        return {job_id: forecast for job_id, forecast in found.items() if job_id in shown}


def _unknown(_: Job) -> None:
    return None


def _shown(forecast: Forecast) -> Shown:
    return forecast.ahead, forecast.ready_in is not None
