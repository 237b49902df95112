"""What the messages of jobs that wait say, and that it stays true."""

import asyncio
from datetime import timedelta

from bot.domain.forecast import Forecast, Usual
from bot.domain.job import Job
from bot.pause import Pause
from bot.queue import SHOW_EVERY, Queue
from bot.render_times import RenderTimes
from storage import installation
from tests.bot.room import Room


async def paused(room: Room, seconds: float) -> None:
    """The provider takes nothing for so long."""
    async with room.database.transaction() as tx:
        pause = Pause(room.database, installation.SUBMISSIONS_PAUSED, now=room.clock.now)
        await pause.lengthen(tx, seconds, base=1.0, most=1.0)


def a_queue(room: Room, job: Job, shown: list[bool]) -> Queue:
    """One place at the provider, and renders that take a minute."""
    times = RenderTimes([(job.request, 60.0)] * 6)
    return Queue(room.database, times, max_jobs=1, now=room.clock.now, changed=lambda: shown.append(True))


async def test_while_the_provider_takes_nothing_no_moment_is_promised(room: Room) -> None:
    """And what was promised before is taken back, and promised again afterwards."""
    job, shown = await room.buy(), list[bool]()
    await room.deliver(job.id)
    queue = a_queue(room, job, shown)
    soon, unknown = Forecast(0, Usual(60, 60)), Forecast(0, None)
    assert await queue.forecast(await room.job(job)) == soon
    await paused(room, 1_800)
    await queue.work(asyncio.TaskGroup())
    assert len(shown) == 1
    assert await queue.forecast(await room.job(job)) == unknown
    room.clock.advance(timedelta(minutes=31))
    await queue.work(asyncio.TaskGroup())
    assert len(shown) == 2
    assert await queue.forecast(await room.job(job)) == soon


async def test_a_pause_of_some_seconds_changes_no_message(room: Room) -> None:
    job, shown = await room.buy(), list[bool]()
    await room.deliver(job.id)
    queue = a_queue(room, job, shown)
    before = await queue.forecast(await room.job(job))
    await paused(room, SHOW_EVERY.total_seconds() - 1)
    await queue.work(asyncio.TaskGroup())
    assert shown == []
    assert await queue.forecast(await room.job(job)) == before
