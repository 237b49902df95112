"""A change that staff made, in words: what it is about, what was, what is, by whom and why. Pure.

Reasons are other people's text, and shown inert.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from bot.domain.limit import Layer, Limits, written
from bot.domain.rules import FROZEN, OF_POLICY, Change, Kind
from bot.words.speech import phrase, say
from cogs import settings_text
from cogs.limits_input import UNLIMITED
from cogs.prompt import shortened

MOST_OF_A_REASON: Final = 150  # characters in a list; an answer has all of it

Defaults: TypeAlias = Mapping[Layer, Limits]

_USD: Final = r"-?\$[0-9.]+"
_STORED: Final = {
    phrase("limits.frozen"): re.compile(FROZEN),
    phrase("limits.log_grant"): re.compile(rf"(?P<amount>{_USD}) until (?P<until>[0-9: -]+) UTC"),
    phrase("limits.log_left"): re.compile(
        rf"(?P<left>{_USD}) left of (?P<amount>{_USD}) for <@(?P<member>[0-9]+)>"
    ),
    phrase("limits.log_revoked"): re.compile("revoked"),
    phrase("limits.log_held"): re.compile(rf"held (?P<held>{_USD})"),
    phrase("limits.log_settled"): re.compile(rf"settled (?P<settled>{_USD})"),
    phrase("limits.log_released"): re.compile("released"),
}
"""How that is said which the log keeps of a freeze and of what happens once, and how it is kept."""


def title(change: Change) -> str:
    """What a change is about: `The limit of <@7>`."""
    match change.kind:
        case Kind.SERVER_LIMIT:
            return say("limits.of_server")
        case Kind.MEMBER_LIMIT:
            return say("limits.of_member", id=change.subject)
        case Kind.ROLE_LIMIT if change.subject == str(change.server_id):
            return say("limits.of_everybody")
        case Kind.ROLE_LIMIT:
            return say("limits.of_role", id=change.subject)
        case Kind.REQUEST_CAP:
            return say("limits.of_request")
        case Kind.JOBS_AT_ONCE:
            return say("limits.of_jobs")
        case Kind.TIME_ZONE:
            return say("limits.of_time_zone")
        case Kind.STAFF_ROLE:
            return say("limits.of_staff")
        case Kind.ALERTS_CHANNEL:
            return say("limits.of_alerts")
        case Kind.FREEZE:
            return say("limits.of_freeze")
        case Kind.GRANT:
            return say("limits.of_grant", id=change.subject)
        case Kind.REVOKE:
            return say("limits.of_revoke", id=change.subject)
        case Kind.RESOLVE:
            return say("limits.of_resolve", id=change.subject)
        case _:
            return say(settings_text.TITLES[change.kind])


def value(change: Change, stored: str | None, defaults: Defaults) -> str:
    """A value as people read it; None is what is inherited."""
    if stored is None:
        of_everybody = change.subject == str(change.server_id)
        return inherited(change.kind, defaults, of_everybody=of_everybody)
    match change.kind:
        case Kind.STAFF_ROLE:
            return f"<@&{stored}>"
        case Kind.ALERTS_CHANNEL:
            return f"<#{stored}>"
        case kind if kind in OF_POLICY:
            return settings_text.shortly(kind, stored)
        case Kind.FREEZE | Kind.GRANT | Kind.REVOKE | Kind.RESOLVE:
            return _once(stored)
        case _:
            return say("limits.unlimited") if stored == UNLIMITED else stored


def limits(limits: Limits) -> str:
    """`$5.00/day and $60.00/month`, as staff write it, or that they are not limited."""
    return written(limits) if limits else say("limits.unlimited")


def _once(stored: str) -> str:
    for key, pattern in _STORED.items():
        if found := pattern.fullmatch(stored):
            return say(key, **found.groupdict())
    return stored


def inherited(kind: Kind, defaults: Defaults, *, of_everybody: bool = False) -> str:
    """What applies where staff have set nothing. `of_everybody`: a role's limit that is each member's."""
    match kind:
        case Kind.SERVER_LIMIT:
            return say("limits.the_default", limits=limits(defaults.get(Layer.SERVER, ())))
        case Kind.ROLE_LIMIT if of_everybody:
            return say("limits.the_default", limits=limits(defaults.get(Layer.MEMBER, ())))
        case Kind.MEMBER_LIMIT:
            return say("limits.by_roles")
        case Kind.ROLE_LIMIT:
            return say("limits.not_set")
        case Kind.REQUEST_CAP | Kind.JOBS_AT_ONCE:
            return say("limits.unlimited")
        case Kind.TIME_ZONE:
            return "UTC"
        case Kind.STAFF_ROLE:
            return say("limits.no_role")
        case Kind.ALERTS_CHANNEL:
            return say("limits.no_channel")
        case Kind.FREEZE:
            return say("limits.open")
        case Kind.GRANT | Kind.REVOKE | Kind.RESOLVE:
            return say("limits.nothing")
        case _:
            return settings_text.written(kind, None)


def whose(change: Change) -> str:
    """The member, or the role, whose limit it is."""
    return f"<@{change.subject}>" if change.kind is Kind.MEMBER_LIMIT else f"<@&{change.subject}>"


def named(change: Change) -> str:
    """Whose limit it is, with the id, since Discord shows no name of who is gone."""
    if change.kind is Kind.MEMBER_LIMIT:
        return say("limits.named_member", id=change.subject)
    return say("limits.named_role", id=change.subject)


def by_whom(what: str, actor_id: int, reason: str) -> str:
    """What somebody did, with who it was, and why."""
    return f"{say('limits.by_whom', what=what, member=actor_id)}{because(reason)}"


def because(reason: str) -> str:
    """The reason as it stands at the end of a line; nothing where there is none."""
    return f" ({shortened(reason, MOST_OF_A_REASON)})" if reason else ""
