"""Taking members' files in: what can be used, and all that is wrong with what cannot, at once and in words."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.domain.problem import InvalidRequest, Problem
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo
from bot.domain.size import SIZES
from bot.domain.source import Frame, Image, Video
from bot.hosts import parse_hosts
from bot.kept import NoRoom
from bot.taking import NO_IMAGE, NO_VIDEO, FileGone, TooMuch
from tests.bot.desk import HEAD, MEMBERS, MOST, MP4, PNG, an_image_video, at_a_desk, refused
from tests.bot.media.made import chunk, clip, moving, only_sound, picture, png, turned, zeros
from tests.bot.shelf import hash_of
from tests.web import Answer, drip, redirect, reply, serve

ANYWHERE = parse_hosts("")


# What can be used -----------------------------------------------------------------------------------------------


async def test_a_picture_and_a_video_are_described_as_they_are_and_stay_with_their_quote(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a.exe": PNG, "b": MP4}) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            guide, video = await asyncio.gather(
                taking.image("guide", desk.url("a.exe")), taking.video("video", desk.url("b"))
            )
            assert guide == Image(sha256=hash_of(PNG), format="png", width=64, height=32)
            assert abs(video.microseconds - 1_000_000) < 30_000
            lasts = video.microseconds
            assert video == Video(
                sha256=hash_of(MP4), format="mp4", width=64, height=48, microseconds=lasts, sound=True
            )
            request = taking.build(EditVideo, prompt="a fox", video=video, guide=guide)
            await desk.quote(request)
        assert request.sources == (video, guide)
        assert desk.left() == {hash_of(PNG), hash_of(MP4)}
        assert desk.kept.path(hash_of(MP4)).read_bytes() == MP4


@pytest.mark.parametrize("form", ["mp4", "mov", "webm"])
async def test_each_kind_of_video_is_taken(tmp_path: Path, form: Any) -> None:
    async with at_a_desk(tmp_path, {"a": clip(form)}) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        assert (await taking.video("file", desk.url("a"))).format == form


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
async def test_each_kind_of_picture_is_taken(tmp_path: Path, form: Any) -> None:
    async with at_a_desk(tmp_path, {"a": picture(form)}) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        assert (await taking.image("file", desk.url("a"))).format == form


async def test_a_turned_video_and_one_of_varying_frames_are_taken(tmp_path: Path) -> None:
    varying = clip(times=[0, 30_000, 50_000, 120_000, 400_000, 410_000, 500_000], length=600_000)
    async with (
        at_a_desk(tmp_path, {"t": turned(clip(), 90), "v": varying}) as desk,
        desk.intake.taking(next(MEMBERS)) as taking,
    ):
        rotated = await taking.video("video", desk.url("t"))
        uneven = await taking.video("video", desk.url("v"))
        assert (rotated.width, rotated.height) == (48, 64)
        assert uneven.microseconds == 600_000
        taking.build(EditVideo, prompt="a fox", video=rotated)


async def test_a_link_of_the_members_own_may_be_elsewhere(tmp_path: Path) -> None:
    async with (
        at_a_desk(tmp_path, {"a": MP4}) as desk,
        serve({"/b": reply(MP4)}) as other,
        desk.intake.taking(next(MEMBERS)) as taking,
    ):
        link, hosts = f"{other.origin}/b", parse_hosts(other.origin)
        assert (await taking.video("video_url", link, hosts=hosts)).sha256 == hash_of(MP4)
        taken = await taking.video("file", link)
        assert "begins with https://" in await refused(taking, taken)


async def test_the_same_bytes_given_twice_are_kept_once(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {"a": PNG, "b": PNG}) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            images = await asyncio.gather(*(taking.image(name, desk.url(name)) for name in "ab"))
            assert images[0] == images[1]
            await desk.quote(taking.build(ImageToVideo, **an_image_video(*images)))
        assert desk.left() == {hash_of(PNG)}


# What cannot be used --------------------------------------------------------------------------------------------


BOMB = png(64, 64, zeros(9 * 64), chunk(b"zTXt", b"x\0\0" + zeros(64 << 20)))
BAD: dict[str, tuple[str, str, bytes | Answer]] = {
    # what it is: the kind that is asked for, what the member is told, and what is there
    "truncated picture": ("image", "stops in the middle", PNG[:-20]),
    "truncated video": ("video", "stops in the middle", MP4[: len(MP4) * 2 // 3]),
    "zero bytes": ("image", "is empty", b""),
    "renamed": ("image", "not a file that I can use", b"MZ\x90\0 not a picture"),
    "web page": ("video", "not a file that I can use", b"<!DOCTYPE html><html></html>"),
    "audio only": ("video", "sound but no picture", only_sound()),
    "endless video": ("video", "does not say how long it lasts", clip("webm", live="1")),
    "endless body": ("video", "too large: 2 MB is the most", drip(HEAD, bytes(100_000))),
    "too large": ("image", "too large: 2 MB is the most", reply(bytes(MOST + 1))),
    "huge dimensions": ("image", "pixels, and 67 million", png(60_000, 2, zeros(15_002))),
    "decompression bomb": ("image", "needs too much memory", BOMB),
    "svg": ("image", "SVG drawing", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "animated gif": ("image", "GIF does not work", moving("GIF")),
    "animated png": ("image", "moves", moving("PNG")),
    "video for an image": ("image", "a video, and an image belongs here", MP4),
    "image for a video": ("video", "an image, and a video belongs here", PNG),
    "too short": ("video", "0.5 s is the least", clip(frames=6)),
    "too long": ("video", "600 s is the most", clip(frames=2, length=600_000_001)),
    "expired link": ("image", "expired or needs a login", reply(b"", "403 Forbidden")),
    "lost link": ("video", "expired or needs a login", reply(b"", "404 Not Found")),
    "broken host": ("video", "did not answer", reply(b"", "500 Oops")),
    "redirect to a private address": ("video", "leads on to an address", redirect("https://10.0.0.1/a")),
    "redirect to loopback": ("video", "leads on to an address", redirect("http://127.0.0.1:1/a")),
    "redirect to metadata": ("image", "leads on to an address", redirect("http://169.254.169.254/latest")),
}


@pytest.mark.parametrize("what", BAD)
async def test_it_is_refused_in_words_and_nothing_is_left(tmp_path: Path, what: str) -> None:
    kind, says, file = BAD[what]
    async with at_a_desk(tmp_path, {"a": file}) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        take = taking.image if kind == "image" else taking.video
        taken = await take("file", desk.url("a"))
        assert desk.left() == set()
        assert says in await refused(taking, taken)


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("https://127.0.0.1/a", "I do not fetch files from that address"),
        ("https://10.0.0.1/a", "I do not fetch files from that address"),
        ("https://[::1]/a", "I do not fetch files from that address"),
        ("https://localhost/a", "I do not fetch files from that address"),
        ("https://rebound.example.com/a", "I do not fetch files from that address"),
        ("https://user:word@example.com/a", "I do not fetch files from that address"),
        ("https://example.com:8443/a", "I do not open links with a port number"),
        ("http://example.com/a", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("https://[broken", "I do not fetch files from that address"),
        ("", "begins with https://"),
    ],
)
async def test_a_link_to_a_private_place_is_not_followed(tmp_path: Path, link: str, says: str) -> None:
    async with (
        at_a_desk(tmp_path, {}, addresses=["127.0.0.1"]) as desk,
        desk.intake.taking(next(MEMBERS)) as taking,
    ):
        assert says in await refused(taking, await taking.video("file", link, hosts=ANYWHERE))
        assert desk.left() == set()


@pytest.mark.parametrize("start", [b"", HEAD[:9], HEAD])
async def test_a_host_that_drips_is_left_in_time(tmp_path: Path, start: bytes) -> None:
    async with (
        at_a_desk(tmp_path, {"a": drip(start, b"x", every=0.05)}, seconds=0.4) as desk,
        desk.intake.taking(next(MEMBERS)) as taking,
        asyncio.timeout(5),
    ):
        assert "took too long" in await refused(taking, await taking.image("file", desk.url("a")))
        assert desk.left() == set()


# All that is wrong, at once -------------------------------------------------------------------------------------


async def test_all_that_is_wrong_is_said_at_once_in_the_order_in_which_it_was_asked(tmp_path: Path) -> None:
    slow = drip(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n", b"x", every=0.2, times=3)
    async with at_a_desk(tmp_path, {"slow": slow, "gif": moving("GIF"), "good": PNG}) as desk:
        async with desk.intake.taking(next(MEMBERS)) as taking:
            await asyncio.gather(
                taking.image("keyframe_1", desk.url("slow")),
                taking.image("keyframe_2", desk.url("gif")),
                taking.image("keyframe_3", desk.url("good")),
            )
            taking.note(Problem("moments", "cannot be read."))
            wrong: dict[str, Any] = {"duration": 10, "loop": True, "quality": 1}
            with pytest.raises(InvalidRequest) as caught:
                taking.build(ImageToVideo, **an_image_video(NO_IMAGE, NO_IMAGE), **wrong)
        options = [problem.option for problem in caught.value.problems]
        assert options[:3] == ["keyframe_1", "keyframe_2", "moments"]
        assert {"loop", "quality"} <= set(options[3:])
        assert caught.value.says.count("\n• ") == len(options)
        assert desk.left() == set()


async def test_a_problem_that_was_noted_is_enough(tmp_path: Path) -> None:
    async with at_a_desk(tmp_path, {}) as desk, desk.intake.taking(next(MEMBERS)) as taking:
        taking.build(EditVideo, prompt="a fox", video=NO_VIDEO)
        taking.note(Problem("moments", "cannot be read."))
        with pytest.raises(InvalidRequest, match="• moments cannot be read"):
            taking.build(EditVideo, prompt="a fox", video=NO_VIDEO)


@pytest.mark.parametrize(("resolution", "aspect_ratio"), SIZES)
def test_nothing_is_wrong_with_what_stands_in(resolution: Any, aspect_ratio: Any) -> None:
    if resolution != "1080p":
        ReframeVideo(prompt="a fox", video=NO_VIDEO, resolution=resolution, aspect_ratio=aspect_ratio)
    EditVideo(prompt="a fox", video=NO_VIDEO, guide=NO_IMAGE, resolution=resolution)
    for position in ("first", 0):
        frames = (Frame(image=NO_IMAGE, at=position),)
        ImageToVideo(prompt="a fox", frames=frames, resolution=resolution, aspect_ratio=aspect_ratio)


def test_sentences_are_short_and_say_what_to_do() -> None:
    for refusal in (FileGone(), NoRoom(), TooMuch(50_000_000)):
        assert isinstance(refusal, Refusal)
        assert len(refusal.says) < 150
        assert "again" in refusal.says
        assert not set("{}/\\`*_<>@") & set(refusal.says)
    assert "50 MB together" in TooMuch(50_000_000).says
