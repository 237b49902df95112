"""Going on from a video: its last frame as a picture, and the two videos one after the other as one film."""

from pathlib import Path
from typing import Final

from bot.media.process import Work, make

LAST: Final = Work(
    module="bot.media.last_frame",
    seconds=60,  # what is decoded is what follows the last key frame: ten minutes of 1080p, were there only one
    memory=1_024 * 2**20,  # the file, PyAV, and a few frames of 4K
    at_once=2,
    written=96 * 2**20,  # 4096×4096 pixels that do not compress
)

JOIN: Final = Work(
    module="bot.media.joining",
    seconds=30,  # nothing is ever encoded but sound that the container cannot hold
    memory=1_024 * 2**20,  # two files and the film, of some 100 MB each, and PyAV
    at_once=2,
    written=512 * 2**20,
)


async def last_frame(video: Path, into: Path) -> None:
    """Write the frame that is shown last as PNG to `into`, readable by its owner only.

    It has every pixel that the video has, turned as it is shown, 8 bits a channel. Raises UnusableMedia and leaves
    nothing at `into` where it cannot be done; OSError where `into` cannot be written.
    """
    await make(LAST, video, into=into)


async def join(film: Path, clip: Path, into: Path) -> None:
    """Write `film` and then `clip` as one video to `into`, readable by its owner only.

    Neither is encoded anew: every packet is copied as it is, and the film's sound stays where it is. Raises
    UnusableMedia, for two whose codec, settings or size differ with the reason `unlike`, and leaves nothing at
    `into` then; OSError where `into` cannot be written.
    """
    await make(JOIN, film, clip, into=into)
