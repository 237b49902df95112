"""How often finished videos may be posted once more: a channel is everybody's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=10)
OF_A_MEMBER: Final = 5
"""Reposts that one member may ask for in a window, of whatever jobs. Of one job it is one."""


def next_repost(of_job: datetime | None, of_member: Sequence[datetime], now: datetime) -> datetime | None:
    """When the next one may be asked for; None where that is now.

    `of_job`: when the job's last one was asked for; `of_member`: when the member's last `OF_A_MEMBER` were, of
    whatever jobs.
    """
    waits = [of_job + WINDOW] if of_job is not None else []
    if len(of_member) >= OF_A_MEMBER:
        waits.append(sorted(of_member)[-OF_A_MEMBER] + WINDOW)
    return max((until for until in waits if until > now), default=None)
