# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Real media, made here: pictures and clips of every kind that is taken, and of some that are not."""

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import pytest
from av.container import OutputContainer
from PIL import Image

from bot.media.inspection import inspect
from bot.media.probe import Format, Media, UnusableMedia, probe

MUXERS: dict[Format, str] = {"mp4": "mp4", "mov": "mov", "webm": "webm"}
PICTURES: dict[Format, str] = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}
TICKS = 1_000_000


def picture(form: Format, size: tuple[int, int] = (64, 32), orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, PICTURES[form], exif=exif)
    return out.getvalue()


def moving(form: str) -> bytes:
    first, *more = [Image.effect_noise((32, 32), 60) for _ in range(3)]
    out = BytesIO()
    first.save(out, form, save_all=True, append_images=more, duration=100)
    return out.getvalue()


def clip(
    form: Format = "mp4",
    frames: int = 24,
    length: int | None = None,
    *,
    size: tuple[int, int] = (64, 48),
    times: list[int] | None = None,
    codec: str = "",
    sound: int = 0,
    shape: Fraction | None = None,
    **muxing: str,
) -> bytes:
    """A video of 24 fps, or with frames at `times`, that ends at `length`; in microseconds. `sound`: tracks."""
    codec = codec or ("libvpx-vp9" if form == "webm" else "libx264")
    times = times or [round(number * TICKS / 24) for number in range(frames)]
    length = length or round(len(times) * TICKS / 24)
    options = muxing if form == "webm" else {"video_track_timescale": str(TICKS), **muxing}
    with TemporaryDirectory() as folder:
        path = Path(folder, "clip")
        with av.open(path, "w", format=MUXERS[form], options=options) as container:
            stream = container.add_stream(codec, rate=24, options=ENCODING.get(codec, {}))
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = size
            stream.pix_fmt = "rgb24" if codec == "qtrle" else "yuv420p"
            stream.codec_context.time_base = Fraction(1, 24) if codec == "mpeg4" else Fraction(1, TICKS)
            if shape:
                stream.codec_context.sample_aspect_ratio = shape
            tones = [add_sound(container, form) for _ in range(sound)]
            packets = list(encoded(stream, times))
            for packet, end in zip(packets, [*times[1:], length], strict=True):
                if codec != "mpeg4":
                    assert packet.pts is not None
                    packet.duration = end - packet.pts
                container.mux(packet)
            for tone in tones:
                hum(container, tone, length)
        return path.read_bytes()


ENCODING = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:bframes=0"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
}


def encoded(stream: av.VideoStream, times: list[int]) -> "Iterator[av.Packet[av.VideoStream]]":
    for number, at in enumerate(times):
        frame = av.VideoFrame(stream.width, stream.height, stream.pix_fmt or "")
        for plane in frame.planes:
            plane.update(bytes([number * 9 % 256]) * plane.buffer_size)
        frame.pts, frame.time_base = at, Fraction(1, TICKS)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def add_sound(container: OutputContainer, form: str) -> av.AudioStream:
    stream = container.add_stream("libopus" if form == "webm" else "aac", rate=48_000, layout="mono")
    assert isinstance(stream, av.AudioStream)
    return stream


def hum(container: OutputContainer, stream: av.AudioStream, length: int) -> None:
    for number in range(length * 50 // TICKS):
        silence = av.AudioFrame("s16", "mono", 960)
        silence.planes[0].update(bytes(silence.planes[0].buffer_size))
        silence.rate, silence.pts, silence.time_base = 48_000, number * 960, Fraction(1, 48_000)
        container.mux(stream.encode(silence))
    container.mux(stream.encode(None))


def only_sound(form: str = "mp4") -> bytes:
    out = BytesIO()
    with av.open(out, "w", format=form) as container:
        hum(container, add_sound(container, form), TICKS // 2)
    return out.getvalue()


UPRIGHT = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


def turned(video: bytes, degrees: int) -> bytes:
    """The video with another display matrix in its track header."""
    a, b = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = struct.pack(">9i", a << 16, b << 16, 0, -b << 16, a << 16, 0, 0, 0, 1 << 30)
    at = video.index(UPRIGHT, video.index(b"tkhd"))
    return video[:at] + matrix + video[at + len(matrix) :]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *more: bytes, depth: int = 1, colour: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"".join((b"\x89PNG\r\n\x1a\n", header, *more, chunk(b"IDAT", rows), chunk(b"IEND", b"")))


def zeros(size: int) -> bytes:
    """So many zero bytes, compressed, without ever being all in memory."""
    packer = zlib.compressobj(1)
    return (
        b"".join(packer.compress(bytes(min(1 << 20, size - at))) for at in range(0, size, 1 << 20)) + packer.flush()
    )


def refused(data: bytes) -> UnusableMedia:
    with pytest.raises(UnusableMedia) as caught:
        inspect(data)
    return caught.value


async def probed(data: bytes, folder: Path, name: str = "input") -> Media:
    path = folder / name
    path.write_bytes(data)
    return await probe(path)
