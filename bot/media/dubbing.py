# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What runs in the process of `put_sound`: one video's picture, untouched, and another's sound."""

import sys
from collections.abc import Iterator, Mapping
from io import BytesIO

from av import VideoStream
from av.container import InputContainer, OutputContainer

from bot.media.carrying import Place, carry
from bot.media.headers import check_video
from bot.media.muxing import AnyPacket, create, mux
from bot.media.opening import moving_picture, opened
from bot.media.process import answer, hand_over, inherited
from bot.media.sound import SOUND
from bot.media.span import span
from bot.media.unusable import UnusableMedia


def main() -> Mapping[str, object]:
    """Standard input with the sound of the file of the first number, into that of the second."""
    source, result = map(int, sys.argv[1:])
    return hand_over(dubbed(sys.stdin.buffer.read(), inherited(source)), result)


def dubbed(picture: bytes, source: bytes) -> memoryview:
    """The video `picture` with the first sound of `source`. Raises UnusableMedia."""
    form, origin_form = check_video(picture), check_video(source)
    start, end = span(picture, form)
    origin, _ = span(source, origin_form)
    sink = BytesIO()
    with opened(picture, form) as seen, opened(source, origin_form) as heard:
        shown = moving_picture(seen)
        sound = next(iter(heard.streams.audio), None)
        if sound is None:
            raise UnusableMedia("silent")
        with create(sink, form, shown.time_base.denominator if shown.time_base else 1) as container:
            pictures = _untouched(seen, shown, container)
            sounds = carry(heard, sound, container, form, Place(origin, start, end))
            mux(container, pictures, sounds)
    return sink.getbuffer()


def _untouched(source: InputContainer, shown: VideoStream, sink: OutputContainer) -> Iterator[AnyPacket]:
    track = sink.add_stream_from_template(shown, opaque=True)
    if shown.codec_context.codec.canonical_name == "hevc" and sink.format.name != "webm":
        track.codec_context.codec_tag = "hvc1"  # as which Apple's players know it
    return _passed_on(source, shown, track)


def _passed_on(source: InputContainer, shown: VideoStream, track: VideoStream) -> Iterator[AnyPacket]:
    for packet in source.demux(shown):
        if packet.dts is not None:
            packet.stream = track
            yield packet


if __name__ == "__main__":
    answer(SOUND, main)
