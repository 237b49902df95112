"""The runner between a real database and the loopback provider: what is sent, how often, and what is kept.

Only the clock is the sandbox's, for both, and `deliver` posts into the void: it stores that the post was made.
"""

import asyncio
import json
import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.job import Job, Reason, State
from bot.domain.money import Usd
from bot.runner import Runner
from sandbox.faults import Fault
from sandbox.runware.script import Fails, Forgotten, Late, Silent, Takes
from storage import jobs
from storage.database import Tx
from tests.bot.room import CUT, CUT_AFTER_ACCEPTANCE, Room, is_in


async def test_a_job_is_sent_once_and_its_result_asked_for_a_post(room: Room, runner: Runner) -> None:
    job = await room.buy(count=2)
    runner.wake()
    done = await room.until(job, is_in(State.DONE))
    assert room.attempts() == ["accepted"]
    assert done.settled == Usd.of("0.12")
    await room.until(job, lambda _: len(room.delivered) == 3)
    assert room.delivered == [f"{job.id}.p0", f"{job.id}.r1", f"{job.id}.r2"]


async def test_sent_at_a_time_that_is_yet_to_come_it_is_not_sent_again(room: Room) -> None:
    """The clock was set back, so that nobody knows whether the ten minutes are over: the archive is asked."""
    room.wire.stops_at = ("videoInference", "before")
    async with room.working() as runner:
        job = await room.buy()
        runner.wake()
        await asyncio.wait_for(room.wire.stopped.wait(), 10)
    room.wire.stops_at = None
    async with room.database.transaction() as tx:
        await tx.execute("UPDATE jobs SET sent_at = sent_at + 86400000000 WHERE id = ?", (job.id,))
    async with room.working():
        lost = await room.until(job, is_in(State.UNRESOLVED))
    assert lost.reason is Reason.LOST
    assert len(room.wire.sent("videoInference")) == 1
    assert len(room.wire.sent("getTaskDetails")) >= 1


async def test_nothing_is_sent_before_its_progress_message_stands(room: Room, runner: Runner) -> None:
    room.is_open = False
    job = await room.buy()
    runner.wake()
    await asyncio.sleep(0.3)
    assert (await room.job(job)).state is State.QUEUED
    assert room.attempts() == []


async def test_a_result_is_posted_while_its_sister_is_still_in_the_making(room: Room, runner: Runner) -> None:
    room.provider.script(Late((0.1, 600.0)))
    job = await room.buy(count=2)
    runner.wake()
    await room.until(job, lambda _: f"{job.id}.r1" in room.delivered)
    assert (await room.job(job)).state is State.RUNNING
    room.clock.advance(timedelta(minutes=10))
    await room.until(job, is_in(State.DONE))


async def test_a_lost_acknowledgement_is_looked_for_and_not_sent_again(room: Room, runner: Runner) -> None:
    room.provider.faults.add("videoInference", CUT_AFTER_ACCEPTANCE)
    job = await room.buy()
    runner.wake()
    await room.until(job, is_in(State.DONE))
    assert room.attempts() == ["accepted"]


async def test_what_never_arrived_is_sent_again_to_the_letter(room: Room, runner: Runner) -> None:
    """Identical body, same id: the provider can tell that it is the same, and so can we."""
    room.provider.faults.add("videoInference", CUT)
    job = await room.buy()
    runner.wake()
    await room.until(job, is_in(State.DONE))
    (sent,) = room.provider.submissions
    assert sent.request == json.loads(await jobs.body(room.database.read, job.id))
    assert sent.task_id == job.task_id


async def test_a_conflict_means_accepted(room: Room, runner: Runner) -> None:
    """The acknowledgement was lost, and so was what the provider knew when it was asked first."""
    room.provider.faults.add("videoInference", CUT_AFTER_ACCEPTANCE)
    room.provider.faults.add("getResponse", Fault(status=200, body=b'{"data": []}'))
    job = await room.buy()
    runner.wake()
    await room.until(job, is_in(State.DONE))
    assert room.attempts() == ["accepted", "conflictTaskUUID"]
    assert len(room.provider.bill) == 1


async def test_a_busy_provider_is_asked_again_when_it_said(room: Room, runner: Runner) -> None:
    """429: back into the queue, with its hold."""
    room.provider.faults.add("videoInference", Fault(status=429, headers={"Retry-After": "60"}))
    job = await room.buy()
    runner.wake()
    waiting = await room.until(job, lambda job: job.tries == 1)
    assert (waiting.state, waiting.reason) == (State.QUEUED, Reason.BUSY)
    assert waiting.next_try_at is not None
    assert waiting.next_try_at - room.clock.now() > timedelta(seconds=50)
    assert waiting.settled is None
    room.clock.advance(timedelta(seconds=61))
    runner.wake()
    await room.until(job, is_in(State.DONE))


async def test_not_now_after_an_unclear_send_does_not_put_a_job_back(room: Room, runner: Runner) -> None:
    """The first answer was lost: it may have been accepted, so it may no longer be cancelled."""
    room.provider.faults.add("videoInference", CUT)
    room.provider.faults.add("videoInference", Fault(status=429), times=2)
    job = await room.buy()
    runner.wake()
    seen: set[State] = set()
    await room.until(job, lambda job: seen.add(job.state) or job.state is State.DONE, timeout=20)
    assert seen <= {State.QUEUED, State.SENDING, State.RUNNING, State.DONE}
    done = await room.job(job)
    assert done.tries == 0, "it was put back into the queue"


async def test_an_empty_account_pauses_the_queue_and_keeps_the_holds(room: Room, runner: Runner) -> None:
    room.provider.balance = Decimal(0)
    first, second = await room.buy(), await room.buy()
    runner.wake()
    waiting = await room.until(first, lambda job: job.tries > 0)
    assert waiting.reason is Reason.OUT_OF_CREDIT
    room.provider.balance = Decimal(5)
    room.clock.advance(timedelta(minutes=10))
    runner.wake()
    for job in (first, second):
        await room.until(job, is_in(State.DONE))


async def test_what_is_refused_for_good_releases_its_hold_and_tells_its_member(room: Room, runner: Runner) -> None:
    body = json.dumps({"errors": [{"code": "invalidProviderContent", "message": "no"}]}).encode()
    room.provider.faults.add("videoInference", Fault(status=400, body=body))
    job = await room.buy()
    runner.wake()
    failed = await room.until(job, is_in(State.FAILED))
    assert (failed.reason, failed.settled, failed.overrun) == (Reason.MODERATED, None, None)
    await room.until(job, lambda _: f"{job.id}.p1" in room.delivered)


async def test_a_send_that_stays_unclear_is_unresolved_and_keeps_its_hold(room: Room, runner: Runner) -> None:
    """Ten minutes of 503 and no trace of the task: nobody knows, so nobody is paid back, and staff decide."""
    room.provider.faults.add("videoInference", Fault(status=503), times=100)
    job = await room.buy()
    runner.wake()
    await room.until(job, is_in(State.SENDING))
    room.clock.advance(timedelta(minutes=11))
    lost = await room.until(job, is_in(State.UNRESOLVED))
    assert lost.reason is Reason.LOST
    assert not lost.is_over


async def test_a_job_that_waited_a_day_is_released(room: Room, runner: Runner) -> None:
    room.is_open = False
    job = await room.buy()
    room.clock.advance(timedelta(hours=25))
    runner.wake()
    expired = await room.until(job, is_in(State.FAILED))
    assert expired.reason is Reason.EXPIRED


async def test_no_more_jobs_are_at_the_provider_than_max_jobs(room: Room, runner: Runner) -> None:
    room.provider.script(Takes(0.3), times=5)
    for _ in range(5):
        await room.buy()
    runner.wake()
    most = 0
    async with asyncio.timeout(15):
        while under_way := await jobs.under_way(room.database.read):
            most = max(most, sum(job.state is not State.QUEUED for job in under_way))
            await asyncio.sleep(0.01)
    assert most == 2


async def test_members_take_turns_whoever_asked_first(room: Room, runner: Runner) -> None:
    """Of two who have had no turn the first to ask comes first; then comes the other's one."""
    room.provider.script(Takes(0.3), times=6)
    adas = [await room.buy(member=1) for _ in range(5)]
    linus = await room.buy(member=2)
    for job in (*adas, linus):
        await room.deliver(job.id)  # the progress messages stand before anything is sent
    runner.wake()
    await room.until(adas[-1], is_in(State.DONE))
    sent = sorted([await room.job(job) for job in (*adas, linus)], key=lambda job: job.sent_at or job.held_at)
    assert [job.id for job in sent].index(linus.id) == 1


async def test_one_request_looks_at_all_running_jobs(room: Room, runner: Runner) -> None:
    room.provider.script(Takes(600), times=2)
    bought = [await room.buy(), await room.buy()]
    runner.wake()
    for job in bought:
        await room.until(job, is_in(State.RUNNING))
    room.provider.requests.clear()
    await room.until(bought[0], lambda _: len(room.provider.requests) >= 3)
    assert {request.task_types for request in room.provider.requests} == {("getResponse", "getResponse")}


async def test_a_poll_that_fails_says_nothing_of_its_jobs(room: Room, runner: Runner) -> None:
    for status in (401, 500):
        room.provider.faults.add("getResponse", Fault(status=status, body=b"{}"))
    job = await room.buy()
    runner.wake()
    await room.until(job, is_in(State.DONE), timeout=20)


async def test_a_failure_with_a_cost_is_the_servers(room: Room, runner: Runner) -> None:
    """The member gets the hold back; what the provider billed all the same is an overrun."""
    room.provider.script(Fails(code="timeoutProvider", message="too slow", cost=Decimal("0.05")))
    job = await room.buy()
    runner.wake()
    failed = await room.until(job, is_in(State.FAILED))
    assert (failed.reason, failed.settled) == (Reason.TIMED_OUT, None)
    assert failed.overrun == Usd.of("0.05")
    assert [charge.amount for charge in room.provider.bill] == [Decimal("0.05")]


async def test_a_bug_in_delivery_stops_neither_the_job_nor_its_posts(
    room: Room, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    room.faults = 1
    job = await room.buy()
    runner.wake()
    await room.until(job, lambda _: f"{job.id}.r1" in room.delivered, timeout=15)
    assert f"job {job.id}: delivery failed" in caplog.text


async def test_a_job_that_the_provider_forgets_is_unresolved_until_it_is_known_again(
    room: Room, runner: Runner
) -> None:
    room.provider.script(Forgotten())
    job = await room.buy()
    runner.wake()
    await room.until(job, is_in(State.RUNNING))
    room.clock.advance(timedelta(hours=2))
    await room.until(job, is_in(State.UNRESOLVED))
    (task,) = room.provider.tasks.values()
    task.forgotten = None
    task.items = tuple(replace(item, ready_at=room.clock.now()) for item in task.items)
    room.clock.advance(timedelta(minutes=11))
    runner.wake()
    await room.until(job, is_in(State.DONE))


async def test_a_result_that_never_comes_leaves_its_job_unresolved_and_the_others_posted(
    room: Room, runner: Runner
) -> None:
    """One of two is there and nothing is in the making: an hour later staff have to decide about the rest."""
    room.provider.script(Forgotten())
    job = await room.buy(count=2)
    there = {"taskUUID": job.task_id, "videoUUID": str(uuid.uuid4()), "videoURL": "https://vm.runware.ai/1.mp4"}
    body = json.dumps({"data": [{**there, "cost": 0.06}]}).encode()
    room.provider.faults.add("getResponse", Fault(status=200, body=body), times=1_000)
    runner.wake()
    await room.until(job, lambda _: f"{job.id}.r1" in room.delivered)
    room.clock.advance(timedelta(hours=2))
    lost = await room.until(job, is_in(State.UNRESOLVED))
    assert len(lost.results) == 1
    version = lost.version
    room.clock.advance(timedelta(minutes=11))
    runner.wake()
    await asyncio.sleep(0.3)
    assert (await room.job(job)).version == version, "an answer without news changed it"


async def test_a_send_that_ends_while_the_queue_is_read_is_not_begun_again(
    room: Room, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn reads the jobs, and before it looks at them a send ends: what it read of that job is old news.

    Begun again, a job that was put back into the queue would be sent, and could be cancelled at the same time.
    """
    read = jobs.under_way

    async def slowly(tx: Tx) -> list[Job]:
        found = await read(tx)
        await asyncio.sleep(0.05)
        return found

    monkeypatch.setattr(jobs, "under_way", slowly)
    room.provider.faults.add(
        "videoInference", Fault(status=429, headers={"Retry-After": "60"}, delay=0.02), times=1
    )
    job = await room.buy()
    runner.wake()
    await room.until(job, lambda job: job.tries == 1)
    await asyncio.sleep(1.5)
    assert (await room.job(job)).state is State.QUEUED
    assert room.attempts() == []


async def test_come_back_later_holds_for_every_queued_job(room: Room, runner: Runner) -> None:
    """One 429 is not answered with the next job in the queue."""
    room.provider.faults.add("videoInference", Fault(status=429, headers={"Retry-After": "60"}), times=50)
    bought = [await room.buy() for _ in range(6)]
    runner.wake()
    async with asyncio.timeout(10):
        while not any([(await room.job(job)).tries for job in bought]):  # whichever was announced first
            await asyncio.sleep(0.01)
    for _ in range(10):
        runner.wake()
        await asyncio.sleep(0.05)
    refused = sum([(await room.job(job)).tries for job in bought])
    assert refused <= 2, "no more than what was on its way when the answer came"


async def test_a_poll_is_not_repeated_before_its_time_by_whatever_else_happens(room: Room, runner: Runner) -> None:
    room.provider.script(Takes(600))
    job = await room.buy()
    runner.wake()
    await room.until(job, is_in(State.RUNNING))
    room.provider.faults.add("getResponse", Fault(status=429, headers={"Retry-After": "60"}), times=50)
    await asyncio.sleep(0.3)
    room.provider.requests.clear()
    for _ in range(10):
        runner.wake()
        await asyncio.sleep(0.05)
    assert not room.provider.requests


async def test_a_render_that_never_ends_gives_its_place_back(room: Room, runner: Runner) -> None:
    """In the making for ever: it is not failed, since it may yet be billed, but others get their turn."""
    room.provider.script(Silent(), times=2)
    stuck = [await room.buy(), await room.buy()]
    runner.wake()
    for job in stuck:
        await room.until(job, is_in(State.RUNNING))
    await asyncio.sleep(0.3)
    waiting = await room.buy()
    room.clock.advance(timedelta(hours=8))
    for job in stuck:
        await room.until(job, is_in(State.UNRESOLVED))
    await room.until(waiting, is_in(State.DONE))
