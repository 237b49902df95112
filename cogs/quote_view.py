"""A quote's card as a message: its words, its menus, its buttons and its files; and a refusal in its place."""

import io
import re
from collections.abc import Sequence
from typing import ClassVar, Final

import discord

from bot.domain.canvas import alt
from bot.domain.money import Usd
from bot.domain.request import Request
from bot.offer import Menu, Offer
from bot.words.speech import say
from cogs import button, instead, text
from cogs.choice_text import NAMES, price_text, value_text
from cogs.gate import Interaction
from cogs.instead import Instead
from cogs.original import edit_original
from cogs.quote_card import Change, is_shortened, quote_card

QUOTE: Final = re.compile(r"(?P<action>confirm|decline|trim|show|edit):(?P<id>[0-9a-z]{10})")
CHOICE: Final = re.compile(rf"(?P<name>{'|'.join(NAMES)}):(?P<id>[0-9a-z]{{10}})")

PROMPT_FILE: Final = "prompt.txt"
PICTURE_FILE: Final = "from.jpg"


class QuoteButton(button.Button, template=QUOTE):
    """Confirm, Edit, Cancel or Trim on a quote card; on a refusal Trim, or what opens the card of what fits."""

    actions: ClassVar[dict[str, button.Action]] = {}


class QuoteMenu(button.Menu, template=CHOICE):
    """One respect in which what is asked for may be changed."""


async def show_quote(
    interaction: Interaction,
    offer: Offer,
    says: str | None = None,
    *,
    change: Change | None = None,
    beside: Sequence[discord.File] = (),
) -> None:
    """Put the quote's card in the place of what the interaction shows now.

    `says`: above it. `change`: what was changed. `beside`: files that are shown with its own.
    """
    request = offer.stored.request
    attaches = interaction.app_permissions.attach_files
    proven = interaction.client.settings.proven
    card = quote_card(offer, proven=proven, attaches=attaches, change=change)
    view = quote_view(offer)
    files = [*await _files(interaction, request), *beside]
    await edit_original(
        interaction, content=says and says[: text.MOST_OF_A_MESSAGE], embed=card, view=view, attachments=files
    )


async def show(interaction: Interaction, found: Offer | Instead) -> None:
    """Put the quote's card, or what is answered instead of it, in the place of what the interaction shows now."""
    if isinstance(found, Offer):
        await show_quote(interaction, found)
    else:
        says = instead.says(found)[: text.MOST_OF_A_MESSAGE]
        await edit_original(interaction, content=says, embed=None, view=_instead_buttons(found), attachments=[])


def quote_view(offer: Offer) -> discord.ui.View:
    """Menus for what may be chosen; below them Confirm, Edit, Cancel, and what would make it cheaper."""
    view, quote_id = discord.ui.View(timeout=None), offer.stored.id
    for menu in offer.menus:
        view.add_item(_menu(quote_id, menu))
    green = discord.ButtonStyle.success
    confirm, edit, cancel = say("card.button_confirm"), say("card.button_edit"), say("card.button_cancel")
    view.add_item(QuoteButton(discord.ui.Button(label=confirm, style=green, custom_id=f"confirm:{quote_id}")))
    view.add_item(QuoteButton(discord.ui.Button(label=edit, custom_id=f"edit:{quote_id}")))
    view.add_item(QuoteButton(discord.ui.Button(label=cancel, custom_id=f"decline:{quote_id}")))
    if offer.trimmed is not None:
        view.add_item(trim_button(quote_id, offer.trimmed))
    return view


def trim_button(quote_id: str, price: Usd) -> QuoteButton:
    """Trim, for the quote of an edit, and what it costs then."""
    label = say("card.button_trim", price=price.cents)
    return QuoteButton(discord.ui.Button(label=label, custom_id=f"trim:{quote_id}"))


def _menu(quote_id: str, menu: Menu) -> QuoteMenu:
    """What each value costs stands beside it, where they do not all cost the same."""
    what, differ = menu.alternatives, len({price.total for price in menu.prices.values()}) > 1
    options = [
        discord.SelectOption(
            label=value_text(what.name, value),
            value=value,
            description=price_text(menu.prices[value]) if differ else None,
            default=value == what.chosen,
        )
        for value in what.options
    ]
    custom_id, placeholder = f"{what.name}:{quote_id}", say(NAMES[what.name])
    return QuoteMenu(discord.ui.Select(custom_id=custom_id, placeholder=placeholder, options=options))


async def _files(interaction: Interaction, request: Request) -> list[discord.File]:
    """The prompt where the card shortens it, and a picture of what the request is made from."""
    files = [text.file_of(request.prompt, PROMPT_FILE)] if is_shortened(request) else []
    drawn = await interaction.client.pictures.of(request)
    if drawn is not None:
        files.append(discord.File(io.BytesIO(drawn), PICTURE_FILE, description=alt(request)[:1024]))
    return files


def _instead_buttons(found: Instead) -> discord.ui.View:
    """What opens each quote that fits, and what tries the refused one again."""
    view = discord.ui.View(timeout=None)
    for near, offer in found.near:
        label = instead.label(near, offer)
        view.add_item(QuoteButton(discord.ui.Button(label=label, custom_id=f"show:{offer.stored.id}")))
    if found.trimmable is not None:
        stored, price = found.trimmable
        view.add_item(trim_button(stored.id, price))
    if found.again is not None:
        label = say("card.button_confirm_again", price=found.again.total.cents)
        view.add_item(QuoteButton(discord.ui.Button(label=label, custom_id=f"confirm:{found.again.id}")))
    return view
