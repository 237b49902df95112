"""What can be said of when a job may be ready, for its progress message."""

from datetime import datetime, timedelta

from bot.app import Raybot
from bot.domain.forecast import Usual
from bot.domain.job import Job, State
from cogs.text import UNKNOWN, Wait


async def wait_of(bot: Raybot, job: Job) -> Wait:
    """What can be said now."""
    if (forecast := await bot.queue.forecast(job)) is not None:
        now, ready_in = bot.now(), forecast.ready_in
        return Wait(forecast.ahead) if ready_in is None else _between(now, ready_in, ahead=forecast.ahead)
    usual = bot.queue.usual(job) if job.state is State.RUNNING else None
    return UNKNOWN if usual is None or job.accepted_at is None else _between(job.accepted_at, usual)


def _between(since: datetime, usual: Usual, *, ahead: int | None = None) -> Wait:
    usually, slow = timedelta(seconds=usual.median), timedelta(seconds=usual.slow)
    return Wait(ahead, since + usually, since + slow)
