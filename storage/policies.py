"""A server's policy, as its staff have set it. It is a part of the rules of storage/limits.py, and of their log."""

from bot.domain.policy import Policy
from storage import limits
from storage.database import Tx

NOBODY = 0  # no member has this id


async def in_force(tx: Tx, server_id: int) -> Policy:
    """What is in force now."""
    return (await limits.in_force(tx, server_id, NOBODY, ())).policy
