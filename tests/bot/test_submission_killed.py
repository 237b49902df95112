"""Killed wherever it is on its way to the provider, a job with a picture or a video is bought once."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.job import SEND, State
from sandbox.faults import Fault
from storage import jobs, transfers
from storage.transfers import OTHER, USUAL
from tests.bot.room import CUT, Moment, Room, is_in
from tests.bot.sending import KINDS, NOT_TRANSFERRED, SENT, edit_request, is_bought_once, names


async def killed_at(room: Room, moment: Moment) -> None:
    """A runner works until the wire reaches this moment, and no further."""
    room.wire.stops_at = moment
    async with room.working() as runner, asyncio.timeout(10):
        runner.wake()
        await room.wire.stopped.wait()
    room.wire.stops_at = None
    room.wire.stopped.clear()


KILLS: list[tuple[str, Moment]] = [
    ("picture", ("videoInference", "before")),
    ("picture", ("videoInference", "after")),
    ("video", ("mediaStorage", "before")),
    ("video", ("mediaStorage", "after")),  # uploaded, and not stored
    ("video", ("videoInference", "before")),  # stored, and not sent
    ("video", ("videoInference", "after")),  # accepted, and not stored
]


@pytest.mark.parametrize(("kind", "moment"), KILLS)
async def test_killed_in_the_usual_way_it_is_bought_once(room: Room, kind: str, moment: Moment) -> None:
    job = await room.buy(request=KINDS[kind](room))
    await killed_at(room, moment)
    assert (await room.job(job)).state is State.SENDING
    async with room.working():
        await room.until(job, SENT)
    assert len(await names(room, job, USUAL)) == (kind == "video")
    assert len(set(room.wire.sent("videoInference"))) == 1
    await is_bought_once(room, job)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "moment",
    [
        ("mediaStorage", "before"),
        ("mediaStorage", "after"),
        ("videoInference", "before"),
        ("videoInference", "after"),
    ],
)
async def test_killed_in_the_other_way_it_is_bought_once(room: Room, kind: str, moment: Moment) -> None:
    job = await room.buy(request=KINDS[kind](room))
    room.provider.faults.add("videoInference", NOT_TRANSFERRED)
    # the task in the usual way, and the upload for it
    room.wire.lets_pass = 1 if moment[0] == "videoInference" else int(kind == "video")
    await killed_at(room, moment)
    async with room.working():
        await room.until(job, SENT)
    _, *other = room.wire.sent("videoInference")
    assert len(set(other)) == 1
    assert len(await names(room, job, OTHER)) == 1
    await is_bought_once(room, job)


@pytest.mark.parametrize("kind", KINDS)
async def test_killed_as_the_way_was_changed_it_is_sent_in_the_other_way(room: Room, kind: str) -> None:
    """Stored as being sent, the way changed, nothing uploaded for it: it was not sent, and a 429 is clear."""
    job = await room.buy(request=KINDS[kind](room))
    async with room.database.transaction() as tx:
        await jobs.take(tx, job.id, SEND, at=room.clock.now())
        assert await transfers.change_way(tx, job.id)
    room.provider.faults.add("videoInference", Fault(status=429))
    async with room.working() as runner:
        await room.until(job, lambda job: job.tries == 1)
        room.clock.advance(timedelta(minutes=6))
        runner.wake()
        await room.until(job, SENT)
    assert len(await names(room, job, OTHER)) == 1
    await is_bought_once(room, job)


async def test_killed_while_uploading_and_found_late_leaves_no_doubt(room: Room) -> None:
    """Without its upload it was not sent: where the next upload fails, the job waits with its hold."""
    job = await room.buy(request=edit_request(room))
    await killed_at(room, ("mediaStorage", "after"))
    room.clock.advance(timedelta(minutes=11))
    room.provider.faults.add("mediaStorage", Fault(status=503))
    async with room.working() as runner:
        waiting = await room.until(job, lambda job: job.tries == 1)
        assert waiting.state is State.QUEUED
        room.clock.advance(timedelta(minutes=6))
        runner.wake()
        await room.until(job, SENT)
    await is_bought_once(room, job)


async def test_an_upload_takes_nothing_from_the_time_for_sending_again(room: Room) -> None:
    """The minutes count from when it can have been sent first, which is after its upload."""
    job = await room.buy(request=edit_request(room))
    await killed_at(room, ("mediaStorage", "after"))
    room.clock.advance(timedelta(minutes=11))
    room.provider.faults.add("videoInference", CUT)
    async with room.working():
        await room.until(job, is_in(State.RUNNING, State.DONE, State.UNRESOLVED), timeout=20)
    assert SENT(await room.job(job))
    await is_bought_once(room, job)


async def test_killed_at_any_time_every_job_is_bought_once(room: Room) -> None:
    """Again and again, a few milliseconds later each time, in both ways."""
    for milliseconds in range(0, 60, 4):
        room.provider.faults.add("videoInference", NOT_TRANSFERRED, times=milliseconds // 4 % 2)
        job = await room.buy(request=KINDS[("picture", "video")[milliseconds % 3 % 2]](room))
        async with room.working():
            await asyncio.sleep(milliseconds / 1_000)
        async with room.working():
            await room.until(job, SENT, timeout=20)
        room.provider.faults.clear()
        assert [each.verdict for each in room.provider.submissions if each.task_id == job.task_id].count(
            "accepted"
        ) == 1
