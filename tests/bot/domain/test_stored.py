"""A stored request is read back as it was, by whatever rules it was made."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from bot.domain.placement import Rectangle
from bot.domain.problem import InvalidRequest
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Frame, Image, Video
from bot.domain.stored import from_json, to_json
from tests.bot.domain.asked import ALLOWED
from tests.bot.domain.examples import ALL_KINDS, at, clip, made, picture


def through_the_database(request: Request) -> Request:
    return from_json(json.loads(json.dumps(to_json(request))))


@given(ALLOWED)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_stored_request_is_read_back_as_it_was(request_: Request) -> None:
    back = through_the_database(request_)
    assert back == request_
    assert type(back) is type(request_)
    assert replace(back) == request_


@pytest.mark.parametrize("of", ALL_KINDS)
def test_a_prompt_is_stored_to_the_letter(of: type[Request]) -> None:
    request = made(of, prompt="a lighthouse \u2028 “at” dusk\x00")
    assert through_the_database(request) == request


def test_what_is_inside_is_restored_as_what_it_was() -> None:
    """Not as plain dictionaries and lists, which look alike until somebody asks one for its length."""
    images = through_the_database(made(ImageToVideo, frames=at(0, 60)))
    assert isinstance(images, ImageToVideo)
    assert type(images.frames) is tuple
    assert [type(frame) for frame in images.frames] == [Frame, Frame]
    assert [type(frame.image) for frame in images.frames] == [Image, Image]
    edit = through_the_database(made(EditVideo, guide=picture(4)))
    assert isinstance(edit, EditVideo)
    assert (type(edit.video), type(edit.guide)) == (Video, Image)
    place = Rectangle(x=0.1, y=0, width=0.5, height=0.5)
    reframe = through_the_database(made(ReframeVideo, placement=place))
    assert isinstance(reframe, ReframeVideo)
    assert (type(reframe.video), type(reframe.placement)) == (Video, Rectangle)
    assert reframe.video.seconds == 5


@pytest.mark.parametrize(
    ("of", "outdated", "option"),
    [
        (TextToVideo, {"loop": True, "hdr": True}, "loop"),
        (ImageToVideo, {"frames": [], "count": 4}, "first_frame"),
        (ImageToVideo, {"duration": 10}, "duration"),
        (EditVideo, {"strength": "flex_9", "automatic": False}, "strength"),
        (ReframeVideo, {"resolution": "1080p", "aspect_ratio": "9:16"}, "resolution"),
    ],
)
def test_a_stored_request_needs_no_longer_be_valid_until_it_is_asked_for_again(
    of: type[Request], outdated: dict[str, object], option: str
) -> None:
    """It was, by the rules of its day: what is shown of it must not fail because a rule was added."""
    stored = from_json(to_json(made(of)) | outdated)
    for name, value in outdated.items():
        assert getattr(stored, name) == (value if value != [] else ())
    with pytest.raises(InvalidRequest) as refused:
        replace(stored)
    assert [problem.option for problem in refused.value.problems] == [option]


@pytest.mark.parametrize("of", ALL_KINDS)
def test_a_request_stored_before_an_option_existed_has_its_default(of: type[Request]) -> None:
    stored = to_json(made(of))
    for name in ("count", "format", "quality", "safety"):
        del stored[name]
    assert from_json(stored) == made(of)


def test_a_longer_video_can_be_shown_and_not_bought() -> None:
    """The length that a rule speaks of is inside another value."""
    stored = to_json(made(EditVideo))
    stored["video"]["microseconds"] = 18_000_001
    outdated = from_json(stored)
    assert outdated.sources == (clip(18_000_001),)
    with pytest.raises(InvalidRequest, match="18 s is the most"):
        replace(outdated)
