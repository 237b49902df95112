"""When the provider is asked, where many jobs are with it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx

from bot.domain.job import ACCEPT, SEND
from bot.domain.request import TextToVideo
from bot.polling import Polling
from bot.render_times import RenderTimes
from bot.runware.client import Runware
from bot.steps import Steps
from storage import jobs
from tests.bot.room import Transport, open_room

REQUEST = TextToVideo(prompt="a kite over the sea", resolution="360p")


async def test_jobs_that_fall_due_one_after_the_other_share_a_look(tmp_path: Path) -> None:
    """Twenty are accepted within two seconds, each to be looked at first after 90: that is not twenty looks."""
    async with (
        open_room(tmp_path) as room,
        httpx.AsyncClient(transport=Transport(room.wire), trust_env=False) as http,
    ):
        begin = moment = room.clock.now()
        for n in range(20):
            job = await room.buy(request=REQUEST, member=n + 1)
            at = begin + timedelta(seconds=n / 10)
            async with room.database.transaction() as tx:
                await jobs.take(tx, job.id, SEND, at=at)
                await jobs.take(tx, job.id, ACCEPT, at=at)
        polling = Polling(
            Steps(room.database, limits={}, now=lambda: moment, changed=lambda: None),
            Runware(http, url=room.provider.url, key=room.provider.key),
            RenderTimes([(REQUEST, 100.0)]),
            poll_seconds=None,
        )
        async with asyncio.TaskGroup() as group:
            while moment < begin + timedelta(seconds=94):
                sleep = await polling.work(group)
                moment += timedelta(seconds=max(sleep or 0.0, 0.001))
        assert 2 <= len(room.wire.sent("getResponse")) <= 4
