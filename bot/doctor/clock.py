"""Whether this machine's clock agrees with others': limits, expiry and what is looked for go by it."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from bot.doctor.finding import Finding, look, ok, wrong

CLOSE: Final = timedelta(seconds=5)
"""A Date header tells whole seconds, and is some time on its way."""
FAR: Final = timedelta(seconds=60)

SYNCHRONISE: Final = "have it set by NTP: timedatectl set-ntp true"


class Clocks:
    """Notes what the services' answers say of the time. `note` is an event hook of httpx's."""

    def __init__(self) -> None:
        self._ahead: dict[str, timedelta] = {}  # ours, by host

    async def note(self, response: httpx.Response) -> None:
        try:
            theirs = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        if theirs.tzinfo is not None:
            self._ahead.setdefault(response.request.url.netloc.decode(), datetime.now(UTC) - theirs)

    def findings(self) -> list[Finding]:
        if not self._ahead:
            return [
                look(
                    "clock",
                    "it could not be compared: nobody answered with a time",
                    "try again once Discord or Runware answers",
                )
            ]
        return [_finding(host, ahead) for host, ahead in self._ahead.items()]


def _finding(host: str, ahead: timedelta) -> Finding:
    seconds = round(abs(ahead.total_seconds()))
    if abs(ahead) <= CLOSE:
        return ok("clock", f"it agrees with {host}")
    says = f"it is {seconds} s {'ahead of' if ahead > timedelta(0) else 'behind'} {host}"
    return wrong("clock", says, SYNCHRONISE) if abs(ahead) > FAR else look("clock", says, SYNCHRONISE)
