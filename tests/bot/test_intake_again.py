"""Kept files used again, and videos made shorter."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.request import EditVideo
from bot.intake import Intake
from bot.media.unusable import UnusableMedia
from bot.taking import NO_VIDEO, FileGone, TooMuch
from tests.bot.desk import JPEG, MEMBERS, MP4, at_a_desk
from tests.bot.shelf import hash_of


async def test_a_kept_file_can_be_used_again_and_one_that_is_gone_is_asked_for(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": MP4}) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            video = await taking.video("file", desk.url("a"))
            await desk.quote(taking.build(EditVideo, prompt="a fox", video=video))
        async with desk.intake.taking(next(MEMBERS)) as taking:
            assert await taking.again(video) is video
        assert desk.left() == {hash_of(MP4)}
        desk.kept.path(hash_of(MP4)).unlink()
        async with desk.intake.taking(next(MEMBERS)) as taking:
            for attempt in (taking.again(video), taking.trimmed(video, 600_000)):
                with pytest.raises(FileGone, match=r"^I no longer have this file\. Please send it again\.$"):
                    await attempt


async def test_a_trimmed_video_is_kept_as_it_is_priced(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": MP4}) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            video = await taking.video("file", desk.url("a"))
            await desk.quote(taking.build(EditVideo, prompt="a fox", video=video))
        async with desk.intake.taking(next(MEMBERS)) as taking:
            trimmed = await taking.trimmed(video, 700_000)
            assert 700_000 - 42_000 < trimmed.microseconds <= 700_000
            assert (trimmed.width, trimmed.height, trimmed.format, trimmed.sound) == (64, 48, "mp4", True)
            assert trimmed.sha256 == hash_of(desk.kept.path(trimmed.sha256).read_bytes())
            await desk.quote(taking.build(EditVideo, prompt="a fox", video=trimmed))
        assert desk.left() == {video.sha256, trimmed.sha256}


async def test_a_trimmed_video_that_is_too_large_or_unreadable_is_refused(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": MP4}, most=len(MP4)) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            video = await taking.video("file", desk.url("a"))
            await desk.quote(taking.build(EditVideo, prompt="a fox", video=video))
        noise = replace(video, sha256=hash_of(JPEG))
        desk.kept.path(noise.sha256).write_bytes(JPEG)
        async with desk.intake.taking(next(MEMBERS)) as taking:
            with pytest.raises(UnusableMedia):
                await taking.trimmed(noise, 700_000)
        downloads = desk.intake._downloads  # pyright: ignore[reportPrivateUsage]
        small = Intake(desk.kept, downloads, downloads, attachments=desk.hosts, most=500)
        async with small.taking(next(MEMBERS)) as taking:
            with pytest.raises(TooMuch):
                await taking.trimmed(video, 700_000)
        assert desk.left() == {video.sha256}


async def test_what_stands_in_is_trimmed_in_words_only(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {}) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        assert await taking.trimmed(NO_VIDEO, 700_000) == replace(NO_VIDEO, microseconds=700_000)
        with pytest.raises(FileGone):
            await taking.again(NO_VIDEO)
