"""The figures of the model page and of runware.md section 10, typed once more, so that a slip shows."""

from decimal import Decimal

import pytest

from sandbox.runware.prices import price
from sandbox.runware.sizes import SIZES, TIERS, like, tier_of
from sandbox.runware.upstream import Source
from tests.sandbox.runware.wire import fed, text

SHORT = Source(width=1280, height=720, microseconds=5_000_000)
VIDEO = {"video": "https://assets.runware.ai/a.mp4"}


@pytest.mark.parametrize(
    ("size", "more", "dollars"),
    [
        ((640, 360), {}, "0.06"),
        ((960, 540), {}, "0.15"),
        ((1280, 720), {}, "0.30"),
        ((1920, 1080), {}, "1.20"),
        ((640, 360), {"duration": 10}, "0.18"),
        ((960, 540), {"duration": 10}, "0.45"),
        ((1680, 720), {"duration": 10}, "0.90"),  # the second text example
        ((1920, 1080), {"duration": 10}, "3.60"),  # the first
        ((1280, 720), {"settings": {"hdr": True}}, "0.60"),
        ((1920, 1080), {"settings": {"hdr": True}}, "2.40"),
        ((1280, 720), {"settings": {"hdr": True, "exrExport": True}}, "0.90"),
        ((1920, 1080), {"settings": {"hdr": True, "exrExport": True}}, "3.60"),
    ],
)
def test_a_generated_video_costs_what_the_page_says(
    size: tuple[int, int], more: dict[str, object], dollars: str
) -> None:
    """Every stated price of text and image to video, the two real bills of the examples page among them."""
    assert price(text(width=size[0], height=size[1], **more)) == Decimal(dollars)


def test_the_tier_decides_the_price_and_not_the_shape() -> None:
    """1:1 at 720 pixels is 540p, a trap that the size table sets."""
    assert price(text(width=720, height=720)) == Decimal("0.15")
    assert price(text(width=2520, height=1080)) == Decimal("1.20")


@pytest.mark.parametrize(
    ("size", "dollars"),
    [((640, 360), "0.03"), ((960, 540), "0.06"), ((1280, 720), "0.12"), ((1920, 1080), "0.36")],
)
def test_a_reframe_costs_by_the_second(size: tuple[int, int], dollars: str) -> None:
    """The stated rate, for one second."""
    second = Source(width=640, height=360, microseconds=1_000_000)
    assert price(text(width=size[0], height=size[1], inputs=VIDEO), second) == Decimal(dollars)


def test_the_published_reframe_costs_its_published_price() -> None:
    """2.1751182 dollars are 6.041995 s at 0.36: fractions of seconds are billed exactly."""
    source = Source(width=1080, height=1920, microseconds=6_041_995)
    assert price(text(width=1920, height=1080, inputs=VIDEO), source) == Decimal("2.1751182")


@pytest.mark.parametrize(
    ("resolution", "settings", "short", "long"),
    [
        ("360p", {}, "0.54", "1.08"),
        ("540p", {}, "0.72", "1.44"),
        ("720p", {}, "1.08", "2.16"),  # the published edit cost 1.08
        ("1080p", {}, "2.16", "4.32"),
        ("720p", {"hdr": True}, "2.16", "4.32"),
        ("1080p", {"hdr": True}, "4.32", "8.64"),
        ("720p", {"hdr": True, "exrExport": True}, "3.24", "6.48"),
        ("1080p", {"hdr": True, "exrExport": True}, "6.48", "12.96"),
    ],
)
def test_an_edit_costs_by_the_class_of_its_length(
    resolution: str, settings: dict[str, bool], short: str, long: str
) -> None:
    """Up to exactly 5 s the one total, a microsecond more the other, and over 10 s no other (ComfyUI's classes)."""
    task = fed(resolution=resolution, settings=settings, inputs=VIDEO)
    assert price(task, SHORT) == Decimal(short)
    for length in (5_000_001, 10_000_000, 10_000_001, 18_000_000):
        assert price(task, Source(width=1280, height=720, microseconds=length)) == Decimal(long)


def test_an_edit_without_a_resolution_is_720p() -> None:
    """The page's default."""
    assert price(fed(inputs=VIDEO), SHORT) == Decimal("1.08")


def test_every_size_is_in_one_tier_and_has_its_proportions() -> None:
    """24 sizes, six shapes in each of four tiers; the size that keeps a shape's proportions is the shape's own."""
    assert len(set(SIZES.values())) == 24
    assert {(tier, len([row for row in SIZES if row[0] == tier])) for tier in TIERS} == {(t, 6) for t in TIERS}
    assert all(tier_of(size) == tier and like(size, tier) == size for (tier, _), size in SIZES.items())


def test_an_odd_shape_keeps_its_proportions_with_even_sides() -> None:
    """H.264 needs even sides; the page does not say more."""
    assert like((1000, 600), "720p") == (1200, 720)
    assert like((333, 1000), "360p") == (360, 1082)
