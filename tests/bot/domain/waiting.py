"""Jobs that wait for their turn, for tests of whose turn it is and of how long that takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.job import Job, State
from bot.domain.money import Usd
from bot.domain.request import TextToVideo

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def a_job(
    name: str = "j", *, server: int = 1, member: int = 1, held: float = 0, tries: int = 0, **more: Any
) -> Job:
    """A job of a member's; `held`: how many seconds after noon it was confirmed."""
    facts: dict[str, Any] = {
        "state": State.QUEUED,
        "sent_at": None,
        "accepted_at": None,
        "next_try_at": None,
        "request": TextToVideo(prompt="a lighthouse", **more.pop("asked", {})),
        **more,
    }
    return Job(
        id=name,
        server_id=server,
        channel_id=2,
        member_id=member,
        hold=Usd.of(1),
        task_id=name,
        version=1,
        held_at=after(held),
        tries=tries,
        reason=None,
        settled=None,
        overrun=None,
        estimated=False,
        results=(),
        **facts,
    )
