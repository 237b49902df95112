"""Sizes, typed from the model page once more."""

import itertools
from typing import get_args

from bot.domain.request import TextToVideo
from bot.domain.size import SIZES, AspectRatio, Resolution

RESOLUTIONS = ("360p", "540p", "720p", "1080p")
RATIOS = ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")

PAGE = """
    360p (9:16) 360x640 | 360p (3:4) 360x480 | 360p (1:1) 480x480
    360p (4:3) 480x360 | 360p (16:9) 640x360 | 360p (21:9) 840x360
    540p (9:16) 540x960 | 540p (3:4) 540x720 | 540p (1:1) 720x720
    540p (4:3) 720x540 | 540p (16:9) 960x540 | 540p (21:9) 1260x540
    720p (9:16) 720x1280 | 720p (3:4) 720x960 | 720p (1:1) 960x960
    720p (4:3) 960x720 | 720p (16:9) 1280x720 | 720p (21:9) 1680x720
    1080p (9:16) 1080x1920 | 1080p (3:4) 1080x1440 | 1080p (1:1) 1440x1440
    1080p (4:3) 1440x1080 | 1080p (16:9) 1920x1080 | 1080p (21:9) 2520x1080
"""


def test_the_options_offer_what_the_page_lists() -> None:
    assert (get_args(Resolution), get_args(AspectRatio)) == (RESOLUTIONS, RATIOS)


def test_the_size_table_is_the_pages() -> None:
    typed: dict[tuple[str, str], tuple[int, ...]] = {}
    for row in PAGE.replace("|", "\n").strip().splitlines():
        resolution, ratio, size = row.split()
        typed[resolution, ratio.strip("()")] = tuple(int(side) for side in size.split("x"))
    assert len(typed) == 24
    assert dict(SIZES) == typed


def test_every_resolution_and_shape_has_a_size_of_that_shape() -> None:
    for resolution, ratio in itertools.product(get_args(Resolution), get_args(AspectRatio)):
        size = TextToVideo(prompt="x", resolution=resolution, aspect_ratio=ratio).size
        across, down = ratio.split(":")
        assert size.width * int(down) == size.height * int(across)
