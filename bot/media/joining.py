# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What runs in the process of `join`: two videos one after the other, every packet as it is."""

import math
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from io import BytesIO
from itertools import chain

from av import VideoStream
from av.container import InputContainer

from bot.media.carrying import Place, carry
from bot.media.headers import check_video
from bot.media.join import JOIN
from bot.media.muxing import MICROSECONDS, AnyPacket, create, mux
from bot.media.opening import moving_picture, opened
from bot.media.process import answer, hand_over, inherited
from bot.media.span import span
from bot.media.unusable import UnusableMedia


def main() -> Mapping[str, object]:
    """Standard input and then the file of the first number, into that of the second."""
    clip, result = map(int, sys.argv[1:])
    return hand_over(joined(sys.stdin.buffer.read(), inherited(clip)), result)


def joined(film: bytes, clip: bytes) -> memoryview:
    """The video `film`, and `clip` after it. Raises UnusableMedia."""
    form = check_video(film)
    if check_video(clip) != form:
        raise UnusableMedia("unlike")
    (begin, end), (again, _) = span(film, form), span(clip, form)
    sink = BytesIO()
    with opened(film, form) as first, opened(clip, form) as second, opened(film, form) as heard:
        before, after = moving_picture(first), moving_picture(second)
        if _settings(before) != _settings(after):
            raise UnusableMedia("unlike")
        with create(sink, form, _clock(before, after)) as container:
            track = container.add_stream_from_template(before, opaque=True)
            if before.codec_context.codec.canonical_name == "hevc" and form != "webm":
                track.codec_context.codec_tag = "hvc1"  # as which Apple's players know it
            sound = next(iter(heard.streams.audio), None)
            sounds = carry(heard, sound, container, form, Place(begin, begin, end)) if sound else iter(())
            pictures = chain(_moved(first, before, track, Fraction(0)), _moved(second, after, track, end - again))
            mux(container, _in_order(pictures), sounds)
    return sink.getbuffer()


def _settings(stream: VideoStream) -> tuple[object, ...]:
    """What one track has for all of its packets: two videos are one where it is the same."""
    context = stream.codec_context
    return (
        context.codec.canonical_name,
        (stream.width, stream.height),
        context.pix_fmt,
        stream.sample_aspect_ratio or 1,
        bytes(context.extradata or b""),  # how the decoder is set up, which a track says once
    )


def _clock(before: VideoStream, after: VideoStream) -> int:
    """Ticks in a second in which the moments of both are whole, where there is such a clock."""
    bases = [stream.time_base.denominator if stream.time_base else 1 for stream in (before, after)]
    both = math.lcm(*bases)
    return both if both <= MICROSECONDS else MICROSECONDS


def _moved(source: InputContainer, shown: VideoStream, track: VideoStream, by: Fraction) -> Iterator[AnyPacket]:
    """Its packets, `by` seconds later."""
    for packet in source.demux(shown):
        if packet.dts is None or packet.pts is None:
            continue
        ticks = round(by / packet.time_base)
        packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
        packet.stream = track
        yield packet


def _in_order(packets: Iterator[AnyPacket]) -> Iterator[AnyPacket]:
    """As they are decoded. Raises UnusableMedia where the second one's begin before the first one's have ended."""
    last: Fraction | None = None
    for packet in packets:
        assert packet.dts is not None
        at = packet.dts * packet.time_base
        if last is not None and at <= last:
            raise UnusableMedia("unlike")
        last = at
        yield packet


if __name__ == "__main__":
    answer(JOIN, main)
