"""What is answered where a limit refuses a request: what is left, and which requests near to it do fit.

At the quote, and again at Confirm, where the quote that was refused stays open. cogs/quote_buttons.py shows it.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.app import Raybot
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.lineage import Origin
from bot.domain.money import Usd
from bot.domain.nearest import Nearest
from bot.domain.policy import NotAllowedHere, NotInThisChannel
from bot.domain.request import Request
from bot.offer import Offer, Requester
from bot.words.speech import say
from cogs import standing
from storage.quotes import StoredQuote


@dataclass(frozen=True)
class Instead:
    """What is answered instead of a quote. `near`: quotes that are stored, for requests that fit.

    `trimmable`: that of the refused edit itself, with what it costs of the first 5 s alone, where that fits.
    `again`: the quote that was refused at Confirm, and may be confirmed again.
    """

    refusal: OverLimit | FrozenServer
    near: tuple[tuple[Nearest, Offer], ...] = ()
    trimmable: tuple[StoredQuote, Usd] | None = None
    again: StoredQuote | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to press."""
        return not self.near and self.trimmable is None and self.again is None


async def quoted(
    bot: Raybot, request: Request, requester: Requester, origin: Origin | None = None
) -> Offer | Instead:
    """A quote for the request, or for those near to it that fit. `origin`: the finished video that it goes on from.

    Raises FrozenServer.

    The files of all of these are needed from then on, so it is called while they are being taken.
    """
    try:
        return await bot.checkout.offer(request, requester, origin)
    except OverLimit as refusal:
        near, trimmed = await _near(bot, request, requester, origin), await _trimmed(bot, request, requester)
        aside = None if trimmed is None else (await bot.checkout.put_aside(request, requester, origin), trimmed)
        return Instead(refusal, near, aside)


async def at_confirm(
    bot: Raybot, quote_id: str, refusal: OverLimit | FrozenServer, requester: Requester
) -> Instead:
    """What is answered to a Confirm that was refused. Raises the Refusal of a quote that is no longer open."""
    stored = (await bot.checkout.reopen(quote_id, requester)).stored
    if isinstance(refusal, FrozenServer):
        return Instead(refusal, again=stored)
    trimmed = await _trimmed(bot, stored.request, requester)
    trimmable = None if trimmed is None else (stored, trimmed)
    return Instead(refusal, await _near(bot, stored.request, requester, stored.origin), trimmable, stored)


async def _near(
    bot: Raybot, request: Request, requester: Requester, origin: Origin | None
) -> tuple[tuple[Nearest, Offer], ...]:
    near: list[tuple[Nearest, Offer]] = []
    for each in await bot.checkout.nearest(request, requester):
        if origin is not None and origin.film is not None and "resolution" in each.changes:
            continue  # of another size it could not be joined
        # somebody may be faster, or staff
        with contextlib.suppress(OverLimit, FrozenServer, NotAllowedHere, NotInThisChannel):
            near.append((each, await bot.checkout.offer(each.request, requester, origin)))
    return tuple(near)


async def _trimmed(bot: Raybot, request: Request, requester: Requester) -> Usd | None:
    """What it would cost trimmed, where that fits."""
    price = await bot.checkout.if_trimmed(request)
    return None if price is None or (await bot.checkout.why(price, requester)).refusing else price


def says(found: Instead) -> str:
    """Which limit refuses, what is left of it, when it resets, and what to do."""
    lines = [*_why(found)]
    if found.again is not None:
        until = standing.moment(found.again.expires_at, "t")
        is_frozen = isinstance(found.refusal, FrozenServer)
        lines.append(
            say("card.still_open_frozen", until=until) if is_frozen else say("card.still_open", until=until)
        )
    return "\n".join(lines)


def _why(found: Instead) -> Iterator[str]:
    if isinstance(found.refusal, FrozenServer):
        yield standing.frozen(found.refusal)
        return
    yield standing.reasons(found.refusal)
    if found.trimmable is not None:
        _, price = found.trimmable
        yield say("card.trim_fits", price=price)
    if found.near:
        yield say("card.these_fit")
    elif found.trimmable is None and (what_to_do := standing.whom_to_ask(found.refusal)) is not None:
        yield what_to_do


def label(near: Nearest, offer: Offer) -> str:
    """What differs, and the price: `360p, one video · $0.06`."""
    cents = offer.quote.total.cents
    price = say("card.up_to", price=cents) if offer.quote.at_most else cents
    return say("card.button_near", what=", ".join(_differences(near)), price=price)


def _differences(near: Nearest) -> list[str]:
    words = {
        "resolution": near.request.resolution,
        "duration": say("card.near_duration"),
        "exr": say("card.near_exr"),
        "hdr": say("card.near_hdr"),
        "count": say("card.near_count"),
    }
    gone = {"exr"} if "hdr" in near.changes else set[str]()  # without HDR there is no EXR either
    return [word for name, word in words.items() if name in near.changes and name not in gone]
