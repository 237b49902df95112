"""Faults that tests switch on: what a server does to a request instead of simply answering it."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault, for one request.

    `takes_effect`: the request is carried out before the fault shows (the answer is lost, not the request).
    `status`: what is answered instead; None cuts the connection without an answer.
    """

    takes_effect: bool = False
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0  # seconds before anything of this happens


class Faults:
    """The faults of one server, waiting by operation: the first that waits meets the next request."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, operation: str, fault: Fault, *, times: int = 1) -> None:
        """Make the next `times` requests of `operation` meet `fault`."""
        self._waiting[operation].extend([fault] * times)

    def clear(self) -> None:
        self._waiting.clear()

    async def meet(
        self, operation: str, request: web.Request, answer: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Answer `request` through `answer`, or as the fault that waits for `operation` says."""
        if not self._waiting[operation]:
            return await answer()
        fault = self._waiting[operation].popleft()
        await asyncio.sleep(fault.delay)
        if fault.takes_effect:
            await answer()
        if fault.status is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()  # into a closed connection: aiohttp drops it without a word
        return web.Response(status=fault.status, body=fault.body, headers=fault.headers)
