# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Films whose every frame and one beep can be recognized, and what is seen and heard in a film."""

import array
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import av
from av.container import OutputContainer

from bot.media.probe import Format
from tests.bot.media.made import ENCODING, MUXERS, TICKS

RATE = 48_000
CLOCKS = {"mp4": TICKS, "mov": TICKS, "webm": 1_000}


@dataclass(frozen=True)
class Tone:
    """Silence from `begin` to `end`, with a beep at `beep`, in seconds."""

    begin: float = 0
    end: float = 2
    beep: float = 1
    codec: str = "aac"
    layout: str = "mono"


def film(
    form: Format = "mp4",
    times: Sequence[int] | None = None,
    *,
    length: int | None = None,
    size: tuple[int, int] = (64, 48),
    codec: str = "",
    pix_fmt: str = "yuv420p",
    full_range: bool = False,
    tones: Sequence[Tone] = (),
    encoding: dict[str, str] | None = None,
    **muxing: str,
) -> bytes:
    """Frames at `times`, in microseconds (two seconds at 24 fps), to `length`. Frame n is as bright as `luma(n)`,
    but for its upper left quarter, which is black."""
    times = times or [round(number * TICKS / 24) for number in range(48)]
    length = length or times[-1] + TICKS // 24
    codec = codec or ("libvpx-vp9" if form == "webm" else "libx264")
    options = muxing if form == "webm" else {"video_track_timescale": str(TICKS), **muxing}
    with TemporaryDirectory() as folder:
        path = Path(folder, "film")
        with av.open(path, "w", format=MUXERS[form], options=options) as container:
            stream = cast(
                av.VideoStream, container.add_stream(codec, rate=24, options=encoding or ENCODING.get(codec, {}))
            )
            stream.width, stream.height = size
            stream.pix_fmt = pix_fmt
            stream.codec_context.time_base = Fraction(1, TICKS)
            if full_range:
                stream.codec_context.color_range = 2
            tracks = [(tone, _track(container, tone)) for tone in tones]
            ends = dict(zip(times, [*times[1:], length], strict=True))
            for number, at in enumerate(times):
                _write(container, stream.encode(_frame(stream, number, at)), ends)
            _write(container, stream.encode(None), ends)
            for tone, track in tracks:
                for frame in _sounding(tone):
                    container.mux(track.encode(frame))
                container.mux(track.encode(None))
        return path.read_bytes()


def luma(number: int) -> int:
    return 40 + number * 7 % 180


def brightness(number: int) -> int:
    """How bright, from 0 to 255, that frame is shown."""
    return round((luma(number) - 16) * 255 / 219)


def _frame(stream: av.VideoStream, number: int, at: int) -> av.VideoFrame:
    frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
    grey, *colours = frame.planes
    line = grey.line_size
    upper = bytes([16] * (stream.width // 2) + [luma(number)] * (line - stream.width // 2))
    rest = stream.height - stream.height // 2
    grey.update(upper * (stream.height // 2) + bytes([luma(number)]) * (line * rest))
    for plane in colours:
        plane.update(bytes([128]) * plane.buffer_size)
    frame.pts, frame.time_base = at, Fraction(1, TICKS)
    if stream.pix_fmt != "yuv420p":
        frame = frame.reformat(format=stream.pix_fmt)
        frame.pts, frame.time_base = at, Fraction(1, TICKS)
    return frame


def _write(container: OutputContainer, packets: "list[av.Packet[av.VideoStream]]", ends: dict[int, int]) -> None:
    for packet in packets:
        assert packet.pts is not None
        packet.duration = ends[packet.pts] - packet.pts
        container.mux(packet)


def _track(container: OutputContainer, tone: Tone) -> av.AudioStream:
    return cast(av.AudioStream, container.add_stream(tone.codec, rate=RATE, layout=tone.layout))


def _sounding(tone: Tone) -> Iterator[av.AudioFrame]:
    first, last = round(tone.begin * RATE), round(tone.end * RATE)
    for start in range(first, last, 960):
        count = min(960, last - start)
        samples = array.array("h")
        for number in range(start, start + count):
            loud = tone.beep <= number / RATE < tone.beep + 0.1
            sample = round(20_000 * math.sin(number * 2 * math.pi * 1_000 / RATE)) if loud else 0
            samples.extend([sample] * (2 if tone.layout == "stereo" else 1))
        frame = av.AudioFrame("s16", tone.layout, count)
        frame.planes[0].update(samples.tobytes())
        frame.rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


# What is in a film ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A frame: its moment in seconds, its size, how it is to be turned, and how bright its corners are."""

    at: Fraction
    size: tuple[int, int]
    rotation: int
    corners: tuple[int, int, int, int]  # upper left, upper right, lower left, lower right


def seen(data: bytes) -> list[Seen]:
    found: list[Seen] = []
    with av.open(BytesIO(data), "r") as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            plane = frame.reformat(format="rgb24").planes[0]
            pixels, line = bytes(plane), plane.line_size
            near, right, low = 2, frame.width - 3, frame.height - 3
            corners = tuple(pixels[y * line + 3 * x] for y in (near, low) for x in (near, right))
            found.append(
                Seen(
                    frame.pts * frame.time_base,
                    (frame.width, frame.height),
                    frame.rotation,
                    cast(tuple[int, int, int, int], corners),
                )
            )
    return found


def beeps(data: bytes) -> list[float]:
    """When a beep begins, in seconds."""
    found: list[float] = []
    quiet_since = -1.0
    with av.open(BytesIO(data), "r") as container:
        resampler = av.AudioResampler("s16", "mono", RATE)
        for frame in container.decode(audio=0):
            for heard in resampler.resample(frame):
                assert heard.pts is not None
                for number, sample in enumerate(memoryview(bytes(heard.planes[0])).cast("h")[: heard.samples]):
                    if abs(sample) > 5_000:
                        at = (heard.pts + number) / RATE
                        if at - quiet_since > 0.05:
                            found.append(at)
                        quiet_since = at
    return found


def streams(data: bytes) -> list[tuple[str, str]]:
    with av.open(BytesIO(data), "r") as container:
        return [(stream.type, stream.codec_context.codec.canonical_name) for stream in container.streams]


def ends(data: bytes) -> dict[str, Fraction]:
    """When the last packet of each type of stream ends, in seconds."""
    found = dict[str, Fraction]()
    with av.open(BytesIO(data), "r") as container:
        for packet in container.demux():
            if packet.pts is not None:
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
                found[packet.stream.type] = max(end, found.get(packet.stream.type, Fraction(0)))
    return found


def picture_packets(data: bytes) -> list[tuple[bytes, Fraction, Fraction, bool]]:
    """Their bytes, and when they are shown and decoded, in seconds."""
    with av.open(BytesIO(data), "r") as container:
        return [
            (bytes(packet), packet.pts * packet.time_base, packet.dts * packet.time_base, packet.is_keyframe)
            for packet in container.demux(video=0)
            if packet.pts is not None and packet.dts is not None
        ]
