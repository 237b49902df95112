"""Each member's token bucket, so that a restart fills none."""

from datetime import datetime

from storage.database import Tx, from_micros, rows, to_micros


async def full_at(tx: Tx, member_id: int, now: datetime) -> datetime:
    """When this member's bucket is full: `now` for one who has used nothing yet."""
    found = await rows(tx, "SELECT full_at FROM paces WHERE member_id = ?", (member_id,))
    return from_micros(found[0]["full_at"]) if found else now


async def use(tx: Tx, member_id: int, full_at: datetime) -> None:
    """Note a use, after which the bucket is full at that moment."""
    await tx.execute(
        """INSERT INTO paces (member_id, full_at) VALUES (?, ?)
           ON CONFLICT (member_id) DO UPDATE SET full_at = excluded.full_at""",
        (member_id, to_micros(full_at)),
    )
