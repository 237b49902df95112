"""What a request could be instead, one respect at a time: what a card lets its member choose. Pure.

There is no list of what goes with what: each possible request is built, and one that the rules refuse is not
offered. To let members choose something else: a line in `_VALUES`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
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


ANY_PROMPT: Final = "…"
"""What stands in for the prompt: nothing that can be chosen depends on it, and so what was found serves again."""

REMEMBERED: Final = 64  # requests, for which everything that can be chosen is kept


@dataclass(frozen=True)
class Alternatives:
    """One respect in which a request may differ, and which requests that makes, by the name of the value.

    These `options` have ANY_PROMPT: they are there to be priced and to be asked about. `made` is the one to buy.
    """

    name: str
    options: Mapping[str, Request]
    chosen: str

    def made(self, value: str, prompt: str) -> Request:
        """The request with this value, and with its prompt."""
        return replace(self.options[value], prompt=prompt)


def alternatives(
    request: Request, *, allows: Callable[[Request], bool] = lambda request: True
) -> tuple[Alternatives, ...]:
    """Every respect in which there is something to choose. What the request is already is always among it.

    `allows`: whether a request may be offered, beyond the rules, whatever its prompt.
    """
    found = (_allowed(each, allows) for each in _alternatives(replace(request, prompt=ANY_PROMPT)))
    return tuple(each for each in found if len(each.options) > 1)


def _allowed(found: Alternatives, allows: Callable[[Request], bool]) -> Alternatives:
    """Without what is not allowed; what the request is already stays."""
    options = {value: made for value, made in found.options.items() if value == found.chosen or allows(made)}
    return replace(found, options=options)


@lru_cache(REMEMBERED)
def _alternatives(request: Request) -> tuple[Alternatives, ...]:
    """By the rules alone."""
    return tuple(_in_one_respect(name, values, request) for name, values in _VALUES.items())


def _in_one_respect(name: str, values: Callable[[Request], Iterator[Value]], request: Request) -> Alternatives:
    options: dict[str, Request] = {}
    chosen = ""
    for value, changes in values(request):
        try:
            made = replace(request, **changes)
        except InvalidRequest:
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
