"""/limits: what staff decide. Each change is one transaction, with its line in the log.

Discord shows the command to members with Manage Server; who may use it is asked here, at each use.
"""

from functools import cache
from typing import Final, Literal, TypeAlias
from zoneinfo import available_timezones

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.job import State
from bot.domain.refusal import Refusal
from bot.domain.rules import FROZEN, Change, Kind
from bot.offer import Requester
from bot.runware.errors import RunwareError
from bot.words.speech import say
from cogs import errors, limits_gone, limits_grants, limits_input, limits_text
from cogs.alerts import announce
from cogs.gate import Interaction, roles_of
from cogs.limits_why import why as limits_why
from cogs.original import edit_original
from cogs.staff import ManagersOnly, begin_as_staff, manages_server
from cogs.translation import localized
from storage import alerts, limits

PAGE: Final = 10  # lines of the log

User: TypeAlias = discord.User | discord.Member
Words: TypeAlias = app_commands.Range[str, 1, 100]
Reason: TypeAlias = app_commands.Range[str, 1, limits.MOST_REASON] | None
REASON: Final = localized("commands.reason")


class LimitCommands(commands.Cog):
    """Reads the options, changes or asks, answers in private."""

    group = app_commands.Group(
        name="limits",
        description=localized("commands.limits"),
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @group.command(name="member", description=localized("commands.limits_member"))
    @app_commands.describe(
        member=localized("commands.limits_member_member"),
        limit=localized("commands.limits_member_limit"),
        reason=REASON,
    )
    async def member(self, interaction: Interaction, member: User, limit: Words, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        whose = limits_input.person(member).id
        value = limits_input.limits(limit, limits_input.A_DAY)
        await _set(interaction, requester, Kind.MEMBER_LIMIT, whose, value, reason)

    @group.command(name="role", description=localized("commands.limits_role"))
    @app_commands.describe(
        role=localized("commands.limits_role_role"),
        limit=localized("commands.limits_role_limit"),
        reason=REASON,
    )
    async def role(self, interaction: Interaction, role: discord.Role, limit: Words, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        value = limits_input.limits(limit, limits_input.A_DAY)
        await _set(interaction, requester, Kind.ROLE_LIMIT, role.id, value, reason)

    @group.command(name="server", description=localized("commands.limits_server"))
    @app_commands.describe(limit=localized("commands.limits_server_limit"), reason=REASON)
    async def server(self, interaction: Interaction, limit: Words, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        value = limits_input.limits(limit, limits_input.A_MONTH)
        await _set(interaction, requester, Kind.SERVER_LIMIT, None, value, reason)

    @group.command(name="request", description=localized("commands.limits_request"))
    @app_commands.describe(most=localized("commands.limits_request_most"), reason=REASON)
    async def request(self, interaction: Interaction, most: Words, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        await _set(interaction, requester, Kind.REQUEST_CAP, None, limits_input.cap(most), reason)

    @group.command(name="jobs", description=localized("commands.limits_jobs"))
    @app_commands.describe(most=localized("commands.limits_jobs_most"), reason=REASON)
    async def jobs(self, interaction: Interaction, most: Words, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        await _set(interaction, requester, Kind.JOBS_AT_ONCE, None, limits_input.jobs(most), reason)

    @group.command(name="timezone", description=localized("commands.limits_timezone"))
    @app_commands.describe(zone=localized("commands.limits_timezone_zone"), reason=REASON)
    async def timezone(self, interaction: Interaction, zone: Words, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        await _set(interaction, requester, Kind.TIME_ZONE, None, limits_input.zone(zone), reason)

    @timezone.autocomplete("zone")
    async def zones(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """The zones with what was typed in their names."""
        typed = "_".join(str(current).split()).casefold()
        found = [name for name in _zones() if typed in name.casefold()]
        return [app_commands.Choice(name=name, value=name) for name in found[: limits_input.CHOICES]]

    @group.command(name="staff", description=localized("commands.limits_staff"))
    @app_commands.describe(role=localized("commands.limits_staff_role"), reason=REASON)
    async def staff(
        self, interaction: Interaction, role: discord.Role | None = None, reason: Reason = None
    ) -> None:
        requester = await begin_as_staff(interaction)
        if not manages_server(interaction):
            raise ManagersOnly
        if role is not None and role.id == requester.server_id:
            raise limits_input.EverybodyAsStaff
        await _set(interaction, requester, Kind.STAFF_ROLE, None, None if role is None else str(role.id), reason)

    @group.command(name="alerts", description=localized("commands.limits_alerts"))
    @app_commands.describe(channel=localized("commands.limits_alerts_channel"), reason=REASON)
    async def alerts(
        self,
        interaction: Interaction,
        channel: app_commands.Transform[limits_input.Channel, limits_input.Writable] | None = None,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        chosen = None if channel is None else limits_input.writable(channel)
        if chosen is not None:
            await announce(interaction, chosen)
        value = None if chosen is None else str(chosen.id)
        await _set(interaction, requester, Kind.ALERTS_CHANNEL, None, value, reason)

    @group.command(name="show", description=localized("commands.limits_show"))
    async def show(self, interaction: Interaction) -> None:
        requester = await begin_as_staff(interaction)
        bot = interaction.client
        found = await limits.all_in_force(bot.database.read, requester.server_id)
        away = await limits_gone.gone(bot, requester.server_id, found)
        card = limits_text.in_force(found, bot.settings.limits, requester.server_id, away)
        await edit_original(interaction, embed=card)

    @group.command(name="forget", description=localized("commands.limits_forget"))
    @app_commands.describe(id=localized("commands.limits_forget_id"), reason=REASON)
    async def forget(
        self,
        interaction: Interaction,
        id: app_commands.Range[str, 1, 25] | None = None,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        subject = None if id is None else limits_input.snowflake(id)
        await limits_gone.forget(interaction, requester, subject, limits_input.reason(reason))

    @group.command(name="why", description=localized("commands.limits_why"))
    @app_commands.describe(
        member=localized("commands.limits_why_member"), price=localized("commands.limits_why_price")
    )
    async def why(self, interaction: Interaction, member: User, price: Words) -> None:
        requester = await begin_as_staff(interaction)
        bot, whose = interaction.client, limits_input.person(member)
        asked = limits_input.amount("price", price)
        asker = Requester(requester.server_id, requester.channel_id, whose.id, roles_of(whose))
        admission = await bot.checkout.why(asked, asker)
        figures = not bot.settings.serves_several
        await edit_original(interaction, embed=limits_why(admission, whose.id, figures=figures))

    @group.command(name="freeze", description=localized("commands.limits_freeze"))
    @app_commands.describe(reason=localized("commands.limits_freeze_reason"))
    async def freeze(self, interaction: Interaction, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        await _set(interaction, requester, Kind.FREEZE, None, FROZEN, reason)

    @group.command(name="unfreeze", description=localized("commands.limits_unfreeze"))
    @app_commands.describe(reason=REASON)
    async def unfreeze(self, interaction: Interaction, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        await _set(interaction, requester, Kind.FREEZE, None, None, reason)

    @group.command(name="grant", description=localized("commands.limits_grant"))
    @app_commands.describe(
        member=localized("commands.limits_grant_member"),
        amount=localized("commands.limits_grant_amount"),
        days=localized("commands.limits_grant_days"),
        reason=REASON,
    )
    async def grant(
        self,
        interaction: Interaction,
        member: User,
        amount: Words,
        days: app_commands.Range[int, 1, limits_input.MOST_DAYS] = 30,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        whose, given = limits_input.person(member).id, limits_input.amount("amount", amount)
        lasts, why = limits_input.days(days), limits_input.reason(reason)
        await limits_grants.give(interaction, requester, whose, given, days=lasts, reason=why)

    @group.command(name="revoke", description=localized("commands.limits_revoke"))
    @app_commands.describe(
        member=localized("commands.limits_revoke_member"),
        grant=localized("commands.limits_revoke_grant"),
        reason=REASON,
    )
    async def revoke(
        self,
        interaction: Interaction,
        member: User,
        grant: app_commands.Range[int, 1, limits_input.MOST_LINES] | None = None,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        number, why = limits_input.line(grant), limits_input.reason(reason)
        await limits_grants.revoke(interaction, requester, member.id, number, why)

    @revoke.autocomplete("grant")
    async def open_grants(self, interaction: Interaction, current: str) -> list[app_commands.Choice[int]]:
        """The member's, with what is left of each."""
        return await limits_grants.offered(interaction, current)

    @group.command(name="resolve", description=localized("commands.limits_resolve"))
    @app_commands.describe(
        job=localized("commands.limits_resolve_job"),
        outcome=localized("commands.limits_resolve_outcome"),
        amount=localized("commands.limits_resolve_amount"),
        reason=REASON,
    )
    async def resolve(
        self,
        interaction: Interaction,
        job: Words,
        outcome: Literal["settle", "release"],
        amount: Words | None = None,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        settle = None if amount is None else limits_input.amount("amount", amount)
        bot, why, job_id = interaction.client, limits_input.reason(reason), limits_input.job_id(job)
        chosen = limits_input.outcome(outcome)
        found = await bot.runner.look_for(await bot.checkout.unresolved(job_id, requester))
        if found.state is not State.UNRESOLVED:
            await errors.tell(interaction, limits_text.found(found))
            return
        ended = await bot.checkout.resolve(job_id, chosen, requester, reason=why, amount=settle)
        bot.runner.wake()
        await errors.tell(interaction, limits_text.resolved(ended, why))

    @group.command(name="reconcile", description=localized("commands.limits_reconcile"))
    async def reconcile(self, interaction: Interaction) -> None:
        await begin_as_staff(interaction)
        bot = interaction.client
        if bot.settings.serves_several:
            raise Refusal(say("limits.several_servers"))
        try:
            found = await bot.watch.reconcile()
        except RunwareError:
            raise Refusal(say("limits.no_account")) from None
        await errors.tell(interaction, limits_text.reconciled(found.books, found.held))

    @group.command(name="log", description=localized("commands.limits_log"))
    @app_commands.describe(before=localized("commands.limits_log_before"))
    async def log(
        self, interaction: Interaction, before: app_commands.Range[int, 1, limits_input.MOST_LINES] | None = None
    ) -> None:
        requester = await begin_as_staff(interaction)
        bot, older_than = interaction.client, limits_input.line(before)
        found = await limits.log(bot.database.read, requester.server_id, most=PAGE + 1, before_id=older_than)
        if not found:
            says = say("limits.log_empty") if older_than is None else say("limits.log_at_its_end")
            await errors.tell(interaction, says)
            return
        card, shown = limits_text.log_page(found[:PAGE], bot.settings.limits)
        if len(shown) < len(found):
            card.set_footer(text=say("limits.log_older", number=shown[-1].id))
        await edit_original(interaction, embed=card)


async def _set(
    interaction: Interaction,
    requester: Requester,
    kind: Kind,
    subject: int | None,
    value: str | None,
    reason: object,
) -> None:
    """Put it in force, with its line in the log, and say what was and what is."""
    bot, server_id, now = interaction.client, requester.server_id, interaction.client.now()
    why = limits_input.reason(reason)
    async with bot.database.transaction() as tx:
        is_new = await limits.change(
            tx, server_id, kind, subject, value, actor_id=requester.member_id, reason=why, at=now
        )
        latest = await limits.log(tx, server_id, most=1) if is_new else []
        await alerts.limits_reached(tx, bot.settings.limits, server_id=server_id, now=now)
    defaults = bot.settings.limits
    if latest:
        await errors.tell(interaction, limits_text.changed(latest[0], defaults))
        return
    about = "" if subject is None else str(subject)
    asked = Change(0, server_id, kind, about, value, value, requester.member_id, why, now)
    await errors.tell(interaction, limits_text.unchanged(asked, defaults))


@cache
def _zones() -> list[str]:
    """Without Etc/GMT+2 and the like, which are two hours behind what they seem to say."""
    return sorted(name for name in available_timezones() - {"Factory", "localtime"} if "GMT" not in name)


async def setup(bot: Raybot) -> None:
    await bot.add_cog(LimitCommands())
