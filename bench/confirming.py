"""What runs in the processes of checkouts.py: `python -m bench.confirming prepare | record | confirm | replay`."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from bot.checkout import Checkout
from bot.domain.limit import Layer, parse_limits
from bot.domain.request import TextToVideo
from bot.offer import Requester
from bot.runware.task import Storage
from storage.database import PRAGMAS, Database
from storage.direct import Direct

LIMITS: Final = {
    Layer.ACCOUNT: parse_limits("1000000/month"),
    Layer.SERVER: parse_limits("1000000/month"),
    Layer.MEMBER: parse_limits("1000000/day"),
}
SERVER: Final = 1
MEMBERS: Final = 64
FIRST_MEMBER: Final = 1_000


def checkout(database: Database) -> Checkout:
    return Checkout(database, LIMITS, storage=Storage(), now=lambda: datetime.now(UTC))


def requester(member_id: int) -> Requester:
    return Requester(server_id=SERVER, channel_id=2, member_id=member_id)


async def create(path: Path) -> dict[str, Any]:
    """A database with nothing in it."""
    async with Database.open(path):
        return {}


async def prepare(path: Path, number: int) -> dict[str, Any]:
    """A database with so many quotes."""
    async with Database.open(path) as database:
        request = TextToVideo(prompt="A fox in the snow", resolution="360p")
        for n in range(number):
            await checkout(database).offer(request, requester(FIRST_MEMBER + n % MEMBERS))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, which can be copied
    return {}


async def quotes(database: Database) -> list[tuple[str, int]]:
    found = await database.read.execute_fetchall(
        """SELECT id, member_id FROM quotes AS quote WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE quote_id = quote.id)
           ORDER BY quoted_at"""
    )
    return [(str(row[0]), int(row[1])) for row in found]


async def confirm(path: Path, at_once: int) -> dict[str, Any]:
    """Confirm every quote, so many at once."""
    async with Database.open(path) as database:
        bought, waiting = checkout(database), iter(await quotes(database))

        async def one() -> None:
            for quote_id, member_id in waiting:
                await bought.confirm(quote_id, requester(member_id))

        began = perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(one())
        return {"seconds": perf_counter() - began}


async def record(path: Path, into: Path) -> dict[str, Any]:
    """Confirm every quote, one after the other, and keep what was asked of the database in between."""
    statements: list[tuple[str, Any]] = []
    async with Database.open(path) as database:
        found = await quotes(database)
        with listening(lambda sql, parameters: statements.append((sql, parameters))):
            for quote_id, member_id in found:
                statements.append(("BEGIN IMMEDIATE", []))
                await checkout(database).confirm(quote_id, requester(member_id))
                statements.append(("COMMIT", []))
    await asyncio.to_thread(into.write_text, json.dumps(statements))
    return {"statements": len(statements)}


def replay(path: Path, kept: Path) -> dict[str, Any]:
    """The same statements on one plain connection; there is a commit at the end of each transaction."""
    statements = [(sql, parameters) for sql, parameters in json.loads(kept.read_text())]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        for pragma in PRAGMAS:
            connection.execute(pragma)
        began = perf_counter()
        for sql, parameters in statements:
            connection.execute(sql, parameters).fetchall()
        took = perf_counter() - began
        assert not connection.in_transaction
    return {"seconds": took, "statements": len(statements)}


@contextmanager
def listening(heard: Callable[[str, Any], None]) -> Generator[None]:
    """Hear of each statement of ours, as it is asked for."""
    kinds = ("execute", "execute_fetchall", "executemany")
    true = {name: getattr(Direct, name) for name in kinds}

    def telling(name: str) -> Callable[..., Any]:
        def told(self: Direct, sql: str, parameters: Any = ()) -> Any:
            if name == "executemany":
                parameters = list(parameters)
                for each in parameters:
                    heard(sql, each)
            else:
                heard(sql, dict(parameters) if hasattr(parameters, "keys") else list(parameters))
            return true[name](self, sql, parameters)

        return told

    for name in kinds:
        setattr(Direct, name, telling(name))
    try:
        yield
    finally:
        for name, was in true.items():
            setattr(Direct, name, was)


def main(words: list[str]) -> dict[str, Any]:
    match words:
        case ["create", path]:
            return asyncio.run(create(Path(path)))
        case ["prepare", path, number]:
            return asyncio.run(prepare(Path(path), int(number)))
        case ["record", path, into]:
            return asyncio.run(record(Path(path), Path(into)))
        case ["confirm", path, at_once]:
            return asyncio.run(confirm(Path(path), int(at_once)))
        case ["replay", path, kept]:
            return replay(Path(path), Path(kept))
        case _:
            raise SystemExit(2)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
