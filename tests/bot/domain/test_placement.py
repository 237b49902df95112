"""Named placements: inside the canvas, in the source's proportions, on their side, with room left to fill."""

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.placement import Placement, Rectangle, fitted, rectangle
from bot.domain.request import ReframeVideo
from bot.domain.size import SIZES, Size
from tests.bot.domain.examples import clip, problems

NAMED: tuple[Placement, ...] = ("left", "right", "top", "bottom", "smaller")
SOURCES = st.builds(Size, st.integers(200, 4096), st.integers(200, 4096))
CANVASES = st.sampled_from(sorted(set(SIZES.values())))


def placed(placement: Placement, source: Size, canvas: Size) -> Rectangle:
    found = rectangle(placement, source, canvas)
    assert found is not None
    return found


def test_the_placements_are_fit_and_five_of_ours() -> None:
    assert get_args(Placement) == ("fit", *NAMED)


@given(SOURCES, CANVASES)
@settings(deadline=None)
def test_fit_is_left_to_the_provider(source: Size, canvas: Size) -> None:
    assert rectangle("fit", source, canvas) is None


@given(st.sampled_from(NAMED), SOURCES, CANVASES)
@settings(max_examples=400, deadline=None)
def test_a_named_placement_lies_inside_and_keeps_the_proportions(
    placement: Placement, source: Size, canvas: Size
) -> None:
    place = placed(placement, source, canvas)
    assert place.x >= 0
    assert place.y >= 0
    assert place.x + place.width <= 1 + 1e-9
    assert place.y + place.height <= 1 + 1e-9
    shape = (place.width * canvas.width) / (place.height * canvas.height)
    assert shape == pytest.approx(source.width / source.height, rel=1e-3)


@given(st.sampled_from(NAMED), SOURCES, CANVASES)
@settings(max_examples=400, deadline=None)
def test_a_named_placement_leaves_room_where_its_name_says(
    placement: Placement, source: Size, canvas: Size
) -> None:
    """Also where the source would fill the canvas: there it is made smaller."""
    place = placed(placement, source, canvas)
    room = {
        "left": place.x,
        "right": 1 - place.x - place.width,
        "top": place.y,
        "bottom": 1 - place.y - place.height,
    }
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
    assert not place.covers
    if placement == "smaller":
        assert all(each > 0.19 for each in room.values())
        return
    assert room[placement] == pytest.approx(0, abs=1e-9)
    assert room[opposite[placement]] > 0.009
    for side in room.keys() - {placement, opposite[placement]}:
        assert room[side] == pytest.approx(room[opposite[side]], abs=1e-5)


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("left", (0, 0.125, 0.75, 0.75)),
        ("right", (0.25, 0.125, 0.75, 0.75)),
        ("top", (0.125, 0, 0.75, 0.75)),
        ("bottom", (0.125, 0.25, 0.75, 0.75)),
        ("smaller", (0.2, 0.2, 0.6, 0.6)),
    ],
)
def test_a_source_of_the_canvass_own_shape_is_made_smaller(
    placement: Placement, expected: tuple[float, ...]
) -> None:
    """Each placement also lifts the refusal of a reframe to the shape that the source has already."""
    place = placed(placement, Size(1280, 720), Size(1920, 1080))
    assert (place.x, place.y, place.width, place.height) == pytest.approx(expected)
    wide: dict[str, Any] = {"aspect_ratio": "16:9", "video": clip(width=1280, height=720)}
    assert problems(ReframeVideo, **wide) != []
    assert problems(ReframeVideo, **wide, placement=place) == []


def test_a_tall_source_stands_at_full_height_on_either_side_of_a_wide_canvas() -> None:
    """Nothing is taken from it where the canvas has room beside it already."""
    left, right = (placed(side, Size(1080, 1920), Size(1920, 1080)) for side in ("left", "right"))
    assert (left.x, left.y, left.height) == (0, 0, 1)
    assert left.width == pytest.approx(0.316406, abs=1e-6)
    assert right.x == pytest.approx(1 - 0.316406, abs=1e-6)


@given(SOURCES, CANVASES)
@settings(deadline=None)
def test_what_fits_touches_two_sides(source: Size, canvas: Size) -> None:
    width, height = fitted(source, canvas)
    assert max(width, height) == 1
    assert (width * canvas.width) / (height * canvas.height) == pytest.approx(source.width / source.height)


@pytest.mark.parametrize(
    ("place", "covers"),
    [
        ((0, 0, 1, 1), True),
        ((-0.5, -0.5, 2, 2), True),
        ((0, 0, 1, 0.999), False),
        ((0.001, 0, 1, 1), False),
        ((0, 0.001, 1, 1), False),
        ((-0.1, 0, 1, 1), False),
        ((0.62, 0.5, 0.42, 0.95), False),  # the provider's own example
    ],
)
def test_a_rectangle_covers_the_canvas_when_nothing_is_left_to_fill(
    place: tuple[float, float, float, float], covers: bool
) -> None:
    x, y, width, height = place
    assert Rectangle(x=x, y=y, width=width, height=height).covers is covers


@given(st.sampled_from(NAMED), SOURCES, CANVASES)
@settings(deadline=None)
def test_a_named_placement_is_always_one_that_the_page_allows(
    placement: Placement, source: Size, canvas: Size
) -> None:
    ratio = next(ratio for (_, ratio), size in SIZES.items() if size == canvas)
    video = clip(width=source.width, height=source.height)
    asked = {"aspect_ratio": ratio, "video": video, "placement": placed(placement, source, canvas)}
    assert problems(ReframeVideo, **asked) == []
