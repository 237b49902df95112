"""`python -m sandbox`, as people start and end it."""

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from sandbox.__main__ import options
from sandbox.process import ROOT

PATIENCE: Final = 60.0  # seconds


@asynccontextmanager
async def started(
    *words: str, python: Sequence[str] = (), **environment: str
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The sandbox's process; ended at the end if it still runs, with the bot that it started."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *python, "-m", "sandbox", *words),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def rest(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.read()).decode()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_one_line_with_its_address_and_ends_cleanly(how: signal.Signals) -> None:
    async with started("--port", "0") as process:
        said = await line(process)
        found = re.fullmatch(r"Raybot runs offline\. Open (http://127\.0\.0\.1:\d+/) in a browser; .+\.", said)
        assert found, said
        async with aiohttp.ClientSession() as http, http.get(found[1]) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
        process.send_signal(how)
        assert await rest(process) == ""
        assert await process.wait() == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_whoever_ends_it_before_it_is_there_reads_nothing_either(how: signal.Signals) -> None:
    """In the middle of its imports, which the interpreter tells of."""
    async with started("--port", "0", python=("-X", "importtime")) as process:
        while not re.search(r"\| +aiohttp$", said := await line(process)):
            assert said.startswith("import time:"), said
        process.send_signal(how)
        told = (await rest(process)).splitlines()
        assert [said for said in told if not said.startswith("import time:")] == []
        assert await process.wait() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells a process that its parent has ended")
async def test_a_sandbox_that_is_killed_leaves_no_bot_behind(tmp_path: Path) -> None:
    async with started("--port", "0", TMPDIR=str(tmp_path)) as process:
        await line(process)
        [bot] = of(process.pid, f"task/{process.pid}/children").split()
        assert of(bot, "cmdline").split("\0")[1:3] == ["-m", "bot"]
        process.kill()
        assert await process.wait() == -signal.SIGKILL
        while runs(bot):
            await asyncio.sleep(0.01)


def of(pid: int | str, name: str) -> str:
    """What the system says of a process."""
    return Path(f"/proc/{pid}/{name}").read_text()


def runs(pid: str) -> bool:
    """Whether a process does: one that nobody has asked for its status yet is there still, but a zombie."""
    try:
        return of(pid, "stat").rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_taken_port_is_said_and_another_one_is_used() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with started("--port", str(port)) as process:
            assert await line(process) == f"Port {port} is taken, so another one is used."
            assert f":{port}/" not in await line(process)


async def test_what_is_kept_is_said_and_there() -> None:
    async with started("--port", "0", "--keep") as process:
        await line(process)
        process.send_signal(signal.SIGINT)
        found = re.fullmatch(r"Kept: (.+)\n", await rest(process))
        assert found
        kept = {each.name for each in os.scandir(found[1])}
        await asyncio.to_thread(shutil.rmtree, found[1])
        assert "raybot.db" in kept


async def test_the_console_is_still_there() -> None:
    async with started("--console", "--speed", "100") as process:
        assert process.stdin is not None
        process.stdin.write(b"/generate A fox resolution:360p\n")
        await process.stdin.drain()
        heard: list[str] = []
        while "] Confirm" not in (said := await line(process)):
            heard.append(said)
            assert process.returncode is None, "\n".join(heard)
            assert "did not respond" not in said, "\n".join(heard)
        number = re.search(r"\[(\d+)\] Confirm", said)
        assert number
        process.stdin.write(f"{number[1]}\n".encode())
        process.stdin.close()
        assert "Your video is ready" in await rest(process)
        assert await process.wait() == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--port", "70000"], "a port is a number from 0 to 65535"),
        (["--port", "x"], "a port is a number from 0 to 65535"),
        (["--speed", "0"], "a speed is a number from 0.01 to 1000"),
        (["--speed", "fast"], "a speed is a number from 0.01 to 1000"),
        (["--speed", "nan"], "a speed is a number from 0.01 to 1000"),
        (["x"], "unrecognized arguments: x"),
    ],
)
def test_what_cannot_be_is_refused_at_once(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        options(words)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
