"""/spending: what was spent, is held and is left, with receipts and a picture; for staff, of others too."""

import asyncio
import io
from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo
from typing import Final, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.chart import Charts, Series, Spending, described
from bot.domain.limit import Layer
from bot.domain.money import ZERO, Usd
from bot.domain.refusal import Refusal
from bot.domain.window import EVER
from bot.export import as_csv, packed
from bot.offer import Requester
from bot.words.speech import say
from cogs import spending_text as text
from cogs.gate import Interaction, acknowledge, admit, roles_of
from cogs.original import edit_original
from cogs.staff import StaffOnly, is_staff
from cogs.translation import localized
from storage import grants, jobs, ledger, limits, receipts

DAYS: Final = 30  # in the picture and in a server's sums
SHOWN: Final = 5  # jobs with their receipts
CENT: Final = Usd.of("0.01")
"""The price by which the limits are asked: of several roles it shows the one that admits."""


class SpendingCog(commands.Cog, name="Spending"):
    """Reads the books; changes nothing."""

    def __init__(self) -> None:
        self._charts = Charts()

    @app_commands.command(name="spending", description=localized("commands.spending"))
    @app_commands.describe(
        of=localized("commands.spending_of"),
        member=localized("commands.spending_member"),
        export=localized("commands.spending_export"),
    )
    async def spending(
        self,
        interaction: Interaction,
        of: Literal["me", "server"] = "me",
        member: discord.User | None = None,
        export: bool = False,
    ) -> None:
        await acknowledge(interaction, thinking=True)
        requester = await admit(interaction)
        if (of == "server" or export) and member is not None:
            raise Refusal(say("spending.export_is_the_servers") if export else say("spending.one_at_a_time"))
        others = of == "server" or export or (member is not None and member.id != requester.member_id)
        if others and not await is_staff(interaction, requester):
            raise StaffOnly
        read = interaction.client.database.read
        zone = (await limits.in_force(read, requester.server_id, requester.member_id, ())).zone
        if of == "server" or export:
            await self._of_server(interaction, requester, zone, export=export)
            return
        if member is not None:
            requester = Requester(requester.server_id, requester.channel_id, member.id, roles_of(member))
        await self._of_member(interaction, requester, zone)

    async def _of_member(self, interaction: Interaction, who: Requester, zone: tzinfo) -> None:
        bot, tx = interaction.client, interaction.client.database.history
        now = bot.now()
        mine = await jobs.of_member(tx, who.server_id, who.member_id, most=SHOWN)
        spending = await _spending(bot, who.server_id, who.member_id, now, zone)
        card = text.of_member(
            who.member_id,
            await bot.checkout.why(CENT, who),
            await grants.of_member(tx, who.server_id, who.member_id, now=now),
            mine,
            await grants.paid(tx, [job.id for job in mine]),
            spending.total,
            days=DAYS,
            mine=who.member_id == interaction.user.id,
        )
        await self._show(interaction, card, spending)

    async def _of_server(self, interaction: Interaction, who: Requester, zone: tzinfo, *, export: bool) -> None:
        bot, tx = interaction.client, interaction.client.database.history
        now = bot.now()
        since = _midnights(now, zone)[0]
        spending = await _spending(bot, who.server_id, None, now, zone)
        books = await ledger.sums(tx, Layer.SERVER, server_id=who.server_id, member_id=who.member_id, since=EVER)
        card = text.of_server(
            await bot.checkout.why(CENT, who),
            await receipts.by_member(tx, who.server_id, since=since),
            {kind: series.total for kind, series in zip(text.KINDS, spending.series, strict=True)},
            books.held,
            days=DAYS,
        )
        files: list[discord.File] = []
        if export:
            said, files = await _export(bot, who.server_id, interaction.filesize_limit)
            card.add_field(name=say("spending.field_export"), value=said, inline=False)
        await self._show(interaction, card, spending, files)

    async def _show(
        self, interaction: Interaction, card: discord.Embed, spending: Spending, files: Sequence[discord.File] = ()
    ) -> None:
        """The card, with the picture in it where there is anything to draw."""
        pictures: list[discord.File] = []
        if spending.total:
            png = await self._charts.draw(spending)
            pictures = [discord.File(io.BytesIO(png), "spending.png", description=described(spending))]
            card.set_image(url="attachment://spending.png")
        await edit_original(interaction, embed=card, attachments=[*pictures, *files])


async def _spending(bot: Raybot, server_id: int, member_id: int | None, now: datetime, zone: tzinfo) -> Spending:
    """What was spent on each of the last days, the server's own, by each kind."""
    bounds = _midnights(now, zone)
    found = await receipts.by_day(bot.database.history, server_id, member_id, bounds)
    amounts = {kind: [ZERO] * DAYS for kind in text.KINDS}
    for each in found:
        amounts[each.kind][each.day] = each.amount
    days = tuple(bound.astimezone(zone).date() for bound in bounds[:-1])
    return Spending(days, tuple(Series(say(name), tuple(amounts[kind])) for kind, name in text.KINDS.items()))


def _midnights(now: datetime, zone: tzinfo) -> list[datetime]:
    """When each of the last days began, today's included, and when today ends: one more than there are days."""
    today = now.astimezone(zone).date()
    return [datetime.combine(today + timedelta(days=n), time(), zone) for n in range(1 - DAYS, 2)]


async def _export(bot: Raybot, server_id: int, most: int) -> tuple[str, list[discord.File]]:
    """The entries as a file of at most so many bytes, and what to say of it."""
    entries = await receipts.entries(bot.database.history, server_id)
    file = await asyncio.to_thread(lambda: packed(as_csv(entries), most))
    if file is None:
        return say("spending.too_large"), []
    name, content = file
    zipped = [say("spending.compressed")] if name.endswith(".gz") else []
    says = " ".join([say("spending.exported", entries=f"{len(entries):,}"), *zipped])
    return says, [discord.File(io.BytesIO(content), name)]


async def setup(bot: Raybot) -> None:
    await bot.add_cog(SpendingCog())
