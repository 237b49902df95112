"""What /spending says: limits as they stand, grants, receipts, and a server's sums. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

import discord
from discord.utils import format_dt

from bot.domain.admission import Admission, Check, Credit, Frozen, JobsAtOnce, RequestCap, Unlimited
from bot.domain.grant import Left
from bot.domain.job import Job, State
from bot.domain.limit import Layer, Origin, Standing
from bot.domain.money import ZERO, Usd
from bot.words.speech import phrase, say
from cogs.asked import about
from cogs.prompt import shortened
from cogs.standing import amount_per, anew
from cogs.text import COLOUR, MOST_OF_A_FIELD, fitting
from storage.receipts import OfMember

KINDS: Final[Mapping[str, str]] = {
    "text_to_video": phrase("spending.from_words"),
    "image_to_video": phrase("spending.from_pictures"),
    "edit_video": phrase("spending.edits"),
    "reframe_video": phrase("spending.reframes"),
}
"""Each kind of request, as the picture and the sums call it."""

MEMBERS: Final = 10  # of a server's sums; the others are added up


def of_member(
    member_id: int,
    admission: Admission,
    grants: Sequence[Left],
    jobs: Sequence[Job],
    from_grants: Mapping[str, Usd],
    spent: Usd,
    *,
    days: int,
    mine: bool,
) -> discord.Embed:
    """A member's limits, grants and latest jobs. `from_grants`: what grants pay, by job. `spent`: in `days`."""
    title = say("spending.heading_yours") if mine else say("spending.heading_members")
    whose = "" if mine else f"<@{member_id}>\n"
    card = discord.Embed(title=title, description=f"{whose}{_in_days(spent, days)}", colour=COLOUR)
    limits = [_check(check, mine=mine) for check in _shown(admission)]
    limits += [say("spending.another_roles", limit=_standing(other, mine=mine)) for other in admission.others]
    card.add_field(name=say("spending.field_limits"), value=fitting(limits, MOST_OF_A_FIELD), inline=False)
    if grants:
        told = fitting([_grant(each) for each in grants], MOST_OF_A_FIELD)
        card.add_field(name=say("limits.field_grants"), value=told, inline=False)
    if not jobs:
        none = say("spending.no_jobs") if mine else say("spending.no_jobs_of_theirs")
        card.add_field(name=say("spending.field_latest"), value=none, inline=False)
    for job in jobs:
        told = receipt(job, from_grants.get(job.id, ZERO))
        card.add_field(name=say("spending.field_job", id=job.id), value=told, inline=False)
    return card


def of_server(
    admission: Admission, members: Sequence[OfMember], kinds: Mapping[str, Usd], held: Usd, *, days: int
) -> discord.Embed:
    """A server's sums over `days`, by member and by kind, and its limits. `held`: on hold now."""
    spent = sum((each.spent for each in members), ZERO)
    overruns = sum((each.spent for each in members if each.member_id is None), ZERO)
    lines = [_in_days(spent, days)]
    if overruns:
        lines.append(say("spending.overruns", overruns=overruns))
    lines.append(say("spending.on_hold", held=held))
    card = discord.Embed(title=say("spending.heading_servers"), description="\n".join(lines), colour=COLOUR)
    outer = [_check(check, mine=False) for check in _shown(admission) if not _is_members(check)]
    card.add_field(name=say("spending.field_limits"), value=fitting(outer, MOST_OF_A_FIELD), inline=False)
    if spent:
        by_member = fitting(_members(members), MOST_OF_A_FIELD)
        card.add_field(name=say("spending.field_by_member"), value=by_member, inline=False)
        by_kind = [f"{say(KINDS[kind])}: **{amount}**" for kind, amount in kinds.items() if amount]
        card.add_field(name=say("spending.field_by_kind"), value="\n".join(by_kind), inline=False)
    return card


def receipt(job: Job, from_grants: Usd) -> str:
    """What was quoted, what became of it, and who paid."""
    when = format_dt(job.held_at, "R")
    parts = [say("spending.quoted", hold=job.hold), _outcome(job)]
    if job.overrun:
        parts.append(say("spending.overrun", overrun=job.overrun))
    lines = [f"> {shortened(job.request.prompt, 80)}", f"{about(job.request)} · {when}", " · ".join(parts)]
    return "\n".join([*lines, *_paid(job, from_grants)])


def _outcome(job: Job) -> str:
    match job.state:
        case State.DONE:
            return _settled(job.settled or ZERO, job.hold, is_estimated=job.estimated)
        case State.FAILED:
            return say("spending.failed")
        case State.CANCELLED:
            return say("spending.cancelled")
        case State.UNRESOLVED:
            return say("spending.unresolved")
        case State.QUEUED | State.SENDING | State.RUNNING:
            return say("spending.under_way")
        case _:
            assert_never(job.state)


def _settled(settled: Usd, hold: Usd, *, is_estimated: bool) -> str:
    if settled == hold and is_estimated:
        return say("spending.settled_estimated", settled=settled)
    if settled == hold:
        return say("spending.settled", settled=settled)
    if is_estimated:
        return say("spending.settled_in_part_estimated", settled=settled, returned=hold - settled)
    return say("spending.settled_in_part", settled=settled, returned=hold - settled)


def _paid(job: Job, from_grants: Usd) -> list[str]:
    """Who pays, where grants do, in a line of its own."""
    if not from_grants:
        return []
    pays = job.settled or ZERO if job.is_over else job.hold
    if pays == from_grants:
        return [say("spending.paid_by_grants", grants=from_grants)]
    return [say("spending.paid_by_both", limit=pays - from_grants, grants=from_grants)]


def _in_days(spent: Usd, days: int) -> str:
    return say("spending.spent", n=days, spent=spent) if spent else say("spending.nothing_spent", n=days)


def _shown(admission: Admission) -> list[Check]:
    """All but the provider's credit while there is some."""
    return [check for check in admission.checks if not isinstance(check, Credit) or check.refuses(admission.price)]


def _is_members(check: Check) -> bool:
    return isinstance(check, RequestCap | JobsAtOnce) or getattr(check, "layer", None) is Layer.MEMBER


def _check(check: Check, *, mine: bool) -> str:
    match check:
        case Standing():
            return _standing(check, mine=mine)
        case Unlimited(layer, origin):
            return _unlimited(_whose(layer, mine=mine), origin)
        case RequestCap(amount):
            return say("spending.one_request", amount=amount)
        case JobsAtOnce(most, under_way):
            return say("spending.at_once", under_way=under_way, n=most)
        case Credit():
            return say("spending.out_of_credit")
        case Frozen():
            return say("spending.stopped")
        case _:
            assert_never(check)


def _unlimited(whose: str, origin: Origin) -> str:
    match origin.source:
        case "role":
            return say("spending.unlimited_by_role", whose=whose, role=origin.role_id)
        case "personal":
            return say("spending.unlimited_personally", whose=whose)
        case "default" | "server":
            return say("spending.unlimited", whose=whose)
        case _:
            assert_never(origin.source)


def _standing(standing: Standing, *, mine: bool) -> str:
    """`**You**, $5.00 a day: spent $0.30, on hold $0.06, left **$4.64**, resets in 9 hours`."""
    whose, limit = _whose(standing.layer, mine=mine), _limit(standing)
    spent, held, left = standing.spent, standing.held, standing.left
    if standing.granted and left:
        says = say("spending.limit_and_grants", whose=whose, limit=limit, spent=spent, held=held, left=left)
    else:
        says = say("spending.limit", whose=whose, limit=limit, spent=spent, held=held, left=left)
    return anew(says, standing)


def _limit(standing: Standing) -> str:
    limit = amount_per(standing.limit)
    match standing.origin.source:
        case "role":
            return say("spending.by_role", limit=limit, role=standing.origin.role_id)
        case "personal":
            return say("spending.personally", limit=limit)
        case "default" | "server":
            return limit
        case _:
            assert_never(standing.origin.source)


def _whose(layer: Layer, *, mine: bool) -> str:
    match layer:
        case Layer.ACCOUNT:
            return say("spending.everybody")
        case Layer.SERVER:
            return say("spending.this_server")
        case Layer.MEMBER:
            return say("spending.you") if mine else say("spending.this_member")
        case _:
            assert_never(layer)


def _grant(each: Left) -> str:
    grant, until = each.grant, format_dt(each.grant.expires_at, "f")
    if not grant.reason:
        return say("spending.grant", left=each.left, amount=grant.amount, until=until)
    why = shortened(grant.reason, 80)
    return say("spending.grant_because", left=each.left, amount=grant.amount, until=until, reason=why)


def _members(members: Sequence[OfMember]) -> list[str]:
    """The largest first; what does not fit is added up in the last line."""
    named = [each for each in members if each.member_id is not None]
    lines = [
        say("spending.in_jobs", who=f"<@{each.member_id}>", spent=each.spent, n=each.jobs)
        for each in named[:MEMBERS]
    ]
    if others := named[MEMBERS:]:
        spent, jobs = sum((each.spent for each in others), ZERO), sum(each.jobs for each in others)
        lines.append(say("spending.in_jobs", who=say("spending.others", n=len(others)), spent=spent, n=jobs))
    return lines or [say("spending.nobody")]
