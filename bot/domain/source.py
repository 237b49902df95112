"""Pictures and videos that a request is made from, as they were found to be: values, not files.

The bytes are kept under their hash, so what was priced is what is sent.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

FPS: Final = 24
"""Frames per second of what Ray3.2 makes, and so of the grid on which keyframes lie (Luma's own pages)."""


_MOMENT: Final = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,6})?|[.,][0-9]{1,6})s?")


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture. `sha256`: of its bytes, in hexadecimal. Pixels as it is shown, turned by its Exif orientation."""

    sha256: str
    format: Literal["png", "jpeg", "webp"]
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Video:
    """A video. `microseconds`: how long its container lasts, which edits and reframes are billed by."""

    sha256: str
    format: Literal["mp4", "mov", "webm"]
    width: int
    height: int
    microseconds: int
    sound: bool

    @property
    def seconds(self) -> Decimal:
        """How long it lasts, exactly."""
        return Decimal(self.microseconds) / 1_000_000


Source: TypeAlias = Image | Video

Position: TypeAlias = Literal["first", "last"] | int
"""Where a picture stands in the video: an end of it, or a frame, counted from 0."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A picture that the video passes through."""

    image: Image
    at: Position


def last_frame(seconds: int) -> int:
    """The number of the last frame on which a keyframe may lie: 120 of 5 s, 240 of 10 s."""
    return seconds * FPS


def parse_moments(text: str) -> tuple[Decimal, ...]:
    """Seconds as people write them: `0, 2.5, 5`, `0 2.5s 5s`, or `0; 2,5; 5`. Raises ValueError."""
    parts = re.split(r"\s*;\s*" if ";" in text else r"[,\s]+", text.strip())
    found = [_MOMENT.fullmatch(part) for part in parts]
    if not all(found):
        raise ValueError("these are not moments in seconds")
    return tuple(Decimal(match[1].replace(",", ".")) for match in found if match)


def frame_at(moment: Decimal) -> int:
    """The frame nearest to a moment in seconds."""
    return round(moment * FPS)


def spread(count: int, seconds: int) -> tuple[int, ...]:
    """Frames for `count` pictures without moments: the first and the last frame, and evenly between."""
    return tuple(round(n * last_frame(seconds) / max(count - 1, 1)) for n in range(count))
