"""Files that cannot be used, as a member meets it: refused in words, in private, nothing bought, nothing left."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import pytest

from sandbox import clip as sandbox_clip
from sandbox.discord.client import Value
from sandbox.discord.interaction import Callback
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.bot.media.made import clip, moving, only_sound, picture, png, turned, zeros
from tests.cogs.ordering import CHEAPEST, ask, attached, left_on_disk, open_rich_house, photo, quotes_of
from tests.house import House, together
from tests.web import Web, drip, raw, redirect, reply, serve

MAX_INPUT: Final = 4_000_000  # bytes
CDN: Final = "GET /cdn"


@dataclass
class There:
    """The house, and a web server whose links it may open."""

    house: House
    web: Web


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.fixture(scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[There]:
    video = clip()
    answers = {
        "/a.mp4": reply(video),
        "/gone": reply(status="404 Not Found"),
        "/login": reply(status="403 Forbidden"),
        "/broken": reply(status="500 Internal Server Error"),
        "/page": reply(b"<html><body>Watch it here</body></html>", Content_Type="video/mp4"),
        "/inward": redirect("http://127.0.0.1:9/a.mp4"),
        "/metadata": redirect("http://169.254.169.254/latest/meta-data/"),
        "/round": redirect("/round"),
        "/garbage": raw(b"\0\1\2\3 no HTTP at all\r\n\r\n"),
        "/endless": drip(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n", b"\0" * 65_536, times=400),
        "/vast": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        "/cut": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + video[:500]),
        "/silent": _silence,
    }
    async with serve(answers) as web:
        settings = {"LINK_HOSTS": web.origin, "MAX_INPUT_BYTES": str(MAX_INPUT)}
        async with open_rich_house(tmp_path_factory.mktemp("house"), **settings) as house:
            yield There(house, web)


@pytest.fixture
async def house(there: There) -> AsyncIterator[House]:
    yield there.house
    await there.house.inspect()


@cache
def video() -> bytes:
    return clip(frames=48)


VIDEOS: Final = {
    "empty": (b"", "That file is empty. Save a new copy of it and send that."),
    "truncated": (video()[:-300], "stops in the middle"),
    "half": (video()[: len(video()) // 2], "send"),
    "text": (b"This is no video at all.\n" * 40, "That is not a file that I can use."),
    "random": (bytes(range(256)) * 40, "That is not a file that I can use."),
    "only sound": (only_sound(), "That file has sound but no picture."),
    "endless": (clip("webm", live="1"), "does not say how long it lasts"),
    "playlist": (b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/\n", "That is a playlist"),
    "a picture": (picture("png"), "That is an image, and a video belongs here."),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "That is an SVG drawing."),
    "gif": (moving("GIF"), "A GIF does not work here. Send it as MP4 if it moves"),
    "strange codec": (clip("mov", codec="qtrle"), "Export it as MP4 (H.264) and send that."),
    "a moment": (clip(frames=1), "Send a longer one."),
    "too many bytes": (bytes(MAX_INPUT + 1), "That file is too large: 4 MB is the most."),
}
PICTURES: Final = {
    "empty": (b"", "That file is empty."),
    "truncated": (photo()[:-30], "stops in the middle"),
    "a video": (video(), "That is a video, and an image belongs here."),
    "svg": (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "That is an SVG drawing. Export it as PNG and send that.",
    ),
    "gif": (moving("GIF"), "A GIF does not work here."),
    "moving": (moving("PNG"), "That image moves. Send it as MP4, or one picture of it as PNG."),
    "moving webp": (moving("WEBP"), "That image moves."),
    "huge": (png(30_000, 30_000, zeros(100_000)), "That image has 30000×30000 pixels"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(99), "HEIC and AVIF images do not work here."),
    "text": (b"<html>", "That is not a file that I can use."),
}


@pytest.mark.parametrize("kind", VIDEOS)
@pytest.mark.parametrize("command", ["edit", "reframe"])
async def test_a_video_that_cannot_be_used_is_refused_in_words(
    house: House, ada: Member, room: Channel, command: str, kind: str
):
    data, says = VIDEOS[kind]
    answer = await ask(house, ada, room, command, {"video": attached(ada, data, "holiday.mp4")})
    await _is_refused(house, ada, room, answer, f"• video cannot be used. {says}" if says[0] == "T" else says)
    assert "• video cannot be used. " in answer.text


@pytest.mark.parametrize("kind", PICTURES)
async def test_a_picture_that_cannot_be_used_is_refused_in_words(
    house: House, ada: Member, room: Channel, kind: str
):
    data, says = PICTURES[kind]
    answer = await ask(house, ada, room, "generate", {"first_frame": attached(ada, data, "holiday.png")})
    await _is_refused(house, ada, room, answer, says)
    assert "• first_frame cannot be used. " in answer.text


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("{web}/gone", "That link has expired or needs a login."),
        ("{web}/login", "That link has expired or needs a login."),
        ("{web}/broken", "did not"),
        ("{web}/page", "That is not a file that I can use."),
        ("{web}/inward", "That link leads on to an address that I do not open."),
        ("{web}/metadata", "That link leads on to an address that I do not open."),
        ("{web}/round", "leads from one address to the next and never arrives"),
        ("{web}/garbage", "did not"),
        ("{web}/endless", "That file is too large: 4 MB is the most."),
        ("{web}/vast", "That file is too large: 4 MB is the most."),
        ("{web}/cut", "again"),
        ("{web}/silent", "again in a minute, or attach the file."),
        ("http://127.0.0.1:9/a.mp4", "Send one that begins with https://, or attach the file."),
        ("http://169.254.169.254/latest/meta-data/", "Send one that begins with https://, or attach the file."),
        ("https://10.0.0.1/a.mp4", "I do not fetch files from that address."),
        ("https://localhost/a.mp4", "I do not fetch files from that address."),
        ("https://[::1]/a.mp4", "I do not fetch files from that address."),
        ("https://2130706433/a.mp4", "I do not fetch files from that address."),
        ("https://somewhere.example/a.mp4", "I do not fetch files from that address."),
        ("https://user:secret@somewhere.example/a.mp4", "file"),
        ("file:///etc/passwd", "file"),
        ("ftp://somewhere.example/a.mp4", "file"),
        ("concat:a|b", "file"),
        ("my video", "file"),
        ("https://", "file"),
    ],
)
async def test_a_link_that_leads_to_no_video_is_refused_in_words_and_nothing_of_it_is_repeated(
    there: There, house: House, ada: Member, room: Channel, link: str, says: str
):
    answer = await ask(house, ada, room, "edit", {"video_url": link.format(web=there.web.origin)})
    await _is_refused(house, ada, room, answer, says)
    assert answer.text.count("•") == 1
    assert "• video_url cannot be used. " in answer.text
    assert "secret" not in answer.text
    assert "secret" not in "\n".join(house.bot.log)


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("renamed", video(), "edit of 2 s"),
        ("rotated", turned(clip(frames=48), 90), "edit of 2 s"),
        (
            "variable frame rate",
            clip(times=[0, 40_000, 500_000, 510_000, 1_900_000], length=2_000_000),
            "edit of 2 s",
        ),
    ],
)
async def test_a_video_that_is_only_unusual_works(
    house: House, ada: Member, room: Channel, kind: str, data: bytes, says: str
):
    card = await ask(house, ada, room, "edit", {"video": attached(ada, data, "holiday.jpg")})
    assert says in card.text
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel"]


async def test_a_link_to_a_video_works_and_is_asked_for_once(
    there: There, house: House, ada: Member, room: Channel
):
    before = len(there.web.seen)
    card = await ask(house, ada, room, "edit", {"video_url": f"  {there.web.origin}/a.mp4 "})
    assert "edit of 1 s" in card.text
    [seen] = there.web.seen[before:]
    assert seen.line == "GET /a.mp4 HTTP/1.1"
    assert {"cookie", "authorization", "referer"}.isdisjoint(seen.headers)


async def test_everything_that_is_wrong_is_said_at_once_the_files_and_the_rest(
    house: House, ada: Member, room: Channel
):
    options: dict[str, Value] = {
        "first_frame": attached(ada, b"", "a.png"),
        "last_frame": attached(ada, video(), "b.png"),
        "duration": 10,
        "hdr": True,
        "moments": "soon",
        "quality": 7,
        "prompt": " ",
    }
    answer = await ask(house, ada, room, "generate", options, forged=True)
    await _is_refused(house, ada, room, answer, "• first_frame cannot be used. That file is empty.")
    for says in (
        "• last_frame cannot be used. That is a video, and an image belongs here.",
        "• moments are those of keyframes.",
        "• prompt is empty.",
        "• quality cannot be “7”.",
        "• hdr works at 720p and 1080p, not at 360p.",
        "• hdr works for 5 s, not for 10 s.",
        "• duration is 5 with a first or last frame.",
    ):
        assert says in answer.text
    assert answer.text.count("•") == 8


async def test_an_edits_video_and_guide_are_refused_together(house: House, ada: Member, room: Channel):
    options: dict[str, Value] = {
        "video": attached(ada, picture("png"), "a.mp4"),
        "guide": attached(ada, video(), "b.png"),
        "exr": True,
    }
    answer = await ask(house, ada, room, "edit", options)
    await _is_refused(
        house, ada, room, answer, "• video cannot be used. That is an image, and a video belongs here."
    )
    assert "• guide cannot be used. That is a video, and an image belongs here." in answer.text
    assert "• exr is an extra of HDR." in answer.text


async def test_ten_pictures_that_are_too_much_together_are_refused(house: House, ada: Member, room: Channel):
    large = [sandbox_clip.photo(64, 64) + bytes([n]) * (MAX_INPUT // 4) for n in range(6)]
    options: dict[str, Value] = {
        f"keyframe_{n}": attached(ada, data, f"{n}.png") for n, data in enumerate(large, start=1)
    }
    answer = await ask(house, ada, room, "generate", options)
    assert answer.buttons == []
    assert "cannot be used. " in answer.text
    assert quotes_of(house, ada) == []


async def test_an_attachment_that_takes_long_is_acknowledged_first(house: House, ada: Member, room: Channel):
    house.discord.faults.add(CDN, Fault(delay=3.5, takes_effect=False, status=200, body=video()))
    began = time.monotonic()
    use = await ada.command("edit", {**CHEAPEST["edit"], "video": attached(ada, video())}, channel=room)
    await use.settled()
    assert time.monotonic() - began < 2
    assert use.interaction.callback is Callback.DEFERRED_MESSAGE
    card = await use.answer(20)
    assert card.buttons


@pytest.mark.parametrize(("fault", "says"), [(Fault(status=404), "expired"), (Fault(), "again")])
async def test_an_attachment_that_cannot_be_fetched_is_refused_with_what_to_do(
    house: House, ada: Member, room: Channel, fault: Fault, says: str
):
    house.discord.faults.add(CDN, fault)
    answer = await ask(house, ada, room, "edit", {"video": attached(ada, video())})
    await _is_refused(house, ada, room, answer, says)


async def test_many_members_with_bad_files_at_once_are_all_answered(house: House, room: Channel):
    members = [house.member() for _ in range(8)]
    answers = await together(
        *(
            ask(house, each, room, "edit", {"video": attached(each, [b"", video()[:-300], only_sound()][n % 3])})
            for n, each in enumerate(members)
        )
    )
    assert all("• video cannot be used. That file " in answer.text for answer in answers)
    for each, answer in zip(members, answers, strict=True):
        await _is_refused(house, each, room, answer, "nothing was bought")


async def _is_refused(house: House, member: Member, room: Channel, answer: Message, says: str) -> None:
    """In private, in words, with nothing bought, posted or left behind."""
    assert answer.text.startswith("This cannot be made as it is, so nothing was bought:\n• ")
    assert says in answer.text
    assert answer.visible_to is member.user
    assert answer.buttons == []
    assert quotes_of(house, member) == []
    assert room.messages == []
    assert await _kept_without_a_quote(house) == []


async def _kept_without_a_quote(house: House) -> list[str]:
    """The files of MEDIA_DIR that no quote was made from. They go a moment after the answer has come."""
    async with asyncio.timeout(5):
        while True:
            quoted = {row["sha256"] for row in house.rows("SELECT sha256 FROM sources")}
            found = [name for name in await left_on_disk(house) if name not in quoted]
            if not found:
                return found
            await asyncio.sleep(0.05)
