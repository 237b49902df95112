"""Faults that tests switch on: what a server does to a request instead of simply answering it.

A fault that really happens has a name: a line in `sandbox/runware/switches.py` or `sandbox/discord/switches.py`,
which are closed lists. `Sandbox.switch` turns it on, and every name has a row in a table of tests/faults/.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from aiohttp import web

S = TypeVar("S")


@dataclass(frozen=True)
class Switch(Generic[S]):
    """A named fault of the server `S`. `says`: what happens, in a sentence.

    `turn_on` makes it happen to so many of the next requests, tasks or whatever it is about. `at_once`: it happens
    there and then, however often is said.
    """

    says: str
    turn_on: Callable[[S, int], None]
    at_once: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault, for one request.

    `takes_effect`: the request is carried out before the fault shows (the answer is lost, not the request).
    `status`: what is answered instead; None cuts the connection without an answer.
    `alter`: with `takes_effect`, what becomes of the true answer's body, which is then sent with its own status.
    `halves`: the answer's length is told, half of it is sent, and the connection is cut.
    """

    takes_effect: bool = False
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0  # seconds before anything of this happens
    lag: float = 0.0  # seconds between what takes effect and what is answered
    alter: Callable[[bytes], bytes] | None = None
    halves: bool = False


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
        said = web.Response(status=fault.status or 200, body=fault.body, headers=fault.headers)
        if fault.takes_effect:
            true = await answer()
            await asyncio.sleep(fault.lag)
            if fault.alter is not None:
                assert isinstance(true, web.Response), "only an answer that is whole can be altered"
                assert isinstance(true.body, bytes)
                said = web.Response(status=true.status, body=fault.alter(true.body), content_type=true.content_type)
        if fault.halves:
            return await _half(request, said)
        if fault.status is None and fault.alter is None:
            _cut(request)
            return web.Response()  # into a closed connection: aiohttp drops it without a word
        return said


async def _half(request: web.Request, said: web.Response) -> web.StreamResponse:
    """The head of an answer and the first half of its body, and then nothing more."""
    body = said.body if isinstance(said.body, bytes) else b""
    broken = web.StreamResponse(status=said.status, headers={"Content-Type": "application/json"})
    broken.content_length = len(body)
    await broken.prepare(request)
    await broken.write(body[: len(body) // 2])
    _cut(request)
    return broken


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
