"""The sizes that Ray3.2 renders, from the table of the model page. A new size is a new row here."""

from typing import Final, Literal, TypeAlias, get_args

Tier: TypeAlias = Literal["360p", "540p", "720p", "1080p"]
Size: TypeAlias = tuple[int, int]

TIERS: Final[tuple[Tier, ...]] = get_args(Tier)

SIZES: Final[dict[tuple[Tier, str], Size]] = {
    ("360p", "9:16"): (360, 640),
    ("360p", "3:4"): (360, 480),
    ("360p", "1:1"): (480, 480),
    ("360p", "4:3"): (480, 360),
    ("360p", "16:9"): (640, 360),
    ("360p", "21:9"): (840, 360),
    ("540p", "9:16"): (540, 960),
    ("540p", "3:4"): (540, 720),
    ("540p", "1:1"): (720, 720),
    ("540p", "4:3"): (720, 540),
    ("540p", "16:9"): (960, 540),
    ("540p", "21:9"): (1260, 540),
    ("720p", "9:16"): (720, 1280),
    ("720p", "3:4"): (720, 960),
    ("720p", "1:1"): (960, 960),
    ("720p", "4:3"): (960, 720),
    ("720p", "16:9"): (1280, 720),
    ("720p", "21:9"): (1680, 720),
    ("1080p", "9:16"): (1080, 1920),
    ("1080p", "3:4"): (1080, 1440),
    ("1080p", "1:1"): (1440, 1440),
    ("1080p", "4:3"): (1440, 1080),
    ("1080p", "16:9"): (1920, 1080),
    ("1080p", "21:9"): (2520, 1080),
}

_TIER_BY_SIZE: Final[dict[Size, Tier]] = {size: tier for (tier, _), size in SIZES.items()}
_SHORT_SIDE: Final[dict[Tier, int]] = {"360p": 360, "540p": 540, "720p": 720, "1080p": 1080}


def tier_of(size: Size) -> Tier | None:
    """The tier that renders exactly `size`, or None: no size is in two tiers."""
    return _TIER_BY_SIZE.get(size)


def like(source: Size, tier: Tier) -> Size:
    """The size in `tier` that keeps the proportions of `source`, as `resolution` beside an input does.

    A source whose proportions are the table's (within one percent) gets the table's size. The page does not
    say what becomes of any other: here its short side becomes the tier's, and both sides are even, as H.264
    needs them.
    """
    ratio = source[0] / source[1]
    for (row, _), size in SIZES.items():
        if row == tier and abs(size[0] / size[1] / ratio - 1) < 0.01:
            return size
    short = _SHORT_SIDE[tier]
    long = 2 * max(1, round(short * max(ratio, 1 / ratio) / 2))
    return (long, short) if ratio > 1 else (short, long)
