"""Who had the last turns, which says whose is next."""

from bot.domain.turns import Turns
from storage.database import Tx, from_micros, rows


async def of_those_who_wait(tx: Tx) -> Turns:
    """When something was last sent for each server and member that has a job in the queue."""
    found = await rows(
        tx,
        """SELECT server_id, member_id,
               (SELECT sent_at FROM jobs AS sent WHERE sent.server_id = waiting.server_id
                    AND sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT 1) AS server_turn,
               (SELECT sent_at FROM jobs AS sent WHERE sent.server_id = waiting.server_id
                    AND sent.member_id = waiting.member_id
                    AND sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT 1) AS member_turn
           FROM (SELECT DISTINCT server_id, member_id FROM jobs INDEXED BY jobs_under_way
                 WHERE state IN ('queued', 'sending', 'running', 'unresolved') AND state = 'queued') AS waiting""",
    )
    return Turns(
        servers={
            row["server_id"]: from_micros(row["server_turn"]) for row in found if row["server_turn"] is not None
        },
        members={
            (row["server_id"], row["member_id"]): from_micros(row["member_turn"])
            for row in found
            if row["member_turn"] is not None
        },
    )
