"""A copy of the database: whole, of one moment, its owner's alone, and in the place of nothing."""

import asyncio
import os
import re
import sqlite3
import stat
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.backup import CannotBackUp, back_up
from sandbox.process import ROOT
from storage.database import Database
from tests.bot.tool import Said, tool
from tests.storage.story import NOW, bought

INTERRUPTED = """
import os, signal, sys
from bot import backup

def interrupt(event, arguments):
    if event == "sqlite3.connect" and "copy.db" in str(arguments):
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
sys.argv = ["backup", sys.argv[1]]
sys.exit(backup.main())
"""
"""`bot.backup` with a Ctrl-C as soon as it opens its copy."""


async def backup(database: Path, *words: str) -> Said:
    return await tool("bot.backup", {"DATABASE_URL": f"sqlite:///{database}"}, database.parent, *words)


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "raybot.db"
    async with Database.open(path) as database, database.transaction() as tx:
        await bought(tx)
    return path


def counts(path: Path) -> tuple[int, int]:
    """How many jobs, and how many holds."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return (
            connection.execute("SELECT count(*) FROM jobs").fetchone()[0],
            connection.execute("SELECT count(*) FROM ledger").fetchone()[0],
        )


async def test_it_says_what_it_wrote_and_how_to_go_back(database: Path) -> None:
    said = await backup(database)
    assert (said.status, said.error) == (0, "")
    [copy] = database.parent.glob("*.backup.db")
    assert re.fullmatch(r"raybot-\d{8}-\d{6}\.backup\.db", copy.name)
    assert str(copy) in said.out
    assert "1 jobs" in said.out
    assert f"put the copy in the place of {database}" in said.out
    assert counts(copy) == (1, 1)


async def test_a_copy_is_taken_while_a_writer_writes_and_is_of_one_moment(tmp_path: Path) -> None:
    """A job and its hold are one transaction: no copy has one without the other, and all can be opened again."""
    path = tmp_path / "raybot.db"
    done = False
    async with Database.open(path) as database:

        async def write() -> None:
            n = 0
            while not done:
                n += 1
                async with database.transaction() as tx:
                    await bought(tx, at=NOW + timedelta(seconds=n))

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(write())
            seen: list[int] = []
            for n in range(8):
                copy = tmp_path / f"copy{n}.db"
                jobs = await asyncio.to_thread(back_up, path, copy)
                assert counts(copy) == (jobs, jobs)
                seen.append(jobs)
            done = True
    assert seen == sorted(seen)
    assert seen[-1] > seen[0], "nothing was written meanwhile"
    async with Database.open(tmp_path / "copy7.db") as again:
        assert await again.read.execute_fetchall("SELECT 1")


async def test_a_copy_is_its_owners_alone_one_file_and_never_written_over(database: Path) -> None:
    before = os.umask(0)
    try:
        assert (await backup(database, "copy.db")).status == 0
    finally:
        os.umask(before)
    copy = database.with_name("copy.db")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(path.name for path in database.parent.glob("copy*")) == ["copy.db"]
    content = copy.read_bytes()
    said = await backup(database, "copy.db")
    assert said.status == 1
    assert "is left as it is" in said.error
    assert copy.read_bytes() == content


async def test_a_link_is_not_followed(database: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").symlink_to(tmp_path / "elsewhere")
    assert (await backup(database, "copy.db")).status == 1
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [None, b"a diary", b"", "another program's"])
async def test_what_cannot_be_copied_leaves_nothing_behind(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "raybot.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE diary (day TEXT)")
    said = await backup(path, "copy.db")
    assert (said.status, said.out) == (1, "")
    assert len(said.error.splitlines()) == 1
    assert not [name for name in os.listdir(tmp_path) if name.startswith("copy")]  # noqa: PTH208


async def test_a_damaged_database_is_not_called_backed_up(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for [trigger] in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM quotes")
        connection.commit()
    with pytest.raises(CannotBackUp, match="damaged"):
        back_up(database, database.with_name("copy.db"))
    assert not list(database.parent.glob("copy*"))


@pytest.mark.parametrize("words", [["a", "b"], ["--help"]])
async def test_words_that_it_does_not_take(database: Path, words: list[str]) -> None:
    said = await backup(database, *words)
    assert said.status == 2
    assert not list(database.parent.glob("*.backup.db"))


async def test_an_interrupted_copy_leaves_nothing(database: Path) -> None:
    """As Ctrl-C does it."""
    copy = database.with_name("copy.db")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", INTERRUPTED, str(copy), cwd=database.parent,
        env={"PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{database}"},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        _, error = await process.communicate()
    assert (process.returncode, error.decode()) == (1, "backup: no copy was made: it was interrupted\n")
    assert sorted(path.name for path in database.parent.iterdir() if "copy" in path.name) == []
