"""What /limits why says: every layer in order, and which of them refuses. Pure."""

from typing import assert_never

import discord

from bot.domain.admission import Admission, Check, Credit, Frozen, JobsAtOnce, RequestCap, Unlimited
from bot.domain.limit import Layer, Origin, Standing
from cogs.limits_text import MOST_OF_A_DESCRIPTION, by_whom, fitting, timestamp
from cogs.standing import anew, moment
from cogs.text import BAD, GOOD, MOST_OF_A_FIELD


def why(admission: Admission, member_id: int, *, figures: bool) -> discord.Embed:
    """Every layer in order, with what it says to a request of this price from this member.

    `figures`: whether the account's are for this server.
    """
    refused = bool(admission.refusing)
    verdict = "is refused, by what is marked ⛔" if refused else "is admitted"
    lines = [f"A request of {admission.price} by <@{member_id}> {verdict}."]
    if admission.from_grants and not refused:
        lines.append(f"Grants would pay {admission.from_grants} of it.")
    lines.append("")
    lines += [
        f"{_mark(check, admission)} {_check(check, admission, figures=figures)}" for check in admission.checks
    ]
    lines += [
        f"◽ Does not decide: {_standing(standing)}{_enough(standing, admission)}" for standing in admission.others
    ]
    card = discord.Embed(
        title="Why", colour=BAD if refused else GOOD, description=fitting(lines, MOST_OF_A_DESCRIPTION)
    )
    if admission.grants:
        told = [
            f"`#{each.grant.id}` {each.left} of {each.grant.amount} left, "
            f"until {timestamp(each.grant.expires_at, 'f')}"
            f"{by_whom(each.grant.giver_id, each.grant.reason)}"
            for each in admission.grants
        ]
        card.add_field(name="Grants", value=fitting(told, MOST_OF_A_FIELD), inline=False)
    return card


def _mark(check: Check, admission: Admission) -> str:
    return "⛔" if check.refuses(admission.price) else "✅"


def _check(check: Check, admission: Admission, *, figures: bool) -> str:
    match check:
        case Frozen(freeze):
            return f"Frozen, {timestamp(freeze.since, 'f')}{by_whom(freeze.actor_id, freeze.reason)}"
        case Standing():
            return f"{_standing(check)}{_enough(check, admission)}"
        case Credit() if not figures:
            return f"Credit at the provider: {'not ' if check.refuses(admission.price) else ''}enough as last read"
        case Credit(balance, held):
            return f"Credit at the provider: {balance} as last read, {held} held, {check.left} left"
        case Unlimited(layer, origin):
            return f"{_layer(layer, origin)}: unlimited"
        case RequestCap(amount):
            return f"One request: at most {amount}"
        case JobsAtOnce(most, under_way):
            return f"Jobs at once: {under_way} of {most} under way"
        case _:
            assert_never(check)


def _standing(standing: Standing) -> str:
    grants = f" with {standing.granted} of grants" if standing.granted else ""
    return (
        f"{_layer(standing.layer, standing.origin)}: {standing.limit}, {standing.spent} spent, "
        f"{standing.held} held, {standing.left} left{grants}{anew(standing)}"
    )


def _enough(standing: Standing, admission: Admission) -> str:
    """When what refuses now and rolls will admit it, if nothing else is spent."""
    fits_at = admission.fits_at(standing)
    if standing.resets_at is not None or fits_at is None or standing.admits(admission.price):
        return ""
    is_next = fits_at == standing.returns[0].at
    return ", which is enough" if is_next else f", enough for this {moment(fits_at)}"


def _layer(layer: Layer, origin: Origin) -> str:
    whose = {Layer.ACCOUNT: "All servers together", Layer.SERVER: "This server", Layer.MEMBER: "Member"}[layer]
    match origin.source:
        case "default":
            return f"{whose} (the default)" if layer is not Layer.ACCOUNT else whose
        case "server":
            return f"{whose} (set for all)" if layer is Layer.MEMBER else whose
        case "role":
            return f"{whose} (by <@&{origin.role_id}>)"
        case "personal":
            return f"{whose} (their own limit)"
        case _:
            assert_never(origin.source)
