"""Taking members' files in, over a real web server, real probes, a real folder and a real database."""

import asyncio
import hashlib
import resource
import shutil
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.domain.problem import InvalidRequest, Problem
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.size import SIZES
from bot.domain.source import Frame, Image, Video
from bot.fetch import Unfetchable, open_downloads
from bot.hosts import Hosts, parse_hosts
from bot.intake import AT_ONCE, Intake
from bot.kept import Kept, NoRoom
from bot.media.unusable import UnusableMedia
from bot.taking import NO_IMAGE, NO_VIDEO, FileGone, Taking, TooMuch
from storage import quotes, sources
from storage.database import Database
from tests.bot.media.made import chunk, clip, moving, only_sound, picture, png, turned, zeros
from tests.interrupt import interrupted
from tests.storage.story import NOW, a_quote
from tests.web import Answer, Web, drip, redirect, reply, serve

MOST = 2_000_000
PNG, JPEG = picture("png"), picture("jpeg", (96, 64))
MP4 = clip(sound=1)
ANYWHERE = parse_hosts("")
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"

MEMBERS = count(1)
"""Somebody else each time: a member has one request with files at a time."""


@dataclass
class Desk:
    """An intake, with the web that members' files come from."""

    folder: Path
    database: Database
    kept: Kept
    intake: Intake
    web: Web
    hosts: Hosts

    def url(self, path: str) -> str:
        return f"{self.web.origin}/{path}?secret=signature"

    def left(self) -> set[str]:
        """Everything on disk, the lock aside."""
        return {
            path.name for path in self.folder.rglob("*") if path.is_file() and path.name not in ("lock", "owner")
        }

    async def quote(self, request: Request) -> None:
        """What the checkout stores."""
        async with self.database.transaction() as tx:
            stored = a_quote(request=request)
            await quotes.add(tx, stored)
            await sources.add(tx, stored.id, [source.sha256 for source in request.sources])


@asynccontextmanager
async def at_a_desk(
    folder: Path,
    files: Mapping[str, bytes | Answer],
    *,
    most: int = MOST,
    seconds: float = 10,
    addresses: Sequence[str] = (),
    **more: Any,
) -> AsyncGenerator[Desk]:
    """A desk whose web has these files. `addresses`: of every name that is looked up."""

    async def resolve(host: str) -> Sequence[str]:
        return addresses

    answers = {f"/{name}": reply(file) if isinstance(file, bytes) else file for name, file in files.items()}
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(serve(answers))
        database = await stack.enter_async_context(Database.open(folder / "raybot.db"))
        downloads = await stack.enter_async_context(open_downloads(resolve=resolve))
        keeping: dict[str, Any] = {"keep": timedelta(7), "most": 10**9, "now": lambda: NOW, **more}
        kept = await stack.enter_async_context(Kept.open(folder / "media", database, **keeping))
        hosts = parse_hosts(web.origin)
        intake = Intake(kept, downloads, downloads, attachments=hosts, most=most, seconds=seconds)
        yield Desk(folder / "media", database, kept, intake, web, hosts)


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def an_image_video(*images: Image) -> dict[str, Any]:
    return {"prompt": "a fox", "frames": tuple(Frame(image=image, at=n * 20) for n, image in enumerate(images))}


async def refused(taking: Taking, taken: Image | Video) -> str:
    """What `build` says of the one file that was taken."""
    assert taken in (NO_IMAGE, NO_VIDEO)
    with pytest.raises(InvalidRequest, match="nothing was bought") as caught:
        taking.build(EditVideo, prompt="a fox", video=NO_VIDEO)
    [problem] = caught.value.problems
    assert problem.option == "file"
    assert problem.says.startswith("cannot be used. ")
    assert "secret" not in caught.value.says
    return problem.says.removeprefix("cannot be used. ")


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


# How much ---------------------------------------------------------------------------------------------------------


def padded(size: int) -> bytes:
    """A good picture of so many bytes."""
    return PNG[:-12] + chunk(b"raNd", bytes(size - len(PNG) - 12)) + PNG[-12:]


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


# Leaving --------------------------------------------------------------------------------------------------------


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


# Again, and shorter -----------------------------------------------------------------------------------------------


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
