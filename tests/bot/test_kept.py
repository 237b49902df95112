"""Kept files come in whole under their hash, and what no quote was made from goes at once."""

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bot.kept import CannotKeep, Swept
from storage import quotes
from storage.database import Database
from tests.bot.shelf import WEEK, Shelf, hash_of, kept_for, mode, receive
from tests.interrupt import interrupted, wait_at_statements

ROOT = Path(__file__).resolve().parents[2]


async def test_a_file_is_kept_whole_under_its_hash_for_its_owner_only(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        sha256 = await kept_for(shelf, kept, b"picture", "q")
        assert kept.has(sha256)
        assert kept.path(sha256).read_bytes() == b"picture"
        assert mode(kept.path(sha256)) == 0o600
        assert {mode(path) for path in (shelf.folder, *shelf.folder.iterdir()) if path.is_dir()} == {0o700}
        assert shelf.names("incoming") == set()


async def test_while_files_come_in_nobody_else_may_look(shelf: Shelf) -> None:
    async with shelf.open() as kept, kept.receiving() as receiving:
        assert receiving.new() != receiving.new()
        assert mode(receiving.place) == 0o700


async def test_what_no_quote_was_made_from_goes_at_once(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        async with kept.receiving() as receiving:
            sha256 = await receive(receiving, b"picture")
            receiving.new().write_bytes(b"half a")
            assert kept.has(sha256)
        assert not kept.has(sha256)
        assert shelf.names("incoming") == set()


async def test_a_request_that_fails_leaves_nothing(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - it comes in the middle
            async with kept.receiving() as receiving:
                await receive(receiving, b"picture")
                raise ZeroDivisionError
        assert shelf.names() | shelf.names("incoming") == set()


async def test_cancelled_at_any_await_it_leaves_nothing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or, from the moment at which there is a quote, exactly what that needs, whole."""
    wait_at_statements(monkeypatch)

    async def request() -> None:
        async with kept.receiving() as receiving:
            receiving.new().write_bytes(b"half a")
            sha256 = await receive(receiving, data)
            await shelf.quoted(f"q{n}", sha256)

    async with shelf.open() as kept:
        cancelled, quoted = 0, 0
        for n in range(1, 100):
            data = b"picture %d" % n
            try:
                await interrupted(request(), n)
            except asyncio.CancelledError:
                cancelled += 1
            has_quote = await quotes.get(shelf.database.read, f"q{n}") is not None
            quoted += has_quote
            assert shelf.names("incoming") == set(), n
            assert kept.has(hash_of(data)) == has_quote, n
            if has_quote:
                assert kept.path(hash_of(data)).read_bytes() == data
            if cancelled < n:
                break
        assert cancelled > 4
        assert 1 < quoted < cancelled


async def test_cancelled_twice_it_still_leaves_nothing(shelf: Shelf) -> None:
    async def request() -> None:
        async with kept.receiving() as receiving:
            await receive(receiving, b"picture")

    async with shelf.open() as kept:
        cancelled = 0
        for n in range(1, 20):
            try:
                await interrupted(request(), n, n + 1, n + 2)
            except asyncio.CancelledError:
                cancelled += 1
            assert shelf.names() | shelf.names("incoming") == set(), n
        assert cancelled >= 2
        assert await kept.sweep() == Swept(0, 0, 0)


async def test_cancelled_while_a_slow_disk_stores_it_nothing_goes_on_after(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread cannot be cancelled: what it does has to be waited for, or it meets whoever comes next."""
    replace, begun, ended = Path.replace, 0, 0

    def slowly(file: Path, target: Path) -> Path:
        nonlocal begun, ended
        begun += 1
        time.sleep(0.1)
        ended += 1
        return replace(file, target)

    async def request() -> None:
        async with kept.receiving() as receiving:
            await receive(receiving, b"picture")

    monkeypatch.setattr(Path, "replace", slowly)
    async with shelf.open() as kept:
        for n in range(1, 5):
            with suppress(asyncio.CancelledError):
                await interrupted(request(), n)
            assert begun == ended, n
            assert shelf.names() == set(), n
        assert begun


async def test_leftovers_of_a_killed_process_go_at_the_start(shelf: Shelf) -> None:
    child = f"""
import asyncio, os, pathlib, signal
from bot.kept import Kept
from datetime import UTC, datetime, timedelta
from storage.database import Database
async def main():
    async with Database.open(pathlib.Path({str(shelf.folder.parent / "other.db")!r})) as database:
        folder, now = pathlib.Path({str(shelf.folder)!r}), lambda: datetime.now(UTC)
        async with Kept.open(folder, database, keep=timedelta(1), most=99, now=now) as kept:
            async with kept.receiving() as receiving:
                receiving.new().write_bytes(b"half a")
                os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", child, cwd=ROOT)
    assert await asyncio.wait_for(process.wait(), 20) == -9
    assert len(shelf.names("incoming")) == 1
    (shelf.folder / "owner").unlink()  # as if it had been the same database
    async with shelf.open():
        assert shelf.names("incoming") == set()


async def test_the_files_of_another_database_are_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    """To the other one's sweep every file would look like nobody's."""
    async with shelf.open() as kept:
        await kept_for(shelf, kept, b"picture", "quote")
    async with Database.open(tmp_path / "other.db") as other:
        with pytest.raises(CannotKeep, match=r"^MEDIA_DIR: the files in .* belong to another database"):
            async with Shelf(shelf.folder, other).open():
                pytest.fail("it was opened")
    assert len(shelf.names()) == 1


async def test_the_same_bytes_twice_are_kept_once(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        async with kept.receiving() as receiving:
            assert await receive(receiving, b"picture") == await receive(receiving, b"picture")
            await shelf.quoted("q", hash_of(b"picture"))
        assert shelf.names() == {hash_of(b"picture")}
        assert (await kept.sweep()).left == len(b"picture")


@pytest.mark.parametrize("refused_first", [True, False])
async def test_two_send_the_same_bytes_and_the_quoted_ones_stay(shelf: Shelf, refused_first: bool) -> None:
    sha256 = hash_of(b"picture")
    refused, quoted = asyncio.Event(), asyncio.Event()

    async def refuse() -> None:
        async with kept.receiving() as receiving:
            await receive(receiving, b"picture")
            both.release()
            await (asyncio.sleep(0) if refused_first else quoted.wait())
        refused.set()

    async def quote() -> None:
        async with kept.receiving() as receiving:
            await receive(receiving, b"picture")
            both.release()
            await (refused.wait() if refused_first else asyncio.sleep(0))
            assert kept.has(sha256)
            await shelf.quoted("q", sha256)
        quoted.set()

    async with shelf.open() as kept:
        both = asyncio.Semaphore(0)
        await asyncio.gather(refuse(), quote())
        assert kept.path(sha256).read_bytes() == b"picture"


async def test_many_with_the_same_bytes_and_a_sweep_all_the_time(shelf: Shelf) -> None:
    """A race would show as a quote whose file is gone."""
    sha256 = hash_of(b"picture")

    async def request(n: int) -> None:
        async with kept.receiving() as receiving:
            await receive(receiving, b"picture")
            await asyncio.sleep(n % 3 / 1000)
            if n == 40:
                await shelf.quoted("q", sha256)
        assert n < 40 or kept.has(sha256)

    async def sweep() -> None:
        for _ in range(40):
            await kept.sweep()

    async with shelf.open() as kept:
        await asyncio.gather(sweep(), *(request(n) for n in range(41)))
        await kept.sweep()
        assert kept.has(sha256)
        assert shelf.names("incoming") == set()


async def test_what_is_held_again_stays_and_what_is_gone_is_not_held(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        sha256 = await kept_for(shelf, kept, b"picture", "q")
        shelf.now += WEEK
        async with kept.receiving() as receiving:
            assert await receiving.pin(sha256)
            assert not await receiving.pin(hash_of(b"another"))
            await kept.sweep()
            assert kept.has(sha256)
        assert kept.has(sha256)  # it had its quote, and goes by its age
        await kept.sweep()
        assert not kept.has(sha256)


@pytest.mark.parametrize("name", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "a" * 64 + "/.."])
async def test_no_name_but_a_hash_leads_to_a_file(shelf: Shelf, name: str) -> None:
    async with shelf.open() as kept:
        for attempt in (kept.path, kept.has):
            with pytest.raises(ValueError, match="no file is kept"):
                attempt(name)
        for job_id, suffix in (
            ("../x", ".mp4"),
            ("j", ".mp4/../.."),
            ("J", ".mp4"),
            ("j", ".sh"),
            ("j" * 21, ".mp4"),
        ):
            with pytest.raises(ValueError, match="no file is kept"):
                kept.result(job_id, 1, suffix)
