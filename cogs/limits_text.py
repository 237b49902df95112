"""What /limits says: changes, all that is in force, and the log. Pure.

Reasons are other people's text, and shown inert.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import discord
from discord.utils import format_dt

from bot.domain.alert import BooksDiffer
from bot.domain.grant import Grant, Left
from bot.domain.job import Job
from bot.domain.limit import Layer
from bot.domain.money import Usd
from bot.domain.rules import OF_POLICY, SETTABLE, Change, Kind
from bot.words.speech import phrase, say
from cogs.job_text import how_it_goes
from cogs.limits_change import Defaults, because, by_whom, inherited, limits, named, title, value, whose
from cogs.text import COLOUR, MOST_OF_A_DESCRIPTION, MOST_OF_A_FIELD, fitting_with_rest, reason

MOST_TOLD: Final = 10  # of a list in an answer

_NOW: Final = {
    Kind.SERVER_LIMIT: phrase("limits.now_server"),
    Kind.ROLE_LIMIT: phrase("limits.now_everybody"),
    Kind.REQUEST_CAP: phrase("limits.now_request"),
    Kind.JOBS_AT_ONCE: phrase("limits.now_jobs"),
    Kind.TIME_ZONE: phrase("limits.now_time_zone"),
    Kind.STAFF_ROLE: phrase("limits.now_staff"),
    Kind.ALERTS_CHANNEL: phrase("limits.now_alerts"),
    Kind.FREEZE: phrase("limits.now_freeze"),
}
"""What is in force, as /limits show calls it; a role's limit is everybody's there."""

_OF_LAYER: Final = {Kind.SERVER_LIMIT: Layer.SERVER, Kind.ROLE_LIMIT: Layer.MEMBER}


def reconciled(books: Sequence[BooksDiffer], held: Usd) -> str:
    """What was booked and what was billed, by spans, and what the difference may be."""
    if not books:
        return say("limits.no_account")
    lines = list(map(_compared, books))
    if all(each.booked == each.billed for each in books):
        return "\n".join([*lines, say("limits.books_agree")])
    waits = [say("limits.books_wait", held=held)] if held else []
    return "\n".join([*lines, " ".join([*waits, say("limits.books_differ")])])


def _compared(books: BooksDiffer) -> str:
    when = say("limits.today") if books.days == 1 else say("limits.last_days", n=books.days)
    booked, billed = books.booked, books.billed
    if billed > booked:
        return say("limits.billed_more", when=when, booked=booked, billed=billed, difference=billed - booked)
    if billed < booked:
        return say("limits.billed_less", when=when, booked=booked, billed=billed, difference=booked - billed)
    return say("limits.booked", when=when, booked=booked, billed=billed)


def changed(change: Change, defaults: Defaults) -> str:
    """What was, what is now, for whom, and what follows from it."""
    what = title(change)
    before, now = (value(change, each, defaults) for each in (change.before, change.value))
    if change.before == change.value:
        says = say("limits.another_reason", what=what, value=now)
    else:
        says = say("limits.changed", what=what, before=before, value=now)
    return "\n".join([says, *reason(change.reason), *_consequences(change)])


def unchanged(change: Change, defaults: Defaults) -> str:
    """`change`: what was asked for, and is in force already."""
    return say("limits.unchanged", what=title(change), value=value(change, change.value, defaults))


def granted(grant: Grant, before: Usd, after: Usd) -> str:
    """`before` and `after`: what is left of all the member's grants."""
    says = say(
        "limits.granted",
        id=grant.id,
        member=grant.member_id,
        amount=grant.amount,
        until=format_dt(grant.expires_at, "f"),
        before=before,
        after=after,
    )
    return "\n".join([says, *reason(grant.reason), say("limits.grant_extends")])


def revoked(member_id: int, grants: Sequence[Left], why: str) -> str:
    """What was left of each of these until now."""
    told = [
        say("limits.revoked", id=each.grant.id, member=member_id, left=each.left, amount=each.grant.amount)
        for each in grants[:MOST_TOLD]
    ]
    more = [say("limits.and_more", n=len(grants) - MOST_TOLD)] if len(grants) > MOST_TOLD else []
    return "\n".join([*told, *more, *reason(why), say("limits.drawn_stays")])


def resolved(job: Job, why: str) -> str:
    """How an unresolved job was ended."""
    settled, hold = job.settled, job.hold
    if not settled:
        says = say("limits.resolved_released", id=job.id, member=job.member_id, hold=hold)
    elif settled < hold:
        says = say(
            "limits.resolved_in_part",
            id=job.id,
            member=job.member_id,
            hold=hold,
            settled=settled,
            returned=hold - settled,
        )
    else:
        says = say("limits.resolved_settled", id=job.id, member=job.member_id, hold=hold, settled=settled)
    return "\n".join([says, *reason(why), say("limits.still_asked_for")])


def found(job: Job) -> str:
    """An unresolved job of which the provider knew after all when staff were about to decide."""
    return f"{say('limits.found', id=job.id, member=job.member_id)}\n{how_it_goes(job)}"


def in_force(
    changes: Sequence[Change], defaults: Defaults, server_id: int, gone: Collection[int] = ()
) -> discord.Embed:
    """Everything that applies in a server: what staff have set, and the defaults where they have not.

    `gone`: the numbers of those that are of somebody, or of a role, that is no longer there.
    """
    card = discord.Embed(title=say("limits.heading_in_force"), colour=COLOUR)
    kinds = [kind for kind in SETTABLE if kind not in OF_POLICY]  # /settings show has the others
    by_kind = {kind: [each for each in changes if each.kind is kind] for kind in kinds}
    of_server = {kind: by_kind[kind] for kind in kinds if kind not in (Kind.MEMBER_LIMIT, Kind.ROLE_LIMIT)}
    lines = [say("limits.now_account", limits=limits(defaults.get(Layer.ACCOUNT, ())))]
    lines += [_now(kind, found, defaults) for kind, found in of_server.items()]
    everyone = [each for each in by_kind[Kind.ROLE_LIMIT] if each.subject == str(server_id)]
    lines.insert(2, _now(Kind.ROLE_LIMIT, everyone, defaults))
    card.description = fitting_with_rest(lines, MOST_OF_A_DESCRIPTION)
    roles = [each for each in by_kind[Kind.ROLE_LIMIT] if each not in everyone]
    members = by_kind[Kind.MEMBER_LIMIT]
    for name, found in ((say("limits.field_roles"), roles), (say("limits.field_members"), members)):
        if told := [_by(each, whose(each), defaults) for each in found if each.id not in gone]:
            card.add_field(name=name, value=fitting_with_rest(told, MOST_OF_A_FIELD), inline=False)
    if away := [_line_of(each, named(each), defaults) for each in (*roles, *members) if each.id in gone]:
        forget = say("limits.forget")
        told = fitting_with_rest(away, MOST_OF_A_FIELD - len(forget) - 1)
        card.add_field(name=say("limits.field_gone"), value=f"{told}\n{forget}", inline=False)
    return card


def log_page(changes: Sequence[Change], defaults: Defaults) -> tuple[discord.Embed, Sequence[Change]]:
    """The newest of these that fit a card, and these alone."""
    lines = [_logged(change, defaults) for change in changes]
    shown = len(lines)
    while sum(len(line) + 1 for line in lines[:shown]) > MOST_OF_A_DESCRIPTION:
        shown -= 1
    card = discord.Embed(title=say("limits.heading_log"), colour=COLOUR, description="\n".join(lines[:shown]))
    return card, changes[:shown]


def _logged(change: Change, defaults: Defaults) -> str:
    when = f"`#{change.id}` {format_dt(change.changed_at, 'f')} <@{change.actor_id}>"
    before, now = (value(change, each, defaults) for each in (change.before, change.value))
    what = f"{before} → {now}"
    if change.kind is Kind.GRANT:
        what = now
    elif change.before == change.value:
        what = say("limits.log_another_reason", value=now)
    return f"{when} {title(change)}: {what}{because(change.reason)}"


def _consequences(change: Change) -> Iterable[str]:
    """What whoever changes this should know."""
    match change.kind:
        case Kind.MEMBER_LIMIT if change.value is not None:
            yield say("limits.member_limit_counts")
        case Kind.ROLE_LIMIT if change.value is not None and change.subject != str(change.server_id):
            yield say("limits.role_limit_counts")
        case Kind.STAFF_ROLE if change.value is not None:
            yield say("limits.staff_see", role=f"<@&{change.value}>")
        case Kind.ALERTS_CHANNEL if change.value is not None:
            yield say("limits.alerts_go_there")
        case Kind.FREEZE if change.value is not None:
            yield say("limits.freeze_counts")
        case _:
            pass


def _now(kind: Kind, found: Sequence[Change], defaults: Defaults) -> str:
    """A line of all that is in force; `found` is empty where it is inherited."""
    name = say(_NOW[kind])
    if found:
        return _by(found[0], name, defaults)
    layer = _OF_LAYER.get(kind)
    if layer is not None:
        return say("limits.now_default", what=name, limits=limits(defaults.get(layer, ())))
    return f"{name}: {inherited(kind, defaults)}"


def _by(change: Change, name: str, defaults: Defaults) -> str:
    return by_whom(_line_of(change, name, defaults), change.actor_id, change.reason)


def _line_of(change: Change, name: str, defaults: Defaults) -> str:
    return f"{name}: {value(change, change.value, defaults)}"
