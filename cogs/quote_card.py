"""The quote card: the price, what it is made of, what is not certain, and what is left. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import discord

from bot.domain.price import Basis, Line, Quote
from bot.domain.request import EditVideo, ReframeVideo, Request, look
from bot.offer import Offer
from cogs.asked import about
from cogs.choice_text import price_text
from cogs.prompt import MOST_OF_A_PROMPT, shortened
from cogs.standing import left
from cogs.text import COLOUR

EXR_UNPROVEN: Final = (
    "How the EXR sequence comes has not been seen from the live service yet. Its link is posted if it comes "
    "beside the video; for the video alone, leave EXR off."
)
PLACEMENT_UNPROVEN: Final = (
    "Where exactly the provider puts your video has not been seen from the live service yet. "
    "Try it at 360p first, or leave the placement out: your video then stands in the middle."
)
INFERRED: Final = (
    "The provider does not state this figure, so it is worked out from its others. "
    "You never pay more than this quote."
)
OBSERVED: Final = (
    "This is not the price that the provider states: it is what it billed for this the last time. "
    "You never pay more than this quote."
)
AT_MOST: Final = (
    "For videos of more than 10 s the provider states no price: this is the most that it can be. "
    "You pay what it really costs, and never more than this."
)
TRIM: Final = (
    "Your video lasts {seconds} s. Trimmed to exactly 5.000 s it costs **{price}** instead of **{now}**. "
    "Press Trim for that, or Confirm for the whole video."
)
NEW_PRICE: Final = "**{now}** instead of {was}."
SAME_PRICE: Final = "The price stays **{now}**."
WHOLE_PROMPT: Final = "The whole prompt is in prompt.txt."
NO_SOUND_HERE: Final = (
    "I may not attach files in this channel, so the video would be posted without its sound. "
    "Ask the server's staff to allow Attach Files, or leave keep_sound off."
)


@dataclass(frozen=True)
class Change:
    """What was changed on a card, in words, and the price before."""

    says: str
    was: Quote


def is_shortened(request: Request) -> bool:
    """Whether a card does not show the prompt whole."""
    return len(request.prompt) > MOST_OF_A_PROMPT


def quote_card(
    offer: Offer, *, proven: Collection[str] = (), attaches: bool = True, change: Change | None = None
) -> discord.Embed:
    """All that Confirm is about.

    `proven`: what the operator has seen from the live service. `attaches`: whether files may be posted here.
    `change`: what was changed last.
    """
    price, request = offer.quote.total, offer.stored.request
    most = "Up to " if offer.quote.at_most else ""
    card = discord.Embed(
        title=f"{most}{price.cents} for {'this video' if request.count == 1 else f'these {request.count} videos'}",
        description="\n".join(_what(request)),
        colour=COLOUR,
    )
    if change is not None:
        card.add_field(name=change.says, value=_price_change(change.was, offer.quote), inline=False)
    card.add_field(name="Price", value="\n".join(_price_line(line) for line in offer.quote.lines), inline=False)
    for name, says in _notes(offer, request, proven, attaches):
        card.add_field(name=name, value=says, inline=False)
    if offer.standings:
        after = "\n".join(left(standing, price) for standing in offer.standings)
        card.add_field(name="Left after this", value=after, inline=False)
    expires = int(offer.stored.expires_at.timestamp())
    card.add_field(name="Nothing is bought yet", value=f"Confirm buys it once. Valid until <t:{expires}:t>.")
    return card


def _what(request: Request) -> Iterator[str]:
    yield f"> {shortened(request.prompt)}"
    if is_shortened(request):
        yield WHOLE_PROMPT
    yield about(request)


def _price_change(was: Quote, now: Quote) -> str:
    if (was.total, was.at_most) == (now.total, now.at_most):
        return SAME_PRICE.format(now=price_text(now))
    return NEW_PRICE.format(was=price_text(was), now=price_text(now))


def _price_line(line: Line) -> str:
    each = line.figure.amount
    times = f" × {line.times}" if line.times > 1 else ""
    return f"{line.text}: {each}{times} = **{line.amount}**" if times else f"{line.text}: **{line.amount}**"


def _notes(offer: Offer, request: Request, proven: Collection[str], attaches: bool) -> list[tuple[str, str]]:
    """What a member should know before Confirm, and only that."""
    notes: list[tuple[str, str]] = []
    if offer.quote.at_most:
        notes.append(("A note on this price", AT_MOST))
    elif any(line.figure.basis is Basis.OBSERVED for line in offer.quote.lines):
        notes.append(("A note on this price", OBSERVED))
    elif any(line.figure.basis is Basis.INFERRED for line in offer.quote.lines):
        notes.append(("A note on this price", INFERRED))
    if isinstance(request, EditVideo):
        if offer.trimmed is not None:
            seconds = f"{request.video.seconds:f}"
            notes.append(
                ("A way to pay less", TRIM.format(seconds=seconds, price=offer.trimmed, now=offer.quote.total))
            )
        if request.keep_sound and request.video.sound and not attaches:
            notes.append(("A note on its sound", NO_SOUND_HERE))
    if look(request) == "HDR+EXR" and "exr" not in proven:
        notes.append(("A note on EXR", EXR_UNPROVEN))
    if isinstance(request, ReframeVideo) and request.placement is not None and "placement" not in proven:
        notes.append(("A note on the placement", PLACEMENT_UNPROVEN))
    return notes
