"""What is written arrives, or nothing of it does: a file that was taken away, a lock of somebody else's."""

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import commits
from storage.database import Database
from storage.installation import remember, remembered
from storage.writes import CannotWrite, FileGone, cannot_write


async def store(database: Database, value: str) -> None:
    async with database.transaction() as tx:
        await remember(tx, "name", value)


def errors(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in log.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("another", [True, False])
@pytest.mark.parametrize("gone", ["raybot.db", "raybot.db-wal"])
async def test_nothing_is_stored_in_a_file_that_nobody_finds_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, gone: str, another: bool
) -> None:
    path = tmp_path / gone
    async with Database.open(tmp_path / "raybot.db") as database:
        await store(database, "before")
        path.rename(tmp_path / "elsewhere")
        if another:
            shutil.copy(tmp_path / "elsewhere", path)
        for _ in range(3):
            with pytest.raises(FileGone):
                await store(database, "after")
        assert await remembered(database.read, "name") == "before"
        [line] = errors(caplog)
        assert "taken away or replaced" in line
        await database.taken_away()
        (tmp_path / "elsewhere").rename(path)
        await store(database, "after")
        assert await remembered(database.read, "name") == "after"
        assert errors(caplog)[1:] == [f"{tmp_path / 'raybot.db'} can be written again"]


async def test_what_is_locked_by_another_program_is_said_once_and_is_over_with_the_first_write(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "PATIENCE", 0.05)
    with closing(sqlite3.connect(tmp_path / "raybot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            with pytest.raises(CannotWrite, match="locked"):
                await store(database, "value")
        [line] = errors(caplog)
        assert "nothing is bought" in line
    async with database.transaction() as tx:
        await remembered(tx, "name")
    assert not database.writes.arrive, "it has only looked"
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - it comes in the middle
        async with database.transaction() as tx:
            await remember(tx, "name", "half done")
            raise ZeroDivisionError
    assert not database.writes.arrive, "it was undone"
    await store(database, "value")
    assert database.writes.arrive
    assert len(errors(caplog)) == 2


async def test_a_mistake_of_ours_is_no_trouble_of_the_disks(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(sqlite3.OperationalError) as raised:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO nowhere VALUES (1)")
    assert not isinstance(raised.value, CannotWrite)
    assert database.writes.arrive
    assert errors(caplog) == []


def test_what_a_group_of_tasks_has_wrapped_is_known() -> None:
    assert cannot_write(ExceptionGroup("two", [CannotWrite("full"), ExceptionGroup("one", [FileGone("gone")])]))
    assert not cannot_write(ExceptionGroup("two", [CannotWrite("full"), ValueError("ours")]))
    assert not cannot_write(ValueError("ours"))
