"""Sums and lists over the books, as people look at them: by day, by member, by kind of request, entry by entry."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

from bot.domain.money import Usd
from storage.database import Tx, from_micros, rows, to_micros

_OF_MEMBER: Final = "ledger.server_id = :server AND ledger.member_id = :member AND ledger.kind = 'settle'"
_OF_SERVER: Final = "ledger.server_id = :server AND ledger.kind IN ('settle', 'overrun')"


class Spent(NamedTuple):
    """What was spent on one kind of request on one day, the n-th of those that were asked about."""

    day: int
    kind: str
    amount: Usd


class OfMember(NamedTuple):
    """What a member has spent, in so many jobs. `member_id` None: the server's overruns, beyond all quotes."""

    member_id: int | None
    spent: Usd
    jobs: int


class Entry(NamedTuple):
    """One entry of the ledger with what it is about. `from_grants`: what grants pay of it. Times are UTC."""

    id: int
    job_id: str
    member_id: int
    kind: str
    amount: Usd
    from_grants: Usd
    estimated: bool
    request: str
    resolution: str
    prompt: str
    held_at: datetime
    booked_at: datetime


async def by_day(tx: Tx, server_id: int, member_id: int | None, bounds: Sequence[datetime]) -> list[Spent]:
    """What was spent on each of the days between `bounds`, one moment more than there are days, by kind.

    `member_id` None: by the whole server, its overruns included. A job counts on the day on which it was held.
    """
    moments = [to_micros(bound) for bound in bounds]
    found = await rows(
        tx,
        f"""SELECT day.key AS day, json_extract(quotes.request, '$.kind') AS kind, sum(ledger.amount) AS amount
            FROM json_each(:days) AS day
            CROSS JOIN ledger ON {_OF_SERVER if member_id is None else _OF_MEMBER}
                AND ledger.held_at >= json_extract(day.value, '$[0]')
                AND ledger.held_at < json_extract(day.value, '$[1]')
            CROSS JOIN jobs ON jobs.id = ledger.job_id
            CROSS JOIN quotes ON quotes.id = jobs.quote_id
            GROUP BY 1, 2 ORDER BY 1, 2""",  # noqa: S608 - constants of this module
        {
            "days": json.dumps(list(pairwise(moments))),
            "server": server_id,
            "member": member_id,
        },
    )
    return [Spent(row["day"], row["kind"], Usd(row["amount"])) for row in found]


async def by_member(tx: Tx, server_id: int, *, since: datetime) -> list[OfMember]:
    """What each member has spent on jobs held since then, the most first; and the server's overruns."""
    found = await rows(
        tx,
        """SELECT CASE kind WHEN 'settle' THEN member_id END AS member, sum(amount) AS spent, count(*) AS jobs
           FROM ledger INDEXED BY ledger_of_server
           WHERE server_id = ? AND kind IN ('settle', 'overrun') AND held_at >= ?
           GROUP BY 1 ORDER BY spent DESC, member""",
        (server_id, to_micros(since)),
    )
    return [OfMember(row["member"], Usd(row["spent"]), row["jobs"]) for row in found]


async def entries(tx: Tx, server_id: int) -> list[Entry]:
    """Every entry of a server's books, oldest first."""
    found = await rows(
        tx,
        """SELECT ledger.*, quotes.request ->> '$.kind' AS request, quotes.request ->> '$.resolution' AS resolution,
               quotes.request AS asked,
               (SELECT coalesce(sum(draws.amount), 0) FROM draws
                WHERE draws.job_id = ledger.job_id AND draws.kind = ledger.kind) AS from_grants
           FROM ledger
           CROSS JOIN jobs ON jobs.id = ledger.job_id
           CROSS JOIN quotes ON quotes.id = jobs.quote_id
           WHERE ledger.server_id = ? ORDER BY ledger.id""",
        (server_id,),
    )
    return [
        Entry(
            id=row["id"],
            job_id=row["job_id"],
            member_id=row["member_id"],
            kind=row["kind"],
            amount=Usd(row["amount"]),
            from_grants=Usd(row["from_grants"]),
            estimated=bool(row["estimated"]),
            request=row["request"],
            resolution=row["resolution"],
            prompt=json.loads(row["asked"])["prompt"],  # SQLite would end it at a NUL
            held_at=from_micros(row["held_at"]),
            booked_at=from_micros(row["booked_at"]),
        )
        for row in found
    ]
