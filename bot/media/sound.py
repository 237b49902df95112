"""Putting sound back: what the provider makes of a video is silent."""

from pathlib import Path
from typing import Final

from bot.media.process import Work, make

SOUND: Final = Work(
    module="bot.media.dubbing",
    seconds=30,  # nothing but sound is ever encoded
    memory=1_024 * 2**20,  # two files and the result, of some 100 MB each, and PyAV
    at_once=2,
    written=512 * 2**20,
)


async def put_sound(picture: Path, source: Path, into: Path) -> None:
    """Write the video `picture` with the first sound of the video `source` to `into`, readable by its owner only.

    The container stays what it is (MP4, MOV, WebM), and the picture's packets are copied as they are. The sound is
    as far from the first picture as it was in `source`, and ends where the picture ends. Raises UnusableMedia and
    leaves nothing at `into` where it cannot be done; OSError where `into` cannot be written.
    """
    await make(SOUND, picture, source, into=into)
