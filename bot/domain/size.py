"""Resolutions, shapes, and what they are in pixels.

From the provider's model page (https://runware.ai/docs/models/luma-ray3-2), read on 2026-11-20.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

Resolution: TypeAlias = Literal["360p", "540p", "720p", "1080p"]
AspectRatio: TypeAlias = Literal["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"]


class Size(NamedTuple):
    """A picture's width and height, in pixels."""

    width: int
    height: int


SIZES: Final[Mapping[tuple[Resolution, AspectRatio], Size]] = MappingProxyType(
    {
        ("360p", "9:16"): Size(360, 640),
        ("360p", "3:4"): Size(360, 480),
        ("360p", "1:1"): Size(480, 480),
        ("360p", "4:3"): Size(480, 360),
        ("360p", "16:9"): Size(640, 360),
        ("360p", "21:9"): Size(840, 360),
        ("540p", "9:16"): Size(540, 960),
        ("540p", "3:4"): Size(540, 720),
        ("540p", "1:1"): Size(720, 720),
        ("540p", "4:3"): Size(720, 540),
        ("540p", "16:9"): Size(960, 540),
        ("540p", "21:9"): Size(1260, 540),
        ("720p", "9:16"): Size(720, 1280),
        ("720p", "3:4"): Size(720, 960),
        ("720p", "1:1"): Size(960, 960),
        ("720p", "4:3"): Size(960, 720),
        ("720p", "16:9"): Size(1280, 720),
        ("720p", "21:9"): Size(1680, 720),
        ("1080p", "9:16"): Size(1080, 1920),
        ("1080p", "3:4"): Size(1080, 1440),
        ("1080p", "1:1"): Size(1440, 1440),
        ("1080p", "4:3"): Size(1440, 1080),
        ("1080p", "16:9"): Size(1920, 1080),
        ("1080p", "21:9"): Size(2520, 1080),
    }
)
"""The page's size table, whole."""
