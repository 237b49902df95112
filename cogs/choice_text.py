"""What can be chosen on a quote's card, in words. Pure."""

from collections.abc import Mapping
from typing import Final

from bot.domain.alternatives import AUTOMATIC, OWN, SOURCE
from bot.domain.price import Quote

NAMES: Final[Mapping[str, str]] = {
    "resolution": "Resolution",
    "aspect_ratio": "Shape",
    "duration": "Duration",
    "strength": "Strength",
    "placement": "Placement",
    "count": "Number",
}
"""Of all that `bot.domain.alternatives` knows: the words before an arrow, and of a menu with nothing chosen."""

_SHAPES: Final[Mapping[str, str]] = {
    SOURCE: "your picture's shape",
    "9:16": "9:16, upright",
    "3:4": "3:4, upright",
    "1:1": "1:1, square",
    "4:3": "4:3, across",
    "16:9": "16:9, wide",
    "21:9": "21:9, very wide",
}
_STRENGTHS: Final[Mapping[str, str]] = {AUTOMATIC: "automatic strength", OWN: "your own conditioning"}
_PLACEMENTS: Final[Mapping[str, str]] = {
    OWN: "placed as you gave it",
    "fit": "placed to fit, in the middle",
    "smaller": "placed smaller, in the middle",
}


def value_text(name: str, value: str) -> str:
    """A value so that it says by itself what it is, since a menu that is closed shows nothing else."""
    match name:
        case "aspect_ratio":
            return _SHAPES.get(value, value)
        case "duration":
            return f"{value} seconds"
        case "strength":
            return _STRENGTHS.get(value, f"strength {value}")
        case "placement":
            return _PLACEMENTS.get(value, f"placed at the {value}")
        case "count":
            return "1 video" if value == "1" else f"{value} videos"
        case _:
            return value


def price_text(price: Quote) -> str:
    """What it would cost, beside a value."""
    return f"{'up to ' if price.at_most else ''}{price.total}"


def change_text(name: str, before: str, after: str) -> str:
    """`Resolution: 720p → 1080p`."""
    return f"{NAMES[name]}: {value_text(name, before)} → {value_text(name, after)}"
