"""Changes on a quote's card: its menus, and the form of its prompt. Each makes a new quote, in the old one's place.

A change that is refused leaves the quote open and the card as it was, with the reason above it, and hands back what
was written. Of several at once one is made; the others are told that the card has changed.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import discord

from bot.app import Raybot
from bot.domain.alternatives import Alternatives
from bot.domain.refusal import Refusal
from bot.domain.request import Request
from bot.offer import Requester
from bot.refusals import AlreadyConfirmed, QuoteCancelled, QuoteExpired
from bot.words.speech import say
from cogs import asking, modals
from cogs.button import is_card, replace_card
from cogs.choice_text import change_text
from cogs.errors import says_of
from cogs.gate import Interaction, acknowledge, admit
from cogs.modals import Entered
from cogs.prompt_form import YOUR_FILE, hand_back, prompt_form, written
from cogs.quote_card import Change
from cogs.quote_view import QuoteButton, QuoteMenu, show_quote
from cogs.text import file_of

PROMPT: Final = re.compile(r"prompt:(?P<id>[0-9a-z]{10})")


async def choose(interaction: Interaction, name: str, quote_id: str, value: str) -> None:
    """Quote what was chosen, in the place of what the card shows."""
    _check_card(interaction)
    await acknowledge(interaction)
    requester = await admit(interaction)
    try:
        offer = await interaction.client.checkout.reopen(quote_id, requester)
    except QuoteExpired as refusal:
        await replace_card(interaction, refusal.says)
        return
    except QuoteCancelled:
        raise Refusal(say("card.changed_meanwhile")) from None
    offered = next((menu.alternatives for menu in offer.menus if menu.alternatives.name == name), None)
    if offered is not None and offered.chosen == value:
        return
    try:
        chosen, says = _chosen(offered, value, offer.stored.request.prompt)
        await _change(interaction, quote_id, chosen, requester, says)
    except Refusal as refusal:
        await _keep(interaction, quote_id, requester, refusal)


def _chosen(offered: Alternatives | None, value: str, prompt: str) -> tuple[Request, str]:
    """What was picked from a menu, and the change in words. A modified client picks what is not there."""
    if offered is None or value not in offered.options:
        raise Refusal(say("card.not_offered"))
    return offered.made(value, prompt), change_text(offered.name, offered.chosen, value)


async def edit(interaction: Interaction, quote_id: str) -> None:
    """Open the form with the quote's prompt. It has to be the first answer, so nothing is acknowledged before."""
    _check_card(interaction)
    requester = await admit(interaction)
    try:
        offer = await interaction.client.checkout.reopen(quote_id, requester)
    except QuoteExpired as refusal:
        await acknowledge(interaction)
        await replace_card(interaction, refusal.says)
        return
    except QuoteCancelled:
        raise Refusal(say("card.changed_meanwhile")) from None
    form = prompt_form(f"prompt:{quote_id}", offer.stored.request.prompt, title=say("forms.title_prompt"))
    await modals.send(interaction, form)


async def rewrite(interaction: Interaction, match: re.Match[str], entered: Entered) -> None:
    """Quote the prompt that was written, in the place of the one that the card shows."""
    _check_card(interaction)
    await acknowledge(interaction)
    quote_id, requester = match["id"], await admit(interaction)
    checkout, prompt = interaction.client.checkout, ""
    try:
        was = await checkout.prompt_of(quote_id, requester)
        prompt = written(entered, was=was)
        request = (await checkout.reopen(quote_id, requester)).stored.request
        if prompt == was:
            return
        rewritten, says = replace(request, prompt=prompt), say("card.field_prompt_changed")
        await _change(interaction, quote_id, rewritten, requester, says)
    except (QuoteCancelled, QuoteExpired, AlreadyConfirmed) as refusal:
        was_cancelled = isinstance(refusal, QuoteCancelled)
        says = say("card.changed_meanwhile") if was_cancelled else refusal.says
        await hand_back(interaction, says, prompt)
    except Refusal as refusal:
        await _keep(interaction, quote_id, requester, refusal, prompt)


async def _change(
    interaction: Interaction, quote_id: str, request: Request, requester: Requester, says: str
) -> None:
    """Raises a Refusal, with nothing changed."""
    checkout = interaction.client.checkout
    await asking.check_change(interaction, requester)
    was = (await checkout.reopen(quote_id, requester)).quote
    offer = await checkout.replace(quote_id, request, requester)
    await show_quote(interaction, offer, change=Change(says, was))


async def _keep(
    interaction: Interaction, quote_id: str, requester: Requester, refusal: Refusal, wrote: str = ""
) -> None:
    """Show the card as it was, which also puts its menus back, with the reason and what was written.

    Where the quote is no longer open the card shows what is so already, and whoever pressed is told apart.
    """
    try:
        offer = await interaction.client.checkout.reopen(quote_id, requester)
    except QuoteCancelled:
        raise Refusal(say("card.changed_meanwhile")) from None
    lines = [says_of(refusal), say("card.still_so")]
    beside: Sequence[discord.File] = ()
    if wrote.strip():
        lines.append(say("card.written", file=YOUR_FILE))
        beside = (file_of(wrote, YOUR_FILE),)
    await show_quote(interaction, offer, "\n".join(lines), beside=beside)


def _check_card(interaction: Interaction) -> None:
    if not is_card(interaction):
        raise Refusal(say("refusals.unknown_button"))


QuoteMenu.pick = choose
QuoteButton.actions |= {"edit": edit}


async def setup(bot: Raybot) -> None:
    bot.add_dynamic_items(QuoteMenu)
    modals.route(bot, PROMPT, rewrite)
