"""Discord's faults by name, for `Discord.faults`: what REST answers when it does not simply answer.

The gateway's own are methods of Gateway (drop, reconnect, invalidate, end, say); those of the world are what staff
and members do (`Server`, `Channel`, `Discord.kick`). A handshake of the gateway's is the operation HANDSHAKE.
"""

import json

from sandbox.discord.errors import refusal
from sandbox.discord.ratelimit import too_many_body
from sandbox.faults import Fault

HANDSHAKE = "GET /gateway"
"""A socket's first request."""

PAGE = b"<!DOCTYPE html><html><head><title>Discord</title></head><body>Something is wrong here.</body></html>"
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_JSON = {"Content-Type": "application/json"}


def refused(code: int) -> Fault:
    """The next request is refused with this JSON error code, such as 10062 or 50013; it has no effect."""
    error = refusal(code)
    return Fault(status=error.status, body=json.dumps(error.body()).encode(), headers=_JSON)


def unavailable(status: int = 502, *, takes_effect: bool = False, page: bool = True) -> Fault:
    """A 5xx, with a page as a proxy in front of Discord writes it, or empty."""
    return Fault(status=status, takes_effect=takes_effect, body=PAGE if page else b"", headers=_HTML)


def cut(*, takes_effect: bool = False) -> Fault:
    """The connection ends without an answer."""
    return Fault(takes_effect=takes_effect)


def web_page() -> Fault:
    """A page with a 200: whoever answers is not Discord's API."""
    return Fault(status=200, body=PAGE, headers=_HTML)


def banned(retry_after: float) -> Fault:
    """A 429 of Cloudflare's, which has no Via: not to be tried again before `retry_after` seconds have passed."""
    body = json.dumps(too_many_body(retry_after, everywhere=True)).encode()
    return Fault(status=429, body=body, headers=_JSON | {"Retry-After": f"{retry_after:.0f}"})
