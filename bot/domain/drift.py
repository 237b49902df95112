"""What a finished job says about prices: what the provider billed, where that is not what was quoted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.domain.alert import Unit
from bot.domain.job import Result
from bot.domain.money import Usd
from bot.domain.price import FIVE_SECONDS, SECOND, configuration, quote
from bot.domain.request import ReframeVideo, Request

CENT: Final = Usd.of("0.01")


@dataclass(frozen=True)
class Observation:
    """For one `unit` (a result, or a second of one) of this configuration `billed` was billed, `quoted` quoted."""

    configuration: str
    unit: Unit
    quoted: Usd
    billed: Usd


def observe(request: Request, hold: Usd, results: Sequence[Result]) -> Observation | None:
    """What differs by more than a cent a result; None where nothing does, or where the price is not known as such.

    The dearest success counts, so that the next quotes hold enough. Failures say nothing, nor does a success
    without a cost, or at zero. That a cost is plausible was seen to when the provider's answer was read.
    """
    key = configuration(request)
    costs = [result.cost for result in results if result.succeeded and result.cost]
    if key is None or not costs:
        return None
    quoted, billed = hold.share(request.count), max(costs)
    if _is_near(billed, quoted):
        return None
    if isinstance(request, ReframeVideo):
        if request.video.microseconds < FIVE_SECONDS:
            return None  # it may be the least that is billed, which says nothing of a second
        length = request.video.microseconds
        return Observation(key, "second", quoted.times(SECOND, length), billed.times(SECOND, length))
    return Observation(key, "result", quoted, billed)


def listed(request: Request, on: date) -> Usd:
    """What the price list of that day says for the unit of an observation."""
    each = quote(request, on=on).lines[0].figure.amount
    return each.times(SECOND, request.video.microseconds) if isinstance(request, ReframeVideo) else each


def is_news(billed: Usd, listed: Usd, earlier: Sequence[Usd]) -> bool:
    """Whether staff have to hear of an observed price. `earlier`: those of the configuration before it, the latest
    first, as far back as anybody cares.

    Each price is told once; when the list's was billed in between, that is told, and each is news again.
    """
    for price in earlier:
        if _is_near(price, listed):
            return not _is_near(billed, listed)
        if price == billed:
            return False
    return True


def _is_near(one: Usd, other: Usd) -> bool:
    return max(one, other) - min(one, other) <= CENT
