"""How much is taken in: files share their room, a full disk is said in words, and a member has one turn."""

import asyncio
import resource
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.problem import InvalidRequest
from bot.domain.request import EditVideo, ImageToVideo, TextToVideo
from bot.fetch import Unfetchable
from bot.intake import AT_ONCE, Intake
from bot.kept import Kept, NoRoom
from bot.taking import NO_IMAGE, NO_VIDEO
from tests.bot.desk import HEAD, JPEG, MEMBERS, MOST, PNG, an_image_video, at_a_desk, padded, refused
from tests.bot.shelf import hash_of
from tests.storage.story import NOW
from tests.web import drip


@pytest.mark.parametrize("together", [True, False])
async def test_the_files_of_a_request_share_their_room(tmp_path: Path, together: bool) -> None:
    files = {name: padded(MOST // 2 - 100) for name in "ab"} | {"c": padded(MOST // 4)}
    async with at_a_desk(tmp_path, files) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            taken = [taking.image(name, desk.url(name)) for name in "abc"]
            if together:
                await asyncio.gather(*taken)
            else:
                for each in taken:
                    await each
            with pytest.raises(InvalidRequest, match=r"2 MB together, and these have more\. Make them") as caught:
                taking.build(EditVideo, prompt="a fox", video=NO_VIDEO)
        assert len(caught.value.problems) == 1
        assert desk.left() == set()


async def test_a_file_has_the_room_that_the_others_leave_and_no_more(tmp_path: Path) -> None:
    left = 300_000
    files = {"a": padded(MOST - left), "b": drip(HEAD, bytes(50_000), every=0.01)}
    async with at_a_desk(tmp_path, files) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        await taking.image("a", desk.url("a"))
        endless, most = asyncio.create_task(taking.image("file", desk.url("b"))), 0
        while not endless.done():
            for path in (desk.folder / "incoming").glob("*/*"):
                most = max(most, path.stat().st_size)
            await asyncio.sleep(0.001)
        assert "2 MB together" in await refused(taking, await endless)
        assert 0 < most <= left


async def test_files_that_fit_together_are_taken(tmp_path: Path) -> None:
    async with (
        at_a_desk(tmp_path, {name: padded(MOST // 2) for name in "ab"}) as desk,
        desk.intake.taking(next(MEMBERS)) as taking,
    ):
        images = await asyncio.gather(*(taking.image(name, desk.url(name)) for name in "ab"))
        taking.build(ImageToVideo, **an_image_video(*images))


async def test_few_files_are_on_their_way_at_once(tmp_path: Path) -> None:
    """Each may have all of MAX_INPUT_BYTES, and they come faster than they are probed."""
    async with at_a_desk(tmp_path, {"a": PNG}) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        taking_in = asyncio.gather(*(taking.image(f"k{n}", desk.url("a")) for n in range(3 * AT_ONCE)))
        most = 0
        while not taking_in.done():
            most = max(most, len([path for path in (desk.folder / "incoming").rglob("*") if path.is_file()]))
            await asyncio.sleep(0.005)
        assert NO_IMAGE not in await taking_in
        assert AT_ONCE // 2 < most <= AT_ONCE


async def test_who_waits_too_long_for_others_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.intake.AT_ONCE", 0)  # nobody's turn ever comes
    async with at_a_desk(tmp_path, {"a": PNG}, seconds=0.1) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        taken = await taking.image("file", desk.url("a"))
        assert "Too many files are arriving at once" in await refused(taking, taken)


async def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The kernel stops a file that grows beyond a limit, as a full disk does."""
    async with at_a_desk(tmp_path, {"a": padded(1_000_000), "b": PNG}) as desk:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
        try:
            with pytest.raises(NoRoom, match="cannot store your files"):
                async with desk.intake.taking(next(MEMBERS)) as taking:
                    await asyncio.gather(*(taking.image(name, desk.url(name)) for name in "ab"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert desk.left() == set()
        [line] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
        assert line.startswith("MEDIA_DIR: a file cannot be stored")
        assert "secret" not in caplog.text
        assert not any(record.exc_info for record in caplog.records)


async def test_a_folder_that_has_gone_is_said_in_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with at_a_desk(tmp_path, {"a": PNG}) as desk:
        (desk.folder / "incoming").rmdir()
        (desk.folder / "incoming").touch()
        with pytest.raises(NoRoom):
            async with desk.intake.taking(next(MEMBERS)) as taking:
                await taking.image("file", desk.url("a"))
        assert "MEDIA_DIR" in caplog.text


async def test_a_folder_that_has_gone_is_made_again_and_words_alone_need_none(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": PNG}) as desk:
        shutil.rmtree(desk.folder)
        async with desk.intake.taking(next(MEMBERS)) as taking:
            taking.build(TextToVideo, prompt="a fox")
        assert not desk.folder.exists()
        async with desk.intake.taking(next(MEMBERS)) as taking:
            await taking.image("file", desk.url("a"))
            assert desk.left()


async def test_an_error_of_somebody_elses_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {}) as desk:
        with pytest.raises(ConnectionResetError):
            async with desk.intake.taking(next(MEMBERS)):
                raise ConnectionResetError


async def test_without_room_under_the_cap_it_is_said_too(tmp_path: Path) -> None:
    async with (
        at_a_desk(tmp_path, {"a": PNG, "b": JPEG}, most=10**6) as desk,
        desk.intake.taking(next(MEMBERS)) as taking,
    ):
        image = await taking.image("file", desk.url("a"))
        await desk.quote(taking.build(ImageToVideo, **an_image_video(image)))
    async with at_a_desk(tmp_path, {"a": PNG, "b": JPEG}) as desk:
        capped = Kept(desk.folder, desk.database, keep=timedelta(7), most=len(PNG) + 10, now=lambda: NOW)
        capped._owner = desk.kept._owner  # pyright: ignore[reportPrivateUsage]
        downloads = desk.intake._downloads  # pyright: ignore[reportPrivateUsage]
        intake = Intake(capped, downloads, downloads, attachments=desk.hosts, most=MOST)
        with pytest.raises(NoRoom):
            async with intake.taking(next(MEMBERS)) as taking:
                await taking.image("file", desk.url("b"))
        assert desk.left() == {hash_of(PNG)}


async def test_a_member_has_one_request_with_files_at_a_time_and_holds_nobody_else_up(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": PNG}, seconds=0.2) as desk:
        async with desk.intake.taking(1):
            with pytest.raises(Unfetchable, match="Too many files"):
                async with desk.intake.taking(1):
                    pytest.fail("two at once")
            async with desk.intake.taking(2) as taking:
                await taking.image("file", desk.url("a"))
        async with desk.intake.taking(1) as taking:
            await taking.image("file", desk.url("a"))
