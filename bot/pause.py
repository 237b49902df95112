"""How long the provider is left alone after it said "not now": stored, so that a restart is no way around it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cadence import LONGEST_REST, backoff
from storage import installation
from storage.database import Database, Tx, from_micros, to_micros


@dataclass(frozen=True)
class Spell:
    """It was refused `tries` times in a row since `since`, and is not tried before `until`."""

    since: datetime
    until: datetime
    tries: int

    def seconds_left(self, now: datetime) -> float:
        """Zero: it may be tried."""
        return (self.until - now).total_seconds() if now < self.until <= now + LONGEST_REST else 0.0


class Pause:
    """One kind of work of the provider's, by the `name` under which its spell is remembered; one row, read by key.

    `now` gives the time, aware, in UTC.
    """

    def __init__(self, database: Database, name: str, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._name = name
        self._now = now

    async def seconds_left(self) -> float:
        """Until it may be tried again; zero: now."""
        spell = await self._spell(self._database.read)
        return 0.0 if spell is None else spell.seconds_left(self._now())

    async def lengthen(self, tx: Tx, asked: float | None, *, base: float, most: float) -> Spell:
        """It was refused: wait twice as long as the last time, or as long as the provider `asked` for.

        Refusals of what was on its way together count once. `base` and `most`: see bot/cadence.py, in seconds.
        """
        now, before = self._now(), await self._spell(tx)
        waits = before is not None and before.seconds_left(now) > 0
        tries = 0 if before is None else before.tries - waits
        wait = min(timedelta(seconds=max(backoff(tries, base=base, most=most), asked or 0.0)), LONGEST_REST)
        until = max(now + wait, before.until) if before is not None and waits else now + wait
        spell = Spell(now if before is None else before.since, until, tries + 1)
        kept = {"since": to_micros(spell.since), "until": to_micros(spell.until), "tries": spell.tries}
        await installation.remember(tx, self._name, json.dumps(kept))
        return spell

    async def end(self) -> None:
        """It worked. While the provider asks for time, what it had accepted before ends nothing."""
        if await self._is_past(self._database.read):
            async with self._database.transaction() as tx:
                if await self._is_past(tx):  # another one may have been refused meanwhile
                    await installation.forget(tx, self._name)

    async def _is_past(self, tx: Tx) -> bool:
        spell = await self._spell(tx)
        return spell is not None and not spell.seconds_left(self._now())

    async def _spell(self, tx: Tx) -> Spell | None:
        kept = await installation.remembered(tx, self._name)
        if kept is None:
            return None
        found = json.loads(kept)
        return Spell(from_micros(found["since"]), from_micros(found["until"]), found["tries"])
