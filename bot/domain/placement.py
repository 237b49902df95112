"""Where a reframed video stands on its new canvas."""

from dataclasses import dataclass
from math import floor
from typing import Final, Literal, TypeAlias

from bot.domain.size import Size

Placement: TypeAlias = Literal["fit", "left", "right", "top", "bottom", "smaller"]
"""`fit`: as large as goes in, in the middle, which the provider does by itself. The others are our rectangles."""

SMALLER: Final = 0.6  # of the size that fits
ROOM: Final = 0.75  # of the size that fits, where a side that fills the canvas has to leave some
DECIMALS: Final = 6  # of a fraction; a hundredth of a pixel


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """A place on the canvas, in fractions of its width and height. `x`, `y`: the left and the upper edge.

    Ranges are the model page's: x and y from -2 to 2, width and height up to 2, so that it may reach over the edge.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def covers(self) -> bool:
        """Whether nothing of the canvas is left to be filled."""
        return self.x <= 0 and self.y <= 0 and self.x + self.width >= 1 and self.y + self.height >= 1


def rectangle(placement: Placement, source: Size, canvas: Size) -> Rectangle | None:
    """The rectangle of a named placement: inside the canvas, in the source's own proportions. None for `fit`."""
    if placement == "fit":
        return None
    width, height = fitted(source, canvas)
    across = placement in ("left", "right")
    fills = (width if across else height) > 0.99
    scale = SMALLER if placement == "smaller" else ROOM if fills else 1.0
    width, height = _down(width * scale), _down(height * scale)
    x, y = _down((1 - width) / 2), _down((1 - height) / 2)
    match placement:
        case "left":
            x = 0.0
        case "right":
            x = round(1 - width, DECIMALS)
        case "top":
            y = 0.0
        case "bottom":
            y = round(1 - height, DECIMALS)
        case "smaller":
            pass
    return Rectangle(x=x, y=y, width=width, height=height)


def fitted(source: Size, canvas: Size) -> tuple[float, float]:
    """Width and height, as fractions of the canvas, of the source as large as goes in."""
    ratio = (source.width * canvas.height) / (source.height * canvas.width)
    return (1.0, 1 / ratio) if ratio >= 1 else (ratio, 1.0)


def _down(fraction: float) -> float:
    """Rounded so that it stays inside."""
    return floor(fraction * 10**DECIMALS) / 10**DECIMALS
