"""Starting and stopping the real process: what does not work is said in one line, and it ends with 2."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.discord.ratelimit import too_many
from sandbox.faults import Fault
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox
from tests.audit import described

TOKEN = "MTA.a-token-that-nobody-may-see"
KEY = "a-key-that-nobody-may-see"
NOBODY = "http://127.0.0.1:9"
SOON = 20  # seconds, on a machine that is busy


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(rate_limits=False, openapi=described()) as sandbox:
        yield sandbox


def settings(sandbox: Sandbox, folder: Path, **more: str) -> dict[str, str]:
    return sandbox.settings(folder / "raybot.db", **more)


async def refusal(given: dict[str, str], folder: Path) -> str:
    """All that a bot with these settings says before it ends with 2 by itself."""
    async with BotProcess(given, folder=folder) as bot, asyncio.timeout(SOON):
        status = await bot.wait()
    said = "\n".join(bot.log)
    assert status == 2, said
    assert "Traceback" not in said
    for name in ("DISCORD_TOKEN", "RUNWARE_API_KEY"):
        assert not given.get(name) or given[name] not in said
    return said


async def runs(bot: BotProcess, sandbox: Sandbox) -> None:
    """Wait until Discord has a bot that is ready."""
    try:
        async with asyncio.timeout(SOON):
            await sandbox.discord.gateway.ready()
    except TimeoutError:
        pytest.fail("\n".join(bot.log))


async def test_without_any_setting_it_names_the_two_that_it_needs(tmp_path: Path) -> None:
    lines = (await refusal({}, tmp_path)).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["DISCORD_TOKEN", "RUNWARE_API_KEY"]


async def test_every_wrong_setting_has_its_line(tmp_path: Path) -> None:
    """From the file, too."""
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={TOKEN}\nMAX_JOBS=many\n", "utf-8")
    said = await refusal({"RUNWARE_API_KEY": f"{KEY} {KEY}", "LOG_LEVEL": "loud"}, tmp_path)
    assert [line.partition(":")[0] for line in said.splitlines()] == ["RUNWARE_API_KEY", "MAX_JOBS", "LOG_LEVEL"]
    assert TOKEN not in said
    assert KEY not in said


async def test_a_token_that_discord_refuses(sandbox: Sandbox, tmp_path: Path) -> None:
    said = await refusal(settings(sandbox, tmp_path, DISCORD_TOKEN=TOKEN), tmp_path)
    assert said.startswith("DISCORD_TOKEN: ")
    assert len(said.splitlines()) == 1


async def test_a_key_that_the_provider_refuses(sandbox: Sandbox, tmp_path: Path) -> None:
    """Said before Discord is asked for anything; at the most talkative level, too."""
    said = await refusal(settings(sandbox, tmp_path, RUNWARE_API_KEY=KEY), tmp_path)
    assert said.startswith("RUNWARE_API_KEY: ")
    assert len(said.splitlines()) == 1
    said = await refusal(settings(sandbox, tmp_path, RUNWARE_API_KEY=KEY, LOG_LEVEL="debug"), tmp_path)
    assert "\nRUNWARE_API_KEY: " in said
    assert not sandbox.discord.requests


@pytest.mark.parametrize("trouble", ["nobody listens", "cut", "404", "no gateway"])
async def test_a_discord_that_does_not_answer(sandbox: Sandbox, tmp_path: Path, trouble: str) -> None:
    given = settings(sandbox, tmp_path)
    match trouble:
        case "nobody listens":
            given["DISCORD_API_URL"] = NOBODY
        case "cut":
            sandbox.discord.faults.add("GET /users/@me", Fault(), times=10)
        case "404":
            sandbox.discord.faults.add("GET /users/@me", Fault(status=404, body=b"<html>"))
        case _:
            sandbox.discord.faults.add("GET /gateway/bot", Fault(status=403), times=10)
    *before, last = (await refusal(given, tmp_path)).splitlines()
    assert last.startswith("DISCORD_API_URL: ")
    assert all(" registered " in line for line in before)


@pytest.mark.parametrize("operation", ["GET /users/@me", "GET /gateway/bot"])
async def test_a_discord_that_wants_to_be_left_alone_for_long(
    sandbox: Sandbox, tmp_path: Path, operation: str
) -> None:
    """That passes by itself, so a supervisor starts it again."""
    sandbox.discord.faults.add(operation, too_many(45.0))
    async with BotProcess(settings(sandbox, tmp_path), folder=tmp_path) as bot, asyncio.timeout(SOON):
        assert await bot.wait() == 1
    assert "Traceback" not in "\n".join(bot.log)
    assert bot.log[-1].startswith("Discord answers that it wants to be left alone for 45 s; ")


async def test_a_folder_where_the_database_should_be(sandbox: Sandbox, tmp_path: Path) -> None:
    """It may be anybody's, and stays as it was."""
    folder = tmp_path / "raybot.db"
    folder.mkdir(mode=0o755)
    await cannot_open(sandbox, tmp_path)
    assert folder.stat().st_mode & 0o777 == 0o755


async def test_a_file_that_is_no_database(sandbox: Sandbox, tmp_path: Path) -> None:
    """And it is left as it was."""
    database = tmp_path / "raybot.db"
    database.write_bytes(b"This is a holiday diary. " * 1_000)
    await cannot_open(sandbox, tmp_path)
    assert database.read_bytes() == b"This is a holiday diary. " * 1_000


async def test_a_database_of_a_newer_raybot(sandbox: Sandbox, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "raybot.db")
    database.execute("PRAGMA user_version = 999")
    database.close()
    assert "newer" in await cannot_open(sandbox, tmp_path)


async def test_a_folder_that_cannot_be_made(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = await refusal(sandbox.settings(tmp_path / "file" / "raybot.db"), tmp_path)
    assert said.startswith("DATABASE_URL: ")
    assert len(said.splitlines()) == 1


async def cannot_open(sandbox: Sandbox, folder: Path) -> str:
    said = await refusal(settings(sandbox, folder), folder)
    assert said.startswith("DATABASE_URL: ")
    assert len(said.splitlines()) == 1
    assert not sandbox.runware.requests
    return said


async def test_one_process_per_database_and_a_quick_end(sandbox: Sandbox, tmp_path: Path) -> None:
    """A second process says who is in its way, and is in nobody's way. SIGTERM ends the first with 0, at once;
    then another may start."""
    given = settings(sandbox, tmp_path)
    async with BotProcess(given, folder=tmp_path) as bot:
        await runs(bot, sandbox)
        said = await refusal(given, tmp_path)
        assert said.startswith("DATABASE_URL: ")
        assert "in use by another" in said
        assert len(said.splitlines()) == 1
        assert bot.is_running
        before = time.monotonic()
        async with asyncio.timeout(SOON):
            status = await bot.stop()
        assert (status, time.monotonic() - before < 3) == (0, True), "\n".join(bot.log)
        assert "Traceback" not in "\n".join(bot.log)
        await bot.start()
        await runs(bot, sandbox)
        assert await bot.stop() == 0


@pytest.mark.parametrize("trouble", ["nobody listens", "500", "429", "cut"])
async def test_it_starts_without_a_provider(sandbox: Sandbox, tmp_path: Path, trouble: str) -> None:
    """Jobs can wait; members can look at theirs."""
    given = settings(sandbox, tmp_path)
    if trouble == "nobody listens":
        given["RUNWARE_API_URL"] = NOBODY
    else:
        status = None if trouble == "cut" else int(trouble)
        sandbox.runware.faults.add("accountManagement", Fault(status=status), times=5)
    async with BotProcess(given, folder=tmp_path) as bot:
        await runs(bot, sandbox)
        assert any("the provider does not answer" in line for line in bot.log)
        assert await bot.stop() == 0


async def test_the_most_talkative_log_holds_no_key(sandbox: Sandbox, tmp_path: Path) -> None:
    given = settings(sandbox, tmp_path, LOG_LEVEL="DEBUG")
    async with BotProcess(given, folder=tmp_path) as bot:
        await runs(bot, sandbox)
        await bot.stop()
    said = "\n".join(bot.log)
    assert " DEBUG " in said
    assert "registered" in said
    assert sandbox.discord.token not in said
    assert sandbox.runware.key not in said
