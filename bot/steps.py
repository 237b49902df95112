"""Taking a job's steps, one transaction each, and telling the loops that something changed."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.job import Job, Reason, Stale, State, Step, fresh
from bot.domain.limit import Layer, Limits
from bot.runware.report import Report
from storage import alerts, jobs, observed_prices
from storage.database import Database

log = logging.getLogger(__name__)


def is_news(job: Job, report: Report) -> bool:
    """Whether the report has results that are not stored yet."""
    return bool(fresh(job.results, report.arrivals(job.request.count)))


class Steps:
    """What the runner's parts share: the database, the time, and who is told of changes."""

    def __init__(
        self,
        database: Database,
        *,
        limits: Mapping[Layer, Limits],
        now: Callable[[], datetime],
        changed: Callable[[], None],
    ) -> None:
        self.database = database
        self._limits = limits
        self.now = now
        self._changed = changed

    async def take(
        self, job: Job, step: Step, *, reason: Reason | None = None, next_try_at: datetime | None = None
    ) -> Job | None:
        """The job after the step; None where it has moved on meanwhile, and nothing was changed."""
        try:
            async with self.database.transaction() as tx:
                await jobs.take(tx, job.id, step, at=self.now(), reason=reason, next_try_at=next_try_at)
                after = await jobs.existing(tx, job.id)
        except Stale:
            log.info("job %s: no longer %s", job.id, step.before)
            return None
        log.info("job %s: %s to %s%s", job.id, step.before, step.after, f", {reason}" if reason else "")
        self._changed()
        return after

    async def arrive(self, job: Job, report: Report) -> Job | None:
        """Store what is new of a job's results; the last one ends it. None where nothing was new.

        What staff have ended stays ended, and says nothing of prices: what was settled is not what was quoted.
        """
        if not is_news(job, report):
            return None
        arrivals = report.arrivals(job.request.count)
        seen = None
        try:
            async with self.database.transaction() as tx:
                now = self.now()
                after = await jobs.arrive(tx, job.id, arrivals, at=now)
                if after.overrun:  # no other result makes a sum grow
                    await alerts.limits_reached(tx, self._limits, server_id=job.server_id, now=now)
                if after.state is State.DONE and after.resolved_at is None:
                    seen = await observed_prices.note(tx, after, at=now)
        except Stale:
            return None
        if job.is_over:
            log.info("job %s: a result came after staff had ended it", job.id)
        elif after.is_over:
            log.info("job %s: %s, settled %s of %s", job.id, after.state, after.settled or "nothing", after.hold)
        if after.overrun:
            log.warning("job %s: the provider billed %s beyond what was settled", job.id, after.overrun)
        if seen is not None:
            says = "job %s: for %s the provider billed %s %s instead of %s"
            log.warning(says, job.id, seen.configuration, seen.billed, seen.unit, seen.quoted)
        self._changed()
        return after
