"""Sweeping: what something needs stays, and the oldest of what nothing needs goes first."""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.job import State
from bot.kept import NoRoom, Swept
from storage import quotes
from tests.bot.shelf import WEEK, Shelf, hash_of, kept_for, receive
from tests.interrupt import interrupted
from tests.storage.story import NOW, minutes


async def test_an_expired_quotes_file_goes_when_it_is_old_and_a_jobs_stays(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        expired = await kept_for(shelf, kept, b"expired", "q")
        async with kept.receiving() as receiving:
            needed = await receive(receiving, b"needed")
            await shelf.bought(State.RUNNING, needed)
        shelf.now += WEEK - timedelta(microseconds=1)
        await kept.sweep()
        assert shelf.names() == {expired, needed}
        shelf.now += timedelta(microseconds=1)
        await kept.sweep()
        assert shelf.names() == {needed}
        shelf.now += 50 * WEEK
        await kept.sweep()
        assert shelf.names() == {needed}


async def test_above_the_cap_the_oldest_goes_first_and_no_more_than_has_to(shelf: Shelf) -> None:
    async with shelf.open(most=1000) as kept:
        names = [await kept_for(shelf, kept, bytes([n]) * 300, f"q{n}", after=[2, 0, 1][n]) for n in range(3)]
    shelf.now = minutes(60)
    async with shelf.open(most=650) as kept:
        assert await kept.sweep() == Swept(1, 300, 600)
        assert shelf.names() == {names[0], names[2]}


async def test_what_is_needed_stays_above_the_cap_and_the_operator_is_told(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with shelf.open() as kept:
        open_quote = await kept_for(shelf, kept, b"a" * 300, "q")
        async with kept.receiving() as receiving:
            job = await receive(receiving, b"b" * 300)
            await shelf.bought(State.UNRESOLVED, job)
            free = await kept_for(shelf, kept, b"c", "r", after=-20)
    async with shelf.open(most=100) as kept:
        await kept.sweep()
    assert shelf.names() == {open_quote, job}
    assert free not in shelf.names()
    assert "MEDIA_MAX_BYTES" in caplog.text


async def test_room_is_made_for_what_comes(shelf: Shelf) -> None:
    async with shelf.open(most=650) as kept:
        old = await kept_for(shelf, kept, b"a" * 300, "q", after=-60)
        newer = await kept_for(shelf, kept, b"b" * 300, "r", after=-30)
        newest = await kept_for(shelf, kept, b"c" * 300, "s")
        assert shelf.names() == {newer, newest}
        assert old not in shelf.names()


async def test_without_room_nothing_is_taken_and_nothing_that_is_needed_goes(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with shelf.open(most=500) as kept:
        needed = await kept_for(shelf, kept, b"a" * 300, "q")
        with pytest.raises(NoRoom, match="cannot store your files just now"):
            async with kept.receiving() as receiving:
                await receive(receiving, b"b" * 300)
        async with kept.receiving() as receiving:
            await receive(receiving, b"a" * 300)  # the same bytes take no more
    assert shelf.names() == {needed}
    assert shelf.names("incoming") == set()
    assert "MEDIA_MAX_BYTES" in caplog.text


async def test_a_clock_that_goes_backwards_removes_nothing(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        sha256 = await kept_for(shelf, kept, b"picture", "q")
        async with shelf.database.transaction() as tx:
            await quotes.cancel(tx, "q", NOW)
        shelf.now -= 50 * WEEK
        await kept.sweep()
        assert kept.has(sha256)


async def test_a_database_that_cannot_answer_removes_nothing(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    """The loop goes on, and what was refused meanwhile goes with a later sweep."""
    async with shelf.open() as kept:
        sha256 = await kept_for(shelf, kept, b"picture", "q")
        async with shelf.database.transaction() as tx:
            await tx.execute("ALTER TABLE sources RENAME TO away")
        async with kept.receiving() as receiving:
            refused = await receive(receiving, b"refused")
        sweeping = asyncio.create_task(kept.run())
        await until(lambda: "cannot be swept" in caplog.text)
        assert shelf.names() == {sha256, refused}
        assert not sweeping.done()
        sweeping.cancel()
        async with shelf.database.transaction() as tx:
            await tx.execute("ALTER TABLE away RENAME TO sources")
        await kept.sweep()
        assert shelf.names() == {sha256}


async def test_it_sweeps_at_the_start_and_again_and_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("bot.kept.EVERY", 0.01)
    async with shelf.open() as kept:
        sweeping = asyncio.create_task(kept.run())
        for data in (b"first", b"second"):
            kept.path(hash_of(data)).write_bytes(data)
            await until(lambda: not shelf.names())
        sweeping.cancel()
    assert "1 removed, 0 MB left" in caplog.text


async def test_a_sweep_that_is_cancelled_ends_first(shelf: Shelf) -> None:
    """A thread that went on would remove what has come back meanwhile."""
    async with shelf.open() as kept:
        for n in range(1, 20):
            kept.path(hash_of(b"useless")).write_bytes(b"useless")
            try:
                await interrupted(kept.sweep(), n)
            except asyncio.CancelledError:
                assert shelf.names() == set(), n
            else:
                assert n > 1
                return


async def test_the_disk_is_never_waited_for_on_the_loop(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[tuple[str, bool]] = []

    def watch(of: Any, name: str) -> None:
        does: Callable[..., Any] = getattr(of, name)

        def watched(*given: Any, **named: Any) -> Any:
            used.append((name, threading.current_thread() is threading.main_thread()))
            return does(*given, **named)

        monkeypatch.setattr(of, name, watched)

    async with shelf.open() as kept:
        for of, name in ((os, "scandir"), (os, "fsync"), (os, "rmdir"), (Path, "unlink"), (Path, "replace")):
            watch(of, name)
        async with kept.receiving() as receiving:
            await receive(receiving, b"picture")
        kept.path(hash_of(b"useless")).write_bytes(b"useless")
        await kept.sweep()
        monkeypatch.undo()
    assert {name for name, _ in used} == {"scandir", "fsync", "rmdir", "unlink", "replace"}
    assert not [name for name, is_on_the_loop in used if is_on_the_loop]


async def test_many_files_are_asked_about_in_parts(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.kept.AT_A_TIME", 2)
    async with shelf.open() as kept:
        names = {await kept_for(shelf, kept, bytes([n]), f"q{n}") for n in range(7)}
        assert await kept.sweep() == Swept(0, 0, 7)
        assert shelf.names() == names


async def until(so: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not so():
            await asyncio.sleep(0.005)

    waiting: Awaitable[None] = wait()
    await asyncio.wait_for(waiting, 10)
