"""What a request could be instead, one respect at a time: what a card lets its member choose. Pure.

There is no list of what goes with what: each possible request is built, and one that the rules refuse is not
offered. To let members choose something else: a line in `_VALUES`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, get_args

from bot.domain.placement import Placement, rectangle
from bot.domain.problem import InvalidRequest
from bot.domain.request import Count, Duration, EditVideo, ImageToVideo, ReframeVideo, Request, Strength
from bot.domain.size import SIZES, AspectRatio, Resolution, Size

Changes: TypeAlias = Mapping[str, Any]
Value: TypeAlias = tuple[str, Changes]
"""A value by its name, and the fields of a request that has it."""

SOURCE: Final = "source"
"""The shape of the picture itself."""

AUTOMATIC: Final = "automatic"
OWN: Final = "own"
"""A placement, or conditioning, that has no name: as the member gave it."""


SHAPES_IT: Final = frozenset({"resolution", "aspect_ratio"})
"""The respects that decide a video's size in pixels."""


@dataclass(frozen=True)
class Alternatives:
    """One respect in which a request may differ, and which requests that makes, by the name of the value."""

    name: str
    options: Mapping[str, Request]
    chosen: str


def alternatives(
    request: Request, *, allows: Callable[[Request], bool] = lambda request: True
) -> tuple[Alternatives, ...]:
    """Every respect in which there is something to choose. What the request is already is always among it.

    `allows`: whether a request may be offered, beyond the rules.
    """
    found = (_alternatives(name, values, request, allows) for name, values in _VALUES.items())
    return tuple(each for each in found if len(each.options) > 1)


def _alternatives(
    name: str, values: Callable[[Request], Iterator[Value]], request: Request, allows: Callable[[Request], bool]
) -> Alternatives:
    options: dict[str, Request] = {}
    chosen = ""
    for value, changes in values(request):
        try:
            made = replace(request, **changes)
        except InvalidRequest:
            continue
        if made != request and not allows(made):
            continue
        options[value] = made
        chosen = value if made == request and not chosen else chosen
    if options and not chosen:
        options, chosen = {OWN: request} | options, OWN
    return Alternatives(name, options, chosen)


def _resolutions(request: Request) -> Iterator[Value]:
    for resolution in get_args(Resolution):
        yield resolution, {"resolution": resolution}


def _shapes(request: Request) -> Iterator[Value]:
    """A placement that has a name keeps it on the new canvas; any other keeps its fractions."""
    if isinstance(request, EditVideo):
        return
    if isinstance(request, ImageToVideo):
        yield SOURCE, {"aspect_ratio": None}
    for shape in get_args(AspectRatio):
        changes: dict[str, Any] = {"aspect_ratio": shape}
        if isinstance(request, ReframeVideo) and (named := placement_of(request)) is not None:
            changes["placement"] = _placed(request, named, SIZES[request.resolution, shape])
        yield shape, changes


def _durations(request: Request) -> Iterator[Value]:
    if not isinstance(request, EditVideo | ReframeVideo):
        for seconds in get_args(Duration):
            yield str(seconds), {"duration": seconds}


def _strengths(request: Request) -> Iterator[Value]:
    if isinstance(request, EditVideo):
        yield AUTOMATIC, {"automatic": True, "strength": None}
        for strength in get_args(Strength):
            yield strength, {"automatic": False, "strength": strength}


def _placements(request: Request) -> Iterator[Value]:
    if isinstance(request, ReframeVideo):
        for placement in get_args(Placement):
            yield placement, {"placement": _placed(request, placement, request.size)}


def _counts(request: Request) -> Iterator[Value]:
    for count in get_args(Count):
        yield str(count), {"count": count}


def placement_of(request: ReframeVideo) -> Placement | None:
    """The name of its placement; None for fractions of the member's own."""
    names: tuple[Placement, ...] = get_args(Placement)
    return next((name for name in names if _placed(request, name, request.size) == request.placement), None)


def _placed(request: ReframeVideo, placement: Placement, canvas: Size) -> Any:
    return rectangle(placement, Size(request.video.width, request.video.height), canvas)


_VALUES: Final[Mapping[str, Callable[[Request], Iterator[Value]]]] = {
    "resolution": _resolutions,
    "aspect_ratio": _shapes,
    "duration": _durations,
    "strength": _strengths,
    "placement": _placements,
    "count": _counts,
}
"""At most four of these for any kind: a message of Discord's has five rows, and one is for the buttons."""
