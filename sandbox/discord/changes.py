"""Waiting for something in the sandbox's Discord to become true."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_AGAIN = 0.05  # seconds; some things become true with time alone, such as a missed deadline


class Changes:
    """Wakes those who wait, whenever anything happens: a message, an edit, an answer, a connection.

    `listeners` are called at every change, for a page that shows the world live.
    """

    def __init__(self) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._waiting: set[asyncio.Event] = set()

    def announce(self) -> None:
        """Something has changed."""
        for event in self._waiting:
            event.set()
        for listener in self.listeners:
            listener()

    async def until(self, found: Callable[[], T | None], timeout: float, what: str) -> T:
        """What `found` gives as soon as that is true. After `timeout` seconds, a TimeoutError that names `what`."""
        event = asyncio.Event()
        self._waiting.add(event)
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            while not (result := found()):
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0:
                    raise TimeoutError(f"{what}: not within {timeout:g} s")
                event.clear()
                try:
                    async with asyncio.timeout(min(left, _LOOK_AGAIN)):
                        await event.wait()
                except TimeoutError:
                    continue
            return result
        finally:
            self._waiting.discard(event)
