"""Members' turns to have files taken in, and how many are on their way at once. The files: bot/taking.py."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

from bot.fetch import SECONDS, Downloads, Unfetchable
from bot.hosts import Hosts
from bot.kept import Kept
from bot.taking import Taking
from bot.uninterrupted import to_its_end

AT_ONCE: Final = 8  # files of this process that are on their way, at most MAX_INPUT_BYTES for each request


class Intake:
    """Takes files in. `attachments`: where what is attached comes from; `most`: bytes of one request's files.

    `links`: what fetches from elsewhere, apart from `downloads`, so that slow hosts hold no attachment up.
    `seconds`: for a download, and before that for others to be done.
    """

    def __init__(
        self,
        kept: Kept,
        downloads: Downloads,
        links: Downloads,
        *,
        attachments: Hosts,
        most: int,
        seconds: float = SECONDS,
    ) -> None:
        self._kept = kept
        self._downloads = downloads
        self._links = links
        self._members: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._attachments = attachments
        self._most = most
        self._seconds = seconds
        self._turns = {is_link: asyncio.Semaphore(AT_ONCE) for is_link in (False, True)}

    @asynccontextmanager
    async def taking(self, member_id: int) -> AsyncGenerator[Taking]:
        """For one request. Afterwards its files stay if a quote was made from them, and there is nothing else left.

        One at a time for each member, so that nobody waits for all the files of somebody else. Raises Unfetchable
        where the one before takes too long.
        """
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._turn_of(member_id))
            receiving = await stack.enter_async_context(self._kept.receiving())
            taking = Taking(
                self._kept,
                self._downloads,
                self._links,
                receiving,
                self._turns,
                attachments=self._attachments,
                most=self._most,
                seconds=self._seconds,
            )
            stack.push_async_callback(lambda: to_its_end(taking.end()))
            yield taking

    @asynccontextmanager
    async def _turn_of(self, member_id: int) -> AsyncGenerator[None]:
        turn = self._members.setdefault(member_id, asyncio.Lock())  # it lives as long as somebody waits for it
        try:
            async with asyncio.timeout(self._seconds):
                await turn.acquire()
        except TimeoutError:
            raise Unfetchable("busy") from None
        try:
            yield
        finally:
            turn.release()
