"""A database of its own for each test: the real one, on disk, and empty unless everything has happened in it."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from storage.database import Database, Tx
from tests.storage.happened import Story, tell


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once for all tests that begin with one."""

    async def make() -> None:
        async with Database.open(path):
            pass

    path = tmp_path_factory.mktemp("migrated") / "raybot.db"
    asyncio.run(make())
    return path


@pytest.fixture
async def database(migrated: Path, tmp_path: Path) -> AsyncGenerator[Database]:
    shutil.copy(migrated, tmp_path / "raybot.db")
    async with Database.open(tmp_path / "raybot.db") as database:
        yield database


@pytest.fixture
async def story(database: Database) -> AsyncGenerator[Story]:
    async with database.transaction() as tx:
        yield Story(tx, await tell(tx))


@pytest.fixture
async def tx(database: Database) -> AsyncGenerator[Tx]:
    """A transaction for the whole test."""
    async with database.transaction() as tx:
        yield tx
