"""Why a file cannot be used: the bounds, and what a member is told."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.domain.refusal import Refusal
from bot.words.speech import phrase, say

MAX_SIDE: Final = 16_384  # pixels
MAX_IMAGE_PIXELS: Final = 2**26  # 8192×8192; cameras of 64 megapixels make less
MAX_VIDEO_PIXELS: Final = 2**24  # 4096×4096; 4K is half of it
MAX_TRACKS: Final = 16

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": phrase("media.empty"),
        "truncated": phrase("media.truncated"),
        "unknown": phrase("media.unknown"),
        "damaged": phrase("media.damaged"),
        "unreadable": phrase("media.unreadable"),
        "playlist": phrase("media.playlist"),
        "svg": phrase("media.svg"),
        "gif": phrase("media.gif"),
        "animated": phrase("media.animated"),
        "heif": phrase("media.heif"),
        "container": phrase("media.container"),
        "codec": phrase("media.codec"),
        "audio_only": phrase("media.audio_only"),
        "endless": phrase("media.endless"),
        "lying": phrase("media.lying"),
        "tracks": phrase("media.tracks"),
        "silent": phrase("media.silent"),
        "sound": phrase("media.sound"),
        "unlike": phrase("media.unlike"),
        "no_room": phrase("media.no_room"),
        "large_image": phrase("media.large_image"),
        "large_video": phrase("media.large_video"),
        "heavy": phrase("media.heavy"),
        "slow": phrase("media.slow"),
        "not_an_image": phrase("media.not_an_image"),
        "not_a_video": phrase("media.not_a_video"),
        "long": phrase("media.long"),
        "short": phrase("media.short"),
    }
)
"""What a member is told, by reason. Nothing of the file goes into a sentence but numbers."""

_BOUNDS: Final = {"tracks": MAX_TRACKS, "millions": MAX_IMAGE_PIXELS // 10**6, "side": f"{MAX_SIDE:,}"}


class UnusableMedia(Refusal):
    """A file that cannot be used. `reason` is a key of `SENTENCES`; `facts` are pixels and microseconds."""

    def __init__(self, reason: str, **facts: int) -> None:
        self.reason = reason
        self.facts = facts
        told = {name: fact if name in ("width", "height") else _in_seconds(fact) for name, fact in facts.items()}
        super().__init__(say(SENTENCES[reason], **_BOUNDS, **told))


def _in_seconds(microseconds: int) -> str:
    return f"{Decimal(microseconds) / 1_000_000:f}"
