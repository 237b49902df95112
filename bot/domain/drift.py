"""What a finished job says about prices: what the provider billed, where that is not what was quoted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.job import Result
from bot.domain.money import Usd
from bot.domain.price import FIVE_SECONDS, SECOND, configuration
from bot.domain.request import ReframeVideo, Request

CENT: Final = Usd.of("0.01")


@dataclass(frozen=True)
class Observation:
    """For one `unit` (a result, or a second of one) of this configuration `billed` was billed, `quoted` quoted."""

    configuration: str
    unit: str
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
    if max(quoted, billed) - min(quoted, billed) <= CENT:
        return None
    if isinstance(request, ReframeVideo):
        if request.video.microseconds < FIVE_SECONDS:
            return None  # it may be the least that is billed, which says nothing of a second
        length = request.video.microseconds
        return Observation(key, "a second", quoted.times(SECOND, length), billed.times(SECOND, length))
    return Observation(key, "a result", quoted, billed)
