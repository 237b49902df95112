"""What comes when nobody counts on it: results of jobs that staff have ended, or that only the archive has."""

import asyncio
import json
import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.job import Job, Outcome, Reason, State
from bot.domain.money import Usd
from bot.domain.request import Count
from bot.offer import Requester
from bot.polling import ASKED_AT_ONCE
from bot.runner import Runner
from sandbox.faults import Fault
from sandbox.runware.script import Costs, Fails, Forgotten, Takes
from sandbox.runware.tasks import Task
from storage.database import rows
from tests.bot.room import Room, is_in

STAFF = Requester(server_id=1, channel_id=2, member_id=900)


async def lose(room: Room, runner: Runner, count: Count = 1, each: str = "0.06") -> tuple[Job, Task]:
    """A job that the provider has accepted and forgotten."""
    room.provider.script(Forgotten(), Costs(Decimal(each)))
    job = await room.buy(count=count)
    runner.wake()
    await room.until(job, is_in(State.RUNNING))
    room.clock.advance(timedelta(hours=2))
    runner.wake()
    return await room.until(job, is_in(State.UNRESOLVED)), room.provider.tasks[job.task_id]


def come(room: Room, task: Task, *numbers: int, failure: Fails | None = None) -> None:
    """These results of a task are there now, and polls know of it; all where none is named."""
    task.forgotten = None
    task.items = tuple(
        replace(item, ready_at=room.clock.now(), failure=failure) if not numbers or n in numbers else item
        for n, item in enumerate(task.items)
    )


def look_again(room: Room, runner: Runner, after: timedelta = timedelta(minutes=11)) -> None:
    room.clock.advance(after)
    runner.wake()


async def ended(room: Room, job: Job, settle: str | None = None) -> Job:
    outcome = Outcome.RELEASE if settle is None else Outcome.SETTLE
    amount = None if settle is None else Usd.of(settle)
    return await room.checkout.resolve(job.id, outcome, STAFF, reason="nobody knows", amount=amount)


async def booked(room: Room, job: Job) -> list[tuple[str, str]]:
    found = await rows(
        room.database.read, "SELECT kind, amount FROM ledger WHERE job_id = ? ORDER BY id", (job.id,)
    )
    return [(row["kind"], str(Usd(row["amount"]))) for row in found]


async def the_books_add_up(room: Room, job: Job) -> None:
    billed = sum((charge.amount for charge in room.provider.bill if charge.task_id == job.task_id), Decimal(0))
    after = await room.job(job)
    assert (after.settled or Usd(0)) + (after.overrun or Usd(0)) == Usd.of(str(billed))


@pytest.mark.parametrize(
    ("settle", "state", "entries"),
    [
        (None, State.FAILED, [("release", "$0.06"), ("overrun", "$0.06")]),
        ("0.02", State.DONE, [("settle", "$0.02"), ("overrun", "$0.04")]),
        ("0.06", State.DONE, [("settle", "$0.06")]),
    ],
)
async def test_a_result_that_comes_after_staff_have_decided_is_posted_and_what_is_not_settled_is_the_servers(
    room: Room, runner: Runner, settle: str | None, state: State, entries: list[tuple[str, str]]
) -> None:
    """Once, however often the provider repeats it; and what staff decided stays."""
    job, task = await lose(room, runner)
    assert (await ended(room, job, settle)).state is state
    come(room, task)
    look_again(room, runner)
    await room.until(job, lambda _: f"{job.id}.r1" in room.delivered)
    for _ in range(3):
        look_again(room, runner)
        await asyncio.sleep(0.1)
    assert room.delivered.count(f"{job.id}.r1") == 1
    after = await room.job(job)
    assert (after.state, len(after.results), after.reason) == (state, 1, Reason.LOST)
    assert await booked(room, job) == [("hold", "$0.06"), *entries]
    await the_books_add_up(room, job)


async def test_late_results_come_one_after_another_and_each_is_booked_once(room: Room, runner: Runner) -> None:
    """The first is covered by what staff have settled, the second in part, a failure that is billed not at all."""
    job, task = await lose(room, runner, 3, each="0.08")
    await ended(room, job, "0.10")
    for n in (0, 1):
        come(room, task, n)
        look_again(room, runner)
        await room.until(job, lambda _, n=n: f"{job.id}.r{n + 1}" in room.delivered)
    come(room, task, 2, failure=Fails(cost=Decimal("0.08")))
    task.items = (*task.items[:2], replace(task.items[2], amount=Decimal("0.08"), shown_cost=Decimal("0.08")))
    look_again(room, runner)
    await room.until(job, lambda job: len(job.results) == 3)
    assert await booked(room, job) == [
        ("hold", "$0.18"), ("settle", "$0.10"), ("overrun", "$0.06"), ("overrun", "$0.08"),
    ]  # fmt: skip
    assert (await room.job(job)).overrun == Usd.of("0.14")
    assert [nonce for nonce in room.delivered if ".r" in nonce] == [f"{job.id}.r1", f"{job.id}.r2"]
    await the_books_add_up(room, job)


async def test_a_late_result_without_a_cost_counts_at_the_quote(room: Room, runner: Runner) -> None:
    job, task = await lose(room, runner, 2)
    await ended(room, job)
    come(room, task)
    task.items = tuple(replace(item, shown_cost=None) for item in task.items)
    look_again(room, runner)
    await room.until(job, lambda job: len(job.results) == 2)
    await the_books_add_up(room, job)


async def test_a_process_that_ends_meanwhile_finds_late_results_all_the_same(room: Room) -> None:
    async with room.working() as runner:
        job, task = await lose(room, runner)
        await ended(room, job)
    come(room, task)
    room.clock.advance(timedelta(days=6))
    async with room.working():
        await room.until(job, lambda _: f"{job.id}.r1" in room.delivered)
    await the_books_add_up(room, job)


async def test_after_a_week_and_with_all_results_in_nothing_is_asked_any_more(room: Room, runner: Runner) -> None:
    complete, task = await lose(room, runner)
    await ended(room, complete)
    come(room, task)
    look_again(room, runner)
    await room.until(complete, lambda job: len(job.results) == 1)
    lost, task = await lose(room, runner)
    await ended(room, lost)
    look_again(room, runner)
    await until_asked(room, lost)
    room.clock.advance(timedelta(days=7))
    await asyncio.sleep(0.2)
    come(room, task)
    room.provider.requests.clear()
    for _ in range(5):
        look_again(room, runner)
        await asyncio.sleep(0.05)
    assert not room.provider.requests


async def until_asked(room: Room, job: Job, kind: str = "getResponse", *, runner: Runner | None = None) -> None:
    """Until the provider was asked for this job once more; with a runner, when it is time to look again."""
    before = len(asked(room, job, kind))
    if runner is not None:
        look_again(room, runner)
    async with asyncio.timeout(10):
        while len(asked(room, job, kind)) == before:
            await asyncio.sleep(0.01)


def asked(room: Room, job: Job, kind: str) -> list[bytes]:
    return [body for body in room.wire.sent(kind) if job.task_id.encode() in body]


async def test_a_job_that_is_over_is_asked_for_with_the_others_and_not_as_often(room: Room, runner: Runner) -> None:
    over, _ = await lose(room, runner)
    await ended(room, over)
    await until_asked(room, over, runner=runner)
    room.provider.script(Takes(10_000))
    running = await room.buy()
    runner.wake()
    await until_asked(room, running)
    room.wire.bodies.clear()
    await until_asked(room, over, runner=runner)
    [poll] = asked(room, over, "getResponse")
    assert running.task_id.encode() in poll
    for _ in range(5):
        await until_asked(room, running)
    assert len(asked(room, over, "getResponse")) == 1


# What polls have forgotten


def archive_alone(room: Room, task: Task) -> None:
    """The results are there, for those who ask the archive."""
    task.forgotten = Forgotten(archived=True)
    task.items = tuple(replace(item, ready_at=room.clock.now()) for item in task.items)


async def test_an_unresolved_job_is_found_in_the_archive(room: Room, runner: Runner) -> None:
    job, task = await lose(room, runner)
    archive_alone(room, task)
    look_again(room, runner, timedelta(minutes=61))
    done = await room.until(job, is_in(State.DONE))
    assert (done.settled, done.overrun) == (Usd.of("0.06"), None)


async def test_so_are_results_of_a_job_that_staff_have_ended(room: Room, runner: Runner) -> None:
    job, task = await lose(room, runner)
    await ended(room, job)
    archive_alone(room, task)
    look_again(room, runner, timedelta(minutes=61))
    await room.until(job, lambda _: f"{job.id}.r1" in room.delivered)
    await the_books_add_up(room, job)


async def test_the_archive_is_asked_once_an_hour_for_each(room: Room, runner: Runner) -> None:
    job, _ = await lose(room, runner)
    asked_before = len(asked(room, job, "getTaskDetails"))
    assert asked_before == 1  # it was, before the job was given up
    for _ in range(12):  # two hours
        before = len(asked(room, job, "getResponse"))
        look_again(room, runner, timedelta(minutes=10, seconds=1))
        await room.until(job, lambda _, before=before: len(asked(room, job, "getResponse")) > before)
    await asyncio.sleep(0.1)
    assert len(asked(room, job, "getTaskDetails")) - asked_before == 2


async def test_the_archive_is_asked_for_a_few_at_a_time_and_each_has_its_turn(room: Room, runner: Runner) -> None:
    lost = [(await lose(room, runner))[0] for _ in range(ASKED_AT_ONCE + 2)]
    await asyncio.sleep(0.3)  # what that made due is asked
    room.clock.advance(timedelta(minutes=61))
    room.wire.bodies.clear()
    runner.wake()
    await until_asked(room, lost[-1])
    await asyncio.sleep(0.3)
    assert len(room.wire.sent("getTaskDetails")) == ASKED_AT_ONCE
    look_again(room, runner)
    for job in lost:
        await room.until(job, lambda job: len(asked(room, job, "getTaskDetails")) == 1)


async def test_an_archive_that_does_not_answer_is_not_asked_for_the_next_job_at_once(
    room: Room, runner: Runner
) -> None:
    lost = [(await lose(room, runner))[0] for _ in range(2)]
    await asyncio.sleep(0.3)
    room.provider.faults.add("getTaskDetails", Fault(status=503), times=100)
    room.clock.advance(timedelta(minutes=61))
    room.wire.bodies.clear()
    runner.wake()
    await until_asked(room, lost[-1])
    await asyncio.sleep(0.3)
    assert len(room.wire.sent("getTaskDetails")) == 1
    assert {(await room.job(job)).state for job in lost} == {State.UNRESOLVED}


# Before staff decide


async def test_what_the_provider_knows_is_taken_before_staff_decide(room: Room, runner: Runner) -> None:
    for know in (come, archive_alone):
        job, task = await lose(room, runner)
        know(room, task)
        assert (await runner.look_for(job)).state is State.DONE


async def test_a_job_that_is_in_the_making_again_is_found(room: Room, runner: Runner) -> None:
    job, task = await lose(room, runner)
    task.forgotten = None
    assert (await runner.look_for(job)).state is State.RUNNING


@pytest.mark.parametrize(
    "fault", [Fault(status=None), Fault(status=503), Fault(status=429), Fault(status=200, body=b"?")]
)
async def test_a_provider_that_does_not_answer_leaves_the_decision_to_staff(
    room: Room, runner: Runner, fault: Fault
) -> None:
    job, task = await lose(room, runner)
    come(room, task)
    for kind in ("getResponse", "getTaskDetails"):
        room.provider.faults.add(kind, fault, times=1_000)
    assert (await runner.look_for(job)).state is State.UNRESOLVED
    assert (await ended(room, job)).state is State.FAILED
    room.provider.faults.clear()
    look_again(room, runner)
    await room.until(job, lambda _: f"{job.id}.r1" in room.delivered)
    await the_books_add_up(room, job)


async def test_one_of_two_results_is_no_news_twice(room: Room, runner: Runner) -> None:
    """What is stored already does not keep staff from deciding about the rest."""
    job, _ = await lose(room, runner, 2)
    there = {"taskUUID": job.task_id, "videoUUID": str(uuid.uuid4()), "videoURL": "https://vm.runware.ai/1.mp4"}
    body = json.dumps({"data": [{**there, "cost": 0.06}]}).encode()
    room.provider.faults.add("getResponse", Fault(status=200, body=body), times=1_000)
    assert (await runner.look_for(job)).state is State.RUNNING
    room.clock.advance(timedelta(hours=2))
    runner.wake()
    job = await room.until(job, is_in(State.UNRESOLVED))
    assert (await runner.look_for(job)).state is State.UNRESOLVED
