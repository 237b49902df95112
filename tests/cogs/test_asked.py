"""A request in words, as cards, posts and lists show it."""

import pytest

from bot.domain.placement import Rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Frame, Image, Position, Video
from cogs.asked import about, about_one

LOUD = Video(sha256="a" * 64, format="mp4", width=640, height=360, microseconds=5_000_000, sound=True)
MUTE = Video(sha256="b" * 64, format="mp4", width=640, height=360, microseconds=6_041_995, sound=False)
IMAGE = Image(sha256="c" * 64, format="png", width=640, height=360)


def frames(*at: Position) -> tuple[Frame, ...]:
    return tuple(Frame(image=IMAGE, at=where) for where in at)


SAID: list[tuple[Request, str]] = [
    (TextToVideo(prompt="A fox"), "720p · 16:9 · 5 s"),
    (TextToVideo(prompt="A fox", aspect_ratio="21:9", duration=10, count=2), "720p · 21:9 · 10 s · 2 videos"),
    (TextToVideo(prompt="A fox", hdr=True, exr=True), "720p · 16:9 · 5 s · HDR · EXR"),
    (TextToVideo(prompt="A fox", loop=True), "720p · 16:9 · 5 s · loop"),
    (
        TextToVideo(prompt="A fox", format="WEBM", quality=20, safety="full"),
        "720p · 16:9 · 5 s · WEBM · quality 20 · safety full",
    ),
    (
        ImageToVideo(prompt="A fox", frames=frames("first")),
        "720p · your picture's shape · 5 s · with a first frame",
    ),
    (
        ImageToVideo(prompt="A fox", frames=frames("first", "last"), aspect_ratio="1:1"),
        "720p · 1:1 · 5 s · with a first and a last frame",
    ),
    (
        ImageToVideo(prompt="A fox", frames=frames(0, 60, 240), duration=10),
        "720p · your picture's shape · 10 s · keyframes at 0, 2.5 and 10 s",
    ),
    (
        ImageToVideo(prompt="A fox", frames=frames(31)),
        "720p · your picture's shape · 5 s · keyframe at 1.29 s",
    ),
    (EditVideo(prompt="A fox", video=LOUD), "edit of 5 s · 720p · automatic · keeps its sound"),
    (EditVideo(prompt="A fox", video=LOUD, keep_sound=False), "edit of 5 s · 720p · automatic"),
    (EditVideo(prompt="A fox", video=MUTE, automatic=False), "edit of 6.041995 s · 720p"),
    (
        EditVideo(prompt="A fox", video=MUTE, automatic=False, strength="flex_1", face=False, depth_blur=0.0),
        "edit of 6.041995 s · 720p · flex_1 · depth_blur 0 · face off",
    ),
    (
        EditVideo(prompt="A fox", video=MUTE, guide=IMAGE, hdr=True),
        "edit of 6.041995 s · 720p · automatic · with a guide · HDR",
    ),
    (ReframeVideo(prompt="A fox", video=MUTE, aspect_ratio="9:16"), "reframe of 6.041995 s · 720p · 9:16"),
    (
        ReframeVideo(
            prompt="A fox",
            video=MUTE,
            aspect_ratio="9:16",
            placement=Rectangle(x=-0.5, y=0.123456, width=2, height=0.001),
        ),
        "reframe of 6.041995 s · 720p · 9:16 · at -50 % across, 12.3 % down, 200 % × 0.1 % of the canvas",
    ),
]


@pytest.mark.parametrize(("request_", "says"), SAID, ids=[says for _, says in SAID])
def test_a_request_is_said_in_words(request_: Request, says: str) -> None:
    assert about(request_) == says


def test_one_of_several_is_said_without_their_number() -> None:
    request = TextToVideo(prompt="A fox", count=3, quality=50)
    assert about(request) == "720p · 16:9 · 5 s · quality 50 · 3 videos"
    assert about_one(request) == "720p · 16:9 · 5 s · quality 50"
