"""Staff at work: /limits in tests, and jobs in the states that staff have to do with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from sandbox.runware.script import Forgotten
from tests.house import Bought, House

HOURS_AGO: Final = int(timedelta(hours=2) / timedelta(microseconds=1))
BUSY: Final = Fault(
    status=429,
    body=b'{"errors": [{"code": "rateLimitExceeded", "message": "Too many requests."}]}',
    headers={"Content-Type": "application/json", "Retry-After": "1"},
)
"""While it lasts, jobs stay queued."""

UNDO: Final[Mapping[str, tuple[str, Mapping[str, Value]]]] = {
    "freeze": ("unfreeze", {}),
    "server limit": ("server", {"limit": "inherit"}),
    "request cap": ("request", {"most": "inherit"}),
    "jobs at once": ("jobs", {"most": "inherit"}),
    "time zone": ("timezone", {"zone": "inherit"}),
    "staff role": ("staff", {}),
    "alerts channel": ("alerts", {}),
}


async def limits(
    member: Member, what: str, options: Mapping[str, Value] | None = None, /, *, forged: bool = False, **more: Value
) -> Message:
    """/limits, in the server's first channel; what is answered."""
    use = await member.command(f"limits {what}", {**(options or {}), **more}, forged=forged)
    return await use.answer()


def changes(house: House) -> list[dict[str, Any]]:
    """The first server's log, the oldest line first."""
    return house.rows("SELECT * FROM changes WHERE server_id = ? ORDER BY id", house.server.id)


async def undo(house: House) -> None:
    """Let everything that applies to the whole server be as it was before."""
    mary = house.discord.member("Mary")
    last = {row["kind"]: row for row in changes(house) if row["subject"] == ""}
    for kind, row in last.items():
        if row["value"] is not None:
            what, options = UNDO[kind]
            await limits(mary, what, options)
    everyone = [row for row in changes(house) if row["subject"] == str(house.server.id)]
    if everyone and everyone[-1]["value"] is not None:
        await limits(mary, "role", role=house.server.everyone, limit="inherit")


async def queued(house: House, member: Member, channel: Channel) -> Bought:
    """A job that the provider does not take now."""
    house.runware.faults.add("videoInference", BUSY, times=100)
    bought = await house.buy(member, channel)
    await house.progress(bought.job_id, "busy")
    return bought


async def unresolved(house: House, member: Member, channel: Channel) -> Bought:
    """A job that the provider has accepted and forgotten, and does not bill."""
    house.runware.script(Forgotten())
    bought = await house.buy(member, channel)
    await house.state(bought.job_id, "running")
    house.change("UPDATE jobs SET accepted_at = accepted_at - ? WHERE id = ?", HOURS_AGO, bought.job_id)
    await house.state(bought.job_id, "unresolved")
    return bought
