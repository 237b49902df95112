"""Rate limits: buckets by operation and major parameter, and one for the whole bot.

Source: Discord's documentation, "Rate Limits". It does not publish the numbers; those here are what people have
seen (facts/discord.md, part 2).
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5

from sandbox.clock import Clock
from sandbox.discord.wire import Object
from sandbox.faults import Fault

GLOBAL = (50, 1.0)
"""Requests of one bot, and the seconds in which it may make them."""

LIMITS: dict[str, tuple[int, float]] = {
    "POST /channels/{channel}/messages": (5, 5.0),
    "PATCH /channels/{channel}/messages/{message}": (5, 5.0),
    "POST /webhooks/{application}/{token}": (5, 2.0),
    "PATCH /webhooks/{application}/{token}/messages/@original": (5, 2.0),
    "PATCH /webhooks/{application}/{token}/messages/{message}": (5, 2.0),
}
"""Requests and seconds, by operation."""

OTHERS = (30, 1.0)
"""For operations that are not named above."""


@dataclass
class _Window:
    limit: int
    seconds: float
    opened: datetime
    used: int = 0


@dataclass(frozen=True)
class Allowance:
    """What the limits say of a request. `retry_after` (seconds): it is refused; `everywhere`: globally."""

    headers: dict[str, str]
    retry_after: float | None = None
    everywhere: bool = False


class RateLimits:
    """Counts requests on the sandbox's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}

    def take(self, operation: str, major: str, *, exempt_from_global: bool) -> Allowance:
        """Count one request of `operation` on `major` (the channel, server or webhook token it is about)."""
        if not exempt_from_global:
            window = self._window("", "", GLOBAL)
            if window.used >= window.limit:
                return Allowance({}, self._left(window), everywhere=True)
            window.used += 1
        window = self._window(operation, major, LIMITS.get(operation, OTHERS))
        refused = window.used >= window.limit
        if not refused:
            window.used += 1
        left = self._left(window)
        headers = {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(window.limit - window.used),
            "X-RateLimit-Reset": f"{(self._clock.now() + timedelta(seconds=left)).timestamp():.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": md5(operation.encode(), usedforsecurity=False).hexdigest(),
        }
        return Allowance(headers, left if refused else None)

    def _window(self, operation: str, major: str, limit: tuple[int, float]) -> _Window:
        now = self._clock.now()
        window = self._windows.get((operation, major))
        if window is None or now >= window.opened + timedelta(seconds=window.seconds):
            if len(self._windows) > 1000:
                self._windows.clear()
            window = self._windows[operation, major] = _Window(*limit, opened=now)
        return window

    def _left(self, window: _Window) -> float:
        end = window.opened + timedelta(seconds=window.seconds)
        return max((end - self._clock.now()).total_seconds(), 0.001)


def too_many_body(retry_after: float, *, everywhere: bool = False) -> Object:
    """The JSON of a 429; `retry_after` in seconds."""
    return {"message": "You are being rate limited.", "retry_after": round(retry_after, 3), "global": everywhere}


def too_many_headers(retry_after: float, *, everywhere: bool = False) -> dict[str, str]:
    """The headers of a real 429. Without Via, discord.py takes it for a ban by Cloudflare and gives up at once."""
    headers = {"Retry-After": f"{retry_after:.3f}", "Via": "1.1 google", "X-RateLimit-Scope": "user"}
    return headers | ({"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"} if everywhere else {})


def too_many(retry_after: float, *, everywhere: bool = False) -> Fault:
    """A fault for `Discord.faults`: the next request meets a 429, to be tried again after `retry_after` seconds."""
    return Fault(
        status=429,
        body=json.dumps(too_many_body(retry_after, everywhere=everywhere)).encode(),
        headers={"Content-Type": "application/json", **too_many_headers(retry_after, everywhere=everywhere)},
    )
