"""Posts: asked for with their reason, found again by their nonce, made once."""

from datetime import timedelta

import pytest

from bot.domain.job import ACCEPT, CANCEL, DROP, SEND, Reason, State
from storage import jobs, posts
from storage.database import Database, Tx, from_micros
from storage.posts import Post, nonce_of
from tests.storage.story import CHANNEL, NOW, bought, brought_to, everything, lost, minutes, won


async def post_of(tx: Tx, nonce: str) -> Post:
    [post] = [each for each in await posts.of_job(tx, nonce.partition(".")[0]) if each.nonce == nonce]
    return post


def test_a_nonce_names_the_post_within_discords_25_characters() -> None:
    job_id = "j" * 20  # the longest
    nonces = [nonce_of(job_id, "progress", 0), nonce_of(job_id, "notice", 0)]
    nonces += [nonce_of(job_id, "result", n) for n in (1, 2, 3, 4)]
    assert nonces == [f"{job_id}.{which}" for which in ("p0", "p1", "r1", "r2", "r3", "r4")]
    assert max(map(len, nonces)) <= 25


async def test_a_job_begins_with_its_progress_post_in_its_own_channel(database: Database) -> None:
    async with database.transaction() as tx:
        job_id = await bought(tx)
        assert await posts.of_job(tx, job_id) == [
            Post(
                nonce=f"{job_id}.p0",
                job_id=job_id,
                kind="progress",
                n=0,
                state="waiting",
                channel_id=CHANNEL,
                attempted_at=None,
                message_id=None,
                shown=0,
                tries=0,
                next_try_at=None,
            )
        ]


async def test_posts_stand_in_the_order_in_which_they_are_shown(database: Database) -> None:
    async with database.transaction() as tx:
        job = await brought_to(tx, State.DONE, 4)
        await posts.add(tx, job.id, "notice")
        assert [post.nonce.partition(".")[2] for post in await posts.of_job(tx, job.id)] == [
            "p0", "p1", "r1", "r2", "r3", "r4"
        ]  # fmt: skip


async def test_a_post_that_was_asked_for_already_stays_as_it_is(database: Database) -> None:
    async with database.transaction() as tx:
        job_id = await bought(tx)
        await posts.posted(tx, f"{job_id}.p0", 7, shows=1)
        before = await everything(tx)
        await posts.add(tx, job_id, "progress")
        assert await everything(tx) == before


async def test_the_intent_to_post_is_stored_with_its_place(database: Database) -> None:
    async with database.transaction() as tx:
        nonce = f"{await bought(tx)}.p0"
        await posts.attempt(tx, nonce, 77, minutes(3))
        post = await post_of(tx, nonce)
        assert (post.state, post.channel_id, post.attempted_at) == ("waiting", 77, minutes(3))


async def test_a_post_is_made_once(database: Database) -> None:
    """Two answers to one post, an attempt that comes late, a failure after success: the first message stays."""
    async with database.transaction() as tx:
        nonce = f"{await bought(tx)}.p0"
        await posts.attempt(tx, nonce, 77, NOW)
        await posts.posted(tx, nonce, 7, shows=1)
        first = await post_of(tx, nonce)
        await posts.posted(tx, nonce, 8, shows=2)
        await posts.undelivered(tx, nonce)
        await posts.attempt(tx, nonce, 78, minutes(1))
        assert await post_of(tx, nonce) == first
        assert (first.state, first.message_id, first.channel_id, first.shown) == ("posted", 7, 77, 1)


async def test_a_post_that_cannot_be_made_is_kept_and_not_tried_again(database: Database) -> None:
    async with database.transaction() as tx:
        nonce = f"{await bought(tx)}.p0"
        await posts.undelivered(tx, nonce)
        await posts.posted(tx, nonce, 7, shows=1)
        assert (await post_of(tx, nonce)).state == "undelivered"
        assert await posts.jobs_behind(tx) == {}


async def test_a_result_that_cannot_be_posted_is_news_for_the_progress_message(database: Database) -> None:
    """Once: said again, it is no news, and no message is edited for it."""
    async with database.transaction() as tx:
        job = await brought_to(tx, State.DONE)
        await posts.posted(tx, f"{job.id}.p0", 7, shows=job.version)
        for _ in range(2):
            await posts.undelivered(tx, f"{job.id}.r1")
            assert job.id in await posts.jobs_behind(tx)
            assert (await jobs.existing(tx, job.id)).version == job.version + 1
        await posts.shows(tx, f"{job.id}.p0", job.version + 1)
        assert await posts.jobs_behind(tx) == {}


async def test_a_post_that_was_postponed_counts_its_tries_until_it_is_made(database: Database) -> None:
    async with database.transaction() as tx:
        nonce = f"{await bought(tx)}.p0"
        for n in (1, 2):
            await posts.postpone(tx, nonce, minutes(n))
            post = await post_of(tx, nonce)
            assert (post.tries, post.next_try_at) == (n, minutes(n))
        await posts.posted(tx, nonce, 7, shows=1)
        post = await post_of(tx, nonce)
        assert (post.tries, post.next_try_at) == (0, None)


async def test_a_message_is_behind_until_it_shows_its_jobs_version(database: Database) -> None:
    """The progress message, edited as the job goes on; it never looks done while it shows less than is known."""
    async with database.transaction() as tx:
        job_id = await bought(tx)
        nonce, at_once = f"{job_id}.p0", from_micros(0)
        assert await posts.jobs_behind(tx) == {job_id: at_once}
        await posts.posted(tx, nonce, 7, shows=1)
        assert await posts.jobs_behind(tx) == {}
        for step in (SEND, ACCEPT):
            await jobs.take(tx, job_id, step, at=NOW)
            assert await posts.jobs_behind(tx) == {job_id: at_once}
        await posts.shows(tx, nonce, 2)  # an edit that was made before the second step
        assert await posts.jobs_behind(tx) == {job_id: at_once}
        await posts.postpone(tx, nonce, minutes(1))
        assert await posts.jobs_behind(tx) == {job_id: minutes(1)}
        await posts.shows(tx, nonce, 3)
        assert await posts.jobs_behind(tx) == {}
        assert (await post_of(tx, nonce)).tries == 0


async def test_a_message_posted_late_is_behind_at_once(database: Database) -> None:
    async with database.transaction() as tx:
        job_id = await bought(tx)
        await jobs.take(tx, job_id, CANCEL, at=NOW)
        await posts.posted(tx, f"{job_id}.p0", 7, shows=1)  # drawn before the cancellation
        assert job_id in await posts.jobs_behind(tx)


async def test_the_earliest_post_of_a_job_says_when_to_come_back(database: Database) -> None:
    async with database.transaction() as tx:
        job = await brought_to(tx, State.DONE, 2)
        for nonce, minute in (("p0", 5), ("r1", 3), ("r2", 4)):
            await posts.postpone(tx, f"{job.id}.{nonce}", minutes(minute))
        assert await posts.jobs_behind(tx) == {job.id: minutes(3)}


@pytest.mark.parametrize("state", list(State))
async def test_only_queued_jobs_whose_progress_can_be_seen_are_announced(database: Database, state: State) -> None:
    """Nothing is sent before its progress message is in the channel."""
    async with database.transaction() as tx:
        job = await brought_to(tx, state)
        assert await posts.announced(tx) == set()
        await posts.posted(tx, f"{job.id}.p0", 7, shows=1)
        assert await posts.announced(tx) == ({job.id} if state is State.QUEUED else set())


async def test_successes_have_a_post_each_and_failures_a_notice_together(database: Database) -> None:
    async with database.transaction() as tx:
        mixed = await brought_to(tx, State.RUNNING, 3)
        await jobs.arrive(tx, mixed.id, [won("a"), lost("b"), won("c")], at=NOW)
        hopeless = await brought_to(tx, State.RUNNING, 2)
        await jobs.arrive(tx, hopeless.id, [lost(), lost()], at=NOW)
        late = await bought(tx)
        await jobs.take(tx, late, DROP, at=NOW + timedelta(days=1), reason=Reason.EXPIRED)
        wanted = {
            job_id: [post.nonce.partition(".")[2] for post in await posts.of_job(tx, job_id)]
            for job_id in (mixed.id, hopeless.id, late)
        }
    assert wanted == {mixed.id: ["p0", "r1", "r3"], hopeless.id: ["p0", "p1"], late: ["p0", "p1"]}
