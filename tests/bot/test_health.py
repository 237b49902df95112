"""What the bot says of itself to whoever watches it: read over HTTP, from the bot's own process."""

import json
import socket
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.health import STUCK, Health
from bot.settings import Listen
from sandbox.sandbox import Sandbox
from storage.backlog import backlog
from storage.database import Database
from tests.bot.test_start import refusal
from tests.bot.tool import tool
from tests.house import open_house
from tests.storage.story import NOW, bought

HERE = Listen("127.0.0.1", 0)


async def asked(port: int, path: str = "/health") -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        answer = await http.get(f"http://127.0.0.1:{port}{path}")
        return answer.status_code, answer.json() if answer.status_code in (200, 503) else {}


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_a_bot_that_works_says_so(tmp_path: Path) -> None:
    port = free_port()
    async with open_house(tmp_path, HEALTH=str(port)) as house:
        bought = await house.buy(house.member(), house.channel())
        await house.results(bought.job_id)
        await house.quiet()
        status, report = await asked(port)
        assert (status, report["ok"], report["gateway"]["up"]) == (200, True, True), report
        assert report["database"] == {"answers": True, "writes": True}
        assert {"submission", "polling", "runner"} <= report["loops"].keys()
        assert all(loop["moves"] for loop in report["loops"].values())
        assert report["queue"] == {"jobs_under_way": 0, "seconds_waiting": 0.0}
        assert bought.job_id not in json.dumps(report)
        assert (await asked(port, "/"))[0] == 404
        assert ("tcp", "0.0.0.0") in house.bot.sockets()
        given = house.sandbox.settings(house.database, HEALTH=str(port))
        assert (await tool("bot.doctor", given, tmp_path)).about("health") == [
            "✓ ok the bot runs, and says that it is well"
        ]


@asynccontextmanager
async def watched(database: Database, *, latency: float | None = 0.04, turn: float = 0) -> AsyncGenerator[int]:
    """The endpoint of a bot with this heartbeat whose loop came round so many seconds ago."""
    at = time.monotonic() - turn
    health = Health(database, latency=lambda: latency, turns=lambda: {"polling": at}, now=lambda: NOW)
    async with health.served(HERE) as port:
        yield port


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield database


async def test_a_gateway_that_is_down(database: Database) -> None:
    async with watched(database, latency=None) as port:
        status, report = await asked(port)
    assert (status, report["ok"], report["gateway"]) == (503, False, {"up": False, "latency_ms": None})


async def test_a_heartbeat_that_was_not_answered_yet_is_no_number(database: Database) -> None:
    async with watched(database, latency=float("nan")) as port:
        status, report = await asked(port)
    assert (status, report["gateway"]) == (200, {"up": True, "latency_ms": None})


@pytest.mark.parametrize(("turn", "status"), [(STUCK - 5, 200), (STUCK + 1, 503)])
async def test_a_loop_that_does_not_come_round(database: Database, turn: float, status: int) -> None:
    async with watched(database, turn=turn) as port:
        answered, report = await asked(port)
    assert (answered, report["loops"]["polling"]["moves"]) == (status, status == 200)


async def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    async with Database.open(tmp_path / "raybot.db") as database, watched(database) as port:
        database.read.connection.close()
        status, report = await asked(port)
    assert (status, report["database"]["answers"], report["queue"]) == (503, False, {})


@pytest.mark.parametrize("gone", ["raybot.db", "raybot.db-wal"])
async def test_a_database_whose_file_was_taken_away(database: Database, tmp_path: Path, gone: str) -> None:
    async with watched(database) as port:
        assert (await asked(port))[0] == 200
        (tmp_path / gone).rename(tmp_path / "elsewhere")
        status, report = await asked(port)
        assert (status, report["database"]) == (503, {"answers": True, "writes": False})
        (tmp_path / "elsewhere").rename(tmp_path / gone)
        assert (await asked(port))[0] == 200


async def test_a_database_that_another_program_holds_is_found_though_nothing_is_asked_of_it(
    database: Database, tmp_path: Path
) -> None:
    """As a full disk is: by a write of its own, and at each look until one arrives."""
    async with watched(database) as port:
        with closing(sqlite3.connect(tmp_path / "raybot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            status, report = await asked(port)
            assert (status, report["database"]) == (503, {"answers": True, "writes": False})
        status, report = await asked(port)
    assert (status, report["database"]) == (200, {"answers": True, "writes": True})


async def test_how_long_the_first_job_that_could_be_sent_has_been_waiting(database: Database) -> None:
    async with database.transaction() as tx:
        for ago in (30, 90):
            await bought(tx, at=NOW - timedelta(seconds=ago))
        later = await bought(tx, at=NOW - timedelta(seconds=500))
        await tx.execute(
            "UPDATE jobs SET next_try_at = ? WHERE id = ?",
            (int((NOW + timedelta(seconds=5)).timestamp() * 1e6), later),
        )
    assert await backlog(database.read, NOW) == (3, NOW - timedelta(seconds=90))
    async with watched(database) as port:
        _, report = await asked(port)
    assert report["queue"] == {"jobs_under_way": 3, "seconds_waiting": 90.0}


async def test_it_listens_where_it_is_told_to_and_nowhere_else(database: Database) -> None:
    async with watched(database) as port:
        with closing(socket.create_connection(("127.0.0.1", port))) as connection:
            assert connection.getpeername()[0] == "127.0.0.1"
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port)).close()


async def test_a_port_that_is_taken_is_said_in_a_line(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with Sandbox() as sandbox:
            given = sandbox.settings(tmp_path / "raybot.db", HEALTH=str(port))
            said = (await refusal(given, tmp_path)).splitlines()
        assert said[-1].startswith(f"HEALTH: 127.0.0.1:{port} cannot be used")
