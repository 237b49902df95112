"""What /spending says: limits as they stand, grants, receipts, and a server's sums. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

import discord

from bot.domain.admission import Admission, Check, Credit, Frozen, JobsAtOnce, RequestCap, Unlimited
from bot.domain.grant import Left
from bot.domain.job import Job, State
from bot.domain.limit import Layer, Origin, Standing
from bot.domain.money import ZERO, Usd
from cogs.asked import about
from cogs.prompt import shortened
from cogs.standing import anew, per
from cogs.text import COLOUR, MOST_OF_A_FIELD, fitting
from storage.receipts import OfMember

KINDS: Final[Mapping[str, str]] = {
    "text_to_video": "from words",
    "image_to_video": "from pictures",
    "edit_video": "edits",
    "reframe_video": "reframes",
}
"""Each kind of request, as the picture and the sums call it."""

MEMBERS: Final = 10  # of a server's sums; the others are added up

NO_SPENDING: Final = "Nothing was spent in the last {days} days, so there is no picture."
NO_JOBS: Final = "No videos here yet. /generate makes the first."
NO_JOBS_OF_THEIRS: Final = "No videos here yet."
ONE_AT_A_TIME: Final = "Choose either a member or the server, not both. Nothing was looked up."
EXPORT_IS_THE_SERVERS: Final = "The file holds the whole server's entries. Leave member out to export it."
EXPORTED: Final = "The attached file has every entry of this server's books, {entries} of them."
ZIPPED: Final = " It is compressed: unpack it to open it."
TOO_LARGE: Final = (
    "The entries do not fit a file that Discord takes here. Please ask whoever runs this bot for a copy of them."
)


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
    title = "Your spending here" if mine else "A member's spending here"
    whose = "" if mine else f"<@{member_id}>\n"
    card = discord.Embed(title=title, description=f"{whose}{_in_days(spent, days)}", colour=COLOUR)
    limits = [_check(check, "You" if mine else "This member") for check in _shown(admission)]
    limits += [
        f"{_standing(other, 'You' if mine else 'This member')} (another role's)" for other in admission.others
    ]
    card.add_field(name="Limits", value=fitting(limits, MOST_OF_A_FIELD), inline=False)
    if grants:
        card.add_field(
            name="Grants", value=fitting([_grant(each) for each in grants], MOST_OF_A_FIELD), inline=False
        )
    if not jobs:
        card.add_field(name="Latest videos", value=NO_JOBS if mine else NO_JOBS_OF_THEIRS, inline=False)
    for job in jobs:
        card.add_field(name=f"Job {job.id}", value=receipt(job, from_grants.get(job.id, ZERO)), inline=False)
    return card


def of_server(
    admission: Admission, members: Sequence[OfMember], kinds: Mapping[str, Usd], held: Usd, *, days: int
) -> discord.Embed:
    """A server's sums over `days`, by member and by kind, and its limits. `held`: on hold now."""
    spent = sum((each.spent for each in members), ZERO)
    overruns = sum((each.spent for each in members if each.member_id is None), ZERO)
    lines = [_in_days(spent, days)]
    if overruns:
        lines.append(f"Of that, {overruns} was billed beyond the quotes and is the server's own.")
    lines.append(f"On hold now: **{held}**.")
    card = discord.Embed(title="This server's spending", description="\n".join(lines), colour=COLOUR)
    outer = [check for check in _shown(admission) if not _is_members(check)]
    card.add_field(
        name="Limits", value=fitting([_check(check, "") for check in outer], MOST_OF_A_FIELD), inline=False
    )
    if spent:
        card.add_field(name="By member", value=fitting(_members(members), MOST_OF_A_FIELD), inline=False)
        by_kind = [f"{KINDS[kind]}: **{amount}**" for kind, amount in kinds.items() if amount]
        card.add_field(name="By kind", value="\n".join(by_kind), inline=False)
    return card


def receipt(job: Job, from_grants: Usd) -> str:
    """What was quoted, what became of it, and who paid."""
    when = f"<t:{int(job.held_at.timestamp())}:R>"
    parts = [f"quoted and held {job.hold}", _outcome(job)]
    if job.overrun:
        parts.append(f"{job.overrun} more was billed, on the server")
    pays = job.settled or ZERO if job.is_over else job.hold
    who = [_paid("limit", pays - from_grants), _paid("grants", from_grants)] if from_grants else []
    paid = f"\nPaid by: {' and '.join(part for part in who if part)}" if who else ""
    return f"> {shortened(job.request.prompt, 80)}\n{about(job.request)} · {when}\n{' · '.join(parts)}{paid}"


def _outcome(job: Job) -> str:
    match job.state:
        case State.DONE:
            returned = job.hold - (job.settled or ZERO)
            rest = f", {returned} returned" if returned else ""
            return f"settled {job.settled or ZERO}{', estimated' if job.estimated else ''}{rest}"
        case State.FAILED | State.CANCELLED:
            return f"{job.state.value}, all of it returned"
        case State.UNRESOLVED:
            return "unresolved, still on hold"
        case State.QUEUED | State.SENDING | State.RUNNING:
            return "under way, on hold"
        case _:
            assert_never(job.state)


def _paid(what: str, amount: Usd) -> str:
    return f"{what} {amount}" if amount else ""


def _in_days(spent: Usd, days: int) -> str:
    return f"Spent in the last {days} days: **{spent}**." if spent else NO_SPENDING.format(days=days)


def _shown(admission: Admission) -> list[Check]:
    """All but the provider's credit while there is some."""
    return [check for check in admission.checks if not isinstance(check, Credit) or check.refuses(admission.price)]


def _is_members(check: Check) -> bool:
    return isinstance(check, RequestCap | JobsAtOnce) or getattr(check, "layer", None) is Layer.MEMBER


def _check(check: Check, member: str) -> str:
    match check:
        case Standing():
            return _standing(check, member)
        case Unlimited(layer, origin):
            return f"**{_whose(layer, member)}**{_by(origin)}: unlimited"
        case RequestCap(amount):
            return f"**One request**: at most {amount}"
        case JobsAtOnce(most, under_way):
            return f"**At once**: {under_way} of {most} videos under way"
        case Credit():
            return "**The account at the provider** is out of credit for now. Whoever runs this bot can add some."
        case Frozen():
            return "**New videos are stopped** for now by this server's staff."
        case _:
            assert_never(check)


def _standing(standing: Standing, member: str) -> str:
    """`**You**, $5.00 a day: spent $0.30, on hold $0.06, left **$4.64**, resets in 9 hours`."""
    limit = f"{standing.limit.amount} {per(standing.limit.window)}{_by(standing.origin)}"
    grants = ", grants included" if standing.granted and standing.left else ""
    return (
        f"**{_whose(standing.layer, member)}**, {limit}: spent {standing.spent}, on hold {standing.held}, "
        f"left **{standing.left}**{grants}{anew(standing)}"
    )


def _whose(layer: Layer, member: str) -> str:
    return {Layer.ACCOUNT: "Everybody together", Layer.SERVER: "This server", Layer.MEMBER: member}[layer]


def _by(origin: Origin) -> str:
    match origin.source:
        case "role":
            return f" by <@&{origin.role_id}>"
        case "personal":
            return ", personally"
        case "default" | "server":
            return ""
        case _:
            assert_never(origin.source)


def _grant(each: Left) -> str:
    why = f": {shortened(each.grant.reason, 80)}" if each.grant.reason else ""
    return f"**{each.left}** of {each.grant.amount} left, until <t:{int(each.grant.expires_at.timestamp())}:f>{why}"


def _members(members: Sequence[OfMember]) -> list[str]:
    """The largest first; what does not fit is added up in the last line."""
    named = [each for each in members if each.member_id is not None]
    lines = [f"<@{each.member_id}>: **{each.spent}** in {_jobs(each.jobs)}" for each in named[:MEMBERS]]
    others = named[MEMBERS:]
    if others:
        rest = sum((each.spent for each in others), ZERO)
        count = "1 other" if len(others) == 1 else f"{len(others)} others"
        lines.append(f"{count}: **{rest}** in {_jobs(sum(each.jobs for each in others))}")
    return lines or ["nobody"]


def _jobs(number: int) -> str:
    return "1 job" if number == 1 else f"{number} jobs"
