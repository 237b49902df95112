"""What the first bytes say, and where a file ends: pure reading, before FFmpeg sees any of it."""

import re
import zlib
from pathlib import Path
from typing import Final

from bot.media.probe import Format
from bot.media.unusable import MAX_IMAGE_PIXELS, MAX_SIDE, SENTENCES, UnusableMedia

IMAGES: Final = frozenset[Format]({"png", "jpeg", "webp"})

MAX_PNG_TEXT: Final = 8 * 2**20  # bytes, unpacked


def check(data: bytes) -> Format:
    """What kind of file it is. Raises UnusableMedia where it is cut off, too large, or of no kind that is taken."""
    if not data:
        raise UnusableMedia("empty")
    form = _format(data)
    width, height = _CHECKS[form](data)
    if not (width <= MAX_SIDE and height <= MAX_SIDE and width * height <= MAX_IMAGE_PIXELS):
        raise UnusableMedia("large_image", width=width, height=height)
    return form


def check_video(data: bytes) -> Format:
    """As `check`, where a video belongs."""
    form = check(data)
    if form in IMAGES:
        raise UnusableMedia("not_a_video")
    return form


def begins_as_video(file: Path) -> bool:
    """Whether its first bytes are those of a video; nothing else of it is read. Raises OSError."""
    with file.open("rb") as content:
        try:
            return _format(content.read(4096)) not in IMAGES
        except UnusableMedia:
            return False


def _format(data: bytes) -> Format:
    """What the first bytes say. Raises UnusableMedia for whatever else is recognized."""
    start = data[:4096]
    for pattern, found in _STARTS:
        if pattern.match(start):
            if found in SENTENCES:
                raise UnusableMedia(found)
            return found  # pyright: ignore[reportReturnType] - what is not a reason is a format
    raise UnusableMedia("unknown")


_STARTS: Final = tuple(
    (re.compile(pattern, re.DOTALL), found)
    for pattern, found in (
        (rb"\x89PNG\r\n\x1a\n", "png"),
        (rb"\xff\xd8\xff", "jpeg"),
        (rb"RIFF....WEBP", "webp"),
        (rb"....ftyp(?:hei[cfmsx]|hev[cmsx]|mif1|msf1|avi[fs])", "heif"),
        (rb"....ftypqt  ", "mov"),
        (rb"....ftyp", "mp4"),
        (rb"....(?:moov|mdat|wide|free|skip|pnot)", "mov"),
        (rb"\x1aE\xdf\xa3.{,64}?\x42\x82[\x81-\x8f]webm", "webm"),
        (rb"\x1aE\xdf\xa3.{,64}?\x42\x82[\x81-\x8f]matroska", "container"),
        (rb"\x1aE\xdf\xa3", "damaged"),
        (rb"GIF8[79]a", "gif"),
        (rb"(?:RIFF|RF64)....WAVE|ID3|fLaC|OggS|\xff[\xe2-\xfb]|FORM....AIF", "audio_only"),
        (rb"RIFF....AVI |FLV\x01|0&\xb2u\x8ef\xcf\x11|\x00\x00\x01[\xb3\xba]|G.{187}G", "container"),
        (rb"(?:\xef\xbb\xbf)?\s*(?:#EXTM3U|ffconcat\b|\[playlist\])", "playlist"),
        (rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE svg|svg\b)(?:.*<)?.*\bsvg\b", "svg"),
    )
)


def _png(data: bytes) -> tuple[int, int]:
    """The size that the header states. Raises UnusableMedia for an image that moves or has no end."""
    at, unpacked = 8, 0
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind in (b"zTXt", b"iCCP"):
            _, _, packed = data[at + 8 : at + 8 + length].partition(b"\0")
            unpacked += _unpacked(packed[1:], MAX_PNG_TEXT - unpacked)
        if kind == b"acTL":
            raise UnusableMedia("animated")
        at += 12 + length
        if kind == b"IEND":
            return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    raise UnusableMedia("truncated")


def _unpacked(packed: bytes, most: int) -> int:
    """How much it is when unpacked, up to `most`. FFmpeg unpacks text and colour profiles whole, to keep them."""
    try:
        size = len(zlib.decompressobj().decompress(packed, most + 1))
    except zlib.error:
        return 0  # nor does FFmpeg unpack it
    if size > most:
        raise UnusableMedia("heavy")
    return size


def _jpeg(data: bytes) -> tuple[int, int]:
    """As `_png`. FFmpeg shows a JPEG without its end as if it were whole."""
    size, at = (0, 0), 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker == 0xDA:
            if data.find(b"\xff\xd9", at) < 0:  # coded data has no 0xFF but 0xFF00 and restarts
                break
            return size
        else:
            if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
                if any(size):
                    raise UnusableMedia("damaged")  # two sizes: one of them would be a lie
                size = int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    raise UnusableMedia("truncated" if at + 4 > len(data) or data[at] == 0xFF else "damaged")


def _webp(data: bytes) -> tuple[int, int]:
    """As `_png`."""
    if 8 + int.from_bytes(data[4:8], "little") > len(data) or len(data) < 30:
        raise UnusableMedia("truncated")
    match data[12:16]:
        case b"VP8X":
            if data[20] & 2:
                raise UnusableMedia("animated")
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            packed = int.from_bytes(data[21:25], "little")
            return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
        case _:
            return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


def _mp4(data: bytes) -> tuple[int, int]:
    """Raises UnusableMedia where a box is cut off, or the one that lists the others is missing. States no size."""
    at, listed = 0, False
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        size = size or len(data) - at
        if size < 8:
            raise UnusableMedia("damaged")
        listed |= kind == b"moov"
        at += size
    if at > len(data) or not listed:
        raise UnusableMedia("truncated")
    return 0, 0


def _webm(data: bytes) -> tuple[int, int]:
    """Raises UnusableMedia where the file is shorter than it says. States no size."""
    _, at = _ebml_size(data, 4)
    header, at = _ebml_size(data, 4)
    at += header
    if data[at : at + 4] != b"\x18\x53\x80\x67":
        raise UnusableMedia("truncated" if at + 4 > len(data) else "damaged")
    size, begins = _ebml_size(data, at + 4)
    if size != 2 ** (7 * (begins - at - 4)) - 1 and begins + size > len(data):  # all ones: written as it went
        raise UnusableMedia("truncated")
    return 0, 0


def _ebml_size(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends."""
    if at >= len(data) or not data[at]:
        raise UnusableMedia("truncated" if at >= len(data) else "damaged")
    length = 9 - data[at].bit_length()
    return int.from_bytes(data[at : at + length]) & (1 << 7 * length) - 1, at + length


_CHECKS: Final = {"png": _png, "jpeg": _jpeg, "webp": _webp, "mp4": _mp4, "mov": _mp4, "webm": _webm}
