"""A request's card; or, where a limit refuses it, what is left and which requests near to it do fit."""

import contextlib
from dataclasses import dataclass
from typing import Final

import discord

from bot.app import Raybot
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.money import Usd
from bot.domain.nearest import Nearest
from bot.domain.request import Request
from bot.offer import Offer, Requester
from bot.refusals import NotEnoughCredit
from cogs import standing
from cogs.buttons import QuoteButton, show_quote, trim_button
from cogs.gate import Interaction
from cogs.text import MOST_OF_A_MESSAGE
from storage.quotes import StoredQuote

THESE_FIT: Final = "These fit. A button opens its quote, and nothing is bought by that:"
TRIM_FITS: Final = "Trimmed to its first 5.000 s it costs {price}, which fits: press Trim for that quote."


@dataclass(frozen=True)
class Instead:
    """What is answered instead of a quote. `near`: quotes that are stored, for requests that fit.

    `trimmable`: that of the refused edit itself, with what it costs of the first 5 s alone, where that fits.
    """

    refusal: OverLimit
    near: tuple[tuple[Nearest, Offer], ...]
    trimmable: tuple[StoredQuote, Usd] | None


async def quoted(bot: Raybot, request: Request, requester: Requester) -> Offer | Instead:
    """A quote for the request, or for those near to it that fit. Raises FrozenServer.

    The files of all of these are needed from then on, so it is called while they are being taken.
    """
    try:
        return await bot.checkout.offer(request, requester)
    except OverLimit as refusal:
        near: list[tuple[Nearest, Offer]] = []
        for each in await bot.checkout.nearest(request, requester):
            # somebody may be faster, or staff, or the account short of credit: what there is is offered
            with contextlib.suppress(OverLimit, FrozenServer, NotEnoughCredit):
                near.append((each, await bot.checkout.offer(each.request, requester)))
        return Instead(refusal, tuple(near), await _trimmable(bot, request, requester))


async def _trimmable(bot: Raybot, request: Request, requester: Requester) -> tuple[StoredQuote, Usd] | None:
    price = await bot.checkout.if_trimmed(request)
    if price is None or (await bot.checkout.why(price, requester)).refusing:
        return None
    return await bot.checkout.put_aside(request, requester), price


async def answer(interaction: Interaction, found: Offer | Instead) -> None:
    """Show the card, or the refusal with a button for each request that fits."""
    if isinstance(found, Offer):
        await show_quote(interaction, found)
        return
    view = discord.ui.View(timeout=None)
    for near, offer in found.near:
        button = discord.ui.Button[discord.ui.View](label=label(near, offer), custom_id=f"show:{offer.stored.id}")
        view.add_item(QuoteButton(button))
    if found.trimmable is not None:
        stored, price = found.trimmable
        view.add_item(trim_button(stored.id, price))
    await interaction.edit_original_response(content=says(found)[:MOST_OF_A_MESSAGE], view=view)


def says(found: Instead) -> str:
    """Which limit refuses, what is left of it, when it resets, and what to do."""
    lines: list[str | None] = [standing.reasons(found.refusal)]
    if found.trimmable is not None:
        _, price = found.trimmable
        lines.append(TRIM_FITS.format(price=price))
    if found.near:
        lines.append(THESE_FIT)
    elif found.trimmable is None:
        lines.append(standing.whom_to_ask(found.refusal))
    return "\n".join(line for line in lines if line)


def label(near: Nearest, offer: Offer) -> str:
    """What differs, and the price: `360p, one video · $0.06`."""
    most = "up to " if offer.quote.at_most else ""
    return f"{', '.join(_differences(near))} · {most}{offer.quote.total.cents}"


def _differences(near: Nearest) -> list[str]:
    words = {
        "resolution": near.request.resolution,
        "duration": "5 s",
        "exr": "without EXR",
        "hdr": "without HDR",
        "count": "one video",
    }
    gone = {"exr"} if "hdr" in near.changes else set[str]()  # without HDR there is no EXR either
    return [word for name, word in words.items() if name in near.changes and name not in gone]
