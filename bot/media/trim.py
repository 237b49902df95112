"""Cutting a video's end off: an edit of 5.000001 s costs twice as much as one of 5 s."""

from pathlib import Path
from typing import Final

from bot.media.probe import SHORTEST
from bot.media.process import Work, make

TRIM: Final = Work(
    module="bot.media.trimming",
    seconds=120,  # 5 s of 4K take 20 to 25 s on two processors
    memory=1_536 * 2**20,  # 4K takes 750 to 850 MB of it, and 500 to 650 in fact; 4096×4096 in ten bits, 1,460
    at_once=1,
    written=256 * 2**20,
)


async def trim(source: Path, into: Path, *, microseconds: int) -> None:
    """Write the first `microseconds` of the video `source` as MP4 (H.264) to `into`, readable by its owner only.

    Time begins at the first picture. The container lasts `microseconds` at most, and less by less than one frame;
    a source that is shorter is kept whole. Pictures keep their times and are turned as they are shown; sound keeps
    its place. Raises UnusableMedia and leaves nothing at `into` where it cannot be done; OSError where `into`
    cannot be written.
    """
    if microseconds < SHORTEST:
        raise ValueError("what is left could not be used")
    await make(TRIM, source, into=into, words=(str(microseconds),))
