"""The quote card: the price, what it is made of, what is not certain, and what is left. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import discord
from discord.utils import format_dt

from bot.domain.money import Usd
from bot.domain.price import Basis, Line, Quote
from bot.domain.request import EditVideo, ReframeVideo, Request, look
from bot.offer import Offer
from bot.words.speech import say
from cogs.asked import about
from cogs.choice_text import price_text
from cogs.prompt import MOST_OF_A_PROMPT, shortened
from cogs.standing import left
from cogs.text import COLOUR


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
    card = discord.Embed(
        title=_heading(price, request.count, at_most=offer.quote.at_most),
        description="\n".join(_what(request)),
        colour=COLOUR,
    )
    if change is not None:
        card.add_field(name=change.says, value=_price_change(change.was, offer.quote), inline=False)
    prices = "\n".join(_price_line(line) for line in offer.quote.lines)
    card.add_field(name=say("card.field_price"), value=prices, inline=False)
    for name, says in _notes(offer, request, proven, attaches):
        card.add_field(name=name, value=says, inline=False)
    if offer.standings:
        after = "\n".join(left(standing, price) for standing in offer.standings)
        card.add_field(name=say("card.field_left"), value=after, inline=False)
    until = say("card.confirm_buys", until=format_dt(offer.stored.expires_at, "t"))
    card.add_field(name=say("card.field_nothing_bought"), value=until)
    return card


def _heading(price: Usd, count: int, *, at_most: bool) -> str:
    if at_most:
        return say("card.heading_at_most", n=count, price=price.cents)
    return say("card.heading", n=count, price=price.cents)


def _what(request: Request) -> Iterator[str]:
    yield f"> {shortened(request.prompt)}"
    if is_shortened(request):
        yield say("card.whole_prompt")
    yield about(request)


def _price_change(was: Quote, now: Quote) -> str:
    if (was.total, was.at_most) == (now.total, now.at_most):
        return say("card.same_price", now=price_text(now))
    return say("card.new_price", was=price_text(was), now=price_text(now))


def _price_line(line: Line) -> str:
    if line.times == 1:
        return say("card.price_line", what=line.text, amount=line.amount)
    each, times = line.figure.amount, line.times
    return say("card.price_line_times", what=line.text, each=each, times=times, amount=line.amount)


def _notes(offer: Offer, request: Request, proven: Collection[str], attaches: bool) -> list[tuple[str, str]]:
    """What a member should know before Confirm, and only that."""
    notes: list[tuple[str, str]] = []
    if offer.quote.at_most:
        notes.append((say("card.field_note_price"), say("card.at_most")))
    elif any(line.figure.basis is Basis.OBSERVED for line in offer.quote.lines):
        notes.append((say("card.field_note_price"), say("card.observed")))
    elif any(line.figure.basis is Basis.INFERRED for line in offer.quote.lines):
        notes.append((say("card.field_note_price"), say("card.inferred")))
    if isinstance(request, EditVideo):
        if offer.trimmed is not None:
            seconds = f"{request.video.seconds:f}"
            trim = say("card.trim", seconds=seconds, price=offer.trimmed, now=offer.quote.total)
            notes.append((say("card.field_pay_less"), trim))
        if request.keep_sound and request.video.sound and not attaches:
            notes.append((say("card.field_note_sound"), say("card.no_sound_here")))
    if look(request) == "HDR+EXR" and "exr" not in proven:
        notes.append((say("card.field_note_exr"), say("card.exr_unproven")))
    if isinstance(request, ReframeVideo) and request.placement is not None and "placement" not in proven:
        notes.append((say("card.field_note_placement"), say("card.placement_unproven")))
    return notes
