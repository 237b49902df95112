"""Every button. Their ids carry ids only, so that they answer after a restart; the database says what they may do.

A press is acknowledged first, and checked from the beginning: who presses, where, and what is still so.
"""

import io
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, ClassVar, Final, Self

import aiohttp
import discord
from discord.ext import commands

from bot.app import Raybot
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.job import Job, Reason, State
from bot.domain.money import Usd
from bot.domain.price import FIVE_SECONDS
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo
from bot.logs import about
from bot.offer import Offer, Requester
from bot.refusals import AlreadyConfirmed, NoSuchJob, PriceChanged, QuoteCancelled, QuoteExpired
from cogs import errors, instead, text
from cogs.flagged import veils
from cogs.gate import Interaction, acknowledge, admit, check_permissions
from cogs.instead import Instead
from cogs.pace import check_pace
from cogs.quote_card import quote_card
from cogs.staff import is_staff
from storage import jobs
from storage.writes import CannotWrite

log = logging.getLogger(__name__)

JOB_CANCELLED_BY_STAFF: Final = (
    "Job `{job}` of <@{member}> is cancelled, and {price} is theirs to spend again. "
    "Its message in the channel says that it is cancelled."
)

QUOTE: Final = re.compile(r"(?P<action>confirm|decline|trim|show):(?P<id>[0-9a-z]{10})")
POST: Final = re.compile(r"(?P<action>cancel|details):(?P<id>[0-9a-z]{10})\.(?:[pr][0-9]|a[0-9]{1,9})")
AGAIN: Final = re.compile(r"(?P<action>again):(?P<id>[0-9a-z]{10})")


def quote_buttons(offer: Offer) -> discord.ui.View:
    """Confirm and Cancel, for one quote, and what would make it cheaper."""
    view, quote_id = discord.ui.View(timeout=None), offer.stored.id
    green = discord.ButtonStyle.success
    view.add_item(QuoteButton(discord.ui.Button(label="Confirm", style=green, custom_id=f"confirm:{quote_id}")))
    view.add_item(QuoteButton(discord.ui.Button(label="Cancel", custom_id=f"decline:{quote_id}")))
    if offer.trimmed is not None:
        view.add_item(trim_button(quote_id, offer.trimmed))
    return view


def trim_button(quote_id: str, price: Usd) -> "QuoteButton":
    """Trim, for the quote of an edit, and what it costs then."""
    label = f"Trim to 5.000 s: {price.cents}"
    return QuoteButton(discord.ui.Button(label=label, custom_id=f"trim:{quote_id}"))


async def show_quote(interaction: Interaction, offer: Offer, says: str | None = None) -> None:
    """Put the quote's card, with `says` above it, in the place of what the interaction shows now."""
    attaches = interaction.app_permissions.attach_files
    card = quote_card(offer, proven=interaction.client.settings.proven, attaches=attaches)
    await interaction.edit_original_response(content=says, embed=card, view=quote_buttons(offer))


async def show(interaction: Interaction, found: Offer | Instead) -> None:
    """Put the quote's card, or what is answered instead of it, in the place of what the interaction shows now."""
    if isinstance(found, Offer):
        await show_quote(interaction, found)
    else:
        says = instead.says(found)[: text.MOST_OF_A_MESSAGE]
        await interaction.edit_original_response(content=says, embed=None, view=_instead_buttons(found))


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
        label = f"Confirm again · {found.again.total.cents}"
        view.add_item(QuoteButton(discord.ui.Button(label=label, custom_id=f"confirm:{found.again.id}")))
    return view


def post_buttons(job: Job, nonce: str) -> discord.ui.View:
    """The buttons of a message in the channel. Their ids carry its nonce, by which it can be found."""
    view = discord.ui.View(timeout=None)
    if job.state is State.QUEUED and ".p" in nonce:
        view.add_item(PostButton(discord.ui.Button(label="Cancel", custom_id=f"cancel:{nonce}")))
    view.add_item(PostButton(discord.ui.Button(label="Details", custom_id=f"details:{nonce}")))
    return view


def cancel_button(job: Job, nonce: str) -> "PostButton":
    """Cancel, for one of several jobs of a list."""
    return PostButton(discord.ui.Button(label=f"Cancel {job.id}", custom_id=f"cancel:{nonce}"))


class Button(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"(?!)"):
    """What all share: an action and an id out of the custom id, and one way to answer errors."""

    actions: ClassVar[dict[str, Callable[[Interaction, str], Awaitable[None]]]]

    def __init__(self, item: discord.ui.Button[discord.ui.View]) -> None:
        super().__init__(item)
        match = self.template.fullmatch(self.custom_id)
        assert match is not None  # the library has matched it already
        self.action, self.about = match["action"], match["id"]

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.actions[self.action](interaction, self.about)
        except Exception as error:
            await errors.answer(interaction, error)


class QuoteButton(Button, template=QUOTE):
    """Confirm, Cancel or Trim on a quote card; on a refusal Trim, or what opens the card of what fits."""


class PostButton(Button, template=POST):
    """Cancel or Details on a message in the channel, or in the list of /jobs."""


async def confirm(interaction: Interaction, quote_id: str) -> None:
    """Buy what the card shows, once, and only if it is still so."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    check_permissions(interaction)
    bot = interaction.client
    try:
        job = await bot.checkout.confirm(quote_id, requester)
    except PriceChanged as changed:
        if _is_card(interaction):
            await show_quote(interaction, changed.offer, changed.says)
        else:
            await errors.tell(interaction, changed.says)
        return
    except (OverLimit, FrozenServer) as refusal:
        await _refused(interaction, quote_id, refusal, requester)
        return
    except QuoteExpired as refusal:  # one that was cancelled may have a new card in its place by now
        await _replace_card(interaction, refusal.says)
        return
    try:
        await _replace_card(interaction, text.CONFIRMED.format(price=job.hold.cents))
        with about(job.id):
            await bot.deliver(job.id)
    except* CannotWrite:
        log.info("job %s: bought, and shown once that can be written down", job.id)
    finally:
        bot.runner.wake()
    after = await jobs.get(bot.database.read, job.id)
    if after is not None and after.reason is Reason.NO_CHANNEL:
        await _replace_card(interaction, text.CANNOT_POST)


async def _refused(
    interaction: Interaction, quote_id: str, refusal: OverLimit | FrozenServer, requester: Requester
) -> None:
    """Put the refusal in the place of the card, with what fits instead; the quote itself stays open."""
    if not _is_card(interaction):
        raise refusal
    try:
        found = await instead.at_confirm(interaction.client, quote_id, refusal, requester)
    except QuoteExpired as expired:
        await _replace_card(interaction, expired.says)
        return
    await show(interaction, found)


async def decline(interaction: Interaction, quote_id: str) -> None:
    """Withdraw the quote: it buys nothing any more, on whatever device it is shown."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    await interaction.client.checkout.cancel_quote(quote_id, requester)
    await _replace_card(interaction, text.NOTHING_BOUGHT)


async def trim(interaction: Interaction, quote_id: str) -> None:
    """Trim the quote's video to what costs less, and offer that in its place."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    if not _is_card(interaction):
        raise Refusal(text.UNKNOWN_BUTTON)
    try:
        offer = await interaction.client.checkout.reopen(quote_id, requester)
        request = offer.stored.request
        if not isinstance(request, EditVideo) or offer.trimmed is None:
            raise Refusal(text.NOTHING_TO_TRIM)
        await check_pace(interaction, requester)
        trimmed = await _trimmed(interaction, offer.stored.id, request, requester)
    except (QuoteExpired, AlreadyConfirmed) as refusal:
        await _replace_card(interaction, refusal.says)
        return
    if trimmed is not None:
        await show_quote(interaction, trimmed, text.TRIMMED)


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
            await interaction.edit_original_response(content=text.TRIMMING, view=None)
            video = await taking.trimmed(request.video, FIVE_SECONDS)
            return await checkout.replace(quote_id, replace(request, video=video), requester)
    except QuoteCancelled:
        return None
    except (QuoteExpired, AlreadyConfirmed):
        raise
    except Exception:
        offer = await checkout.reopen(quote_id, requester)
        if offer.admission.refusing:
            await _replace_card(interaction, text.NOT_TRIMMED)
        else:
            await show_quote(interaction, offer)
        raise


async def open_quote(interaction: Interaction, quote_id: str) -> None:
    """Open the card of a quote that was offered instead of what did not fit. Nothing is bought by it."""
    await acknowledge(interaction)
    requester = await admit(interaction)
    if not _is_card(interaction):
        raise Refusal(text.UNKNOWN_BUTTON)
    try:
        offer = await interaction.client.checkout.reopen(quote_id, requester)
    except (QuoteExpired, QuoteCancelled) as refusal:
        await _replace_card(interaction, refusal.says)
        return
    await show_quote(interaction, offer)


async def cancel(interaction: Interaction, job_id: str) -> None:
    """Take a job back that was not sent yet: one's own, or as staff anybody's in the server."""
    await acknowledge(interaction, thinking=True)
    requester = await admit(interaction)
    by_staff = await is_staff(interaction, requester)
    job = await interaction.client.checkout.cancel_job(job_id, requester, by_staff=by_staff)
    interaction.client.runner.wake()
    says = text.JOB_CANCELLED if job.member_id == requester.member_id else JOB_CANCELLED_BY_STAFF
    await errors.tell(interaction, says.format(job=job.id, price=job.hold.cents, member=job.member_id))


async def details(interaction: Interaction, job_id: str) -> None:
    """Everything about a job, for anybody in its server; in a direct message, for whoever asked for it."""
    await acknowledge(interaction, thinking=True)
    job = await jobs.get(interaction.client.database.read, job_id)
    if interaction.guild_id is None:
        mine = job is not None and job.member_id == interaction.user.id
    else:
        requester = await admit(interaction)
        mine = job is not None and job.server_id == requester.server_id
    if job is None or not mine:
        raise NoSuchJob
    prompt, links = job.request.prompt, await _links(interaction, job)
    whole = [_file(prompt, "prompt.txt")] if len(prompt) > text.WHOLE_PROMPT else []
    whole += [_file("\n".join(links), "links.txt")] if links else []
    await interaction.edit_original_response(embed=text.receipt(job), attachments=whole)


async def _links(interaction: Interaction, job: Job) -> list[str]:
    """Every link of the job's videos that may be shown here."""
    hosts = interaction.client.settings.link_hosts
    veiled = await veils(interaction.client, job, interaction.channel_id)
    shown = [result for result in job.results if veiled.get(result.n) != "withheld"]
    return [link for result in shown for link in result.links if hosts.admit(link)]


def _file(content: str, name: str) -> discord.File:
    return discord.File(io.BytesIO(content.encode()), name)


def _is_card(interaction: Interaction) -> bool:
    """Whether the button that was pressed stands on a message of its presser's own."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def _replace_card(interaction: Interaction, says: str) -> None:
    """Change the card that was pressed; a button that was forged onto a public message changes nothing there.

    The card only shows what is so. Where its member has dismissed it, or Discord does not take the change, what was
    pressed goes on all the same.
    """
    try:
        if _is_card(interaction):
            await interaction.edit_original_response(content=says, embed=None, view=None)
        else:
            await errors.tell(interaction, says)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("a card could not be changed: %s: %s", type(error).__name__, error)


class UnknownButtons(commands.Cog):
    """Answers presses that no button of ours takes: forged ones, and those of a message that we did not make."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is not discord.InteractionType.component:
            return
        custom_id = str((interaction.data or {}).get("custom_id", ""))
        shown = discord.ui.View.from_message(interaction.message) if interaction.message else None
        ids = {getattr(item, "custom_id", None) for item in shown.walk_children()} if shown else set[str | None]()
        if custom_id in ids and any(known.fullmatch(custom_id) for known in (QUOTE, POST, AGAIN)):
            return
        await errors.answer(interaction, Refusal(text.UNKNOWN_BUTTON))


QuoteButton.actions = {"confirm": confirm, "decline": decline, "trim": trim, "show": open_quote}
PostButton.actions = {"cancel": cancel, "details": details}


async def setup(bot: Raybot) -> None:
    bot.add_dynamic_items(QuoteButton, PostButton)
    await bot.add_cog(UnknownButtons())
