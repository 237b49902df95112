"""A result stays with its job, until it is posted and for its time."""

from datetime import timedelta

import pytest

from bot.domain.job import State
from bot.kept import NoRoom, Swept
from storage import posts, reposts
from tests.bot.shelf import WEEK, Shelf, mode
from tests.storage.story import brought_to, minutes


async def test_a_result_stays_with_its_job_and_then_for_its_time(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        job_id = await shelf.bought(State.DONE)
        async with kept.receiving() as receiving:
            file = receiving.new()
            file.write_bytes(b"film")
            path = await receiving.keep_result(file, job_id, 1, ".mp4")
        assert path == kept.result(job_id, 1, ".mp4")
        assert (path.read_bytes(), mode(path)) == (b"film", 0o600)
        shelf.now += 2 * WEEK
        await kept.sweep()
        assert path.exists()  # it waits for its post
        async with shelf.database.transaction() as tx:
            await posts.posted(tx, f"{job_id}.r1", 7, shows=1)
        shelf.now = minutes(2) + WEEK - timedelta(microseconds=1)
        await kept.sweep()
        assert path.exists()
        shelf.now += timedelta(microseconds=1)
        assert await kept.sweep() == Swept(1, 4, 0)
        assert not path.exists()


async def test_a_result_that_is_to_be_posted_again_stays(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        job_id = await shelf.bought(State.DONE)
        kept.result(job_id, 1, ".silent.mp4").write_bytes(b"film")
        async with shelf.database.transaction() as tx:
            await posts.posted(tx, f"{job_id}.r1", 7, shows=1)
            repost = await reposts.add(tx, job_id, by=1, at=shelf.now)
        shelf.now += 2 * WEEK
        await kept.sweep()
        assert shelf.names("results") == {f"{job_id}.r1.silent.mp4"}
        async with shelf.database.transaction() as tx:
            await posts.posted(tx, repost.nonce, 8, shows=1)
        await kept.sweep()
        assert shelf.names("results") == set()


async def test_without_room_a_result_is_not_kept_and_none_that_waits_for_its_post_goes(shelf: Shelf) -> None:
    """What is posted already makes room."""

    async def receive_result(job_id: str, size: int) -> None:
        async with kept.receiving() as receiving:
            file = receiving.new()
            file.write_bytes(bytes(size))
            await receiving.keep_result(file, job_id, 1, ".mp4")

    async with shelf.database.transaction() as tx:
        waiting, posted, coming = [(await brought_to(tx, State.DONE)).id for _ in range(3)]
        await posts.posted(tx, f"{posted}.r1", 7, shows=1)
    async with shelf.open(most=500) as kept:
        await receive_result(waiting, 200)
        await receive_result(posted, 200)
        await receive_result(coming, 300)
        assert shelf.names("results") == {f"{waiting}.r1.mp4", f"{coming}.r1.mp4"}
        with pytest.raises(NoRoom):
            await receive_result(posted, 1)
        assert shelf.names("results") == {f"{waiting}.r1.mp4", f"{coming}.r1.mp4"}
        assert shelf.names("incoming") == set()


async def test_a_result_of_no_job_goes_at_once(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        kept.result("nobodys", 1, ".webm").write_bytes(b"film")
        await kept.sweep()
        assert shelf.names("results") == set()
