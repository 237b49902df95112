"""The requests that are near to one that does not fit: valid, cheaper, and giving up no more than they must."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Usd
from bot.domain.nearest import nearest
from bot.domain.price import quote
from bot.domain.problem import InvalidRequest
from bot.domain.request import EditVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Video

ON = date(2026, 11, 20)
VIDEO = Video(sha256="0" * 64, format="mp4", width=1280, height=720, microseconds=4_000_000, sound=False)


def price(request: Request) -> Usd:
    return quote(request, on=ON).total


def offered(request: Request, room: str) -> list[tuple[str, ...]]:
    """What changes in each, where there is room for so much."""
    return [
        tuple(f"{name} {getattr(near.request, name)}" for name in near.changes)
        for near in nearest(request, lambda each: each <= Usd.of(room), on=ON)
    ]


def test_one_change_comes_first_and_of_these_the_one_that_gives_up_least() -> None:
    request = TextToVideo(prompt="a fox", resolution="720p", duration=10, count=2)
    singly = {"resolution 540p", "resolution 360p", "duration 5", "count 1"}
    enough = str(price(request).share(1))[1:]
    found = offered(request, enough)
    assert {changes[0] for changes in found} == singly
    assert all(len(changes) == 1 for changes in found)
    prices = [near.price for near in nearest(request, lambda _: True, on=ON)]
    assert prices == sorted(prices, reverse=True)


def test_several_changes_are_offered_only_where_a_part_of_them_would_not_do() -> None:
    request = TextToVideo(prompt="a fox", resolution="540p", duration=10)
    assert price(request) == Usd.of("0.45")
    short, small = TextToVideo(prompt="a fox", resolution="540p"), TextToVideo(prompt="a fox", resolution="360p")
    assert offered(request, str(price(short))[1:]) != []
    assert ("resolution 360p", "duration 5") not in offered(request, str(price(short))[1:])
    least = offered(request, str(price(small))[1:])
    assert least == [("resolution 360p", "duration 5")]


def test_hdr_is_not_offered_where_there_is_none() -> None:
    request = TextToVideo(prompt="a fox", resolution="720p", hdr=True, exr=True)
    found = nearest(request, lambda _: True, on=ON)
    assert [near.changes for near in found][:2] in ([("exr",), ("hdr", "exr")], [("hdr", "exr"), ("exr",)])
    assert all(near.request.resolution == "720p" or not getattr(near.request, "hdr", False) for near in found)


def test_the_cheapest_of_all_has_nothing_near_to_it() -> None:
    assert nearest(TextToVideo(prompt="a fox", resolution="360p"), lambda _: True, on=ON) == []


@pytest.mark.parametrize(
    "request_of",
    [
        EditVideo(prompt="in snow", video=VIDEO, resolution="1080p", hdr=True, exr=True, count=3),
        ReframeVideo(prompt="wider", video=VIDEO, aspect_ratio="1:1", resolution="720p", count=2),
    ],
    ids=["edit", "reframe"],
)
def test_edits_and_reframes_have_nearer_ones_too(request_of: Request) -> None:
    found = nearest(request_of, lambda _: True, on=ON)
    assert len(found) > 1
    assert all(type(near.request) is type(request_of) for near in found)


ANY: dict[str, Any] = {
    "resolution": st.sampled_from(["360p", "540p", "720p", "1080p"]),
    "duration": st.sampled_from([5, 10]),
    "hdr": st.booleans(),
    "exr": st.booleans(),
    "count": st.integers(1, 4),
}


@given(st.fixed_dictionaries(ANY), st.integers(1, 20_000))
def test_whatever_is_offered_is_valid_cheaper_fits_and_is_offered_once(asked: dict[str, Any], mills: int) -> None:
    try:
        request = TextToVideo(prompt="a fox", **asked)
    except InvalidRequest:
        return
    room = Usd(mills * 10**6)
    found = nearest(request, lambda each: each <= room, on=ON)
    assert len(found) <= 4
    assert len({near.request for near in found}) == len(found)
    for near in found:
        assert price(near.request) == near.price <= room
        assert near.price < price(request)
        assert near.request.prompt == request.prompt
        assert [name for name in vars(request) if getattr(request, name) != getattr(near.request, name)] != []
    if not found:  # then not even the least of all fits, or it is this one
        least = TextToVideo(prompt="a fox", resolution="360p")
        assert price(least) > room or request == least
