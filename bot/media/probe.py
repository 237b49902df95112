"""What bytes really are: `await probe(path)` says whether a file is an image or a video, how large, how long.

To accept another format: its first bytes and its end in headers.py, its demuxer and decoders in opening.py.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from bot.media.process import Work, ask
from bot.media.unusable import SENTENCES as SENTENCES
from bot.media.unusable import UnusableMedia

Format: TypeAlias = Literal["png", "jpeg", "webp", "mp4", "mov", "webm"]
"""What the provider takes."""

LONGEST: Final = 600_000_000  # microseconds; how much each kind of request takes is a rule of the domain
SHORTEST: Final = 500_000  # our own; the provider states none

PROBE: Final = Work(module="bot.media.inspection", seconds=10, memory=768 * 2**20, at_once=2)


@dataclass(frozen=True, kw_only=True)
class Media:
    """What a file is. Sizes are as it is shown: turned by its display matrix or its Exif orientation."""

    kind: Literal["image", "video"]
    format: Format
    width: int
    height: int
    microseconds: int = 0  # what the container says, which edits and reframes are billed by; none for an image
    fps: Fraction | None = None  # on average, where it varies
    sound: bool = False
    variable: bool | None = None  # whether the time between frames varies; None where there are too few to tell

    @property
    def seconds(self) -> Decimal:
        """How long it lasts, exactly."""
        return Decimal(self.microseconds) / 1_000_000


def as_image(media: Media) -> Media:
    """`media`, where an image belongs. Raises UnusableMedia for a video."""
    if media.kind != "image":
        raise UnusableMedia("not_an_image")
    return media


def as_video(media: Media, *, longest: int = LONGEST, shortest: int = SHORTEST) -> Media:
    """`media`, where a video of such a length, in microseconds, belongs. Raises UnusableMedia for anything else."""
    if media.kind != "video":
        raise UnusableMedia("not_a_video")
    if media.microseconds > longest:
        raise UnusableMedia("long", length=media.microseconds, most=longest)
    if media.microseconds < shortest:
        raise UnusableMedia("short", length=media.microseconds, least=shortest)
    return media


async def probe(path: Path) -> Media:
    """What the file at `path` is, by its bytes alone. Raises UnusableMedia, whatever is wrong with it."""
    return await ask(PROBE, path, _media)


def _media(told: dict[str, Any]) -> Media:
    rate: str | None = told.pop("fps")
    return Media(**told, fps=Fraction(rate) if rate else None)
