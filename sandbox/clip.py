# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Files that members attach: a sample photo, and sample clips of exactly the length that is asked for."""

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from sandbox.runware.card import card
from sandbox.runware.request import FPS

RATE: Final = 48_000  # samples of sound a second
TICKS: Final = 1_000_000


def photo(width: int = 1280, height: int = 720, *, form: str = "PNG", text: str = "A sample photo") -> bytes:
    """A picture with its size on it. `form`: as Pillow calls it."""
    written = io.BytesIO()
    card((width, height), [f"{width}×{height}"], text).save(written, form)
    return written.getvalue()


def clip(width: int, height: int, microseconds: int, *, sound: bool = False, text: str = "A sample clip") -> bytes:
    """An MP4 at 24 frames a second whose container lasts exactly so long. `sound`: a tone, up to its end."""
    picture = card((width, height), [f"{width}×{height}", f"{microseconds / TICKS} s"], text)
    frame = av.VideoFrame.from_image(picture).reformat(format="yuv420p")
    times = [round(number * TICKS / FPS) for number in range(max(1, microseconds * FPS // TICKS))]
    ends = [*times[1:], microseconds]
    written = io.BytesIO()
    options = {"video_track_timescale": str(TICKS)}
    with av.open(written, "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        tone = container.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for packet in _packets(stream, frame, times):
            packet.duration = ends[times.index(packet.pts or 0)] - (packet.pts or 0)
            container.mux(packet)
        if isinstance(tone, AudioStream):
            _hum(container, tone, microseconds)
    return written.getvalue()


def _packets(stream: VideoStream, frame: av.VideoFrame, times: list[int]) -> "Iterator[av.Packet[VideoStream]]":
    for number, at in enumerate(times):
        _move(frame, number, len(times))
        frame.pts, frame.time_base = at, Fraction(1, TICKS)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _move(frame: av.VideoFrame, number: int, frames: int) -> None:
    """A bar along the foot grows, so that something moves."""
    luma, line = memoryview(frame.planes[0]), frame.planes[0].line_size
    right = frame.width * (number + 1) // frames
    for row in range(frame.height - max(4, frame.height // 40), frame.height):
        luma[row * line : row * line + right] = b"\xe0" * right


def _hum(container: OutputContainer, stream: AudioStream, microseconds: int) -> None:
    """A square wave of 440 Hz that ends before the picture does: whole packets of 1,024 samples, one kept back."""
    wave = b"".join(
        (3000 if n * 880 // RATE % 2 else -3000).to_bytes(2, "little", signed=True) for n in range(RATE)
    )
    for number in range(microseconds * RATE // TICKS // 1024 - 1):
        samples = av.AudioFrame("s16", "mono", 1024)
        samples.planes[0].update((wave * 2)[number * 2048 % len(wave) :][:2048])
        samples.rate, samples.pts, samples.time_base = RATE, number * 1024, Fraction(1, RATE)
        container.mux(stream.encode(samples))
    container.mux(stream.encode(None))
