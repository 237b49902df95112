"""What no quote was made from leaves nothing behind, wherever it is cancelled."""

import asyncio
from pathlib import Path

import pytest

from bot.domain.request import ImageToVideo
from storage import sources
from tests.bot.desk import HEAD, MEMBERS, MP4, PNG, an_image_video, at_a_desk, padded
from tests.bot.shelf import hash_of
from tests.interrupt import interrupted
from tests.storage.story import NOW
from tests.web import drip


async def test_a_request_that_comes_to_no_quote_leaves_nothing(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": PNG}) as desk:
        for leave in (None, ZeroDivisionError()):
            try:
                async with desk.intake.taking(next(MEMBERS)) as taking:
                    await taking.image("file", desk.url("a"))
                    assert desk.left() == {hash_of(PNG)}
                    if leave:
                        raise leave
            except ZeroDivisionError:
                pass
            assert desk.left() == set()


async def test_a_file_that_another_quote_is_made_from_stays(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": PNG}) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            image = await taking.image("file", desk.url("a"))
            await desk.quote(taking.build(ImageToVideo, **an_image_video(image)))
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - it comes in the middle
            async with desk.intake.taking(next(MEMBERS)) as taking:
                await taking.image("file", desk.url("a"))
                raise ZeroDivisionError
        assert desk.left() == {hash_of(PNG)}


async def test_cancelled_at_any_await_it_leaves_nothing(tmp_path: Path) -> None:
    """Or, from the moment at which there is a quote, exactly what that needs."""
    async with at_a_desk(tmp_path, {"a": PNG}) as desk:

        async def request() -> None:
            async with desk.intake.taking(next(MEMBERS)) as taking:
                image = await taking.image("file", desk.url("a"))
                await desk.quote(taking.build(ImageToVideo, **an_image_video(image)))

        for n in range(1, 60):
            try:
                await interrupted(request(), n)
            except asyncio.CancelledError:
                has_quote = bool(await sources.uses(desk.database.read, [hash_of(PNG)], now=NOW))
                assert desk.left() == ({hash_of(PNG)} if has_quote else set()), n
                if has_quote:
                    break
            else:
                assert n > 4
                break


async def test_cancelled_at_any_moment_it_leaves_nothing(tmp_path: Path) -> None:
    """As when the process is asked to end, and everything is cancelled at once."""
    async with at_a_desk(tmp_path, {"a": padded(300_000), "b": MP4}) as desk:

        async def request() -> None:
            async with desk.intake.taking(next(MEMBERS)) as taking:
                await asyncio.gather(taking.image("a", desk.url("a")), taking.video("b", desk.url("b")))

        for moment in range(0, 400, 16):
            task = asyncio.create_task(request())
            await asyncio.sleep(moment / 1000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert desk.left() == set(), moment


async def test_one_that_fails_takes_the_others_with_it(tmp_path: Path) -> None:
    """`gather` would let them go on, into a place that is gone."""
    async with at_a_desk(tmp_path, {"slow": drip(HEAD, b"x", every=0.05)}) as desk:

        async def fail() -> None:
            await asyncio.sleep(0.2)
            raise ZeroDivisionError

        before = asyncio.all_tasks()
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(5), desk.intake.taking(next(MEMBERS)) as taking:
                await asyncio.gather(taking.image("file", desk.url("slow")), fail())
        assert desk.left() == set()
        await asyncio.sleep(0.1)
        mine = {task for task in asyncio.all_tasks() - before if "serve_one" not in repr(task)}
        assert not mine
