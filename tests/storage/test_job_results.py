"""Results arrive at a running job, each once; the last one ends it and books what they cost."""

import pytest

from bot.domain.job import Arrival, Reason, Stale, State
from bot.domain.money import Usd
from bot.domain.request import Count
from storage import jobs, posts
from storage.database import Tx
from tests.storage.story import NOW, PRICE, brought_to, entries, everything, lost, minutes, won


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
