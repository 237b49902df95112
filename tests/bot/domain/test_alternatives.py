"""What a card lets its member choose: everything that can be asked for, and nothing that would be refused."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.alternatives import OWN, SOURCE, alternatives
from bot.domain.placement import Rectangle, rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.size import Size
from bot.domain.source import Frame, Image, Video

IMAGE = Image(sha256="b" * 64, format="png", width=800, height=600)
VIDEO = Video(sha256="a" * 64, format="mp4", width=640, height=360, microseconds=5_000_000, sound=True)
TEXT = TextToVideo(prompt="A fox")
FIRST = ImageToVideo(prompt="A fox", frames=(Frame(image=IMAGE, at="first"),))
EDIT = EditVideo(prompt="A fox", video=VIDEO)
REFRAME = ReframeVideo(prompt="A fox", video=VIDEO, aspect_ratio="9:16")


def offered(request: Request) -> dict[str, list[str]]:
    return {choice.name: [*choice.options] for choice in alternatives(request)}


def chosen(request: Request) -> dict[str, str]:
    return {choice.name: choice.chosen for choice in alternatives(request)}


def choose(request: Request, name: str, value: str) -> Any:
    return next(each for each in alternatives(request) if each.name == name).made(value, request.prompt)


def test_words_alone_choose_resolution_shape_duration_and_count() -> None:
    assert offered(TEXT) == {
        "resolution": ["360p", "540p", "720p", "1080p"],
        "aspect_ratio": ["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"],
        "duration": ["5", "10"],
        "count": ["1", "2", "3", "4"],
    }
    assert chosen(TEXT) == {"resolution": "720p", "aspect_ratio": "16:9", "duration": "5", "count": "1"}


@pytest.mark.parametrize(
    ("request_", "name", "values"),
    [
        (replace(TEXT, hdr=True), "resolution", ["720p", "1080p"]),
        (replace(TEXT, hdr=True), "duration", None),
        (replace(TEXT, loop=True), "duration", None),
        (replace(TEXT, duration=10), "duration", ["5", "10"]),
        (FIRST, "duration", None),
        (replace(FIRST, frames=(Frame(image=IMAGE, at=0),)), "duration", ["5", "10"]),
        (replace(FIRST, frames=(Frame(image=IMAGE, at=240),), duration=10), "duration", None),
        (FIRST, "aspect_ratio", [SOURCE, "9:16", "3:4", "1:1", "4:3", "16:9", "21:9"]),
        (EDIT, "aspect_ratio", None),
        (REFRAME, "resolution", ["360p", "540p", "720p"]),
        (REFRAME, "aspect_ratio", ["9:16", "3:4", "1:1", "4:3", "21:9"]),
        (replace(REFRAME, resolution="1080p", aspect_ratio="1:1"), "aspect_ratio", ["1:1", "4:3", "21:9"]),
        (replace(EDIT, automatic=False, depth_blur=0.5), "strength", None),
    ],
)
def test_what_would_be_refused_is_not_offered(request_: Request, name: str, values: list[str] | None) -> None:
    if name == "strength":
        assert "automatic" not in offered(request_)[name]
        return
    assert offered(request_).get(name) == values


@pytest.mark.parametrize("request_", [TEXT, FIRST, EDIT, REFRAME])
def test_every_choice_makes_another_request_and_one_makes_the_same(request_: Request) -> None:
    found = alternatives(request_)
    assert 1 <= len(found) <= 4, "four rows, and one for the buttons"
    for choice in found:
        assert choice.made(choice.chosen, request_.prompt) == request_
        assert len(set(map(repr, choice.options.values()))) == len(choice.options) <= 25


def test_what_is_not_allowed_beyond_the_rules_is_not_offered_but_what_is_there_stays() -> None:
    found = alternatives(TEXT, allows=lambda made: made.resolution == "360p")
    assert [(each.name, [*each.options]) for each in found] == [("resolution", ["360p", "720p"])]


def test_a_strength_and_automatic_are_one_choice() -> None:
    freer = choose(EDIT, "strength", "flex_2")
    assert (freer.strength, freer.automatic) == ("flex_2", False)
    assert choose(freer, "strength", "automatic") == EDIT
    controlled = replace(EDIT, automatic=False, depth_blur=0.5)
    assert chosen(controlled)["strength"] == OWN
    assert choose(controlled, "strength", OWN) == controlled


def test_a_named_placement_keeps_its_name_on_another_canvas_and_own_fractions_stay() -> None:
    top = choose(REFRAME, "placement", "top")
    square = choose(top, "aspect_ratio", "1:1")
    assert square.placement == rectangle("top", Size(640, 360), Size(960, 960))
    assert chosen(square)["placement"] == "top"
    own = replace(REFRAME, placement=Rectangle(x=0.1, y=0.2, width=0.5, height=0.5))
    assert chosen(own)["placement"] == OWN
    assert choose(own, "aspect_ratio", "1:1").placement == own.placement
    assert choose(own, "placement", "fit").placement is None


def test_requests_that_differ_in_their_prompts_alone_are_offered_the_same_and_keep_their_prompts() -> None:
    wolf = replace(TEXT, prompt="A wolf")
    assert alternatives(wolf) == alternatives(TEXT)
    assert choose(wolf, "count", "2") == replace(wolf, count=2)
    assert choose(TEXT, "count", "2") == replace(TEXT, count=2)
