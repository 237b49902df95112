"""A connection whose statements are carried out where they are asked for, in the event loop's own thread.

A statement of ours finds its few rows by an index (tests/storage/test_traced.py explains each) and is done in some
20 µs; to hand it to another thread and wait for that costs several times as much, and the more the busier the loop.
What grows with all that was ever bought is read on `Database.history` instead. See docs/decisions/0037.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]


class Direct:
    """As far as anybody here needs it, it is what `aiosqlite.Connection` is: no await of it ever waits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    async def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        return self.connection.execute(sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Parameters]) -> sqlite3.Cursor:
        return self.connection.executemany(sql, parameters)

    async def execute_fetchall(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        return self.connection.execute(sql, parameters).fetchall()
