# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Pictures as H.264 takes them and as everything shows them: even sides, 8 bits, upright."""

import struct
from fractions import Fraction
from typing import Final, TypeAlias, cast

from av import VideoFrame
from av.filter import Graph
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.format import VideoFormat
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

FORMAT: Final = "yuv420p"
_RGB: Final = 0  # what a frame says of its colours, in FFmpeg's numbers
_BT709: Final = 1


class Shape:
    """What becomes of every frame of a video, by its first one: a video may change its size on the way."""

    def __init__(self, first: VideoFrame) -> None:
        self._width, self._height = max(2, first.width // 2 * 2), max(2, first.height // 2 * 2)
        self._turns = _turns(first)
        self._graph: Graph | None = None
        self._scaler = VideoReformatter()
        self.lies = "transpose" in dict(self._turns)
        """Whether its width becomes its height."""
        self.width, self.height = (self._height, self._width) if self.lies else (self._width, self._height)
        self.colorspace = _BT709 if first.colorspace == _RGB else first.colorspace

    def applied(self, frame: VideoFrame) -> VideoFrame:
        """The frame as it is to be encoded. Its time is left as it comes."""
        even = self._scaler.reformat(
            frame,
            self._width,  # an odd side becomes a pixel shorter, which nobody sees
            self._height,
            FORMAT,
            dst_colorspace=Colorspace.ITU709 if frame.colorspace == _RGB else None,
            dst_color_range=ColorRange.MPEG,  # the range that all players assume
            interpolation=Interpolation.BICUBIC,
            threads=1,
        )
        if not self._turns:
            return even
        self._graph = self._graph or _turning(self._width, self._height, FORMAT, self._turns)
        self._graph.vpush(even)
        return self._graph.vpull()


def turned(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """The frame upright, in this size and in `rgb24`. It is made small first, and turned then."""
    turns = _turns(frame)
    lies = "transpose" in dict(turns)
    across, down = (height, width) if lies else (width, height)
    small = VideoReformatter().reformat(frame, across, down, "rgb24", interpolation=Interpolation.AREA, threads=1)
    if not turns:
        return small
    graph = _turning(across, down, "rgb24", turns)
    small.pts, small.time_base = 0, _TICK
    graph.vpush(small)
    return graph.vpull()


def upright(frame: VideoFrame) -> VideoFrame:
    """The frame turned as it is shown, with every pixel that it has."""
    turns = _turns(frame)
    if not turns:
        return frame
    graph = _turning(frame.width, frame.height, frame.format.name, turns)
    frame.pts, frame.time_base = 0, _TICK
    graph.vpush(frame)
    return graph.vpull()


_TICK: Final = Fraction(1, 1_000_000)
_Turns: TypeAlias = tuple[tuple[str, str | None], ...]
_BY_ROTATION: Final[dict[int, _Turns]] = {
    1: (("transpose", "cclock"),),
    2: (("hflip", None), ("vflip", None)),
    3: (("transpose", "clock"),),
}
"""By quarter turns against the clock. Mirrors are not told."""


def _turning(width: int, height: int, form: str, turns: _Turns) -> Graph:
    graph = Graph()
    graph.link_nodes(
        graph.add_buffer(width=width, height=height, format=VideoFormat(form), time_base=_TICK),
        *(graph.add(name, way) for name, way in turns),
        graph.add("buffersink"),
    ).configure()
    return graph


def _turns(frame: VideoFrame) -> _Turns:
    """The filters that do what the frame's display matrix asks for; between quarter turns, the nearest."""
    try:
        matrix = cast(SideDataContainer, frame.side_data)[Type.DISPLAYMATRIX]
    except KeyError:
        return ()
    except ValueError:  # it stands beside what PyAV has no name for, as a photograph's Exif data
        return _BY_ROTATION.get(round(frame.rotation / 90) % 4, ())
    across, down, _, against, along, *_ = struct.unpack("=9i", bytes(matrix))
    if abs(down) > abs(across):
        ways = {(True, False): "clock", (False, True): "cclock", (True, True): "cclock_flip"}
        return (("transpose", ways.get((down > 0, against > 0), "clock_flip")),)
    mirrored = ("hflip", across < 0), ("vflip", along < 0)
    return tuple((name, None) for name, wanted in mirrored if wanted)
