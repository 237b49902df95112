"""Steps and results in whichever order: the books of a job add up at every moment."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.job import ACCEPT, CHARGE, LOSE, SEND, Arrival, Reason, Stale, State, Step, resolve
from bot.domain.money import ZERO, Usd
from bot.domain.request import Count
from storage import jobs
from storage.database import Database, Tx
from tests.storage.story import bought, entries, everything, lost, minutes, won
from tests.storage.test_job_steps import WITHOUT_RESULTS

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
    [row] = await tx.execute_fetchall(
        """SELECT
            (SELECT coalesce(sum(amount), 0) FROM ledger WHERE kind = 'hold' AND job_id NOT IN
                (SELECT job_id FROM ledger WHERE kind IN ('settle', 'release'))),
            (SELECT coalesce(sum(total), 0) FROM jobs JOIN quotes ON quotes.id = quote_id
                WHERE state NOT IN ('done', 'failed', 'cancelled'))"""
    )
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
