"""Moments become distinct frames of the 24 fps grid."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.request import ImageToVideo
from bot.domain.source import frame_at, last_frame, spread
from tests.bot.domain.examples import at, clip, made


@pytest.mark.parametrize(
    ("moment", "frame"),
    [
        ("0", 0),
        ("0.02", 0),
        ("0.021", 1),  # a frame lasts 0.041666… s
        ("0.05", 1),
        ("1", 24),
        ("2.5", 60),
        ("4.98", 120),
        ("5", 120),
        ("9.99", 240),
        ("10", 240),
    ],
)
def test_a_moment_is_the_frame_nearest_to_it(moment: str, frame: int) -> None:
    assert frame_at(Decimal(moment)) == frame


def test_the_grid_ends_at_120_and_240() -> None:
    """The ends that Luma and fal publish for 5 s and 10 s."""
    assert (last_frame(5), last_frame(10)) == (120, 240)


@pytest.mark.parametrize("seconds", [5, 10])
@pytest.mark.parametrize("count", range(1, 65))
def test_pictures_without_moments_stand_evenly_from_the_first_frame_to_the_last(count: int, seconds: int) -> None:
    frames = spread(count, seconds)
    assert len(set(frames)) == len(frames) == count
    assert frames[0] == 0
    assert count == 1 or frames[-1] == last_frame(seconds)
    gaps = [later - sooner for sooner, later in itertools.pairwise(frames)]
    assert not gaps or max(gaps) - min(gaps) <= 1
    made(ImageToVideo, frames=at(*frames), duration=seconds)


@given(st.integers(0, 9_950), st.integers(50, 10_000))
@settings(deadline=None)
def test_moments_that_are_a_twentieth_of_a_second_apart_are_different_frames(sooner: int, gap: int) -> None:
    """What the refusal of two pictures at one moment advises. In thousandths of a second."""
    first, second = (frame_at(Decimal(moment) / 1000) for moment in (sooner, sooner + gap))
    assert first < second


def test_a_video_lasts_what_its_container_says_to_the_microsecond() -> None:
    assert clip(6_041_995).seconds == Decimal("6.041995")
    assert clip(5_000_001).seconds > 5
