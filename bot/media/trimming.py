# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What runs in the process of `trim`: a video's beginning, encoded anew."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from io import BytesIO
from itertools import chain
from typing import Final, NamedTuple

from av import Packet, VideoFrame, VideoStream
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorRange

from bot.media.carrying import Place, carry
from bot.media.headers import check_video
from bot.media.muxing import MICROSECONDS, AnyPacket, create, mux
from bot.media.opening import moving_picture, opened
from bot.media.process import answer, hand_over
from bot.media.shape import FORMAT, Shape
from bot.media.trim import TRIM
from bot.media.unusable import UnusableMedia

_ENCODING: Final = {
    "preset": "veryfast",
    "crf": "15",  # what is lost cannot be seen, and the provider encodes it once more
    "maxrate": "60M",  # bits a second, so that noise in 4K stays a file that can be sent
    "bufsize": "60M",
    "bf": "0",  # in the order of their times frames need no edit list, which not everything reads
    "rc-lookahead": "5",  # frames; each takes 20 MB in 4K
}
_THREADS: Final = 2  # more take more memory
_FINEST: Final = Fraction(1, MICROSECONDS)
_FASTEST: Final = 240  # frames a second that the encoder is told of; times are what they are


def main() -> Mapping[str, object]:
    """So many microseconds of standard input, into the file of that number."""
    microseconds, result = map(int, sys.argv[1:])
    return hand_over(trimmed(sys.stdin.buffer.read(), microseconds), result)


def trimmed(data: bytes, microseconds: int) -> memoryview:
    """An MP4 of their first `microseconds`. Raises UnusableMedia."""
    form = check_video(data)
    sink = BytesIO()
    with opened(data, form) as seen, opened(data, form) as heard:  # each is read at its own pace
        stream = moving_picture(seen)
        frames = _frames(seen, stream)
        first = next(frames, None)
        if first is None:
            raise UnusableMedia("damaged")
        origin, shape = _moment(first), Shape(first)
        clock = max(first.time_base or _FINEST, _FINEST)
        with create(sink, "mp4", clock.denominator) as container:
            track = _track(container, stream, shape, clock)
            shots = _shots(chain([first], frames), origin, clock, int(microseconds * _FINEST / clock))
            sound = next(iter(heard.streams.audio), None)
            place = Place(origin, Fraction(0), microseconds * _FINEST)
            sounds = carry(heard, sound, container, "mp4", place) if sound else iter(())
            mux(container, _encoded(track, shots, shape, clock), sounds)
    return sink.getbuffer()


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise UnusableMedia("truncated")
        for frame in packet.decode():
            if frame.is_corrupt:
                raise UnusableMedia("damaged")
            if frame.pts is not None and frame.time_base:
                yield frame


def _moment(frame: VideoFrame) -> Fraction:
    """When it is shown, in seconds."""
    assert frame.pts is not None
    assert frame.time_base is not None
    return frame.pts * frame.time_base


class _Shot(NamedTuple):
    """A frame, and from when to when it is shown, in ticks."""

    frame: VideoFrame
    begin: int
    end: int


def _shots(frames: Iterable[VideoFrame], origin: Fraction, clock: Fraction, limit: int) -> Iterator[_Shot]:
    """What is shown before `limit`. Each frame lasts until the next, and the last one as long as it says."""
    held: VideoFrame | None = None
    begin, length = 0, round(Fraction(1, 24) / clock)
    for frame in frames:
        at = round((_moment(frame) - origin) / clock)
        if held is not None:
            if at <= begin:
                continue
            yield _Shot(held, begin, min(at, limit))
            if at >= limit:
                return
            length = at - begin
        held, begin = frame, at
    if held is not None:
        stated = round(held.duration * (held.time_base or clock) / clock)
        yield _Shot(held, begin, min(begin + (stated or length), limit))


def _track(container: OutputContainer, source: VideoStream, shape: Shape, clock: Fraction) -> VideoStream:
    rate = min(max(source.average_rate or Fraction(24), Fraction(1)), Fraction(_FASTEST))
    track = container.add_stream("libx264", rate=rate, options=dict(_ENCODING))
    track.width, track.height, track.pix_fmt = shape.width, shape.height, FORMAT
    context, like = track.codec_context, source.codec_context
    context.time_base, context.thread_count = clock, _THREADS
    context.color_range, context.colorspace = ColorRange.MPEG, shape.colorspace
    context.color_primaries, context.color_trc = like.color_primaries, like.color_trc
    pixel = source.sample_aspect_ratio
    if pixel:
        context.sample_aspect_ratio = 1 / pixel if shape.lies else pixel
    return track


def _encoded(track: VideoStream, shots: Iterator[_Shot], shape: Shape, clock: Fraction) -> Iterator[AnyPacket]:
    lengths = dict[int | None, int]()
    for shot in shots:
        frame = shape.applied(shot.frame)
        frame.pts, frame.time_base = shot.begin, clock
        frame.pict_type = PictureType.NONE  # else each key frame of the source would have to be one
        lengths[shot.begin] = shot.end - shot.begin
        yield from _lasting(track.encode(frame), lengths)
    yield from _lasting(track.encode(None), lengths)


def _lasting(packets: "list[Packet[VideoStream]]", lengths: dict[int | None, int]) -> Iterator[AnyPacket]:
    for packet in packets:
        packet.duration = lengths.pop(packet.pts)
        yield packet


if __name__ == "__main__":
    answer(TRIM, main)
