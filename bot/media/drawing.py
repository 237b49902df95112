# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What runs in the process of `draw`: first frames, made small, on one JPEG.

Its own dark ground and light edges are part of it, so that it can be read in Discord's dark and light alike.
"""

import json
import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, cast

from av import VideoCodecContext, VideoFrame
from av.codec import Codec, CodecContext
from av.container import InputContainer

from bot.media.headers import IMAGES, check
from bot.media.opening import moving_picture, opened, prepare
from bot.media.picture import PICTURE
from bot.media.process import answer, hand_over, inherited
from bot.media.shape import turned
from bot.media.unusable import MAX_IMAGE_PIXELS, UnusableMedia

_GROUND: Final = b"\x23\x24\x29"
_DARK: Final = b"\x3f\x41\x4a"  # of the hatching
_LIGHT: Final = b"\x72\x76\x85"
_EDGE: Final = b"\xf2\xf3\xf5"
_STRIPE: Final = 8  # pixels
_ENCODING: Final = {"qmin": "3", "qmax": "3"}  # of 1 to 31: what is lost cannot be seen
_JPEG: Final = Codec("mjpeg", "w")
_ONE: Final = Fraction(1)
_REACH: Final = 4_096  # pixels of a side that is made only to be cut off


def main() -> Mapping[str, object]:
    """What the first word says, of standard input and of the files of the numbers after it, into the last one."""
    drawing, *files, result = sys.argv[1:]
    data = [sys.stdin.buffer.read(), *(inherited(int(file)) for file in files)]
    return hand_over(memoryview(drawn(json.loads(drawing), data)), int(result))


def drawn(drawing: Mapping[str, Any], files: list[bytes]) -> bytes:
    """A JPEG. Raises UnusableMedia."""
    sheet = _Sheet(drawing["width"], drawing["height"])
    canvas = drawing["canvas"] or (0, 0, drawing["width"], drawing["height"])
    if drawing["canvas"]:
        sheet.hatch(*canvas)
    for place in drawing["places"]:
        box = place["x"], place["y"], place["width"], place["height"]
        sheet.put(_small(files[place["file"]], *box[2:]), *box, within=canvas)
    if drawing["canvas"]:
        sheet.outline(*canvas)
    return sheet.jpeg()


class _Sheet:
    """Pixels of three bytes, row by row."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._rows = [bytearray(_GROUND * width) for _ in range(height)]

    def hatch(self, x: int, y: int, width: int, height: int) -> None:
        for row in range(y, y + height):
            stripes = (_DARK if (column + row) // _STRIPE % 2 else _LIGHT for column in range(width))
            self._rows[row][x * 3 : (x + width) * 3] = b"".join(stripes)

    def put(
        self, pixels: list[bytes], x: int, y: int, width: int, height: int, *, within: tuple[int, int, int, int]
    ) -> None:
        """Draw rows of pixels, with an edge, as far as they lie inside."""
        left, top = max(x, within[0]), max(y, within[1])
        right, bottom = min(x + width, within[0] + within[2]), min(y + height, within[1] + within[3])
        if left >= right or top >= bottom:
            return
        for row in range(top, bottom):
            source = pixels[(row - y) * len(pixels) // height]
            pixel = [(column - x) * (len(source) // 3) // width * 3 for column in range(left, right)]
            self._rows[row][left * 3 : right * 3] = b"".join(source[at : at + 3] for at in pixel)
        self.outline(left, top, right - left, bottom - top)

    def outline(self, x: int, y: int, width: int, height: int) -> None:
        for row in (y, y + height - 1):
            self._rows[row][x * 3 : (x + width) * 3] = _EDGE * width
        for row in range(y, y + height):
            for column in (x, x + width - 1):
                self._rows[row][column * 3 : column * 3 + 3] = _EDGE

    def jpeg(self) -> bytes:
        frame = VideoFrame(self._width, self._height, "rgb24")
        line = frame.planes[0].line_size
        frame.planes[0].update(b"".join(bytes(row).ljust(line, b"\0") for row in self._rows))
        encoder = cast(VideoCodecContext, CodecContext.create(_JPEG, "w"))
        encoder.width, encoder.height, encoder.pix_fmt = self._width, self._height, "yuvj444p"
        encoder.options = dict(_ENCODING)
        encoder.time_base = frame.time_base = _ONE
        picture = frame.reformat(format="yuvj444p")
        picture.pts, picture.time_base = 0, _ONE
        return b"".join(bytes(packet) for packet in (*encoder.encode(picture), *encoder.encode(None)))


def _small(data: bytes, width: int, height: int) -> list[bytes]:
    """The rows of a picture, or of a video's first frame, upright, in about that size."""
    form = check(data)
    with opened(data, form) as container:
        frame = _first(container, is_image=form in IMAGES)
        size = min(max(width, 1), _REACH), min(max(height, 1), _REACH)
        upright = turned(frame, *size)
        line = upright.planes[0].line_size
        pixels = bytes(upright.planes[0])
        return [pixels[row * line : row * line + upright.width * 3] for row in range(upright.height)]


def _first(container: InputContainer, *, is_image: bool) -> VideoFrame:
    stream = container.streams.video[0] if is_image else moving_picture(container)
    if is_image:
        prepare(stream, MAX_IMAGE_PIXELS)
    for packet in container.demux(stream):
        for frame in packet.decode():
            return frame
    raise UnusableMedia("damaged")


if __name__ == "__main__":
    answer(PICTURE, main)
