"""Jobs move by their steps, and what a step does to the ledger is done in the same transaction or not at all."""

import sqlite3
from typing import Any

import pytest

from bot.domain.job import (
    CHARGE,
    DROP,
    FAIL,
    FIND,
    FINISH,
    LOSE,
    LOSE_SENT,
    OVER,
    POSTPONE,
    REJECT,
    SEND,
    STEPS,
    Books,
    Outcome,
    Reason,
    Stale,
    State,
    Step,
)
from bot.domain.money import ZERO, Usd
from storage import jobs, posts
from storage.database import Database, Tx
from tests.storage.story import NOW, PRICE, bought, brought_to, entries, everything, lost, minutes, won

WITHOUT_RESULTS = [step for step in STEPS if step not in (FINISH, FAIL, CHARGE)]
"""The steps that are taken by themselves; of the others two come with the last result, and one with an amount."""


@pytest.mark.parametrize("step", WITHOUT_RESULTS)
async def test_a_step_moves_a_job_and_books_its_outcome(tx: Tx, step: Step) -> None:
    """It can be seen in the job, its version, its ledger, and in nobody else's."""
    bystander = await brought_to(tx, step.before)
    job = await brought_to(tx, step.before)
    await jobs.take(tx, job.id, step, at=minutes(3), reason=Reason.BROKEN)
    after = await jobs.existing(tx, job.id)
    assert (after.state, after.version, after.is_over) == (step.after, job.version + 1, step.after in OVER)
    booked = [("release", job.hold)] if step.outcome else []
    assert await entries(tx, job.id) == [("hold", job.hold), *booked]
    assert await jobs.existing(tx, bystander.id) == bystander


@pytest.mark.parametrize("amount", ["0.12", "0.01"])
async def test_an_unresolved_job_is_charged_up_to_its_hold(tx: Tx, amount: str) -> None:
    """With the results that are in, be it none; the rest of the hold returns."""
    job = await brought_to(tx, State.UNRESOLVED, 2)
    settle = Usd.of(amount)
    books = Books(Outcome.SETTLE, settle, ZERO, estimated=False)
    await jobs.take(tx, job.id, CHARGE, at=minutes(3), reason=Reason.LOST, books=books)
    after = await jobs.existing(tx, job.id)
    assert (after.state, after.settled, after.results, after.reason) == (State.DONE, settle, (), Reason.LOST)
    assert await entries(tx, job.id) == [("hold", job.hold), ("settle", settle)]


async def test_an_unresolved_job_is_not_charged_beyond_its_hold(tx: Tx) -> None:
    job = await brought_to(tx, State.UNRESOLVED)
    books = Books(Outcome.SETTLE, PRICE + Usd(1), ZERO, estimated=False)
    with pytest.raises(sqlite3.IntegrityError, match="up to its amount"):
        await jobs.take(tx, job.id, CHARGE, at=minutes(3), reason=Reason.LOST, books=books)


@pytest.mark.parametrize("state", list(State))
async def test_a_step_that_does_not_start_where_the_job_is_changes_nothing(tx: Tx, state: State) -> None:
    """Whoever comes second is told so. Not a row is touched, even where the caller goes on and commits."""
    job = await brought_to(tx, state)
    before = await everything(tx)
    for step in STEPS:
        if step.before is not state:
            books = Books(Outcome.SETTLE, PRICE, ZERO, False) if step.outcome is Outcome.SETTLE else None
            with pytest.raises(Stale, match=job.id):
                await jobs.take(tx, job.id, step, at=minutes(3), reason=Reason.BROKEN, books=books)
            assert await everything(tx) == before


@pytest.mark.parametrize("step", STEPS)
async def test_a_job_that_does_not_exist_takes_no_step(tx: Tx, step: Step) -> None:
    with pytest.raises((Stale, LookupError)):
        await jobs.take(tx, "nothing", step, at=NOW, reason=Reason.BROKEN)


@pytest.mark.parametrize("step", [FINISH, FAIL])
async def test_a_job_does_not_end_before_its_last_result(database: Database, step: Step) -> None:
    async with database.transaction() as tx:
        job = await brought_to(tx, State.RUNNING, 2)
        await jobs.arrive(tx, job.id, [won() if step is FINISH else lost()], at=NOW)

    async def end() -> None:
        async with database.transaction() as tx:
            books = Books(step.outcome or Outcome.RELEASE, PRICE, ZERO, False)
            await jobs.take(tx, job.id, step, at=NOW, reason=Reason.BROKEN, books=books)

    before = await everything(database.read)
    with pytest.raises(sqlite3.IntegrityError, match="with its last result"):
        await end()
    assert await everything(database.read) == before


async def test_the_times_of_a_job_are_those_of_its_steps(tx: Tx) -> None:
    """`sent_at` is the first attempt of the present sending, `accepted_at` the first acceptance."""
    job_id = await bought(tx)
    seen: list[tuple[Any, ...]] = []
    for n, (step, reason, again) in enumerate(
        [
            (SEND, None, None),
            (POSTPONE, Reason.BUSY, 30),
            (SEND, None, None),
            (POSTPONE, Reason.OUT_OF_CREDIT, 40),
            (SEND, None, None),
            (LOSE_SENT, Reason.LOST, None),
            (FIND, None, None),
            (LOSE, Reason.LOST, None),
            (FIND, None, None),
        ],
        start=1,
    ):
        until = None if again is None else minutes(again)
        await jobs.take(tx, job_id, step, at=minutes(n), reason=reason, next_try_at=until)
        job = await jobs.existing(tx, job_id)
        assert job.held_at == NOW
        seen.append((job.state, job.sent_at, job.accepted_at, job.tries, job.next_try_at, job.reason))
    assert seen == [
        (State.SENDING, minutes(1), None, 0, None, None),
        (State.QUEUED, None, None, 1, minutes(30), Reason.BUSY),
        (State.SENDING, minutes(3), None, 1, None, None),
        (State.QUEUED, None, None, 2, minutes(40), Reason.OUT_OF_CREDIT),
        (State.SENDING, minutes(5), None, 2, None, None),
        (State.UNRESOLVED, minutes(5), None, 2, None, Reason.LOST),
        (State.RUNNING, minutes(5), minutes(7), 2, None, None),
        (State.UNRESOLVED, minutes(5), minutes(7), 2, None, Reason.LOST),
        (State.RUNNING, minutes(5), minutes(7), 2, None, None),
    ]


@pytest.mark.parametrize(("step", "before"), [(REJECT, State.SENDING), (DROP, State.QUEUED)])
async def test_a_job_that_failed_says_why_and_asks_for_a_notice(tx: Tx, step: Step, before: State) -> None:
    job = await brought_to(tx, before)
    with pytest.raises(sqlite3.IntegrityError, match="reason IS NOT NULL"):
        await jobs.take(tx, job.id, step, at=NOW)
    failed = await brought_to(tx, before)
    await jobs.take(tx, failed.id, step, at=NOW, reason=Reason.MODERATED)
    assert (await jobs.existing(tx, failed.id)).reason is Reason.MODERATED
    assert [post.kind for post in await posts.of_job(tx, failed.id)] == ["progress", "notice"]
