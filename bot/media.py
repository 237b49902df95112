"""What bytes really are: `await probe(path)` says whether a file is an image or a video, how large, how long.

Each probe is a process of its own, `python -m bot.media < file`, because nothing less can be stopped: FFmpeg looks
at PyAV's timeouts only between reads, never while it decodes or unpacks, and a Python thread cannot be ended. A
process is killed after `SECONDS`; the kernel bounds its memory and its processor time; it can open no file and no
socket once it reads the bytes (`confine`); it knows neither the file's name nor our settings; and
what crashes it does not crash the bot. PyAV is loaded there alone, which costs a tenth of a second per file and
the bot nothing. At most `AT_ONCE` run; a probe that is cancelled is ended.

To accept another format: its first bytes in `_format`, how its size and end are found, its demuxer and decoders.
"""

# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
import asyncio
import errno
import json
import logging
import re
import resource
import signal
import sys
import zlib
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from fractions import Fraction
from io import BufferedReader, BytesIO
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NoReturn, TypeAlias
from weakref import WeakKeyDictionary

from bot.domain.refusal import Refusal

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.codec import CodecContext
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)

Format: TypeAlias = Literal["png", "jpeg", "webp", "mp4", "mov", "webm"]
"""What the provider takes."""

MAX_SIDE: Final = 16_384  # pixels
MAX_IMAGE_PIXELS: Final = 2**26  # 8192×8192; cameras of 64 megapixels make less
MAX_VIDEO_PIXELS: Final = 2**24  # 4096×4096; 4K is half of it
MAX_PNG_TEXT: Final = 8 * 2**20  # bytes, unpacked
MAX_TRACKS: Final = 16
LONGEST: Final = 30_000_000  # microseconds: what a reframe takes
SHORTEST: Final = 500_000  # our own; the provider states none
SLACK: Final = 500_000  # by how much a stated length may miss what is in the file: priming, edit lists

SECONDS: Final = 10  # for one probe
MEMORY: Final = 768 * 2**20  # bytes of address space for one probe; Python with PyAV takes 120 MB of it
AT_ONCE: Final = 2

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
        raise UnusableMedia("not an image")
    return media


def as_video(media: Media, *, longest: int = LONGEST, shortest: int = SHORTEST) -> Media:
    """`media`, where a video of such a length, in microseconds, belongs. Raises UnusableMedia for anything else."""
    if media.kind != "video":
        raise UnusableMedia("not a video")
    if media.microseconds > longest:
        raise UnusableMedia("long", length=media.microseconds, most=longest)
    if media.microseconds < shortest:
        raise UnusableMedia("short", length=media.microseconds, least=shortest)
    return media


# In the bot ----------------------------------------------------------------------------------------------------


async def probe(path: Path) -> Media:
    """What the file at `path` is, by its bytes alone. Raises UnusableMedia, whatever is wrong with it."""
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)):
        status, said, complaint = await _run(path)
    try:
        told = json.loads(said)
        if "reason" in told:
            raise UnusableMedia(told["reason"], **told["facts"])
        return Media(**told | {"fps": Fraction(told["fps"]) if told["fps"] else None})
    except (ValueError, KeyError, TypeError, ArithmeticError):
        log.error("a probe ended with %s: %s", status, complaint[-2_000:].decode(errors="replace"))
        reason = "slow" if status in (-signal.SIGXCPU, -signal.SIGALRM) else "damaged"
        raise UnusableMedia(reason) from None


async def _run(path: Path) -> tuple[int | None, bytes, bytes]:
    """The process, from its start to its end: its status, its answer, and its log."""
    with await asyncio.to_thread(_open, path) as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.media", stdin=file, stdout=PIPE, stderr=PIPE, cwd=_ROOT, env={}
        )
    try:
        async with asyncio.timeout(SECONDS):
            said, complaint = await process.communicate()
    except TimeoutError:
        raise UnusableMedia("slow") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, said, complaint


def _open(path: Path) -> BufferedReader:
    try:
        if path.is_file():  # a pipe would wait for its writer
            return path.open("rb")
    except OSError as error:
        log.warning("a file to probe cannot be opened: %s", error.strerror)
    raise UnusableMedia("unreadable")


_ROOT: Final = Path(__file__).resolve().parents[1]
_turns: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]] = WeakKeyDictionary()

# In the probe's own process --------------------------------------------------------------------------------------


def main() -> None:
    """Say in JSON what standard input is."""
    # While files can still be opened; PyAV itself would import these at the first stream:
    import av.subtitles.codeccontext  # pyright: ignore[reportUnusedImport]
    import av.subtitles.stream  # noqa: F401  # pyright: ignore[reportUnusedImport]

    confine()
    try:
        media = inspect(sys.stdin.buffer.read())
        told = asdict(media) | {"fps": media.fps and str(media.fps)}
    except UnusableMedia as unusable:
        told = {"reason": unusable.reason, "facts": unusable.facts}
    except MemoryError:
        told = {"reason": "heavy", "facts": {}}
    sys.stdout.write(json.dumps(told))


def confine() -> None:
    """From here on this process opens nothing, writes no file, and ends before it takes too much."""
    with suppress(OSError):  # where memory runs out, this process goes first, and not the bot
        Path("/proc/self/oom_score_adj").write_text("1000")
    signal.alarm(SECONDS + 1)  # nobody may be left to kill it
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def inspect(data: bytes) -> Media:
    """What they are. Blocks, for as long and in as much memory as it takes. Raises UnusableMedia."""
    if not data:
        raise UnusableMedia("empty")
    form = _format(data)
    width, height = _CHECKS[form](data)
    if not (width <= MAX_SIDE and height <= MAX_SIDE and width * height <= MAX_IMAGE_PIXELS):
        raise UnusableMedia("large image", width=width, height=height)
    import av
    from av.error import FFmpegError

    try:
        options = _OPTIONS | {"max_pixels": str(MAX_IMAGE_PIXELS if form in _IMAGES else MAX_VIDEO_PIXELS)}
        with av.open(BytesIO(data), "r", _DEMUXERS[form], options, io_open=_refuse_to_open) as container:
            return _image(container, form) if form in _IMAGES else _video(container, form)
    except (FFmpegError, MemoryError, ValueError, OverflowError, ZeroDivisionError) as error:
        heavy = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
        raise UnusableMedia("heavy" if heavy else "damaged") from error


_DEMUXERS: Final[Mapping[Format, str]] = MappingProxyType(
    {"png": "png_pipe", "jpeg": "jpeg_pipe", "webp": "webp_pipe", "mp4": "mov", "mov": "mov", "webm": "matroska"}
)
"""FFmpeg is told what to read, and never guesses: guessing is how a playlist named .mp4 comes to be followed."""

_DECODERS: Final = ("png", "mjpeg", "webp", "vp8", "h264", "hevc", "libdav1d", "vp9", "mpeg4", "prores")
"""FFmpeg has five hundred. These are what people send, and what has been attacked for longest."""

_SOUND_DECODERS: Final = ("aac", "ac3", "alac", "eac3", "flac", "libopus", "mp3", "mp3float", "opus", "vorbis")
"""For what headers leave out; sound itself is never decoded."""

_OPTIONS: Final = {
    "protocol_whitelist": "none",  # there is no address to open
    "format_whitelist": "png_pipe,jpeg_pipe,webp_pipe,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
    "codec_whitelist": ",".join((*_DECODERS, *_SOUND_DECODERS)),
    "enable_drefs": "0",  # a MOV may say that its samples are in another file
    "max_streams": "64",
    "threads": "1",
}


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError("one file, and no other")


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
        (rb"(?:RIFF|RF64)....WAVE|ID3|fLaC|OggS|\xff[\xe2-\xfb]|FORM....AIF", "audio only"),
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
_IMAGES: Final = frozenset({"png", "jpeg", "webp"})


def _image(container: "InputContainer", form: Format) -> Media:
    stream = container.streams.video[0]
    _prepare(stream, MAX_IMAGE_PIXELS)
    for packet in container.demux(stream):
        for frame in packet.decode():
            return _as_shown(Media(kind="image", format=form, width=frame.width, height=frame.height), frame)
    raise UnusableMedia("damaged")


def _video(container: "InputContainer", form: Format) -> Media:
    from av.stream import Disposition

    if len(container.streams) > MAX_TRACKS:
        raise UnusableMedia("tracks")
    sounds, pictures = container.streams.audio, container.streams.video
    stream = next((one for one in pictures if not one.disposition & Disposition.attached_pic), None)
    if stream is None:
        raise UnusableMedia("audio only" if sounds else "damaged")
    if _decoder(stream) not in _DECODERS:
        raise UnusableMedia("codec")
    if max(stream.width, stream.height) > MAX_SIDE or stream.width * stream.height > MAX_VIDEO_PIXELS:
        raise UnusableMedia("large video", width=stream.width, height=stream.height)
    _prepare(stream, MAX_VIDEO_PIXELS)
    frame, times, found = _read(container, stream, sounds)
    length = container.duration or 0
    if length <= 0:
        raise UnusableMedia("endless")
    if abs(length - found) > SLACK:
        raise UnusableMedia("lying", stated=length, found=found)
    media = Media(
        kind="video",
        format=form,
        width=frame.width,
        height=frame.height,
        microseconds=length,
        sound=bool(sounds),
        variable=_varies(times),
        fps=_rate(stream, times),
    )
    return _as_shown(media, frame)


def _decoder(stream: "VideoStream") -> str:
    """The name of what would decode it; nothing where FFmpeg has nothing. PyAV's types leave that out."""
    context: CodecContext | None = stream.codec_context
    return context.name if context else ""


def _prepare(stream: "VideoStream", most: int) -> None:
    """Have it decoded in this thread alone, and in no more than `most` pixels whatever a header said."""
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(most)}


def _read(
    container: "InputContainer", stream: "VideoStream", sounds: "tuple[AudioStream, ...]"
) -> "tuple[VideoFrame, list[int], int]":
    """Read it all and decode one frame: that frame, all frames' times, and the length found, in microseconds."""
    from av.video.frame import VideoFrame

    shown, times = None, list[int]()
    begin, end = Fraction(2**62), Fraction(-(2**62))
    for packet in container.demux(stream, *sounds):
        if packet.is_corrupt:
            raise UnusableMedia("truncated")
        if shown is None and packet.stream_index == stream.index:
            shown = next((frame for frame in packet.decode() if isinstance(frame, VideoFrame)), None)
        if packet.pts is None or packet.is_discard:
            continue
        begin = min(begin, packet.pts * packet.time_base)
        end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
        if packet.stream_index == stream.index:
            times.append(packet.pts)
    if shown is None:
        raise UnusableMedia("damaged")
    return shown, sorted(set(times)), round((end - begin) * 1_000_000)


def _varies(times: list[int]) -> bool | None:
    """Whether the time between frames varies, by more than a clock's rounding and by more than a tenth."""
    gaps = [after - before for before, after in pairwise(times)]
    if len(gaps) < 2:
        return None
    return max(gaps) - min(gaps) > max(1, sum(gaps) / len(gaps) / 10)


def _rate(stream: "VideoStream", times: list[int]) -> Fraction | None:
    """Frames per second: what the stream states, or where they vary what is so on average."""
    if stream.average_rate and not _varies(times):
        return stream.average_rate
    if len(times) < 2 or not stream.time_base:
        return None
    return Fraction(len(times) - 1, times[-1] - times[0]) / stream.time_base


def _as_shown(media: Media, frame: "VideoFrame") -> Media:
    """`media`, of which `frame` was decoded, turned as it is meant to be seen."""
    if frame.is_corrupt:
        raise UnusableMedia("damaged")
    if round(frame.rotation / 90) % 2:
        return replace(media, width=media.height, height=media.width)
    return media


def _in_seconds(microseconds: int) -> str:
    return f"{Decimal(microseconds) / 1_000_000:f}"


if __name__ == "__main__":
    main()
