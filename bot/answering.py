"""What members are waiting for: each task that answers one, so that a stop leaves nobody without a word."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

GRACE: Final = 4.0
"""Seconds that an answer under way still has when the program is stopped. A Confirm takes far less than one."""

LAST_WORD: Final = 1.5
"""Seconds in which those who have to ask again are told so."""

LastWord = Callable[[], Awaitable[None]]


class Answering:
    """The tasks that answer members, each with what is said to its member if it is cut short."""

    def __init__(self) -> None:
        self._under_way: dict[asyncio.Task[object], LastWord] = {}

    def begin(self, last_word: LastWord) -> None:
        """The current task answers a member until it ends. May be said again."""
        task = asyncio.current_task()
        assert task is not None
        if task not in self._under_way:
            task.add_done_callback(self._end)
        self._under_way[task] = last_word

    def _end(self, task: asyncio.Task[object]) -> None:
        del self._under_way[task]

    async def finish(self) -> None:
        """Let what is under way come to its end; after GRACE seconds it is cut short, and its member told."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)
        left = dict(self._under_way)
        for task in left:
            task.cancel()
        if left:
            told = [asyncio.ensure_future(last_word()) for last_word in left.values()]
            await asyncio.wait([*left, *told], timeout=LAST_WORD)
            for task in told:
                task.cancel()
