"""Uploads for a job: one that fails leaves nobody's money in doubt, and none is made twice."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.job import Reason, State
from bot.offer import Requester
from bot.runner import Runner
from sandbox.faults import Fault
from storage import jobs
from tests.bot.room import CUT, CUT_AFTER_ACCEPTANCE, Room, is_in
from tests.bot.sending import SENT, edit_request, is_bought_once, ledger, refusal


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (CUT, Reason.UNREACHABLE),
        (CUT_AFTER_ACCEPTANCE, Reason.UNREACHABLE),
        (Fault(status=503), Reason.UNREACHABLE),
        (Fault(status=429, headers={"Retry-After": "60"}), Reason.BUSY),
        (refusal("insufficientCredits", 402), Reason.OUT_OF_CREDIT),
        (refusal("invalidApiKey", 401), Reason.KEY_REFUSED),
    ],
)
async def test_an_upload_that_fails_for_now_puts_its_job_back_with_its_hold(
    room: Room, runner: Runner, fault: Fault, reason: Reason
) -> None:
    room.provider.faults.add("mediaStorage", fault)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    waiting = await room.until(job, lambda job: job.tries == 1)
    assert (waiting.state, waiting.reason) == (State.QUEUED, reason)
    assert await ledger(room, job) == ["hold"]
    assert not room.wire.sent("videoInference")
    room.clock.advance(timedelta(minutes=6))
    runner.wake()
    await room.until(job, SENT)
    await is_bought_once(room, job)


async def test_a_job_whose_upload_failed_can_be_cancelled(room: Room, runner: Runner) -> None:
    room.provider.faults.add("mediaStorage", CUT)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    await room.until(job, lambda job: job.tries == 1)
    await room.checkout.cancel_job(job.id, Requester(server_id=1, channel_id=2, member_id=3))
    assert await ledger(room, job) == ["hold", "release"]
    room.clock.advance(timedelta(minutes=6))
    runner.wake()
    await asyncio.sleep(0.2)
    assert (await room.job(job)).state is State.CANCELLED
    assert not room.wire.sent("videoInference")


async def test_uploads_that_never_succeed_leave_no_doubt_and_end_with_the_day(room: Room, runner: Runner) -> None:
    room.provider.faults.add("mediaStorage", Fault(status=503), times=1_000)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    seen: set[State] = set()
    for tries in range(1, 6):
        await room.until(job, lambda job, tries=tries: seen.add(job.state) or job.tries >= tries)  # type: ignore[misc]
        room.clock.advance(timedelta(minutes=11))
        runner.wake()
    room.clock.advance(timedelta(hours=24))
    runner.wake()
    expired = await room.until(job, is_in(State.FAILED))
    assert seen <= {State.QUEUED, State.SENDING}
    assert expired.reason is Reason.EXPIRED
    assert await ledger(room, job) == ["hold", "release"]


async def test_a_file_that_does_not_get_through_holds_nobody_else_up(room: Room, runner: Runner) -> None:
    """Its line may be too slow for it: that says nothing of the other jobs."""
    room.provider.faults.add("mediaStorage", CUT)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    await room.until(job, lambda job: job.tries == 1)
    other = await room.buy()
    runner.wake()
    await room.until(other, SENT, timeout=1.5)


@pytest.mark.parametrize(
    ("fault", "times", "reason"),
    [
        (refusal("imageBlocked"), 1, Reason.MODERATED),
        (refusal("invalidMedia"), 2, Reason.NOT_TRANSFERRED),
        (refusal("failedToTransferMedia"), 2, Reason.NOT_TRANSFERRED),
        (Fault(status=413, body=b"<html>"), 2, Reason.NOT_TRANSFERRED),
    ],
)
async def test_an_upload_that_is_refused_for_good_ends_its_job(
    room: Room, runner: Runner, fault: Fault, times: int, reason: Reason
) -> None:
    room.provider.faults.add("mediaStorage", fault, times=times)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    assert (await room.until(job, is_in(State.FAILED))).reason is reason
    assert await ledger(room, job) == ["hold", "release"]
    assert not room.wire.sent("videoInference")


async def test_what_is_uploaded_counts_as_being_at_the_provider(room: Room, runner: Runner) -> None:
    room.wire.stops_at = ("mediaStorage", "before")
    for _ in range(3):
        await room.buy(request=edit_request(room))
    runner.wake()
    await room.wire.stopped.wait()
    for _ in range(5):
        runner.wake()
        await asyncio.sleep(0.05)
    states = [job.state for job in await jobs.under_way(room.database.read)]
    assert sorted(states) == [State.QUEUED, State.SENDING, State.SENDING]


async def test_not_now_after_an_upload_keeps_the_upload_for_the_next_send(room: Room, runner: Runner) -> None:
    room.provider.faults.add("videoInference", Fault(status=429))
    job = await room.buy(request=edit_request(room))
    runner.wake()
    await room.until(job, lambda job: job.tries == 1)
    room.clock.advance(timedelta(minutes=6))
    runner.wake()
    await room.until(job, SENT)
    assert len(room.wire.sent("mediaStorage")) == 1
    assert len(set(room.wire.sent("videoInference"))) == 1
