"""Why a file cannot be used: the bounds, and what a member is told."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.domain.refusal import Refusal

MAX_SIDE: Final = 16_384  # pixels
MAX_IMAGE_PIXELS: Final = 2**26  # 8192×8192; cameras of 64 megapixels make less
MAX_VIDEO_PIXELS: Final = 2**24  # 4096×4096; 4K is half of it
MAX_TRACKS: Final = 16

_TAKES: Final = "a PNG, JPEG or WebP image, or an MP4, MOV or WebM video"
_AS_MP4: Final = "Export it as MP4 (H.264) and send that."

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": "That file is empty. Save a new copy of it and send that.",
        "truncated": "That file stops in the middle, as when an upload is cut off. Please send it again.",
        "unknown": f"That is not a file that I can use. Send {_TAKES}.",
        "damaged": "That file cannot be read: it is damaged or unusual. "
        "Open it in an app, export it as PNG or as MP4 (H.264), and send that.",
        "unreadable": "I could not open that file. Please send it again.",
        "playlist": "That is a playlist, a list of other files. Send the video itself, as MP4, MOV or WebM.",
        "svg": "That is an SVG drawing. Export it as PNG and send that.",
        "gif": "A GIF does not work here. Send it as MP4 if it moves, and as PNG if it does not.",
        "animated": "That image moves. Send it as MP4, or one picture of it as PNG.",
        "heif": "HEIC and AVIF images do not work here. Export it as JPEG and send that.",
        "container": f"That kind of video file does not work here. {_AS_MP4}",
        "codec": f"The picture in that video is stored in a way that I cannot read. {_AS_MP4}",
        "audio only": "That file has sound but no picture. Send an MP4, MOV or WebM video.",
        "endless": f"That video does not say how long it lasts, which its price depends on. {_AS_MP4}",
        "lying": "That video claims to last {stated} s, but what is in it lasts {found} s. " + _AS_MP4,
        "tracks": f"That video has more than {MAX_TRACKS} tracks. {_AS_MP4}",
        "silent": "That video has no sound to keep. Send one that has, or do without its sound.",
        "sound": "The sound in that video is stored in a way that I cannot read. "
        "Export it as MP4 (H.264 with AAC) and send that.",
        "unlike": "Those two videos are stored in different ways, so they cannot be joined as they are. "
        "Export both in one way and send them again, or put one after the other in an editor.",
        "no room": "I have no room for that video just now. Please send it again in a while.",
        "large image": "That image has {width}×{height} pixels, and "
        f"{MAX_IMAGE_PIXELS // 10**6} million (and {MAX_SIDE:,} on a side) are the most. "
        "Make it smaller, 2000 pixels on the longer side is plenty, and send it again.",
        "large video": "That video has {width}×{height} pixels, and 4K is the most. "
        "Export it at 1080p, which is the most that Ray3.2 makes, and send that.",
        "heavy": "That file needs too much memory to open. "
        "Make it smaller, or export it as PNG or as MP4 (H.264), and send that.",
        "slow": "That file took too long to read. Make it shorter or smaller, "
        "or export it as PNG or as MP4 (H.264), and send that.",
        "not an image": "That is a video, and an image belongs here. Send a PNG, JPEG or WebP image.",
        "not a video": "That is an image, and a video belongs here. Send an MP4, MOV or WebM video.",
        "long": "That video lasts {length} s, and {most} s is the most. Trim it and send it again.",
        "short": "That video lasts {length} s, and {least} s is the least. Send a longer one.",
    }
)
"""What a member is told, by reason. Nothing of the file goes into a sentence but numbers."""


class UnusableMedia(Refusal):
    """A file that cannot be used. `reason` is a key of `SENTENCES`; `facts` are pixels and microseconds."""

    def __init__(self, reason: str, **facts: int) -> None:
        self.reason = reason
        self.facts = facts
        told = {name: fact if name in ("width", "height") else _in_seconds(fact) for name, fact in facts.items()}
        super().__init__(SENTENCES[reason].format(**told))


def _in_seconds(microseconds: int) -> str:
    return f"{Decimal(microseconds) / 1_000_000:f}"
