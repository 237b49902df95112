# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Opening hostile bytes with FFmpeg: one demuxer, few decoders, no other file, and its errors in our words."""

import errno
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from io import BytesIO
from types import MappingProxyType
from typing import Final, NoReturn

import av

# PyAV would import these at the first stream, when no file can be opened any more:
import av.subtitles.codeccontext  # pyright: ignore[reportUnusedImport]
import av.subtitles.stream  # pyright: ignore[reportUnusedImport]
from av import VideoStream
from av.codec import CodecContext
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream

from bot.media.headers import IMAGES
from bot.media.probe import Format
from bot.media.unusable import MAX_IMAGE_PIXELS, MAX_SIDE, MAX_TRACKS, MAX_VIDEO_PIXELS, UnusableMedia

_DEMUXERS: Final[Mapping[Format, str]] = MappingProxyType(
    {"png": "png_pipe", "jpeg": "jpeg_pipe", "webp": "webp_pipe", "mp4": "mov", "mov": "mov", "webm": "matroska"}
)
"""FFmpeg is told what to read, and never guesses: guessing is how a playlist named .mp4 comes to be followed."""

DECODERS: Final = ("png", "mjpeg", "webp", "vp8", "h264", "hevc", "libdav1d", "vp9", "mpeg4", "prores")
"""FFmpeg has five hundred. These are what people send, and what has been attacked for longest."""

SOUND_DECODERS: Final = (
    *("aac", "ac3", "alac", "eac3", "flac", "libopus", "mp3", "mp3float", "opus", "vorbis"),
    *("pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_f32le"),
)
"""For what headers leave out, and for sound that has to be stored in another way."""

_OPTIONS: Final = {
    "protocol_whitelist": "none",  # there is no address to open
    "format_whitelist": "png_pipe,jpeg_pipe,webp_pipe,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
    "codec_whitelist": ",".join((*DECODERS, *SOUND_DECODERS)),
    "enable_drefs": "0",  # a MOV may say that its samples are in another file
    "max_streams": "64",
    "threads": "1",
}


@contextmanager
def opened(data: bytes, form: Format) -> Generator[InputContainer]:
    """The file that `data` are. Raises UnusableMedia, also for what FFmpeg refuses while it is open."""
    try:
        options = _OPTIONS | {"max_pixels": str(MAX_IMAGE_PIXELS if form in IMAGES else MAX_VIDEO_PIXELS)}
        with av.open(BytesIO(data), "r", _DEMUXERS[form], options, io_open=_refuse_to_open) as container:
            yield container
    except (FFmpegError, MemoryError, ValueError, OverflowError, ZeroDivisionError) as error:
        heavy = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
        raise UnusableMedia("heavy" if heavy else "damaged") from error


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError("one file, and no other")


def moving_picture(container: InputContainer) -> VideoStream:
    """The picture of a video, ready to be decoded. Raises UnusableMedia."""
    if len(container.streams) > MAX_TRACKS:
        raise UnusableMedia("tracks")
    pictures = container.streams.video
    stream = next((one for one in pictures if not one.disposition & Disposition.attached_pic), None)
    if stream is None:
        raise UnusableMedia("audio_only" if container.streams.audio else "damaged")
    if decoder(stream) not in DECODERS:
        raise UnusableMedia("codec")
    if max(stream.width, stream.height) > MAX_SIDE or stream.width * stream.height > MAX_VIDEO_PIXELS:
        raise UnusableMedia("large_video", width=stream.width, height=stream.height)
    prepare(stream, MAX_VIDEO_PIXELS)
    return stream


def decoder(stream: Stream) -> str:
    """The name of what would decode it; nothing where FFmpeg has nothing. PyAV's types leave that out."""
    context: CodecContext | None = stream.codec_context
    return context.name if context else ""


def prepare(stream: VideoStream, most: int) -> None:
    """Have it decoded in this thread alone, and in no more than `most` pixels whatever a header said."""
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(most)}
