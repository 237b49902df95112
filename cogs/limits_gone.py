"""Limits of members and roles that are no longer in the server: told apart, and taken away.

Nothing of servers is cached, so Discord is asked; what it does not say counts as here. Roles come from the payload
of whoever asks, so the limit of a deleted role is nobody's in any case.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, TypeAlias

import aiohttp
import discord

from bot.app import Raybot
from bot.domain.refusal import Refusal
from bot.domain.rules import Change, Kind
from bot.offer import Requester
from bot.words.speech import say
from cogs import errors
from cogs.gate import Interaction
from cogs.limits_change import named, value
from cogs.text import MOST_OF_A_MESSAGE, fitting_with_rest
from storage import limits
from storage.database import Tx

SHOWN: Final = 25  # members about whom Discord is asked for a list, each with a request of its own
SOUGHT: Final = 250  # and to take their limits away

_UNSURE: Final = (discord.DiscordException, aiohttp.ClientError, OSError)
_UNKNOWN: Final = frozenset({10007, 10013})  # member, user

Gone: TypeAlias = frozenset[int]
"""Lines of the log that are in force for nobody, by their numbers."""


async def gone(bot: Raybot, server_id: int, changes: Sequence[Change], *, most: int = SHOWN) -> Gone:
    """Which of these limits are of members who left, as far as Discord was asked, or of roles that were deleted."""
    roles = [each for each in changes if each.kind is Kind.ROLE_LIMIT and each.subject != str(server_id)]
    members = [each for each in changes if each.kind is Kind.MEMBER_LIMIT][:most]
    if not roles and not members:
        return frozenset()
    try:
        server = await bot.fetch_guild(server_id, with_counts=False)
    except _UNSURE:
        return frozenset()
    there = {str(role.id) for role in server.roles}
    left = await asyncio.gather(*[_has_left(server, int(each.subject)) for each in members])
    found = [each.id for each in roles if each.subject not in there]
    return frozenset(found + [each.id for each, has_left in zip(members, left, strict=True) if has_left])


async def _has_left(server: discord.Guild, member_id: int) -> bool:
    try:
        await server.fetch_member(member_id)
    except discord.NotFound as error:
        return error.code in _UNKNOWN
    except _UNSURE:
        return False
    return False


async def forget(interaction: Interaction, requester: Requester, subject: str | None, reason: str) -> None:
    """Take away the limit of this member or role, or the limits of all that are no longer here."""
    bot, server_id, now = interaction.client, requester.server_id, interaction.client.now()
    found = await _set_for_some(bot.database.read, server_id)
    if subject is None:
        away = await gone(bot, server_id, found, most=SOUGHT)
        found = [each for each in found if each.id in away]
    else:
        found = [each for each in found if each.subject == subject]
    asked_of = {each.id for each in found}
    async with bot.database.transaction() as tx:  # Discord took its time: only what is in force as it was then
        found = [each for each in await _set_for_some(tx, server_id) if each.id in asked_of]
        if not found:
            nobody = say("limits.nobody_gone") if subject is None else say("limits.no_such_limit", id=subject)
            raise Refusal(nobody)
        for each in found:
            await limits.change(
                tx,
                server_id,
                each.kind,
                int(each.subject),
                None,
                actor_id=requester.member_id,
                reason=reason,
                at=now,
            )
    defaults = bot.settings.limits
    told = [say("limits.forgotten", whose=named(each), limit=value(each, each.value, defaults)) for each in found]
    await errors.tell(interaction, fitting_with_rest(told, MOST_OF_A_MESSAGE))


async def _set_for_some(tx: Tx, server_id: int) -> list[Change]:
    """The limits of members and of roles that are in force."""
    found = await limits.all_in_force(tx, server_id)
    return [each for each in found if each.kind in (Kind.MEMBER_LIMIT, Kind.ROLE_LIMIT)]
