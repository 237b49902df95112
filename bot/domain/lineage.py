"""What a request is made from: which finished video it goes on from, and in which way. What each way asks for.

A quote remembers its origin for good, and so does the job that it buys. A parent is finished before the child's
quote is made, so there is no cycle; the schema sees to that (storage/migrations).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final, get_args

from bot.domain.problem import InvalidRequest
from bot.domain.request import EditVideo, ImageToVideo, Request, look
from bot.domain.size import SIZES, AspectRatio, Resolution, Size
from bot.domain.source import Frame, Image, Video


class Way(StrEnum):
    """How a request comes from a finished video."""

    AGAIN = "again"  # the same request
    REMIX = "remix"  # the same with another prompt
    BIGGER = "bigger"  # the same, one resolution up
    CONTINUE = "continue"  # from its last frame on; the two are joined
    EDIT = "edit"  # the video itself, made anew
    REFRAME = "reframe"  # the video itself, in another shape


@dataclass(frozen=True)
class Origin:
    """The finished video `n` of the job `job_id`. `film`: the hash of what a continuation is joined to."""

    job_id: str
    n: int
    way: Way
    film: str | None = None


_NEXT: Final = dict(pairwise(get_args(Resolution)))


def bigger(request: Request) -> Request | None:
    """The same, one resolution up; None where there is none, or where it cannot be asked for."""
    up: Resolution | None = _NEXT.get(request.resolution)
    if up is None:
        return None
    try:
        return replace(request, resolution=up)
    except InvalidRequest:
        return None


def can_continue(request: Request) -> bool:
    """Whether a still of its video can begin another one. An HDR video's colours do not fit a still."""
    return look(request) == "SDR"


def continued(request: Request, film: Video, last: Image) -> ImageToVideo:
    """Five seconds that begin with the film's last frame, of the film's size where the model has that.

    Raises InvalidRequest.
    """
    resolution, shape = _sized(Size(film.width, film.height), request.resolution)
    return ImageToVideo(
        prompt=request.prompt,
        frames=(Frame(image=last, at="first"),),
        resolution=resolution,
        aspect_ratio=shape,
        format=request.format,
        quality=request.quality,
        safety=request.safety,
    )


def _sized(size: Size, usual: Resolution) -> tuple[Resolution, AspectRatio | None]:
    """What makes a video of this size; the shape of the picture, where the table does not have it."""
    return next((named for named, each in SIZES.items() if each == size), (usual, None))


def shapes_for(request: Request) -> tuple[AspectRatio, ...]:
    """The shapes that a reframe of its video may have: all but the one that it has already."""
    has = None if isinstance(request, EditVideo) else request.aspect_ratio
    return tuple(shape for shape in get_args(AspectRatio) if shape != has)
