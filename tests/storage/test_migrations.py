"""Migrations: each once, whole, in order; never backwards."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from storage.database import MIGRATIONS, CannotOpen, Database, migrate

FILES = sorted(MIGRATIONS.glob("*.sql"))


def schema(path: Path) -> tuple[int, list[tuple[str, ...]]]:
    """The version of a database and all that is declared in it."""
    with closing(sqlite3.connect(path)) as connection:
        [(version,)] = connection.execute("PRAGMA user_version")
        return version, list(connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name"))


async def apply(path: Path, *scripts: str) -> None:
    """Migrate the database at `path` by these scripts, in this order."""
    files: list[Path] = []
    for n, script in enumerate(scripts, start=1):
        files.append(path.with_name(f"{n:04}_script.sql"))
        files[-1].write_text(script)
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        try:
            await migrate(connection, files)
        finally:
            assert not connection.in_transaction


async def test_an_empty_database_gets_every_migration(tmp_path: Path) -> None:
    path = tmp_path / "raybot.db"
    async with Database.open(path):
        pass
    version, declared = schema(path)
    assert version == len(FILES) > 0
    tables = {name for kind, name, _ in declared if kind == "table"}
    assert tables == {
        "installation", "quotes", "cancelled_quotes", "sources", "jobs", "steps", "ledger", "results", "transfers",
        "posts", "reposts", "kinds", "changes", "presets", "grants", "draws", "alerts", "observed_prices", "paces",
        "targets", "lineage", "deletions",
    }  # fmt: skip


def test_migrations_are_numbered_without_a_gap() -> None:
    """The version of a database is the number of migrations that it has had, so that their order is for good."""
    assert [re.fullmatch(r"(\d{4})_[a-z_]+\.sql", file.name) is not None for file in FILES] == [True] * len(FILES)
    assert [int(file.name[:4]) for file in FILES] == list(range(1, len(FILES) + 1))


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "raybot.db"
    async with Database.open(path):
        pass
    before = schema(path)
    content = path.read_bytes()
    for _ in range(3):
        async with Database.open(path):
            pass
    assert schema(path) == before
    assert path.read_bytes() == content


async def test_a_database_of_a_newer_raybot_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "raybot.db"
    async with Database.open(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(FILES) + 1}")
    before = schema(path)
    with pytest.raises(CannotOpen, match=f"newer Raybot .*version {len(FILES) + 1}, .*knows {len(FILES)}"):
        async with Database.open(path):
            pytest.fail("it was opened")
    assert schema(path) == before


@pytest.mark.parametrize(
    "broken",
    [
        "CREATE TABLE b (x); INSERT INTO b VALUES (1); CREATE TABLE b (x);",
        "CREATE TABLE b (x); this is not SQL;",
        "CREATE TABLE b (x); INSERT INTO a VALUES (1);",  # a constraint
        "CREATE TABLE b (x); DROP TABLE a; INSERT INTO a VALUES (1);",
        "CREATE TABLE b (x",
    ],
)
async def test_a_migration_that_breaks_leaves_nothing_behind(tmp_path: Path, broken: str) -> None:
    """Neither a table nor a row nor its number; those before it stay, and it can be mended and tried again."""
    path = tmp_path / "raybot.db"
    first = "CREATE TABLE a (x UNIQUE); INSERT INTO a VALUES (1);"
    await apply(path, first)
    before = schema(path)
    with pytest.raises(sqlite3.Error):
        await apply(path, first, broken, "CREATE TABLE c (x);")
    assert schema(path) == before
    await apply(path, first, "CREATE TABLE b (x);", "CREATE TABLE c (x);")
    version, declared = schema(path)
    assert version == 3
    assert {name for kind, name, _ in declared if kind == "table"} == {"a", "b", "c"}


async def test_a_migration_and_its_number_are_one_transaction(tmp_path: Path) -> None:
    """A process killed between the two would find, for ever after, that the tables are there already."""
    file = tmp_path / "0001_script.sql"
    file.write_text("CREATE TABLE a (x);")
    said: list[str] = []
    async with aiosqlite.connect(tmp_path / "raybot.db", isolation_level=None) as connection:
        await connection.set_trace_callback(said.append)  # pyright: ignore[reportUnknownMemberType]
        await migrate(connection, [file])
    script = said[next(n for n, statement in enumerate(said) if statement.startswith("BEGIN")) :]
    assert [" ".join(statement.split()[:2]).rstrip(";") for statement in script] == [
        "BEGIN IMMEDIATE", "CREATE TABLE", "PRAGMA user_version", "PRAGMA foreign_key_check", "COMMIT",
        "PRAGMA foreign_keys"
    ]  # fmt: skip


async def test_a_migration_is_applied_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "raybot.db"
    scripts = ["CREATE TABLE a (x);", "INSERT INTO a VALUES (2);", "INSERT INTO a VALUES (3);"]
    for upto in (1, 2, 3, 3):
        await apply(path, *scripts[:upto])
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.execute("SELECT x FROM a ORDER BY rowid")) == [(2,), (3,)]


async def test_a_broken_database_does_not_start_the_bot_with_half_a_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same through the front door: one line for the operator, and the lock is free again."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_broken.sql").write_text("CREATE TABLE a (x); nonsense;")
    monkeypatch.setattr("storage.database.MIGRATIONS", folder)
    path = tmp_path / "raybot.db"
    for _ in range(2):
        with pytest.raises(CannotOpen, match="cannot be opened: near"):
            async with Database.open(path):
                pytest.fail("it was opened")
    assert schema(path) == (0, [])
