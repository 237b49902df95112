"""/limits grant and /limits revoke: each in one transaction, with its line in the log."""

from datetime import timedelta

from discord import app_commands

from bot.domain.grant import Left, total
from bot.domain.money import Usd
from bot.domain.refusal import Refusal
from bot.offer import Requester
from bot.words.speech import say
from cogs import errors, limits_input, limits_text
from cogs.gate import Interaction
from cogs.staff import admit_staff
from storage import grants


async def give(
    interaction: Interaction, requester: Requester, whose: int, amount: Usd, *, days: int, reason: str
) -> None:
    """Give a member a grant, and say what they have now."""
    bot, now, server_id = interaction.client, interaction.client.now(), requester.server_id
    async with bot.database.transaction() as tx:
        before = total(await grants.of_member(tx, server_id, whose, now=now))
        grant = await grants.give(
            tx,
            server_id,
            whose,
            amount,
            expires_at=now + timedelta(days=days),
            actor_id=requester.member_id,
            reason=reason,
            at=now,
        )
        after = total(await grants.of_member(tx, server_id, whose, now=now))
    await errors.tell(interaction, limits_text.granted(grant, before, after))


async def revoke(
    interaction: Interaction, requester: Requester, whose: int, number: int | None, reason: str
) -> None:
    """Revoke one grant of a member's, or all that they have where no number is given; they may have left."""
    bot, now = interaction.client, interaction.client.now()
    async with bot.database.transaction() as tx:
        found = await grants.of_member(tx, requester.server_id, whose, now=now)
        revoked = [each for each in found if number in (None, each.grant.id)]
        if not revoked:
            raise Refusal(say("limits.no_such_grant", member=whose))
        for each in revoked:
            await grants.revoke(tx, each, actor_id=requester.member_id, reason=reason, at=now)
    await errors.tell(interaction, limits_text.revoked(whose, revoked, reason))


async def offered(interaction: Interaction, current: str) -> list[app_commands.Choice[int]]:
    """The open grants of the member who was chosen, for staff; nothing for anybody else."""
    try:
        requester = await admit_staff(interaction)
    except Refusal:
        return []
    member = getattr(interaction.namespace, "member", None)
    whose = getattr(member, "id", None)
    if not isinstance(whose, int):
        return []
    bot = interaction.client
    found = await grants.of_member(bot.database.read, requester.server_id, whose, now=bot.now())
    typed = str(current).strip().lstrip("#")
    return [
        app_commands.Choice(name=_named(each), value=each.grant.id) for each in found if typed in str(each.grant.id)
    ][: limits_input.CHOICES]


def _named(each: Left) -> str:
    """In at most 100 characters, without markup, which Discord would not show there."""
    grant = each.grant
    why = f" ({grant.reason})" if grant.reason else ""
    until = f"{grant.expires_at:%Y-%m-%d}"
    name = f"{say('limits.offered_grant', id=grant.id, left=each.left, amount=grant.amount, until=until)}{why}"
    return name if len(name) <= 100 else f"{name[:99]}…"
