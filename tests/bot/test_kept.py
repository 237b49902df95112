"""Kept files: whole under their hash, as long as something needs them, and gone when nothing does."""

import asyncio
import hashlib
import logging
import os
import stat
import sys
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.job import State
from bot.kept import CannotKeep, Kept, NoRoom, Receiving, Swept
from storage import posts, quotes, reposts, sources
from storage.database import Database
from tests.interrupt import interrupted
from tests.storage.story import NOW, brought_to, minutes, shown

WEEK = timedelta(days=7)
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Shelf:
    """A folder and a database, with a clock that stands still until somebody moves it."""

    folder: Path
    database: Database
    now: datetime = NOW

    def open(self, *, most: int = 10**6) -> AbstractAsyncContextManager[Kept]:
        return Kept.open(self.folder, self.database, keep=WEEK, most=most, now=lambda: self.now)

    def names(self, part: str = "inputs") -> set[str]:
        return {path.name for path in (self.folder / part).iterdir()}

    async def quoted(self, quote_id: str, *sha256s: str, after: float = 0) -> None:
        async with self.database.transaction() as tx:
            await shown(tx, id=quote_id, quoted_at=minutes(after), expires_at=minutes(after + 10))
            await sources.add(tx, quote_id, sha256s)

    async def bought(self, state: State, *sha256s: str) -> str:
        async with self.database.transaction() as tx:
            job = await brought_to(tx, state, id=f"q {state}")
            await sources.add(tx, f"q {state}", sha256s)
        return job.id


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncGenerator[Shelf]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield Shelf(tmp_path / "media", database)


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def receive(receiving: Receiving, data: bytes) -> str:
    """Bytes come in and are kept; their hash."""
    file = receiving.new()
    file.write_bytes(data)
    await receiving.keep(file, hash_of(data))
    return hash_of(data)


async def kept_for(shelf: Shelf, kept: Kept, data: bytes, quote_id: str, *, after: float = 0) -> str:
    """A file that a quote was made from."""
    async with kept.receiving() as receiving:
        sha256 = await receive(receiving, data)
        await shelf.quoted(quote_id, sha256, after=after)
    return sha256


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


# Coming in ------------------------------------------------------------------------------------------------------


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


async def test_cancelled_at_any_await_it_leaves_nothing(shelf: Shelf) -> None:
    """Or, from the moment at which there is a quote, exactly what that needs, whole."""

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
        assert cancelled > 6
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


# Results --------------------------------------------------------------------------------------------------------


async def test_a_result_stays_with_its_job_and_then_for_its_time(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        job_id = await shelf.bought(State.DONE)
        async with kept.receiving() as receiving:
            file = receiving.new()
            file.write_bytes(b"film")
            path = await receiving.keep_result(file, job_id, 1, ".mp4")
        assert path == kept.result(job_id, 1, ".mp4")
        assert (path.read_bytes(), mode(path)) == (b"film", 0o600)
        shelf.now += 2 * WEEK
        await kept.sweep()
        assert path.exists()  # it waits for its post
        async with shelf.database.transaction() as tx:
            await posts.posted(tx, f"{job_id}.r1", 7, shows=1)
        shelf.now = minutes(2) + WEEK - timedelta(microseconds=1)
        await kept.sweep()
        assert path.exists()
        shelf.now += timedelta(microseconds=1)
        assert await kept.sweep() == Swept(1, 4, 0)
        assert not path.exists()


async def test_a_result_that_is_to_be_posted_again_stays(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        job_id = await shelf.bought(State.DONE)
        kept.result(job_id, 1, ".silent.mp4").write_bytes(b"film")
        async with shelf.database.transaction() as tx:
            await posts.posted(tx, f"{job_id}.r1", 7, shows=1)
            repost = await reposts.add(tx, job_id, by=1, at=shelf.now)
        shelf.now += 2 * WEEK
        await kept.sweep()
        assert shelf.names("results") == {f"{job_id}.r1.silent.mp4"}
        async with shelf.database.transaction() as tx:
            await posts.posted(tx, repost.nonce, 8, shows=1)
        await kept.sweep()
        assert shelf.names("results") == set()


async def test_without_room_a_result_is_not_kept_and_none_that_waits_for_its_post_goes(shelf: Shelf) -> None:
    """What is posted already makes room."""

    async def receive_result(job_id: str, size: int) -> None:
        async with kept.receiving() as receiving:
            file = receiving.new()
            file.write_bytes(bytes(size))
            await receiving.keep_result(file, job_id, 1, ".mp4")

    async with shelf.database.transaction() as tx:
        waiting, posted, coming = [(await brought_to(tx, State.DONE)).id for _ in range(3)]
        await posts.posted(tx, f"{posted}.r1", 7, shows=1)
    async with shelf.open(most=500) as kept:
        await receive_result(waiting, 200)
        await receive_result(posted, 200)
        await receive_result(coming, 300)
        assert shelf.names("results") == {f"{waiting}.r1.mp4", f"{coming}.r1.mp4"}
        with pytest.raises(NoRoom):
            await receive_result(posted, 1)
        assert shelf.names("results") == {f"{waiting}.r1.mp4", f"{coming}.r1.mp4"}
        assert shelf.names("incoming") == set()


async def test_a_result_of_no_job_goes_at_once(shelf: Shelf) -> None:
    async with shelf.open() as kept:
        kept.result("nobodys", 1, ".webm").write_bytes(b"film")
        await kept.sweep()
        assert shelf.names("results") == set()


# Sweeping -------------------------------------------------------------------------------------------------------


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


# What is not ours -----------------------------------------------------------------------------------------------


async def test_links_and_foreign_files_are_neither_followed_nor_removed(shelf: Shelf) -> None:
    outside = shelf.folder.parent / "outside"
    outside.mkdir()
    (outside / ("b" * 64)).write_bytes(b"precious")
    async with shelf.open():
        pass
    inputs, incoming = shelf.folder / "inputs", shelf.folder / "incoming"
    (inputs / ("a" * 64)).symlink_to(outside / ("b" * 64))
    (inputs / ("c" * 64)).mkdir()
    (inputs / "notes.txt").write_bytes(b"somebody's")
    (shelf.folder / "notes.txt").write_bytes(b"somebody's")
    (incoming / ("d" * 32)).symlink_to(outside)
    (incoming / "notes").mkdir()
    async with shelf.open(most=1) as kept:
        assert not kept.has("a" * 64)
        assert await kept.sweep() == Swept(0, 0, 0)
        async with kept.receiving() as receiving:
            assert not await receiving.pin("a" * 64)
    assert shelf.names() == {"a" * 64, "c" * 64, "notes.txt"}
    assert shelf.names("incoming") == {"d" * 32, "notes"}
    assert (outside / ("b" * 64)).read_bytes() == b"precious"


async def test_a_link_where_a_file_belongs_is_replaced_and_what_it_leads_to_is_not(shelf: Shelf) -> None:
    precious = shelf.folder.parent / "precious"
    precious.write_bytes(b"precious")
    async with shelf.open() as kept:
        kept.path(hash_of(b"picture")).symlink_to(precious)
        sha256 = await kept_for(shelf, kept, b"picture", "q")
        assert kept.has(sha256)
    assert precious.read_bytes() == b"precious"


async def test_a_folder_that_others_use_too_keeps_its_mode(shelf: Shelf) -> None:
    shelf.folder.mkdir(mode=0o755)
    (shelf.folder / "theirs").mkdir()
    async with shelf.open():
        assert mode(shelf.folder) == 0o755
        assert mode(shelf.folder / "inputs") == 0o700


async def test_a_folder_of_its_own_is_closed_to_others(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    shelf.folder.chmod(0o755)
    async with shelf.open():
        assert mode(shelf.folder) == 0o700


# A folder that cannot be used -----------------------------------------------------------------------------------


async def refused(shelf: Shelf) -> str:
    with pytest.raises(CannotKeep) as caught:
        async with shelf.open():
            pass
    line = str(caught.value)
    assert line.startswith(f"MEDIA_DIR: {shelf.folder}")
    assert "\n" not in line
    return line


async def test_a_folder_that_cannot_be_made_is_named(shelf: Shelf) -> None:
    shelf.folder.write_bytes(b"a file")
    assert "cannot be used: File exists" in await refused(shelf)
    shelf.folder = shelf.folder / "below"
    assert "cannot be used: Not a directory" in await refused(shelf)


@pytest.mark.parametrize("part", ["inputs", "results", "incoming", "lock"])
async def test_a_folder_in_which_a_link_leads_elsewhere_is_refused(shelf: Shelf, part: str) -> None:
    elsewhere = shelf.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ("a" * 32)).mkdir()
    shelf.folder.mkdir()
    (shelf.folder / part).symlink_to(elsewhere)
    await refused(shelf)
    assert (elsewhere / ("a" * 32)).exists()


async def test_a_folder_has_one_process(shelf: Shelf) -> None:
    """Each would remove what the other needs."""
    async with shelf.open():
        assert "in use by another Raybot" in await refused(shelf)
    async with shelf.open():
        pass


async def until(so: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not so():
            await asyncio.sleep(0.005)

    waiting: Awaitable[None] = wait()
    await asyncio.wait_for(waiting, 10)
