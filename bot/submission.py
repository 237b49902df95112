"""From queued to accepted: a job is sent until it is clear whether the provider has it, and never bought twice."""

import asyncio
import logging
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from bot.cadence import backoff, is_due
from bot.domain.alert import QueueWaits
from bot.domain.job import ACCEPT, DROP, LOSE_SENT, POSTPONE, REJECT, SEND, Job, Reason, State
from bot.domain.turns import in_turn
from bot.logs import about
from bot.pause import Pause
from bot.runware.client import Runware
from bot.runware.errors import AlreadyAccepted, NotSent, Refused, RunwareError, SourceGone, Then, Unclear
from bot.steps import Steps
from bot.transfer import Transfer
from storage import alerts, installation, jobs, posts, transfers, turns
from storage.writes import cannot_write

log = logging.getLogger(__name__)

RESEND_WITHIN: Final = timedelta(minutes=10)
"""After an unclear send the same body is sent again under the same id, so long after the first attempt."""

QUEUE_LIFE: Final = timedelta(hours=24)


class Submission:
    """Sends what is queued, at most `max_jobs` at the provider at once.

    A "not now" to one job (401, 402, 403, 429, no connection) pauses the whole queue: what one is told holds for
    all, since key, balance, rate limit and line are the account's and not the job's. Asking with the next job would
    be the storm that a 429 asks us not to make, and would find the account no fuller. The price: where only a dear
    job exceeds the balance, cheaper ones wait for its pause; then those that were never refused go first. What is
    wrong with a job alone (an upload that does not get through) holds up nobody else.
    """

    def __init__(self, steps: Steps, runware: Runware, transfer: Transfer, *, max_jobs: int) -> None:
        self._steps = steps
        self._runware = runware
        self._transfer = transfer
        self._max_jobs = max_jobs
        self._pause = Pause(steps.database, installation.SUBMISSIONS_PAUSED, now=steps.now)
        self._under_way: set[str] = set()

    async def work(self, group: asyncio.TaskGroup) -> float | None:
        """Start sending what may be sent, and go on with what was being sent when the last process ended.

        Returns the seconds until there may be more to do; None: when something changes.
        """
        now = self._steps.now()
        being_sent = self._under_way.copy()  # before the read: what ends during it is read as it was
        under_way = await jobs.under_way(self._steps.database.read)
        for job in under_way:
            if job.state is State.SENDING and job.id not in being_sent | self._under_way:
                self._start(group, job, is_first=False)
        queued = [job for job in under_way if job.state is State.QUEUED]
        for job in queued:
            if now - job.held_at > QUEUE_LIFE:
                await self._steps.take(job, DROP, reason=Reason.EXPIRED)
        if left := await self._pause.seconds_left():
            return left
        at_the_provider = sum(job.state in (State.SENDING, State.RUNNING) for job in under_way)
        announced = await posts.announced(self._steps.database.read)
        ready = [job for job in queued if job.id in announced and is_due(job.next_try_at, now)]
        if ready and (free := self._max_jobs - at_the_provider) > 0:
            last = await turns.of_those_who_wait(self._steps.database.read)
            for job in in_turn(ready, last)[:free]:
                if left := await self._pause.seconds_left():  # told to one that was sent a moment ago
                    return left
                if sending := await self._steps.take(job, SEND):
                    self._start(group, sending, is_first=True)
        waiting = [job.next_try_at for job in queued if job.next_try_at and job.next_try_at > now]
        return min(((at - now).total_seconds() for at in waiting), default=None)

    def _start(self, group: asyncio.TaskGroup, job: Job, *, is_first: bool) -> None:
        async def send() -> None:
            try:
                with about(job.id):
                    await self._send(job, is_first=is_first)
            except Exception as error:
                if not cannot_write(error):
                    log.exception("job %s: sending failed; it is looked for again", job.id)
                await asyncio.sleep(backoff(1))
            finally:
                self._under_way.discard(job.id)

        self._under_way.add(job.id)
        group.create_task(send())

    async def _send(self, job: Job, *, is_first: bool) -> None:
        """Send a job whose intent is stored, until it is accepted, refused or given up.

        Only the first answer may put it back into the queue. After an unclear one a later "not now" no longer
        means that nothing was accepted, so the job stays here until the provider knows it or says no for good.
        """
        try:
            was_uploaded = await self._transfer.prepare(job)
        except RunwareError as error:
            log.warning("job %s: not uploaded: %s: %s", job.id, type(error).__name__, error)
            await self._turn_back(job, error)
            return
        # killed while its uploads were made it was stored as being sent, and cannot have been sent without them
        if is_first or was_uploaded:
            error = await self._submit(job)
            if error is None:
                return
            if isinstance(error, Refused | NotSent | SourceGone):
                await self._turn_back(job, error)
                return
        for attempt in count():
            if not await self._is_being_sent(job):
                return
            known = await self._look(job)
            if known:
                await self._steps.take(job, ACCEPT)
                return
            if known is False and await self._try_again(job):
                return
            await asyncio.sleep(backoff(attempt, base=1.0, most=30.0))

    async def _try_again(self, job: Job) -> bool:
        """The provider knows nothing of it: send the identical body again, or give up. Whether it ended."""
        uploaded_at = await transfers.last_made(self._steps.database.read, job.id)  # it was sent after that
        first_sent_at = max(filter(None, (job.sent_at or job.held_at, uploaded_at)))
        # in the future where the clock was set back: how long ago it was is not known then, and may be too long
        if not timedelta(0) <= self._steps.now() - first_sent_at <= RESEND_WITHIN:
            return await self._ask_the_archive(job)
        if not await self._is_being_sent(job):
            return True
        error = await self._submit(job)
        if error is None:
            return True
        is_a_no = isinstance(error, Refused) and error.then in (Then.GIVE_UP, Then.OTHER_WAY)
        if is_a_no and await self._look(job) is False:
            await self._turn_back(job, error)
            return True
        return False

    async def _is_being_sent(self, job: Job) -> bool:
        """Whether it is still ours to send: in a transaction, which sees everything that was stored."""
        async with self._steps.database.transaction() as tx:
            return (await jobs.existing(tx, job.id)).state is State.SENDING

    async def _submit(self, job: Job) -> RunwareError | None:
        """One attempt. None: it was accepted, and that is stored."""
        try:
            await self._runware.submit(await self._transfer.content(job), task_id=job.task_id)
        except AlreadyAccepted:
            log.info("job %s: the provider has it already", job.id)
        except RunwareError as error:
            log.warning("job %s: not accepted: %s: %s", job.id, type(error).__name__, error)
            return error
        await self._steps.take(job, ACCEPT)
        await self._pause.end()
        return None

    async def _look(self, job: Job) -> bool | None:
        """Whether the provider knows this job; None when it does not answer."""
        try:
            return (await self._runware.poll([job.task_id]))[job.task_id] is not None
        except RunwareError as error:
            log.warning("job %s: the provider cannot be asked for it: %s", job.id, error)
            return None

    async def _turn_back(self, job: Job, error: RunwareError) -> None:
        """End a job that the provider has not got, or put it back into the queue with its hold: the error says."""
        reason = error.reason if isinstance(error, Refused | SourceGone) else Reason.UNREACHABLE
        if error.then is Then.OTHER_WAY and job.request.sources and await self._change_way(job):
            await self._steps.take(job, POSTPONE)
        elif error.then in (Then.GIVE_UP, Then.OTHER_WAY):
            await self._steps.take(job, REJECT, reason=reason)
        else:
            next_try_at = await self._next_try(job, error, reason)
            await self._steps.take(job, POSTPONE, reason=reason, next_try_at=next_try_at)

    async def _next_try(self, job: Job, error: RunwareError, reason: Reason) -> datetime:
        """When to try again, for this job and for the queue."""
        now = self._steps.now()
        if isinstance(error, Unclear):  # an upload without an answer: its file may be too large for the line
            return now + timedelta(seconds=backoff(job.tries))
        asked = error.retry_after if isinstance(error, Refused) else None
        async with self._steps.database.transaction() as tx:
            spell = await self._pause.lengthen(tx, asked, base=2.0, most=300.0)
            if error.then is Then.ASK_A_PERSON:
                await alerts.queue_waits(tx, QueueWaits(reason), since=spell.since, at=now)
        if error.then is Then.ASK_A_PERSON:
            log.error("the queue is paused until %s: %s", spell.until, error)
        return spell.until

    async def _change_way(self, job: Job) -> bool:
        """Give its pictures and videos in the other way from now on. False where that was tried.

        A process that ends after this finds a job that is being sent, lacks its uploads, and so was not sent.
        """
        async with self._steps.database.transaction() as tx:
            return await transfers.change_way(tx, job.id)

    async def _ask_the_archive(self, job: Job) -> bool:
        """The last word on a send that stayed unclear: accepted after all, or unresolved. False: no answer."""
        try:
            report = await self._runware.details(job.task_id)
        except RunwareError as error:
            log.warning("job %s: the archive cannot be asked: %s", job.id, error)
            return False
        if report is None:
            log.error("job %s: unresolved, the provider knows nothing of task %s", job.id, job.task_id)
            await self._steps.take(job, LOSE_SENT, reason=Reason.LOST)
        elif await self._steps.take(job, ACCEPT):
            await self._steps.arrive(job, report)
        return True
