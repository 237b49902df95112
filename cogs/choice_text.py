"""What can be chosen on a quote's card, in words. Pure."""

from collections.abc import Mapping
from typing import Final

from bot.domain.alternatives import AUTOMATIC, OWN, SOURCE
from bot.domain.price import Quote
from bot.words.speech import phrase, say

NAMES: Final[Mapping[str, str]] = {
    "resolution": phrase("card.hint_resolution"),
    "aspect_ratio": phrase("card.hint_shape"),
    "duration": phrase("card.hint_duration"),
    "strength": phrase("card.hint_strength"),
    "placement": phrase("card.hint_placement"),
    "count": phrase("card.hint_count"),
}
"""Of all that `bot.domain.alternatives` knows: the words before an arrow, and of a menu with nothing chosen."""

_SHAPES: Final[Mapping[str, str]] = {
    SOURCE: phrase("asked.pictures_shape"),
    "9:16": phrase("card.option_9_16"),
    "3:4": phrase("card.option_3_4"),
    "1:1": phrase("card.option_1_1"),
    "4:3": phrase("card.option_4_3"),
    "16:9": phrase("card.option_16_9"),
    "21:9": phrase("card.option_21_9"),
}
_PLACEMENTS: Final[Mapping[str, str]] = {
    OWN: phrase("card.option_own_placement"),
    "fit": phrase("card.option_fit"),
    "left": phrase("card.option_left"),
    "right": phrase("card.option_right"),
    "top": phrase("card.option_top"),
    "bottom": phrase("card.option_bottom"),
    "smaller": phrase("card.option_smaller"),
}


def value_text(name: str, value: str) -> str:
    """A value so that it says by itself what it is, since a menu that is closed shows nothing else."""
    match name:
        case "aspect_ratio":
            return say(_SHAPES[value])
        case "duration":
            return say("card.option_duration", n=int(value))
        case "strength":
            return _strength(value)
        case "placement":
            return say(_PLACEMENTS[value])
        case "count":
            return say("asked.videos", n=int(value))
        case _:
            return value


def _strength(value: str) -> str:
    if value == AUTOMATIC:
        return say("card.option_automatic")
    return say("card.option_own_conditioning") if value == OWN else say("card.option_strength", strength=value)


def price_text(price: Quote) -> str:
    """What it would cost, beside a value."""
    return say("card.up_to", price=price.total) if price.at_most else str(price.total)


def change_text(name: str, before: str, after: str) -> str:
    """`Resolution: 720p → 1080p`."""
    was, now = value_text(name, before), value_text(name, after)
    return say("card.field_changed", what=say(NAMES[name]), was=was, now=now)
