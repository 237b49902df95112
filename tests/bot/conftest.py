"""What tests begin with that stand in several files."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from storage.database import Database
from tests.bot.shop import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield Shop(database)
