"""What /limits says: changes, all that is in force, and the log. Pure.

Reasons are other people's text, and shown inert.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias

import discord

from bot.domain.admission import FrozenServer
from bot.domain.alert import BooksDiffer
from bot.domain.grant import Grant, Left
from bot.domain.job import Job
from bot.domain.limit import Layer, Limits, written
from bot.domain.money import Usd
from bot.domain.rules import OF_POLICY, SETTABLE, Change, Kind
from cogs import settings_text
from cogs.prompt import shortened
from cogs.text import COLOUR, MOST_OF_A_FIELD, how_it_goes

MOST_OF_A_DESCRIPTION: Final = 4_096
MOST_OF_A_REASON: Final = 150  # characters in a list; an answer has all of it

Defaults: TypeAlias = Mapping[Layer, Limits]

MOST_TOLD: Final = 10  # of a list in an answer
NO_SUCH_GRANT: Final = (
    "<@{member}> has no such grant that is still open, so nothing was changed. "
    "/limits why shows the grants of a member with their numbers."
)

FORGET: Final = "These count for nobody. /limits forget takes them away."

NO_LOG: Final = "Nothing has been changed here yet. /limits show says what applies."
NO_OLDER: Final = "There is nothing older than that. /limits log shows the newest."
OLDER: Final = "For what is older: /limits log before: {number}"

STILL_ASKED_FOR: Final = (
    "I keep asking the provider for 7 days. What still comes is posted, and what it costs beyond this is paid by "
    "the server."
)

_EVERYBODY: Final = "each member who has no limit of their own or of a role"
_STAFF_SEE: Final = (
    "Discord itself shows /limits only to members with Manage Server. To let {role} see it too, open Server "
    "Settings > Integrations, choose me, then /limits, and add the role. I check it again at each use."
)


SEVERAL_SERVERS: Final = (
    "Several servers share this bot's account, so its books are not this server's to see. "
    "Whoever runs the bot finds them in its log, once a day; /spending shows this server's."
)
NO_ACCOUNT: Final = (
    "The provider does not say now what it has billed. Please try again in some minutes; "
    "the books are compared once a day in any case."
)


def reconciled(books: Sequence[BooksDiffer], held: Usd) -> str:
    """What was booked and what was billed, by spans, and what the difference may be."""
    if not books:
        return NO_ACCOUNT
    lines = [f"{_span(each.days)}: {each.booked} booked, {each.billed} billed{_differ(each)}" for each in books]
    if all(each.booked == each.billed for each in books):
        return "\n".join([*lines, "The books are what the provider has billed."])
    waits = f"{held} is on hold for jobs under way, which may be billed and not booked yet. " if held else ""
    other = "What else differs was spent by something else with the same account, or before this bot's books began."
    return "\n".join([*lines, f"{waits}{other}"])


def _span(days: int) -> str:
    return "Today (UTC)" if days == 1 else f"The last {days} days"


def _differ(books: BooksDiffer) -> str:
    if books.booked == books.billed:
        return ""
    more = books.billed > books.booked
    return f", {max(books.booked, books.billed) - min(books.booked, books.billed)} {'more' if more else 'less'}"


def changed(change: Change, defaults: Defaults) -> str:
    """What was, what is now, for whom, and what follows from it."""
    before, value = (_value(change, each, defaults) for each in (change.before, change.value))
    says = f"{_title(change)}: {before} before, {value} now."
    if change.before == change.value:
        says = f"{_title(change)}: {value} as before, for another reason."
    return "\n".join([says, *_reason(change.reason), *_consequences(change)])


def unchanged(change: Change, defaults: Defaults) -> str:
    """`change`: what was asked for, and is in force already."""
    value = _value(change, change.value, defaults)
    return f"{_title(change)}: {value} already. Nothing was changed."


def granted(grant: Grant, before: Usd, after: Usd) -> str:
    """`before` and `after`: what is left of all the member's grants."""
    says = (
        f"Grant `#{grant.id}`: <@{grant.member_id}> may spend {grant.amount} beyond their limit until "
        f"{timestamp(grant.expires_at, 'f')}. What is left of their grants: {before} before, {after} now."
    )
    extends = "A grant extends the member's own limit, not the server's, and it does not open a limit of 0."
    return "\n".join([says, *_reason(grant.reason), extends])


def revoked(member_id: int, grants: Sequence[Left], reason: str) -> str:
    """What was left of each of these until now."""
    told = [f"Grant `#{each.grant.id}` of <@{member_id}>: {each.left} of {each.grant.amount}" for each in grants]
    says = "\n".join(f"{each} left before, revoked now." for each in told[:MOST_TOLD])
    more = [f"… and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    drawn = "What their videos have drawn of it stays paid, those under way included."
    return "\n".join([says, *more, *_reason(reason), drawn])


def resolved(job: Job, reason: str) -> str:
    """How an unresolved job was ended."""
    if job.settled:
        returned = f", and {job.hold - job.settled} returned" if job.settled < job.hold else ""
        ended = f"{job.settled} settled{returned}"
    else:
        ended = "all of it released"
    says = f"Job `{job.id}` of <@{job.member_id}>: {job.hold} was on hold, now {ended}."
    return "\n".join([says, *_reason(reason), STILL_ASKED_FOR])


def found(job: Job) -> str:
    """An unresolved job of which the provider knew after all when staff were about to decide."""
    return (
        f"Job `{job.id}` of <@{job.member_id}> is found: the provider knows it after all. Nothing is left to "
        f"decide, and nothing was settled or released by hand.\n{how_it_goes(job)}"
    )


def frozen(refusal: FrozenServer) -> str:
    """What a member reads whose request meets a freeze, with staff's reason made inert."""
    freeze = refusal.freeze
    return FrozenServer(replace(freeze, reason=shortened(freeze.reason))).says


def in_force(
    changes: Sequence[Change], defaults: Defaults, server_id: int, gone: Collection[int] = ()
) -> discord.Embed:
    """Everything that applies in a server: what staff have set, and the defaults where they have not.

    `gone`: the numbers of those that are of somebody, or of a role, that is no longer there.
    """
    card = discord.Embed(title="Limits in this server", colour=COLOUR)
    kinds = [kind for kind in SETTABLE if kind not in OF_POLICY]  # /settings show has the others
    by_kind = {kind: [each for each in changes if each.kind is kind] for kind in kinds}
    account = written(defaults.get(Layer.ACCOUNT, ()))
    of_server = {kind: by_kind[kind] for kind in kinds if kind not in (Kind.MEMBER_LIMIT, Kind.ROLE_LIMIT)}
    lines = [f"All servers together: {account} (only whoever runs me can change that)"]
    lines += [_now(kind, found, defaults) for kind, found in of_server.items()]
    everyone = [each for each in by_kind[Kind.ROLE_LIMIT] if each.subject == str(server_id)]
    lines.insert(2, _now(Kind.ROLE_LIMIT, everyone, defaults))
    card.description = fitting(lines, MOST_OF_A_DESCRIPTION)
    roles = [each for each in by_kind[Kind.ROLE_LIMIT] if each not in everyone]
    members = by_kind[Kind.MEMBER_LIMIT]
    for name, found in (("Roles", roles), ("Members", members)):
        if told := [f"{_whose(each)}: {each.value}{_by(each)}" for each in found if each.id not in gone]:
            card.add_field(name=name, value=fitting(told, MOST_OF_A_FIELD), inline=False)
    if away := [f"{named(each)}: {each.value}" for each in (*roles, *members) if each.id in gone]:
        told = fitting(away, MOST_OF_A_FIELD - len(FORGET) - 1)
        card.add_field(name="No longer here", value=f"{told}\n{FORGET}", inline=False)
    return card


def _whose(change: Change) -> str:
    return f"<@{change.subject}>" if change.kind is Kind.MEMBER_LIMIT else f"<@&{change.subject}>"


def named(change: Change) -> str:
    """Whose limit it is, with the id, since Discord shows no name of who is gone."""
    return f"{'Member' if change.kind is Kind.MEMBER_LIMIT else 'Role'} {_whose(change)} (`{change.subject}`)"


def log_page(changes: Sequence[Change], defaults: Defaults) -> tuple[discord.Embed, Sequence[Change]]:
    """The newest of these that fit a card, and these alone."""
    lines = [_line(change, defaults) for change in changes]
    shown = len(lines)
    while sum(len(line) + 1 for line in lines[:shown]) > MOST_OF_A_DESCRIPTION:
        shown -= 1
    card = discord.Embed(title="What staff have done", colour=COLOUR, description="\n".join(lines[:shown]))
    return card, changes[:shown]


def _line(change: Change, defaults: Defaults) -> str:
    when = f"`#{change.id}` {timestamp(change.changed_at, 'f')} <@{change.actor_id}>"
    before, value = (_value(change, each, defaults) for each in (change.before, change.value))
    what = f"{before} → {value}"
    if change.kind is Kind.GRANT:
        what = value
    elif change.before == change.value:
        what = f"{value} as before, for another reason"
    return f"{when} {_title(change)}: {what}{_because(change.reason)}"


def _title(change: Change) -> str:
    """What a change is about: `The limit of <@7>`."""
    match change.kind:
        case Kind.SERVER_LIMIT:
            return "This server's limit"
        case Kind.MEMBER_LIMIT:
            return f"The limit of <@{change.subject}>"
        case Kind.ROLE_LIMIT if change.subject == str(change.server_id):
            return f"The limit of {_EVERYBODY}"
        case Kind.ROLE_LIMIT:
            return f"The limit of each member with <@&{change.subject}>"
        case Kind.REQUEST_CAP:
            return "The most that one request may cost"
        case Kind.JOBS_AT_ONCE:
            return "The most jobs that a member may have under way"
        case Kind.TIME_ZONE:
            return "The time zone in which days begin"
        case Kind.STAFF_ROLE:
            return "The staff role"
        case Kind.ALERTS_CHANNEL:
            return "The channel for alerts"
        case Kind.FREEZE:
            return "New videos in this server"
        case Kind.GRANT:
            return f"A grant for <@{change.subject}>"
        case Kind.REVOKE:
            return f"Grant `#{change.subject}`"
        case Kind.RESOLVE:
            return f"Job `{change.subject}`"
        case _:
            return settings_text.TITLES[change.kind]


def _value(change: Change, value: str | None, defaults: Defaults) -> str:
    """A value as people read it; None is what is inherited."""
    if value is None:
        return _inherited(change, defaults)
    match change.kind:
        case Kind.STAFF_ROLE:
            return f"<@&{value}>"
        case Kind.ALERTS_CHANNEL:
            return f"<#{value}>"
        case kind if kind in OF_POLICY:
            return settings_text.shortly(kind, value)
        case _:
            return value


def _inherited(change: Change, defaults: Defaults) -> str:
    match change.kind:
        case Kind.SERVER_LIMIT:
            return f"the default, {written(defaults.get(Layer.SERVER, ()))}"
        case Kind.ROLE_LIMIT if change.subject == str(change.server_id):
            return f"the default, {written(defaults.get(Layer.MEMBER, ()))}"
        case Kind.MEMBER_LIMIT:
            return "what their roles and this server say"
        case Kind.ROLE_LIMIT:
            return "not set"
        case Kind.REQUEST_CAP | Kind.JOBS_AT_ONCE:
            return "unlimited"
        case Kind.TIME_ZONE:
            return "UTC"
        case Kind.STAFF_ROLE | Kind.ALERTS_CHANNEL:
            return "none"
        case Kind.FREEZE:
            return "open"
        case Kind.GRANT | Kind.REVOKE | Kind.RESOLVE:
            return "nothing"
        case _:
            return settings_text.written(change.kind, None)


def _consequences(change: Change) -> Iterable[str]:
    """What whoever changes this should know."""
    match change.kind:
        case Kind.MEMBER_LIMIT if change.value is not None:
            yield "It counts instead of what their roles and this server say."
        case Kind.ROLE_LIMIT if change.value is not None and change.subject != str(change.server_id):
            yield "Each member with the role has that much. Of several roles one is enough, and one at 0 blocks."
        case Kind.STAFF_ROLE if change.value is not None:
            yield _STAFF_SEE.format(role=f"<@&{change.value}>")
        case Kind.ALERTS_CHANNEL if change.value is not None:
            yield "I may write there, and have just said so in it."
        case Kind.FREEZE if change.value is not None:
            yield "Videos that are under way go on. /limits unfreeze lets new ones in again."
        case _:
            pass


def _now(kind: Kind, found: Sequence[Change], defaults: Defaults) -> str:
    """A line of all that is in force; `found` is empty where it is inherited."""
    name = {
        Kind.SERVER_LIMIT: "This server",
        Kind.ROLE_LIMIT: "Each member, where nothing else is set",
        Kind.REQUEST_CAP: "One request at most",
        Kind.JOBS_AT_ONCE: "Jobs of a member at once",
        Kind.TIME_ZONE: "Time zone",
        Kind.STAFF_ROLE: "Staff, beside Manage Server",
        Kind.ALERTS_CHANNEL: "Alerts",
        Kind.FREEZE: "New videos",
    }[kind]
    if found:
        return f"{name}: {_value(found[0], found[0].value, defaults)}{_by(found[0])}"
    layer = {Kind.SERVER_LIMIT: Layer.SERVER, Kind.ROLE_LIMIT: Layer.MEMBER}.get(kind)
    if layer is not None:
        return f"{name}: {written(defaults.get(layer, ()))} (the default)"
    words = {Kind.TIME_ZONE: "UTC", Kind.STAFF_ROLE: "none", Kind.ALERTS_CHANNEL: "none", Kind.FREEZE: "open"}
    return f"{name}: {words.get(kind, 'unlimited')}"


def _by(change: Change) -> str:
    return by_whom(change.actor_id, change.reason)


def by_whom(actor_id: int, reason: str) -> str:
    """Who did it, and why."""
    return f", by <@{actor_id}>{_because(reason)}"


def _because(reason: str) -> str:
    return f" ({shortened(reason, MOST_OF_A_REASON)})" if reason else ""


def _reason(reason: str) -> list[str]:
    return [f"Reason: {shortened(reason)}"] if reason else []


def timestamp(at: datetime, style: str) -> str:
    """As Discord shows it in the reader's own way."""
    return f"<t:{int(at.timestamp())}:{style}>"


def fitting(lines: Sequence[str], most: int) -> str:
    """As many lines from the first on as fit, and how many do not."""
    shown = len(lines)
    while True:
        left_out = [f"… and {len(lines) - shown} more"] if shown < len(lines) else []
        text = "\n".join([*lines[:shown], *left_out])
        if len(text) <= most:
            return text
        shown -= 1
