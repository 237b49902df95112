"""The books: append-only entries, and sums over them. No balance is stored, so none can drift."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from bot.domain.limit import Layer, Return
from bot.domain.money import Usd
from bot.domain.window import EVER, Rolling, leaves_at, opens_at
from storage.database import Tx, from_micros, rows, to_micros

# CROSS JOIN keeps the order: from the few jobs that are under way to their holds, never over all holds there were.
_HOLDS: Final = """
    FROM jobs INDEXED BY jobs_under_way
    CROSS JOIN {entries} AS entry ON entry.job_id = jobs.id AND entry.kind = 'hold'
    WHERE jobs.state IN ('queued', 'sending', 'running', 'unresolved') AND jobs.held_at >= :since"""
_OPEN_HOLDS: Final = f"SELECT coalesce(sum(entry.amount), 0) {_HOLDS}"
_OF_SERVER: Final = " AND jobs.server_id = :server"
_OF_MEMBER: Final = " AND jobs.server_id = :server AND jobs.member_id = :member"

_SPENT_BY_MEMBER: Final = """SELECT coalesce(sum(amount), 0) FROM {entries}
    WHERE server_id = :server AND member_id = :member AND kind = 'settle' AND held_at >= :since"""

# A member pays what was settled; the overrun is the server's, and so the account's. A job counts in the window
# in which it was held.
_SPENT: Final = {
    Layer.ACCOUNT: """SELECT coalesce(sum(amount), 0) FROM ledger
        WHERE kind IN ('settle', 'overrun') AND held_at >= :since""",
    Layer.SERVER: """SELECT coalesce(sum(amount), 0) FROM ledger
        WHERE server_id = :server AND kind IN ('settle', 'overrun') AND held_at >= :since""",
    Layer.MEMBER: _SPENT_BY_MEMBER.format(entries="ledger"),
}
_HELD: Final = {
    Layer.ACCOUNT: _OPEN_HOLDS.format(entries="ledger"),
    Layer.SERVER: _OPEN_HOLDS.format(entries="ledger") + _OF_SERVER,
    Layer.MEMBER: _OPEN_HOLDS.format(entries="ledger") + _OF_MEMBER,
}
_SPENT_FROM_GRANTS: Final = _SPENT_BY_MEMBER.format(entries="draws")
_HELD_FROM_GRANTS: Final = _OPEN_HOLDS.format(entries="draws") + _OF_MEMBER
# One statement for both sums, which are asked for together.
_SUMS: Final = {
    Layer.ACCOUNT: f"SELECT ({_SPENT[Layer.ACCOUNT]}), ({_HELD[Layer.ACCOUNT]})",
    Layer.SERVER: f"SELECT ({_SPENT[Layer.SERVER]}), ({_HELD[Layer.SERVER]})",
    Layer.MEMBER: f"""SELECT ({_SPENT[Layer.MEMBER]}) - ({_SPENT_FROM_GRANTS}),
        ({_HELD[Layer.MEMBER]}) - ({_HELD_FROM_GRANTS})""",
}


# The same entries one by one: what of each moment counts. What grants pay is taken off again.
_OPEN: Final = f"SELECT entry.held_at, {{sign}}entry.amount AS amount {_HOLDS}"
_CLOSED: Final = "SELECT held_at, {sign}amount FROM {entries} WHERE kind IN ({kinds}) AND held_at >= :since"
_BEYOND: Final = _CLOSED.format(sign="", entries="ledger", kinds="'settle', 'overrun'")
_COUNTING: Final = {
    Layer.ACCOUNT: (_OPEN.format(sign="", entries="ledger"), _BEYOND),
    Layer.SERVER: (_OPEN.format(sign="", entries="ledger") + _OF_SERVER, f"{_BEYOND} AND server_id = :server"),
    Layer.MEMBER: tuple(
        part
        for sign, entries in (("", "ledger"), ("-", "draws"))
        for part in (
            _OPEN.format(sign=sign, entries=entries) + _OF_MEMBER,
            _CLOSED.format(sign=sign, entries=entries, kinds="'settle'")
            + " AND server_id = :server AND member_id = :member",
        )
    ),
}
MOST_RETURNS: Final = 1_000
"""The dearest request costs less than a thousand of the cheapest."""


class Sums(NamedTuple):
    """What counts in a window of a layer."""

    spent: Usd
    held: Usd


async def sums(tx: Tx, layer: Layer, *, server_id: int, member_id: int, since: datetime) -> Sums:
    """What was spent, and is held, by jobs that were held since then. What grants pay is not the member's."""
    scope = {"since": to_micros(since), "server": server_id, "member": member_id}
    [(spent, held)] = await rows(tx, _SUMS[layer], scope)
    return Sums(Usd(spent), Usd(held))


async def returns(
    tx: Tx, layer: Layer, window: Rolling, *, server_id: int, member_id: int, now: datetime
) -> tuple[Return, ...]:
    """What of the rolling window comes back, and when, if nothing else is spent: the next 1,000 moments at most."""
    found = await rows(
        tx,
        f"""SELECT held_at, sum(amount) AS amount FROM ({" UNION ALL ".join(_COUNTING[layer])})
            GROUP BY held_at HAVING sum(amount) > 0 ORDER BY held_at LIMIT :most""",  # noqa: S608 - constants
        {
            "since": to_micros(opens_at(window, now, UTC)),
            "server": server_id,
            "member": member_id,
            "most": MOST_RETURNS,
        },
    )
    return tuple(Return(leaves_at(window, from_micros(row["held_at"])), Usd(row["amount"])) for row in found)


async def held(tx: Tx) -> Usd:
    """What all jobs that are under way hold."""
    return Usd(await _sum(tx, _HELD[Layer.ACCOUNT], {"since": to_micros(EVER)}))


async def booked(tx: Tx, *, since: datetime) -> Usd:
    """What was booked as spent since then, of all servers, whenever it was held: settled, or beyond the hold."""
    sql = """SELECT coalesce(sum(amount), 0) FROM ledger
             WHERE kind IN ('settle', 'overrun') AND booked_at >= :since"""
    return Usd(await _sum(tx, sql, {"since": to_micros(since)}))


async def _sum(tx: Tx, sql: str, scope: Mapping[str, int]) -> int:
    [total] = await rows(tx, sql, scope)
    return int(total[0])
