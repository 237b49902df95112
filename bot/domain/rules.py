"""What a server's staff has decided: each change as it was written down, and what is in force by them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Final

from bot.domain import policy
from bot.domain.limit import Limits, parse_amount, parse_limits
from bot.domain.money import Usd
from bot.domain.policy import Policy
from bot.domain.refusal import NotUnderstood
from bot.domain.window import parse_zone
from bot.words.speech import say

FROZEN: Final = "frozen"
MOST_JOBS: Final = 1_000
MOST_ID: Final = 2**63 - 1


class Kind(StrEnum):
    """What a change is about. Its subject is the server, if nothing else is said."""

    SERVER_LIMIT = "server limit"
    MEMBER_LIMIT = "member limit"  # the subject is the member
    ROLE_LIMIT = "role limit"  # the subject is the role; the one with the server's id is everybody
    REQUEST_CAP = "request cap"
    JOBS_AT_ONCE = "jobs at once"  # of each member
    TIME_ZONE = "time zone"
    STAFF_ROLE = "staff role"
    ALERTS_CHANNEL = "alerts channel"
    FREEZE = "freeze"
    # the policy of /settings
    RESOLUTION = "default resolution"
    ASPECT_RATIO = "default aspect ratio"
    DURATION = "default duration"
    FORMAT = "default format"
    QUALITY = "default quality"
    RESOLUTIONS = "allowed resolutions"
    KINDS = "allowed kinds"
    SAFETY = "safety"
    FLAGGED = "flagged videos"
    CHANNELS = "channels"
    RESULTS_CHANNEL = "results channel"
    BLOCKED_WORDS = "blocked words"
    # what happens once, and is in force no longer than that
    GRANT = "grant"  # the subject is the member
    REVOKE = "revoke"  # the subject is the grant's number
    RESOLVE = "resolve"  # the subject is the job


SETTABLE: Final = tuple(kind for kind in Kind if kind not in (Kind.GRANT, Kind.REVOKE, Kind.RESOLVE))

OF_POLICY: Final[Mapping[Kind, str]] = {
    Kind.RESOLUTION: "resolution",
    Kind.ASPECT_RATIO: "aspect_ratio",
    Kind.DURATION: "duration",
    Kind.FORMAT: "format",
    Kind.QUALITY: "quality",
    Kind.RESOLUTIONS: "resolutions",
    Kind.KINDS: "kinds",
    Kind.SAFETY: "safety",
    Kind.FLAGGED: "flagged",
    Kind.CHANNELS: "channels",
    Kind.RESULTS_CHANNEL: "results_channel",
    Kind.BLOCKED_WORDS: "blocked",
}
"""The kinds that make up the policy, each with its field; the others are limits and what goes with them."""


@dataclass(frozen=True)
class Change:
    """One line of the log. `subject`: an id, or empty for the server. `value` None: it inherits again.

    `before`: what was in force until then. `actor_id`: who did it.
    """

    id: int
    server_id: int
    kind: Kind
    subject: str
    before: str | None
    value: str | None
    actor_id: int
    reason: str
    changed_at: datetime


@dataclass(frozen=True)
class Freeze:
    """New jobs are stopped: by whom, why, since when."""

    actor_id: int
    reason: str
    since: datetime


def _no_roles() -> dict[int, Limits]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is in force in a server, for one member. None inherits.

    `everyone`: for members with neither a personal limit nor one by a role. `zone`: of calendar windows.
    """

    server: Limits | None = None
    personal: Limits | None = None
    everyone: Limits | None = None
    roles: Mapping[int, Limits] = field(default_factory=_no_roles)
    zone: tzinfo = UTC
    request_cap: Usd | None = None
    jobs_at_once: int | None = None
    freeze: Freeze | None = None
    staff_role: int | None = None
    alerts_channel: int | None = None
    policy: Policy = field(default_factory=Policy)


def check(kind: Kind, value: str) -> None:
    """Raises NotUnderstood for a value that could not be read again, and ValueError for one that nobody writes."""
    match kind:
        case Kind.SERVER_LIMIT | Kind.MEMBER_LIMIT | Kind.ROLE_LIMIT:
            parse_limits(value)
        case Kind.REQUEST_CAP:
            parse_amount(value)
        case Kind.JOBS_AT_ONCE:
            _whole(value, MOST_JOBS)
        case Kind.TIME_ZONE:
            parse_zone(value)
        case Kind.STAFF_ROLE | Kind.ALERTS_CHANNEL:
            _whole(value, MOST_ID)
        case Kind.FREEZE:
            if value != FROZEN:
                raise ValueError("a server is frozen, or it is not")
        case Kind.GRANT | Kind.REVOKE | Kind.RESOLVE:
            raise ValueError(f"a {kind} is not set")
        case _:
            policy.read({OF_POLICY[kind]: value})


def in_force(server_id: int, changes: Iterable[Change]) -> Rules:
    """The rules by the last change of each subject. `changes`: one of each, and of one member, at most."""
    last = {(each.kind, each.subject): each for each in changes if each.value is not None}
    values = {key: each.value or "" for key, each in last.items()}

    def of_server(kind: Kind) -> str | None:
        return values.get((kind, ""))

    roles = {
        int(subject): parse_limits(value) for (kind, subject), value in values.items() if kind is Kind.ROLE_LIMIT
    }
    personal = next((value for (kind, _), value in values.items() if kind is Kind.MEMBER_LIMIT), None)
    server, zone, cap = of_server(Kind.SERVER_LIMIT), of_server(Kind.TIME_ZONE), of_server(Kind.REQUEST_CAP)
    frozen = last.get((Kind.FREEZE, ""))
    return Rules(
        server=None if server is None else parse_limits(server),
        personal=None if personal is None else parse_limits(personal),
        everyone=roles.pop(server_id, None),
        roles=roles,
        zone=UTC if zone is None else parse_zone(zone),
        request_cap=None if cap is None else parse_amount(cap),
        jobs_at_once=_number(of_server(Kind.JOBS_AT_ONCE)),
        freeze=None if frozen is None else Freeze(frozen.actor_id, frozen.reason, frozen.changed_at),
        staff_role=_number(of_server(Kind.STAFF_ROLE)),
        alerts_channel=_number(of_server(Kind.ALERTS_CHANNEL)),
        policy=policy.read(
            {name: value for kind, name in OF_POLICY.items() if (value := of_server(kind)) is not None}
        ),
    )


def _whole(text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= most):
        raise NotUnderstood(say("written.whole_number", least=0, most=f"{most:,}"))
    return int(text)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
