"""Small pictures of what is in files, drawn in a process of their own: what a member sees on a card."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bot.media.process import Work, make

PICTURE: Final = Work(
    module="bot.media.drawing",
    seconds=10,
    memory=768 * 2**20,  # as a probe, which decodes as much
    at_once=2,
    written=2**20,
)

LARGEST: Final = 1_024  # pixels of a side


@dataclass(frozen=True)
class Place:
    """Where the picture or the first frame of the file with this number is drawn, in pixels."""

    file: int
    x: int
    y: int
    width: int
    height: int


async def draw(
    files: Sequence[Path],
    places: Sequence[Place],
    into: Path,
    *,
    width: int,
    height: int,
    canvas: tuple[int, int, int, int] | None = None,
) -> None:
    """Write a JPEG of `width` × `height` pixels to `into`. `canvas`: hatched, and what reaches over it cut off.

    Raises UnusableMedia where a file cannot be shown, and OSError where `into` cannot be written.
    """
    if not files or not 0 < min(width, height) <= max(width, height) <= LARGEST:
        raise ValueError("there is nothing that could be drawn")
    drawing = {
        "width": width,
        "height": height,
        "canvas": canvas,
        "places": [asdict(place) for place in places],
    }
    await make(PICTURE, *files, into=into, words=(json.dumps(drawing),))
