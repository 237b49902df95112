"""What tests begin with that stand in several files."""

import socket
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.fetch import Downloads, open_downloads
from bot.runner import Runner
from storage.database import Database
from tests.bot.room import Room, open_room
from tests.bot.shelf import Shelf
from tests.bot.shop import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield Shop(database)


@pytest.fixture
async def downloads() -> AsyncGenerator[Downloads]:
    async with open_downloads() as downloads:
        yield downloads


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections were to be made; beyond loopback they fail at once."""
    made: list[tuple[str, int]] = []
    connect = socket.socket.connect

    def connect_to(self: socket.socket, address: Any) -> None:
        made.append(address[:2])
        if not (address[0].startswith("127.") or address[0] == "::1"):
            raise ConnectionRefusedError
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_to)
    return made


@pytest.fixture
def into(tmp_path: Path) -> Iterator[Path]:
    """Where the file goes; a test that leaves something else there fails."""
    path = tmp_path / "file"
    yield path
    assert {each.name for each in tmp_path.iterdir()} <= {"file"}


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncGenerator[Shelf]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield Shelf(tmp_path / "media", database)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    async with open_room(tmp_path) as room:
        yield room


@pytest.fixture
async def runner(room: Room) -> AsyncGenerator[Runner]:
    """A runner that works until the test ends; two jobs at the provider at once."""
    async with room.working() as runner:
        yield runner
