"""The books: append-only entries, and sums over them. No balance is stored, so none can drift."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from bot.domain.limit import Layer, Limit, Standing, opens_at, resets_at
from bot.domain.money import Usd
from storage.database import Tx, rows, to_micros

# A member pays what was settled; the overrun is the server's, and so the account's. A job counts in the window
# in which it was held.
_SPENT: Final = {
    Layer.ACCOUNT: """SELECT coalesce(sum(amount), 0) FROM ledger
        WHERE kind IN ('settle', 'overrun') AND held_at >= :since""",
    Layer.SERVER: """SELECT coalesce(sum(amount), 0) FROM ledger
        WHERE server_id = :server AND kind IN ('settle', 'overrun') AND held_at >= :since""",
    Layer.MEMBER: """SELECT coalesce(sum(amount), 0) FROM ledger
        WHERE server_id = :server AND member_id = :member AND kind = 'settle' AND held_at >= :since""",
}
# CROSS JOIN keeps the order: from the few jobs that are under way to their holds, never over all holds there were.
_OPEN_HOLDS: Final = """SELECT coalesce(sum(ledger.amount), 0)
    FROM jobs INDEXED BY jobs_under_way
    CROSS JOIN ledger ON ledger.job_id = jobs.id AND ledger.kind = 'hold'
    WHERE jobs.state IN ('queued', 'sending', 'running', 'unresolved') AND jobs.held_at >= :since"""
_HELD: Final = {
    Layer.ACCOUNT: _OPEN_HOLDS,
    Layer.SERVER: f"{_OPEN_HOLDS} AND jobs.server_id = :server",
    Layer.MEMBER: f"{_OPEN_HOLDS} AND jobs.server_id = :server AND jobs.member_id = :member",
}


async def standings(
    tx: Tx,
    limits: Mapping[Layer, tuple[Limit, ...]],
    *,
    server_id: int,
    member_id: int,
    now: datetime,
    zone: tzinfo = UTC,
) -> list[Standing]:
    """Every limit that applies to this member, as it stands: the account's first, the member's last."""
    stand: list[Standing] = []
    for layer in Layer:
        for limit in limits.get(layer, ()):
            since = to_micros(opens_at(limit.window, now, zone))
            scope = {"since": since, "server": server_id, "member": member_id}
            spent = Usd(await _sum(tx, _SPENT[layer], scope))
            held = Usd(await _sum(tx, _HELD[layer], scope))
            stand.append(Standing(layer, limit, spent, held, resets_at(limit.window, now, zone)))
    return stand


async def _sum(tx: Tx, sql: str, scope: Mapping[str, int]) -> int:
    [total] = await rows(tx, sql, scope)
    return int(total[0])
