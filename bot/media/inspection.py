# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What runs in a probe's own process: the sizes, times and lengths that are really in a file."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from av import AudioStream, VideoFrame, VideoStream
from av.container import InputContainer

from bot.media.headers import IMAGES, check
from bot.media.opening import moving_picture, opened, prepare
from bot.media.probe import PROBE, Format, Media
from bot.media.process import answer
from bot.media.unusable import MAX_IMAGE_PIXELS, UnusableMedia

SLACK: Final = 500_000  # by how much a stated length may miss what is in the file: priming, edit lists


def main() -> Mapping[str, object]:
    """What standard input is."""
    media = inspect(sys.stdin.buffer.read())
    return asdict(media) | {"fps": media.fps and str(media.fps)}


def inspect(data: bytes) -> Media:
    """What they are. Blocks, for as long and in as much memory as it takes. Raises UnusableMedia."""
    form = check(data)
    with opened(data, form) as container:
        return _image(container, form) if form in IMAGES else _video(container, form)


def _image(container: InputContainer, form: Format) -> Media:
    stream = container.streams.video[0]
    prepare(stream, MAX_IMAGE_PIXELS)
    for packet in container.demux(stream):
        for frame in packet.decode():
            return _as_shown(Media(kind="image", format=form, width=frame.width, height=frame.height), frame)
    raise UnusableMedia("damaged")


def _video(container: InputContainer, form: Format) -> Media:
    stream, sounds = moving_picture(container), container.streams.audio
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


def _read(
    container: InputContainer, stream: VideoStream, sounds: tuple[AudioStream, ...]
) -> tuple[VideoFrame, list[int], int]:
    """Read it all and decode one frame: that frame, all frames' times, and the length found, in microseconds."""
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


def _rate(stream: VideoStream, times: list[int]) -> Fraction | None:
    """Frames per second: what the stream states, or where they vary what is so on average."""
    if stream.average_rate and not _varies(times):
        return stream.average_rate
    if len(times) < 2 or not stream.time_base:
        return None
    return Fraction(len(times) - 1, times[-1] - times[0]) / stream.time_base


def _as_shown(media: Media, frame: VideoFrame) -> Media:
    """`media`, of which `frame` was decoded, turned as it is meant to be seen."""
    if frame.is_corrupt:
        raise UnusableMedia("damaged")
    if round(frame.rotation / 90) % 2:
        return replace(media, width=media.height, height=media.width)
    return media


if __name__ == "__main__":
    answer(PROBE, main)
