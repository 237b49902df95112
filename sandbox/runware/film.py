# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The sandbox's videos: real ones, of exactly the size and length asked for, which show what was asked.

A film is a still card (size, length, prompt) with a bar that grows along its foot, so that something moves.
Only the bar is drawn per frame, straight into the luma plane: 10 s of 1920×1080 take about a second on one
core.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from sandbox.runware.card import card
from sandbox.runware.request import FPS

Format = Literal["MP4", "WEBM", "MOV"]

SUFFIXES: Final[dict[Format, str]] = {"MP4": "mp4", "WEBM": "webm", "MOV": "mov"}
CONTENT_TYPES: Final = {"mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime"}

_BRIGHT: Final = b"\xe0"
_MUXERS: Final[dict[Format, str]] = {"MP4": "mp4", "WEBM": "webm", "MOV": "mov"}


@dataclass(frozen=True, kw_only=True)
class Film:
    """What a result shows; equal films are the same file. `frames` are of 24 per second; `notes` go on the card."""

    prompt: str
    width: int
    height: int
    frames: int
    form: Format = "MP4"
    quality: int = 95
    notes: tuple[str, ...] = ()

    def numbered(self, number: int) -> "Film":
        """This film as result `number`, counted from 0, so that results can be told apart by eye."""
        return replace(self, notes=(*self.notes, f"result {number + 1}"))

    @property
    def suffix(self) -> str:
        """Its file name's ending, without a dot."""
        return SUFFIXES[self.form]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / FPS


class Stopped(Exception):
    """The rendering was told to stop."""


def render(film: Film, path: Path, stopped: Callable[[], bool] = lambda: False) -> None:
    """Write `film` to `path`. Blocks; asks `stopped` before each frame and raises `Stopped` when it says so."""
    heading = f"{film.width}×{film.height} · {film.seconds:.3f} s · {FPS} fps"
    picture = card((film.width, film.height), [heading, *film.notes], film.prompt)
    frame = av.VideoFrame.from_image(picture).reformat(format="yuv420p")
    with av.open(str(path), "w", format=_MUXERS[film.form], options=_muxing(film)) as container:
        stream = _stream(container, film)
        luma, line = memoryview(frame.planes[0]), frame.planes[0].line_size
        left = 0
        for number in range(film.frames):
            if stopped():
                raise Stopped
            right = film.width * (number + 1) // film.frames
            for row in range(film.height - max(4, film.height // 40), film.height):
                luma[row * line + left : row * line + right] = _BRIGHT * (right - left)
            left = right
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _muxing(film: Film) -> dict[str, str]:
    return {} if film.form == "WEBM" else {"movflags": "+faststart"}


def _stream(container: OutputContainer, film: Film) -> VideoStream:
    if film.form == "WEBM":
        codec = "libvpx"
        options = {"deadline": "realtime", "cpu-used": "16", "threads": "2", "b": "2M"}
    else:
        codec = "libx264"
        options = {"preset": "ultrafast", "threads": "2", "crf": str(18 + (99 - film.quality) // 4)}
    stream = container.add_stream(codec, rate=FPS, options=options)
    stream.width, stream.height, stream.pix_fmt = film.width, film.height, "yuv420p"
    return stream
