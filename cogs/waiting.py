"""What can be said of when a job may be ready, for its progress message."""

from datetime import timedelta

from bot.app import Raybot
from bot.domain.job import Job, State
from cogs.job_text import UNKNOWN, Wait


async def wait_of(bot: Raybot, job: Job) -> Wait:
    """What can be said now."""
    if (forecast := await bot.queue.forecast(job)) is not None:
        now, ready_in = bot.now(), forecast.ready_in
        if ready_in is None:
            return Wait(forecast.ahead)
        usually, slow = timedelta(seconds=ready_in.median), timedelta(seconds=ready_in.slow)
        return Wait(forecast.ahead, now + usually, now + slow)
    return Wait(takes=bot.queue.usual(job)) if job.state is State.RUNNING else UNKNOWN
