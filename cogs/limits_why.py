"""What /limits why says: every layer in order, and which of them refuses. Pure."""

from typing import assert_never

import discord
from discord.utils import format_dt

from bot.domain.admission import Admission, Check, Credit, Frozen, JobsAtOnce, RequestCap, Unlimited
from bot.domain.grant import Left
from bot.domain.limit import Layer, Origin, Standing
from bot.words.speech import say
from cogs.limits_change import by_whom
from cogs.standing import anew, moment
from cogs.text import BAD, GOOD, MOST_OF_A_DESCRIPTION, MOST_OF_A_FIELD, fitting_with_rest


def why(admission: Admission, member_id: int, *, figures: bool) -> discord.Embed:
    """Every layer in order, with what it says to a request of this price from this member.

    `figures`: whether the account's are for this server.
    """
    price = admission.price
    if refused := bool(admission.refusing):
        lines = [say("limits.why_refused", price=price, member=member_id)]
    else:
        lines = [say("limits.why_admitted", price=price, member=member_id)]
    if admission.from_grants and not refused:
        lines.append(say("limits.why_from_grants", amount=admission.from_grants))
    lines.append("")
    lines += [
        f"{_mark(check, admission)} {_check(check, admission, figures=figures)}" for check in admission.checks
    ]
    lines += [
        f"◽ {say('limits.why_does_not_decide', what=_standing(standing, admission))}"
        for standing in admission.others
    ]
    card = discord.Embed(
        title=say("limits.heading_why"),
        colour=BAD if refused else GOOD,
        description=fitting_with_rest(lines, MOST_OF_A_DESCRIPTION),
    )
    if admission.grants:
        told = fitting_with_rest([_grant(each) for each in admission.grants], MOST_OF_A_FIELD)
        card.add_field(name=say("limits.field_grants"), value=told, inline=False)
    return card


def _mark(check: Check, admission: Admission) -> str:
    return "⛔" if check.refuses(admission.price) else "✅"


def _grant(each: Left) -> str:
    grant = each.grant
    until = format_dt(grant.expires_at, "f")
    what = say("limits.why_grant", id=grant.id, left=each.left, amount=grant.amount, until=until)
    return by_whom(what, grant.giver_id, grant.reason)


def _check(check: Check, admission: Admission, *, figures: bool) -> str:
    match check:
        case Frozen(freeze):
            what = say("limits.why_frozen", since=format_dt(freeze.since, "f"))
            return by_whom(what, freeze.actor_id, freeze.reason)
        case Standing():
            return _standing(check, admission)
        case Credit() if not figures and check.refuses(admission.price):
            return say("limits.why_not_enough_credit")
        case Credit() if not figures:
            return say("limits.why_enough_credit")
        case Credit(balance, held):
            return say("limits.why_credit", balance=balance, held=held, left=check.left)
        case Unlimited(layer, origin):
            return say("limits.why_unlimited", whose=_layer(layer, origin))
        case RequestCap(amount):
            return say("limits.why_request", amount=amount)
        case JobsAtOnce(most, under_way):
            return say("limits.why_jobs", under_way=under_way, most=most)
        case _:
            assert_never(check)


def _standing(standing: Standing, admission: Admission) -> str:
    """As it stands, and when what refuses now and rolls will admit it, if nothing else is spent."""
    what = anew(_sums(standing), standing)
    fits_at = admission.fits_at(standing)
    if standing.resets_at is not None or fits_at is None or standing.admits(admission.price):
        return what
    if fits_at == standing.returns[0].at:
        return say("limits.why_enough_then", what=what)
    return say("limits.why_enough_at", what=what, at=moment(fits_at))


def _sums(standing: Standing) -> str:
    whose = _layer(standing.layer, standing.origin)
    limit, spent, held, left = standing.limit, standing.spent, standing.held, standing.left
    if not standing.granted:
        return say("limits.why_limit", whose=whose, limit=limit, spent=spent, held=held, left=left)
    return say(
        "limits.why_limit_and_grants",
        whose=whose,
        limit=limit,
        spent=spent,
        held=held,
        left=left,
        granted=standing.granted,
    )


def _layer(layer: Layer, origin: Origin) -> str:
    """Whose limit it is; only members have them by more than one way."""
    match layer, origin.source:
        case Layer.ACCOUNT, _:
            return say("limits.why_account")
        case Layer.SERVER, "default":
            return say("limits.why_server_default")
        case Layer.SERVER, _:
            return say("limits.why_server")
        case Layer.MEMBER, "default":
            return say("limits.why_member_default")
        case Layer.MEMBER, "server":
            return say("limits.why_member_all")
        case Layer.MEMBER, "role":
            return say("limits.why_member_role", role=origin.role_id)
        case Layer.MEMBER, "personal":
            return say("limits.why_member_own")
        case _:
            assert_never(layer)
