"""The picture of what a request is made from: its pictures side by side, or for a reframe the canvas with the video
in its place. Pure: where everything stands, in pixels. `bot/media/drawing.py` draws it.
"""

from dataclasses import dataclass
from typing import Final

from bot.domain.placement import Rectangle, fitted
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request
from bot.domain.size import Size
from bot.domain.source import FPS, Frame, Source
from bot.words.speech import say

LARGEST: Final = 320  # pixels across: what a phone shows above a card without pushing it off the screen
EDGE: Final = 8  # pixels around everything, and between two pictures
TALLEST: Final = 200  # pixels of a canvas, or of a picture on a sheet
A_ROW: Final = 5  # pictures


@dataclass(frozen=True)
class Piece:
    """A picture, or a video's first frame, and where it is drawn. It may reach over the edge of its canvas."""

    source: Source
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """`canvas`: what the provider fills, hatched, as x, y, width, height; pieces are cut off at its edge."""

    width: int
    height: int
    pieces: tuple[Piece, ...]
    canvas: tuple[int, int, int, int] | None = None


def picture(request: Request) -> Picture | None:
    """None where it is made from words alone."""
    if isinstance(request, ReframeVideo):
        return _reframed(request)
    return _sheet(request.sources) if request.sources else None


def alt(request: Request) -> str:
    """The same in words, for whoever does not see it."""
    match request:
        case ReframeVideo():
            canvas = say("request.seen_canvas", aspect_ratio=request.aspect_ratio)
            return f"{canvas} {_where(request.placement)} {_what_is_left(request)}"
        case EditVideo():
            return say("request.seen_video_and_guide") if request.guide else say("request.seen_video")
        case ImageToVideo():
            return say("request.seen_in_order", frames=", ".join(_named(frame) for frame in request.frames))
        case _:
            return ""


def _reframed(request: ReframeVideo) -> Picture:
    width, height = _within(request.size, LARGEST - 2 * EDGE, TALLEST)
    source = Size(request.video.width, request.video.height)
    across, down = fitted(source, request.size)
    place = request.placement or Rectangle(x=(1 - across) / 2, y=(1 - down) / 2, width=across, height=down)
    piece = Piece(
        request.video,
        EDGE + round(place.x * width),
        EDGE + round(place.y * height),
        max(1, round(place.width * width)),
        max(1, round(place.height * height)),
    )
    return Picture(width + 2 * EDGE, height + 2 * EDGE, (piece,), (EDGE, EDGE, width, height))


def _sheet(sources: tuple[Source, ...]) -> Picture:
    """In rows of cells that are as wide as what is left of the picture's width."""
    across = min(len(sources), A_ROW)
    cell = min((LARGEST - EDGE) // across - EDGE, TALLEST)
    sizes = [_within(Size(source.width, source.height), cell, cell) for source in sources]
    pieces: list[Piece] = []
    top = EDGE
    for begin in range(0, len(sources), across):
        row = range(begin, min(begin + across, len(sources)))
        tallest, left = max(sizes[n].height for n in row), EDGE
        for n in row:
            width, height = sizes[n]
            pieces.append(Piece(sources[n], left, top + (tallest - height) // 2, width, height))
            left += width + EDGE
        top += tallest + EDGE
    return Picture(max(piece.x + piece.width for piece in pieces) + EDGE, top, tuple(pieces))


def _within(size: Size, width: int, height: int) -> Size:
    """As large as goes into it, in its own proportions."""
    scale = min(width / size.width, height / size.height)
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def _where(place: Rectangle | None) -> str:
    if place is None:
        return say("request.seen_middle")
    edges = place.x, place.x + place.width, place.y, place.y + place.height
    left, right, top, bottom = (f"{edge:.0%}" for edge in edges)
    stands = say("request.seen_place", left=left, right=right, top=top, bottom=bottom)
    return f"{stands} {say('request.seen_cut')}" if min(edges) < 0 or max(edges) > 1 else stands


def _what_is_left(request: ReframeVideo) -> str:
    if request.placement is not None and request.placement.covers:
        return say("request.seen_nothing_left")
    return say("request.seen_rest")


def _named(frame: Frame) -> str:
    if isinstance(frame.at, str):
        return say("request.seen_first") if frame.at == "first" else say("request.seen_last")
    return say("request.seen_keyframe", seconds=f"{frame.at / FPS:.2f}".rstrip("0").rstrip("."))
