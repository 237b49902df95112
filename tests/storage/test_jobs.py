"""A hold is a job, an entry and a progress post at once, and jobs are read back as they are."""

import sqlite3

import pytest

from bot.domain.job import Job, Stale, State
from bot.domain.money import Usd
from storage import jobs, posts
from storage.database import Tx
from tests.storage.story import (
    CHANNEL,
    MEMBER,
    NOW,
    SERVER,
    a_quote,
    bought,
    brought_to,
    entries,
    everything,
    minutes,
    shown,
    won,
)

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
