"""What the buttons of a quote's card do, and those of a refusal that stands in its place."""

import logging
from dataclasses import replace

from bot.app import Raybot
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.job import Reason
from bot.domain.price import FIVE_SECONDS
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo
from bot.logs import about
from bot.offer import Offer, Requester
from bot.refusals import AlreadyConfirmed, PriceChanged, QuoteCancelled, QuoteExpired
from bot.words.speech import say
from cogs import asking, errors, instead
from cogs.button import is_card, replace_card
from cogs.gate import Interaction, acknowledge, admit, check_permissions
from cogs.original import edit_original
from cogs.quote_view import QuoteButton as QuoteButton
from cogs.quote_view import show as show
from cogs.quote_view import show_quote as show_quote
from storage import jobs
from storage.writes import CannotWrite

log = logging.getLogger(__name__)


async def confirm(interaction: Interaction, quote_id: str) -> None:
    """Buy what the card shows, once, and only if it is still so."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    check_permissions(interaction)
    bot = interaction.client
    try:
        job = await bot.checkout.confirm(quote_id, requester)
    except PriceChanged as changed:
        if is_card(interaction):
            await show_quote(interaction, changed.offer, changed.says)
        else:
            await errors.tell(interaction, changed.says)
        return
    except (OverLimit, FrozenServer) as refusal:
        await _refused(interaction, quote_id, refusal, requester)
        return
    except QuoteExpired as refusal:  # one that was cancelled may have a new card in its place by now
        await replace_card(interaction, refusal.says)
        return
    with about(job.id):
        try:
            await replace_card(interaction, say("card.confirmed", price=job.hold.cents))
            await bot.deliver(job.id)
        except* CannotWrite:
            log.info("bought, and shown in the channel once that can be written down")
        finally:
            bot.runner.wake()
        after = await jobs.get(bot.database.read, job.id)
        if after is not None and after.reason is Reason.NO_CHANNEL:
            await replace_card(interaction, say("card.cannot_post"))


async def _refused(
    interaction: Interaction, quote_id: str, refusal: OverLimit | FrozenServer, requester: Requester
) -> None:
    """Put the refusal in the place of the card, with what fits instead; the quote itself stays open."""
    if not is_card(interaction):
        raise refusal
    try:
        found = await instead.at_confirm(interaction.client, quote_id, refusal, requester)
    except QuoteExpired as expired:
        await replace_card(interaction, expired.says)
        return
    await show(interaction, found)


async def decline(interaction: Interaction, quote_id: str) -> None:
    """Withdraw the quote: it buys nothing any more, on whatever device it is shown."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    await interaction.client.checkout.cancel_quote(quote_id, requester)
    await replace_card(interaction, say("card.cancelled"))


async def trim(interaction: Interaction, quote_id: str) -> None:
    """Trim the quote's video to what costs less, and offer that in its place."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    if not is_card(interaction):
        raise Refusal(say("refusals.unknown_button"))
    try:
        offer = await interaction.client.checkout.reopen(quote_id, requester)
        request = offer.stored.request
        if not isinstance(request, EditVideo) or offer.trimmed is None:
            raise Refusal(say("card.nothing_to_trim"))
        await asking.check(interaction, requester)
        trimmed = await _trimmed(interaction, offer.stored.id, request, requester)
    except (QuoteExpired, AlreadyConfirmed) as refusal:
        await replace_card(interaction, refusal.says)
        return
    if trimmed is not None:
        await show_quote(interaction, trimmed, say("card.trimmed"))


async def _trimmed(
    interaction: Interaction, quote_id: str, request: EditVideo, requester: Requester
) -> Offer | None:
    """The offer for the trimmed video; None where another press was faster, and the card shows what came of that.

    Where it fails, the card is as it was before; or, where it stood on a refusal, says so.
    """
    checkout = interaction.client.checkout
    try:
        async with interaction.client.intake.taking(requester.member_id) as taking:
            await checkout.reopen(quote_id, requester)  # this press may have waited for another one
            await edit_original(interaction, content=say("card.trimming"), view=None)
            video = await taking.trimmed(request.video, FIVE_SECONDS)
            return await checkout.replace(quote_id, replace(request, video=video), requester)
    except QuoteCancelled:
        return None
    except (QuoteExpired, AlreadyConfirmed):
        raise
    except Exception:
        offer = await checkout.reopen(quote_id, requester)
        if offer.admission.refusing:
            await replace_card(interaction, say("card.not_trimmed"))
        else:
            await show_quote(interaction, offer)
        raise


async def open_quote(interaction: Interaction, quote_id: str) -> None:
    """Open the card of a quote that was offered instead of what did not fit. Nothing is bought by it."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    if not is_card(interaction):
        raise Refusal(say("refusals.unknown_button"))
    try:
        offer = await interaction.client.checkout.reopen(quote_id, requester)
    except (QuoteExpired, QuoteCancelled) as refusal:
        await replace_card(interaction, refusal.says)
        return
    await show_quote(interaction, offer)


QuoteButton.actions |= {"confirm": confirm, "decline": decline, "trim": trim, "show": open_quote}


async def setup(bot: Raybot) -> None:
    bot.add_dynamic_items(QuoteButton)
