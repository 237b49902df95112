"""Grants, and what jobs draw from them. What is left of a grant is a sum: nothing is stored twice."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.domain.grant import Draw, Grant, Left, check_grant, settled
from bot.domain.money import Usd
from bot.domain.rules import Kind
from storage import limits
from storage.database import Tx, rows, to_micros

_UNDER_WAY: Final = "jobs.state IN ('queued', 'sending', 'running', 'unresolved')"


async def give(
    tx: Tx,
    server_id: int,
    member_id: int,
    amount: Usd,
    *,
    expires_at: datetime,
    actor_id: int,
    reason: str,
    at: datetime,
) -> Grant:
    """Let a member spend so much beyond their limit. Raises ValueError, with what to do instead."""
    check_grant(amount, expires_at, at)
    grant_id = await limits.note(
        tx, server_id, Kind.GRANT, str(member_id), before=None, value=None, actor_id=actor_id, reason=reason, at=at
    )
    await tx.execute(
        "INSERT INTO grants (id, server_id, member_id, amount, expires_at) VALUES (?, ?, ?, ?, ?)",
        (grant_id, server_id, member_id, amount.nanos, to_micros(expires_at)),
    )
    return Grant(grant_id, server_id, member_id, amount, expires_at, actor_id, reason, at)


async def revoke(tx: Tx, left: Left, *, actor_id: int, reason: str, at: datetime) -> None:
    """Take back what is left of a grant that `of_member` found. What jobs have drawn of it stays theirs."""
    grant = left.grant
    await limits.note(
        tx,
        grant.server_id,
        Kind.REVOKE,
        str(grant.id),
        before=f"{left.left} left of {grant.amount} for <@{grant.member_id}>",
        value="revoked",
        actor_id=actor_id,
        reason=reason,
        at=at,
    )


async def of_member(tx: Tx, server_id: int, member_id: int, *, now: datetime) -> list[Left]:
    """The grants that may still cover something, the one that expires first first, with what is left of each."""
    found = await rows(
        tx,
        f"""SELECT changes.*, grants.member_id, grants.amount, grants.expires_at, grants.amount
                - (SELECT coalesce(sum(amount), 0) FROM draws WHERE grant_id = grants.id AND kind = 'settle')
                - (SELECT coalesce(sum(draws.amount), 0) FROM draws CROSS JOIN jobs ON jobs.id = draws.job_id
                   WHERE draws.grant_id = grants.id AND draws.kind = 'hold' AND {_UNDER_WAY}) AS "left"
            FROM grants CROSS JOIN changes ON changes.id = grants.id
            WHERE grants.server_id = ? AND grants.member_id = ? AND grants.expires_at > ? AND NOT EXISTS (
                SELECT 1 FROM changes AS revoked
                WHERE revoked.kind = 'revoke' AND revoked.subject = CAST(grants.id AS TEXT)
            )
            ORDER BY grants.expires_at, grants.id""",  # noqa: S608 - a constant of this module
        (server_id, member_id, to_micros(now)),
    )
    return [Left(limits.grant_of(row), Usd(row["left"])) for row in found]


async def paid(tx: Tx, job_ids: Iterable[str]) -> dict[str, Usd]:
    """What grants pay of each of these jobs: of the hold while it is under way, of what was settled after that.

    Jobs for which they pay nothing are left out.
    """
    found = await rows(
        tx,
        f"""SELECT jobs.id, sum(draws.amount) AS amount
            FROM json_each(?) AS wanted CROSS JOIN jobs ON jobs.id = wanted.value
            CROSS JOIN draws ON draws.job_id = jobs.id
                AND draws.kind = CASE WHEN {_UNDER_WAY} THEN 'hold' ELSE 'settle' END
            GROUP BY jobs.id""",  # noqa: S608 - a constant of this module
        (json.dumps(list(job_ids)),),
    )
    return {row["id"]: Usd(row["amount"]) for row in found}


async def hold(tx: Tx, job_id: str, draws: Iterable[Draw]) -> None:
    """Take a part of a job's hold from grants, with the hold itself."""
    await _draw(tx, job_id, "hold", draws)


async def settle(tx: Tx, job_id: str, *, settled_for: Usd, hold: Usd) -> None:
    """What grants pay in the end of a job that settles; the rest returns to them."""
    found = await rows(
        tx,
        """SELECT draws.grant_id, draws.amount FROM draws CROSS JOIN grants ON grants.id = draws.grant_id
           WHERE draws.job_id = ? AND draws.kind = 'hold' ORDER BY grants.expires_at, grants.id""",
        (job_id,),
    )
    held = [Draw(row["grant_id"], Usd(row["amount"])) for row in found]
    await _draw(tx, job_id, "settle", settled(settled_for, hold, held))


async def _draw(tx: Tx, job_id: str, kind: str, draws: Iterable[Draw]) -> None:
    for each in draws:
        await tx.execute(
            """INSERT INTO draws (job_id, grant_id, kind, amount, server_id, member_id, held_at)
               SELECT id, ?, ?, ?, server_id, member_id, held_at FROM jobs WHERE id = ?""",
            (each.grant_id, kind, each.amount.nanos, job_id),
        )
