# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What runs in the process of `last_frame`: a video's last frame, as a picture."""

import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, TypeAlias

from av import Packet, VideoFrame, VideoStream
from av.codec import CodecContext
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from bot.media.headers import check_video
from bot.media.join import LAST
from bot.media.opening import moving_picture, opened
from bot.media.process import answer, hand_over
from bot.media.shape import upright
from bot.media.unusable import UnusableMedia

_Packets: TypeAlias = "list[Packet[Any]]"

_RGB: Final = "rgb24"
_UNTOLD: Final = 2  # in FFmpeg's numbers
_HD: Final = 1280 * 720


def main() -> Mapping[str, object]:
    """The last frame of standard input, into the file of that number."""
    return hand_over(memoryview(still(sys.stdin.buffer.read())), int(sys.argv[1]))


def still(data: bytes) -> bytes:
    """A PNG of the frame that is shown last. Raises UnusableMedia."""
    form = check_video(data)
    with opened(data, form) as container:
        stream = moving_picture(container)
        return _png(upright(_last(container, stream)))


def _last(container: InputContainer, stream: VideoStream) -> VideoFrame:
    """What is shown last among what follows the last key frame, which can be decoded alone."""
    packets: _Packets = []
    since = 0
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise UnusableMedia("truncated")
        if packet.is_keyframe:
            since = len(packets)
        packets.append(packet)
    latest: VideoFrame | None = None
    for packet in packets[since:]:
        for frame in packet.decode():
            if not isinstance(frame, VideoFrame) or frame.is_corrupt or frame.pts is None:
                raise UnusableMedia("damaged")
            if latest is None or (latest.pts or 0) <= frame.pts:
                latest = frame
    if latest is None:
        raise UnusableMedia("damaged")
    return latest


def _png(frame: VideoFrame) -> bytes:
    encoder = CodecContext.create("png", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, _RGB
    encoder.time_base = Fraction(1, 24)
    encoder.thread_count = 1
    # what says nothing of its colours is shown as players do: as HD where it is as large
    untold = frame.colorspace == _UNTOLD and frame.width * frame.height >= _HD
    shown = frame.reformat(
        format=_RGB,
        src_colorspace=Colorspace.ITU709 if untold else None,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC,
        threads=1,
    )
    shown.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(shown), *encoder.encode(None)))


if __name__ == "__main__":
    answer(LAST, main)
