"""Jobs move by their steps, and what a step does to the ledger is done in the same transaction or not at all."""

import sqlite3
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.job import (
    ACCEPT,
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
    Arrival,
    Books,
    Job,
    Outcome,
    Reason,
    Stale,
    State,
    Step,
    resolve,
)
from bot.domain.money import ZERO, Usd
from bot.domain.request import Count
from storage import jobs, posts
from storage.database import Database, Tx
from tests.storage.story import (
    CHANNEL,
    MEMBER,
    NOW,
    PRICE,
    SERVER,
    a_quote,
    bought,
    brought_to,
    everything,
    lost,
    minutes,
    shown,
    won,
)


@pytest.fixture
async def tx(database: Database) -> AsyncGenerator[Tx]:
    """A transaction for the whole test."""
    async with database.transaction() as tx:
        yield tx


async def entries(tx: Tx, job_id: str) -> list[tuple[str, Usd]]:
    async with tx.execute("SELECT kind, amount FROM ledger WHERE job_id = ? ORDER BY id", (job_id,)) as cursor:
        return [(row["kind"], Usd(row["amount"])) for row in await cursor.fetchall()]


# Holding


async def test_a_hold_is_a_job_an_entry_and_a_progress_post_at_once(tx: Tx) -> None:
    quote = await shown(tx, 3)
    await jobs.hold(tx, quote, job_id="job", task_id="task", body='{"a": 1}', at=minutes(1))
    assert await jobs.get(tx, "job") == Job(
        id="job",
        server_id=SERVER,
        channel_id=CHANNEL,
        member_id=MEMBER,
        request=quote.request,
        hold=Usd.of("0.18"),
        task_id="task",
        state=State.QUEUED,
        version=1,
        held_at=minutes(1),
        sent_at=None,
        accepted_at=None,
        tries=0,
        next_try_at=None,
        reason=None,
        settled=None,
        overrun=None,
        estimated=False,
        results=(),
    )
    assert await jobs.body(tx, "job") == '{"a": 1}'
    assert await entries(tx, "job") == [("hold", Usd.of("0.18"))]
    assert [post.nonce for post in await posts.of_job(tx, "job")] == ["job.p0"]


async def test_a_quote_buys_once(tx: Tx) -> None:
    quote = await shown(tx)
    await jobs.hold(tx, quote, job_id="one", task_id="1", body="{}", at=NOW)
    before = await everything(tx)
    with pytest.raises(sqlite3.IntegrityError, match="quote_id"):
        await jobs.hold(tx, quote, job_id="two", task_id="2", body="{}", at=NOW)
    assert await everything(tx) == before


async def test_a_quote_that_is_not_stored_buys_nothing(tx: Tx) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await jobs.hold(tx, a_quote(), job_id="one", task_id="1", body="{}", at=NOW)


# Steps

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


# Results


@pytest.mark.parametrize("count", [1, 2, 3, 4])
async def test_a_job_ends_with_its_last_result_and_settles_what_they_cost(tx: Tx, count: Count) -> None:
    job = await brought_to(tx, State.RUNNING, count)
    cost = Usd.of("0.0511111")
    for n in range(1, count + 1):
        report = [won(str(m), cost) for m in range(1, n + 1)]  # cumulative, as the provider reports
        after = await jobs.arrive(tx, job.id, report, at=minutes(n))
        assert after.state is (State.DONE if n == count else State.RUNNING)
        assert [(result.n, result.video_id, result.cost, result.arrived_at) for result in after.results] == [
            (m, str(m), cost, minutes(m)) for m in range(1, n + 1)
        ]
    assert after.settled == cost * count  # pyright: ignore[reportPossiblyUnboundVariable]
    assert await entries(tx, job.id) == [("hold", PRICE * count), ("settle", cost * count)]
    wanted = [post.nonce for post in await posts.of_job(tx, job.id) if post.kind == "result"]
    assert wanted == [f"{job.id}.r{n}" for n in range(1, count + 1)]


async def test_a_result_is_read_back_as_it_came(tx: Tx) -> None:
    job = await brought_to(tx, State.RUNNING, 3)
    links = ("https://vm.runware.ai/a.mp4?x=1&y=é", "https://vm.runware.ai/a.exr")
    arrivals = [Arrival("a", links, None, None), lost("b", Usd.of("0.01"), Reason.TIMED_OUT), lost()]
    after = await jobs.arrive(tx, job.id, arrivals, at=minutes(5))
    stored = [Arrival(each.video_id, each.links, each.cost, each.failure) for each in after.results]
    assert stored == arrivals
    assert [result.succeeded for result in after.results] == [True, False, False]


@pytest.mark.parametrize(
    ("arrivals", "state", "booked", "reason"),
    [
        ([won("a"), won("b")], "done", [("settle", "0.12")], None),
        ([won("a"), lost()], "done", [("settle", "0.06")], None),
        ([won("a", Usd.of("0.20")), won("b")], "done", [("settle", "0.12"), ("overrun", "0.14")], None),
        ([won("a"), lost("b", Usd.of("0.05"))], "done", [("settle", "0.06"), ("overrun", "0.05")], None),
        ([won("a", None), won("b", Usd.of("0.05"))], "done", [("settle", "0.11")], None),
        ([lost(), lost(why=Reason.MODERATED)], "failed", [("release", "0.12")], Reason.MODERATED),
        ([lost("a", Usd.of("0.06")), lost()], "failed", [("release", "0.12"), ("overrun", "0.06")], Reason.BROKEN),
    ],
)
async def test_what_the_last_result_books(
    tx: Tx, arrivals: list[Arrival], state: str, booked: list[tuple[str, str]], reason: Reason | None
) -> None:
    job = await brought_to(tx, State.RUNNING, 2)
    after = await jobs.arrive(tx, job.id, arrivals, at=minutes(5))
    amounts = [(kind, Usd.of(amount)) for kind, amount in booked]
    assert await entries(tx, job.id) == [("hold", Usd.of("0.12")), *amounts]
    assert (after.state, after.reason) == (State(state), reason)
    assert (after.settled, after.overrun) == (dict(amounts).get("settle"), dict(amounts).get("overrun"))
    assert after.estimated == any(each.cost is None for each in arrivals if each.failure is None)


async def test_a_report_that_says_nothing_new_changes_nothing(tx: Tx) -> None:
    """Nobody's message is edited because the provider was asked again."""
    job = await brought_to(tx, State.RUNNING, 3)
    first = await jobs.arrive(tx, job.id, [won("a"), lost()], at=minutes(1))
    before = await everything(tx)
    for report in ([], [won("a")], [lost()], [won("a"), lost()], [won("a"), won("a")]):
        assert await jobs.arrive(tx, job.id, report, at=minutes(2)) == first
    assert await everything(tx) == before


async def test_a_result_that_is_reported_twice_at_once_is_stored_once(tx: Tx) -> None:
    """It would break the job's every poll otherwise: the schema refuses the second, and the first with it."""
    job = await brought_to(tx, State.RUNNING, 2)
    after = await jobs.arrive(tx, job.id, [won("a"), won("a")], at=NOW)
    assert [result.video_id for result in after.results] == ["a"]
    assert after.state is State.RUNNING


async def test_a_failure_that_loses_its_name_does_not_end_a_job_that_still_renders(tx: Tx) -> None:
    """In `data` it has a videoUUID, in `errors` none. Counted twice, the other result would never be posted."""
    job = await brought_to(tx, State.RUNNING, 2)
    await jobs.arrive(tx, job.id, [lost("x")], at=NOW)
    after = await jobs.arrive(tx, job.id, [lost()], at=NOW)
    assert (after.state, len(after.results)) == (State.RUNNING, 1)
    after = await jobs.arrive(tx, job.id, [lost(), won("a")], at=NOW)
    assert (after.state, after.settled) == (State.DONE, PRICE)


async def test_more_results_than_were_asked_for_are_left_aside(tx: Tx) -> None:
    job = await brought_to(tx, State.RUNNING, 2)
    after = await jobs.arrive(tx, job.id, [won(name) for name in "abcde"], at=NOW)
    assert (after.state, len(after.results), after.settled) == (State.DONE, 2, PRICE * 2)


@pytest.mark.parametrize("state", [state for state in State if state is not State.RUNNING])
async def test_nothing_arrives_at_a_job_that_is_not_running(tx: Tx, state: State) -> None:
    job = await brought_to(tx, state, 2)
    before = await everything(tx)
    with pytest.raises(Stale):
        await jobs.arrive(tx, job.id, [won("late")], at=NOW)
    assert await everything(tx) == before


# Reading


async def test_a_job_that_does_not_exist_is_not_found(tx: Tx) -> None:
    assert await jobs.get(tx, "nothing") is None
    with pytest.raises(LookupError, match="nothing"):
        await jobs.existing(tx, "nothing")
    with pytest.raises(Stale):
        await jobs.arrive(tx, "nothing", [won()], at=NOW)


async def test_under_way_is_whatever_is_not_over_the_oldest_first(tx: Tx) -> None:
    made = [await brought_to(tx, state, at=minutes(-n)) for n, state in enumerate(State)]
    expected = [job.id for job in reversed(made) if not job.is_over]
    assert [job.id for job in await jobs.under_way(tx)] == expected
    assert len(expected) == 4


async def test_what_is_under_way_in_one_server_is_listed_alone(tx: Tx) -> None:
    made = [await bought(tx, server_id=server, at=minutes(n)) for n, server in enumerate((SERVER, 2, SERVER))]
    assert [job.id for job in await jobs.under_way(tx, SERVER)] == [made[0], made[2]]
    assert await jobs.under_way(tx, 3) == []


async def test_jobs_under_way_are_counted_for_each_member_and_server(tx: Tx) -> None:
    """Without those that wait for staff: that is not the member's doing."""
    for state in State:
        await brought_to(tx, state)
    await bought(tx, member_id=MEMBER + 1)
    await bought(tx, server_id=SERVER + 1)
    found = [
        await jobs.count_under_way(tx, server, member)
        for server, member in ((SERVER, MEMBER), (SERVER, MEMBER + 1), (SERVER + 1, MEMBER), (SERVER, 1))
    ]
    assert found == [3, 1, 1, 0]


async def test_a_member_has_their_own_jobs_the_newest_first_and_no_more_than_asked(tx: Tx) -> None:
    mine = [await bought(tx, at=minutes(n)) for n in range(4)]
    await bought(tx, at=minutes(9), member_id=MEMBER + 1)
    await bought(tx, at=minutes(9), server_id=SERVER + 1)
    for most in (2, 4, 10):
        found = await jobs.of_member(tx, SERVER, MEMBER, most=most)
        assert [job.id for job in found] == mine[::-1][:most]


async def test_several_jobs_are_read_each_with_its_own_results(tx: Tx) -> None:
    """Jobs and results come by two statements; they are matched by the job, not by their order."""
    made = [
        await brought_to(tx, State.DONE, 2),
        await brought_to(tx, State.RUNNING, 2),
        await brought_to(tx, State.DONE),
    ]
    found = {job.id: job for job in await jobs.of_member(tx, SERVER, MEMBER, most=9)}
    assert [len(found[job.id].results) for job in made] == [2, 0, 1]
    assert [found[job.id] for job in made] == made


# Whatever happens, in whichever order

COSTS = st.none() | st.integers(0, 150_000_000).map(Usd)
ARRIVALS = st.builds(won, st.sampled_from("abcdef"), COSTS) | st.builds(
    lost, st.none() | st.sampled_from("uvwxyz"), COSTS, st.sampled_from([Reason.BROKEN, Reason.MODERATED])
)
HAPPENINGS = st.sampled_from([*WITHOUT_RESULTS, CHARGE]) | st.lists(ARRIVALS, max_size=5)
BEGINNINGS = st.sampled_from([[], [SEND], [SEND, ACCEPT], [SEND, ACCEPT, LOSE]])


async def check_the_books(tx: Tx, job_id: str) -> None:
    """What holds for a job at every moment."""
    job = await jobs.existing(tx, job_id)
    booked = await entries(tx, job_id)
    amounts: dict[str, Usd] = {}
    for kind, amount in booked:
        amounts[kind] = amounts.get(kind, ZERO) + amount
    late = [result for result in job.results if job.resolved_at and result.arrived_at > job.resolved_at]
    assert len(booked) <= len(amounts) + len(late)  # an entry of each kind at most, and an overrun a late result
    assert amounts.pop("hold") == job.hold
    assert (job.settled, job.overrun) == (amounts.get("settle"), amounts.get("overrun"))
    outcomes = amounts.keys() & {"settle", "release"}
    assert len(outcomes) == job.is_over
    assert ("settle" in outcomes) == (job.state is State.DONE)
    assert amounts.get("settle", ZERO) <= job.hold
    assert amounts.get("release", job.hold) == job.hold
    if job.is_over and all(result.cost for result in job.results if result.succeeded):
        billed = sum((result.cost or ZERO for result in job.results), ZERO)
        settled = amounts.get("settle", ZERO)
        assert settled + amounts.get("overrun", ZERO) == (max(billed, settled) if job.resolved_at else billed)
    assert [result.n for result in job.results] == list(range(1, len(job.results) + 1))
    assert len(job.results) <= job.request.count


async def open_holds(tx: Tx) -> tuple[int, int]:
    """What is held: by the ledger alone, and by the jobs that are not over."""
    async with tx.execute(
        """SELECT
            (SELECT coalesce(sum(amount), 0) FROM ledger WHERE kind = 'hold' AND job_id NOT IN
                (SELECT job_id FROM ledger WHERE kind IN ('settle', 'release'))),
            (SELECT coalesce(sum(total), 0) FROM jobs JOIN quotes ON quotes.id = quote_id
                WHERE state NOT IN ('done', 'failed', 'cancelled'))"""
    ) as cursor:
        [row] = await cursor.fetchall()
    return row[0], row[1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([1, 2, 3, 4]), BEGINNINGS, st.lists(HAPPENINGS, min_size=1, max_size=12))
async def test_the_books_add_up_on_every_walk(
    database: Database, count: Count, beginning: list[Step], happenings: list[Step | list[Arrival]]
) -> None:
    """Steps and reports in any order, each in a transaction of its own. What is refused leaves no trace."""
    async with database.transaction() as tx:
        job_id = await bought(tx, count)
    for happening in [*beginning, *happenings]:
        before = await everything(database.read)
        job = await jobs.existing(database.read, job_id)
        try:
            async with database.transaction() as tx:
                if isinstance(happening, Step):
                    books = resolve(job.results, Usd(happening is CHARGE and 1_000_000))
                    await jobs.take(tx, job_id, happening, at=minutes(1), reason=Reason.BROKEN, books=books)
                    assert job.state is happening.before
                else:
                    await jobs.arrive(tx, job_id, happening, at=minutes(2))
                    assert job.state is State.RUNNING or job.resolved_at
        except Stale:
            assert await everything(database.read) == before
            expected = happening.before if isinstance(happening, Step) else State.RUNNING
            assert job.state is not expected
            assert isinstance(happening, Step) or not job.resolved_at
        after = await jobs.existing(database.read, job_id)
        if job.is_over:  # for good, whatever comes
            assert (after.state, after.settled) == (job.state, job.settled)
        await check_the_books(database.read, job_id)
    by_ledger, by_jobs = await open_holds(database.read)
    assert by_ledger == by_jobs
