"""Whether a member may ask for another quote now: so many in a minute, so many open, so many bytes.

It is asked before anything is fetched, priced or stored, and holds for staff too. What is open is looked at again
when a request's turn has come, since a member's requests are taken one at a time. All of it is read from the
database, so that a restart forgets nothing. What open quotes have of MEDIA_DIR cannot be swept: without a bound one
member could leave no room for others.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from bot.domain.pace import Pace
from bot.folder import size_of
from bot.kept import Kept
from storage import paces, quotes
from storage.database import Database

MOST_OPEN: Final = 30
"""Quotes of one member's, all servers together. A request that a limit refuses may open four, for what fits."""

CHANGES: Final = 5
"""Changes on a card that count as one quote: nothing is fetched for them, and choosing takes several."""

SHARE: Final = 4
"""One member's open quotes have at most this part of MEDIA_MAX_BYTES, and the files of the last of them."""


@dataclass(frozen=True)
class NotNow:
    """Why not, and from when on. `most`: quotes in a minute, open quotes, or bytes."""

    why: Literal["too fast", "too many open", "too many bytes"]
    until: datetime
    most: int


class Asking:
    """`per_minute`: quotes that a member may ask for; `most`: bytes of MEDIA_DIR; `now`: the time, aware."""

    def __init__(
        self, database: Database, kept: Kept, *, per_minute: int, most: int, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._kept = kept
        self._per_minute = per_minute
        self._pace = Pace.per_minute(per_minute)
        self._changing = Pace.per_minute(per_minute * CHANGES)
        self._share = most // SHARE
        self._now = now

    async def ask(self, member_id: int) -> NotNow | None:
        """None where they may, which counts as having asked; else why not, which counts as nothing."""
        now = self._now()
        return await self._full(member_id, now) or await self._use(member_id, self._pace, now)

    async def full(self, member_id: int) -> NotNow | None:
        """Why not, where as much is open as may be. To be asked again when it is a request's turn: of those that
        came at the same instant none had a quote yet."""
        return await self._full(member_id, self._now())

    async def _full(self, member_id: int, now: datetime) -> NotNow | None:
        open_quotes = await quotes.open_of(self._database.read, member_id, now)
        if open_quotes.first_lapses is not None:
            if open_quotes.number >= MOST_OPEN:
                return NotNow("too many open", open_quotes.first_lapses, MOST_OPEN)
            files = open_quotes.sha256s
            if files and await asyncio.to_thread(self._bytes, files) >= self._share:
                return NotNow("too many bytes", open_quotes.first_lapses, self._share)
        return None

    async def change(self, member_id: int) -> NotNow | None:
        """As `ask`, for what takes the place of an open quote: a part of one, and nothing more is open then."""
        return await self._use(member_id, self._changing, self._now())

    async def _use(self, member_id: int, pace: Pace, now: datetime) -> NotNow | None:
        """Both paces fill the same bucket, in smaller parts and larger ones. Nobody waits until that is stored: the
        quote that comes of it is stored after it."""
        async with self._database.transaction(waits=False) as tx:
            full_at = await paces.full_at(tx, member_id, now)
            until = pace.free_at(full_at, now)
            if until > now:
                return NotNow("too fast", until, self._per_minute)
            await paces.use(tx, member_id, pace.used(full_at, now))
        return None

    def _bytes(self, sha256s: frozenset[str]) -> int:
        return sum(size_of(self._kept.path(sha256)) for sha256 in sha256s)
