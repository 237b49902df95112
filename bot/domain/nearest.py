"""Which requests are near to one that does not fit: smaller, shorter, plainer, fewer. Pure."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from bot.domain.money import Usd
from bot.domain.price import NOTHING, Observed, quote
from bot.domain.problem import InvalidRequest
from bot.domain.request import Request
from bot.domain.size import Resolution

MOST: Final = 4  # buttons of one row, beside Cancel

_SMALLER: Final[Mapping[Resolution, tuple[Resolution, ...]]] = {
    "1080p": ("720p", "540p", "360p"),
    "720p": ("540p", "360p"),
    "540p": ("360p",),
    "360p": (),
}


@dataclass(frozen=True)
class Nearest:
    """A request like another one, and its price. `changes`: the fields that differ."""

    request: Request
    price: Usd
    changes: tuple[str, ...]


def nearest(
    request: Request,
    fits: Callable[[Usd], bool],
    *,
    on: date,
    observed: Observed = NOTHING,
    allows: Callable[[Request], bool] = lambda _: True,
) -> list[Nearest]:
    """At most four that cost less and fit, by the prices of the day `on` and what was observed since.

    `allows`: whether a request may be asked for at all.

    One change before several, and of these the one that gives up least: the dearest. Several changes are
    proposed only where a part of them would not do.
    """
    price = quote(request, on=on, observed=observed).total
    found: list[Nearest] = []
    for number in range(1, len(_changes(request)) + 1):
        candidates = [
            near
            for near in _changed(request, number, on, observed)
            if near.price < price
            and fits(near.price)
            and allows(near.request)
            and not any(_is_part(simpler, near) for simpler in found)
        ]
        found += sorted(candidates, key=lambda near: -near.price.nanos)
    return found[:MOST]


def _changes(request: Request) -> list[list[dict[str, Any]]]:
    """Each group: ways to ask for less in one respect."""
    groups: list[list[dict[str, Any]]] = [[{"resolution": size} for size in _SMALLER[request.resolution]]]
    if getattr(request, "duration", 5) == 10:
        groups.append([{"duration": 5}])
    if getattr(request, "hdr", False):
        plainer: list[dict[str, Any]] = [{"exr": False}] if getattr(request, "exr", False) else []
        groups.append([*plainer, {"hdr": False, "exr": False}])
    if request.count > 1:
        groups.append([{"count": 1}])
    return [group for group in groups if group]


def _changed(request: Request, number: int, on: date, observed: Observed) -> Iterator[Nearest]:
    """Every valid request that differs in this many respects."""
    for groups in itertools.combinations(_changes(request), number):
        for chosen in itertools.product(*groups):
            changes = {name: value for change in chosen for name, value in change.items()}
            changes = {name: value for name, value in changes.items() if getattr(request, name) != value}
            try:
                near = replace(request, **changes)
            except InvalidRequest:
                continue
            yield Nearest(near, quote(near, on=on, observed=observed).total, tuple(changes))


def _is_part(simpler: Nearest, near: Nearest) -> bool:
    """Whether `near` gives up all that `simpler` does."""
    smaller = _SMALLER[simpler.request.resolution]
    return set(simpler.changes) < set(near.changes) and (
        "resolution" not in simpler.changes or near.request.resolution in (simpler.request.resolution, *smaller)
    )
