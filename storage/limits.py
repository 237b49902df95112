"""What staff have decided: an append-only log, of which the last line of each subject is in force."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.domain.grant import Grant
from bot.domain.money import Usd
from bot.domain.rules import SETTABLE, Change, Kind, Rules, check
from bot.domain.rules import in_force as rules_of
from storage.database import Tx, from_micros, rows, to_micros

MOST_REASON: Final = 300  # characters

_OF_SERVER: Final = tuple(kind for kind in SETTABLE if kind not in (Kind.MEMBER_LIMIT, Kind.ROLE_LIMIT))


async def change(
    tx: Tx,
    server_id: int,
    kind: Kind,
    subject: int | None,
    value: str | None,
    *,
    actor_id: int,
    reason: str,
    at: datetime,
) -> bool:
    """Put `value` in force, as the domain writes it; None inherits again. Whether that changed anything.

    `subject`: the member or role, None for the server. A freeze is also changed by another reason, which members
    read. Raises ValueError for a value that cannot be read.
    """
    if value is not None:
        check(kind, value)
    about = "" if subject is None else str(subject)
    now = await _in_force(tx, server_id, [(kind, about)])
    before = now[0].value if now else None
    has_another_reason = kind is Kind.FREEZE and _kept(reason) not in ("", *(each.reason for each in now))
    if before == value and not (has_another_reason and value is not None):
        return False
    await note(tx, server_id, kind, about, before=before, value=value, actor_id=actor_id, reason=reason, at=at)
    return True


async def note(
    tx: Tx,
    server_id: int,
    kind: Kind,
    subject: str,
    *,
    before: str | None,
    value: str | None,
    actor_id: int,
    reason: str,
    at: datetime,
) -> int:
    """Add a line to the log; its number."""
    cursor = await tx.execute(
        """INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (server_id, kind, subject, before, value, actor_id, _kept(reason), to_micros(at)),
    )
    assert cursor.lastrowid is not None  # it was an insertion
    return cursor.lastrowid


def _kept(reason: str) -> str:
    """A reason as it is stored."""
    return " ".join(reason.split())[:MOST_REASON]


async def in_force(tx: Tx, server_id: int, member_id: int, role_ids: Iterable[int]) -> Rules:
    """The rules for this member with these roles."""
    subjects = [(kind, "") for kind in _OF_SERVER]
    subjects += [(Kind.MEMBER_LIMIT, str(member_id))]
    subjects += [(Kind.ROLE_LIMIT, str(role_id)) for role_id in sorted({server_id, *role_ids})]
    return rules_of(server_id, await _in_force(tx, server_id, subjects))


async def all_in_force(tx: Tx, server_id: int) -> list[Change]:
    """Everything that is set in a server: the server's own first, then members' and roles'."""
    found = await rows(  # from one subject to the next: GROUP BY would read every change that there ever was
        tx,
        """WITH RECURSIVE each(kind, subject) AS (
               SELECT value, (SELECT min(subject) FROM changes WHERE server_id = :server AND kind = wanted.value)
               FROM json_each(:kinds) AS wanted
               UNION ALL
               SELECT kind, (SELECT min(subject) FROM changes
                             WHERE server_id = :server AND kind = each.kind AND subject > each.subject)
               FROM each WHERE each.subject IS NOT NULL
           )
           SELECT changes.* FROM each CROSS JOIN changes ON changes.id = (
               SELECT max(id) FROM changes
               WHERE server_id = :server AND kind = each.kind AND subject = each.subject
           ) WHERE changes.value IS NOT NULL""",
        {"server": server_id, "kinds": json.dumps(SETTABLE)},
    )
    return sorted(map(_change, found), key=lambda each: (SETTABLE.index(each.kind), int(each.subject or 0)))


async def log(tx: Tx, server_id: int, *, most: int, before_id: int | None = None) -> list[Change]:
    """The latest changes, the newest first; `before_id`: those before that one. A grant's value is the grant."""
    found = await rows(
        tx,
        """SELECT changes.*, grants.amount, grants.expires_at, grants.member_id
           FROM changes LEFT JOIN grants ON grants.id = changes.id
           WHERE changes.server_id = ? AND changes.id < ? ORDER BY changes.id DESC LIMIT ?""",
        (server_id, 2**63 - 1 if before_id is None else before_id, most),
    )
    return [_change(row, value=row["value"] if row["amount"] is None else str(grant_of(row))) for row in found]


async def _in_force(tx: Tx, server_id: int, subjects: list[tuple[Kind, str]]) -> list[Change]:
    """The last change of each of these, where there was one."""
    found = await rows(
        tx,
        """SELECT changes.* FROM json_each(:subjects) AS wanted CROSS JOIN changes ON changes.id = (
               SELECT max(id) FROM changes
               WHERE server_id = :server
                 AND kind = json_extract(wanted.value, '$[0]') AND subject = json_extract(wanted.value, '$[1]')
           )""",
        {"server": server_id, "subjects": json.dumps(subjects)},
    )
    return [_change(row) for row in found]


def grant_of(row: sqlite3.Row) -> Grant:
    """The grant of a row of both tables."""
    return Grant(
        id=row["id"],
        server_id=row["server_id"],
        member_id=row["member_id"],
        amount=Usd(row["amount"]),
        expires_at=from_micros(row["expires_at"]),
        giver_id=row["actor_id"],
        reason=row["reason"],
        given_at=from_micros(row["changed_at"]),
    )


def _change(row: sqlite3.Row, value: str | None = None) -> Change:
    return Change(
        id=row["id"],
        server_id=row["server_id"],
        kind=Kind(row["kind"]),
        subject=row["subject"],
        before=row["before"],
        value=row["value"] if value is None else value,
        actor_id=row["actor_id"],
        reason=row["reason"],
        changed_at=from_micros(row["changed_at"]),
    )
