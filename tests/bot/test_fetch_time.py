# A test blocks on its own small files and on nothing else:
# ruff: noqa: ASYNC240
"""Downloads that dawdle, never end, are cancelled, or are many at once."""

import asyncio
import hashlib
import os
import socket
import time
import tracemalloc
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot import fetch as module
from bot.fetch import AT_ONCE, Downloads, Fetched, open_downloads
from tests.bot.fetching import ANYWHERE, MB, only, refused
from tests.web import drip, redirect, reply, serve

pytestmark = pytest.mark.usefixtures("tried")

# --- time


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 302 Found\r\nX-Slow: ",
    ],
)
async def test_a_server_that_sends_a_byte_at_a_time_is_cut_off(
    downloads: Downloads, into: Path, start: bytes
) -> None:
    began = time.monotonic()
    async with serve({"/a": drip(start, b"a", every=0.02)}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web), seconds=0.4) == "slow"
        assert 0.3 < time.monotonic() - began < 5


async def test_interim_answers_without_an_end_are_cut_off(downloads: Downloads, into: Path) -> None:
    async with serve({"/a": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", every=0.001)}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web), seconds=0.4) == "slow"


async def test_a_server_that_says_nothing_is_not_waited_for(
    downloads: Downloads, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long before all of its time is up."""
    monkeypatch.setattr(module, "TIMEOUT", module.httpx.Timeout(0.2))
    async with serve({"/a": drip(b"HTTP/1.1 200 OK\r\n\r\n", b"", every=0.1)}) as web:
        began = time.monotonic()
        assert await refused(downloads, f"{web.origin}/a", into, only(web), seconds=30) == "slow"
        assert time.monotonic() - began < 5


async def test_a_name_server_that_says_nothing_is_not_waited_for(into: Path) -> None:
    async def never(host: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with open_downloads(resolve=never) as downloads:
        assert await refused(downloads, "https://cdn.example.com/a", into, ANYWHERE, seconds=0.2) == "slow"


async def test_a_slow_look_up_takes_no_thread_from_others(
    downloads: Downloads, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's look-up cannot be ended; whatever else needs a thread must not wait for it."""
    until, started = time.monotonic() + 5, 0

    def stuck(*_: object, **__: object) -> list[Any]:
        nonlocal started
        started += 1
        while time.monotonic() < until:
            time.sleep(0.01)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    try:
        for _ in range(12):
            url = "https://cdn.example.com/a"
            await asyncio.gather(*(refused(downloads, url, into, ANYWHERE, seconds=0.05) for _ in range(AT_ONCE)))
        async with asyncio.timeout(2):
            assert await asyncio.to_thread(lambda: 1) == 1
    finally:
        until = 0
    assert started == AT_ONCE


@pytest.mark.parametrize("after", range(10))
async def test_a_download_that_is_cancelled_leaves_nothing(downloads: Downloads, into: Path, after: int) -> None:
    """Wherever it is: also while a thread writes."""
    async with serve({"/a": drip(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65_536))}) as web:
        task = asyncio.create_task(downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=10**9))
        async with asyncio.timeout(5):
            while not (into.exists() and into.stat().st_size):
                await asyncio.sleep(0.002)
        await asyncio.sleep(after * 0.0007)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not into.exists()
        assert open_files(into) == []
        await asyncio.sleep(0.02)
        assert not into.exists()


async def test_a_file_that_is_being_made_when_it_is_cancelled_is_not_left(
    downloads: Downloads, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow disk the thread comes to it after everybody has gone."""
    at_it, open_file = asyncio.Event(), os.open
    loop = asyncio.get_running_loop()

    def slowly(path: Any, *how: Any) -> int:
        loop.call_soon_threadsafe(at_it.set)
        time.sleep(0.1)
        return open_file(path, *how)

    async with serve({"/a": reply(b"x")}) as web:
        monkeypatch.setattr(os, "open", slowly)
        task = asyncio.create_task(downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=MB))
        async with asyncio.timeout(5):
            await at_it.wait()
        for _ in range(3):  # however impatiently
            task.cancel()
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.2)
    assert not into.exists()
    assert open_files(into) == []


def open_files(path: Path) -> list[str]:
    """What this process has open of it, removed or not."""
    targets: list[str] = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            targets.append(str(descriptor.readlink()))
    return [target for target in targets if str(path) in target]


async def test_a_download_that_is_cancelled_at_any_step_leaves_nothing_or_is_whole(
    downloads: Downloads, into: Path
) -> None:
    """Cancelled after ever more turns of the event loop, until it ends by itself."""
    cancelled, turns, until = 0, 0.0, time.monotonic() + 20
    async with serve({"/a": redirect("/b"), "/b": reply(b"whole")}) as web:
        while True:
            task = asyncio.create_task(downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=MB))
            for _ in range(int(turns)):
                await asyncio.sleep(0)
            task.cancel()
            try:
                fetched = await task
                break
            except asyncio.CancelledError:
                assert not into.exists(), turns
                assert time.monotonic() < until, "it never ends by itself"
            cancelled, turns = cancelled + 1, turns * 1.02 + 1
        async with asyncio.timeout(5):
            while web.open:
                await asyncio.sleep(0.005)
    assert cancelled > 10
    assert fetched == Fetched(into, hashlib.sha256(b"whole").hexdigest(), 5)


# --- many at once


async def test_only_so_many_run_at_once_and_the_others_take_their_turns(
    downloads: Downloads, tmp_path: Path
) -> None:
    running = most = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        await reply(b"x")(reader, writer)

    async with serve({"/a": answer}) as web:
        fetched = await asyncio.gather(
            *(
                downloads.fetch(f"{web.origin}/a", tmp_path / str(number), hosts=only(web), most=MB, seconds=5)
                for number in range(5 * AT_ONCE)
            )
        )
    assert len(fetched) == len(list(tmp_path.iterdir())) == 5 * AT_ONCE
    assert most == AT_ONCE


async def test_who_waits_too_long_for_a_turn_is_told_so_and_failures_give_theirs_back(
    downloads: Downloads, into: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "file"
    folder.mkdir()
    async with serve({"/a": drip(b"HTTP/1.1 200 OK\r\n\r\n", b"a", every=0.02), "/b": reply(b"x")}) as web:
        slow = [
            asyncio.create_task(refused(downloads, f"{web.origin}/a", folder / str(n), only(web), seconds=1))
            for n in range(AT_ONCE)
        ]
        await asyncio.sleep(0.1)
        assert await refused(downloads, f"{web.origin}/b", folder / "b", only(web), seconds=0.2) == "busy"
        assert await refused(downloads, "http://cdn.example.com/", folder / "b", only(web)) == "link"
        assert await asyncio.gather(*slow) == ["slow"] * AT_ONCE
        for _ in range(2 * AT_ONCE):
            assert await refused(downloads, f"{web.origin}/a", folder / "a", only(web), most=1) == "large"
        assert (await downloads.fetch(f"{web.origin}/b", folder / "b", hosts=only(web), most=MB)).size == 1


async def test_memory_does_not_grow_with_the_file(downloads: Downloads, into: Path) -> None:
    """200 MB, of which a few blocks are held."""
    async with serve({"/a": drip(b"HTTP/1.1 200 OK\r\n\r\n", bytes(MB), times=200)}) as web:
        tracemalloc.start()
        try:
            await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=200 * MB)
            assert tracemalloc.get_traced_memory()[1] < 12 * MB
        finally:
            tracemalloc.stop()
    assert into.stat().st_size == 200 * MB
    into.unlink()
