"""What bytes really are: the length and size of a video, the size of an image. Everything here blocks."""

from fractions import Fraction
from pathlib import Path

import av
import av.error
from PIL import Image

from sandbox.runware.sizes import Size
from sandbox.runware.upstream import Source

IMAGES = ("PNG", "JPEG", "WEBP")


class Unreadable(Exception):  # it says what is so
    """Not a file of the kind that was wanted."""


def video(path: Path) -> Source:
    """The video at `path`, its rotation applied. Raises `Unreadable`: not a video, or none with a length."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frame = next(container.decode(stream))
            length = container.duration
            if length is None and stream.duration is not None:
                length = int(stream.duration * (stream.time_base or Fraction(1)) * 1_000_000)
            size = (frame.width, frame.height)
            rotated = frame.rotation % 180 != 0
    except (av.error.FFmpegError, IndexError, StopIteration, ValueError) as error:
        raise Unreadable("not a video") from error
    if not length or length < 0:
        raise Unreadable("a video without a length")
    width, height = reversed(size) if rotated else size
    return Source(width=width, height=height, microseconds=length)


def image(path: Path) -> Size:
    """The size of the PNG, JPEG or WebP image at `path`. Raises `Unreadable` for anything else."""
    try:
        with Image.open(path, formats=IMAGES) as picture:
            picture.load()
            return picture.size
    except Exception as error:  # Pillow raises nearly anything for a broken file
        raise Unreadable("not an image") from error
