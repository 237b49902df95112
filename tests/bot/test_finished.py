"""Finished videos as files: whole, kept once, of a bounded size and in a bounded time, whatever their host does."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.job import Job, Result, State
from bot.fetch import open_downloads
from bot.finished import Finished, NoFile
from bot.hosts import parse_hosts
from bot.kept import Kept
from storage.database import Database
from tests.storage.story import NOW, brought_to
from tests.web import Answer, Web, drip, raw, reply, serve

FILM = b"\0\0\0\x18ftypisom" + bytes(5_000)
MOST = 10_000
AT_ONCE = (0.0, 0.0)  # seconds between the tries


@dataclass
class Desk:
    """A finished video behind a link to a host that does what a test wants."""

    finished: Finished
    job: Job
    result: Result
    folder: Path

    def left(self) -> list[str]:
        """What is in MEDIA_DIR, whole or not."""
        return sorted(path.name for path in self.folder.glob("*/*"))


@asynccontextmanager
async def desk(
    folder: Path, answers: Mapping[str, Answer], path: str = "/v", *, hosts: str = ""
) -> AsyncGenerator[tuple[Desk, Web]]:
    async with (
        serve(answers) as web,
        Database.open(folder / "raybot.db") as database,
        Kept.open(folder / "media", database, keep=timedelta(days=7), most=10**6, now=lambda: NOW) as kept,
        open_downloads() as downloads,
    ):
        async with database.transaction() as tx:
            job = await brought_to(tx, State.DONE)
        result = replace(job.results[0], links=(web.origin + path,))
        finished = Finished(downloads, kept, hosts=parse_hosts(hosts or web.origin))
        yield Desk(finished, job, result, folder / "media"), web


async def test_it_is_fetched_once_and_kept_as_it_is(tmp_path: Path) -> None:
    async with desk(tmp_path, {"/v": reply(FILM)}) as (it, web):
        file = await it.finished.of(it.job, it.result, most=MOST)
        assert (file.path.read_bytes(), file.size, file.is_silent) == (FILM, len(FILM), False)
        assert await it.finished.of(it.job, it.result, most=MOST) == file
        assert file.path.stat().st_mode & 0o777 == 0o600
        assert web.connections == 1
        assert it.left() == [f"{it.job.id}.r1.mp4"]


@pytest.mark.parametrize(
    ("answer", "reason", "tries"),
    [
        (reply(b"", "503 Service Unavailable"), "missing", 3),
        (reply(b"", "404 Not Found"), "expired", 3),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + FILM), "missing", 3),
        (raw(b""), "missing", 3),
        (reply(FILM + bytes(MOST)), "large", 1),
        (drip(b"HTTP/1.1 200 OK\r\n\r\n" + FILM, bytes(1_000)), "large", 1),
        (reply(b"<html>please log in</html>"), "missing", 1),
        (reply(b""), "missing", 1),
        (reply(FILM, Content_Encoding="gzip"), "missing", 1),
        (reply(b"", "302 Found", Location="http://127.0.0.1:9/v"), "missing", 1),
    ],
    ids=["down", "gone", "truncated", "cut", "large", "ever larger", "no video", "empty", "packed", "leads away"],
)
async def test_what_cannot_be_had_says_why_and_leaves_nothing(
    tmp_path: Path, answer: Answer, reason: str, tries: int
) -> None:
    async with desk(tmp_path, {"/v": answer}) as (it, web):
        with pytest.raises(NoFile) as missing:
            await it.finished.of(it.job, it.result, most=MOST, pauses=AT_ONCE)
        assert (missing.value.reason, web.connections) == (reason, tries)
        assert it.finished.kept(it.job, it.result) is None
        assert it.left() == []


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"", b"", every=0.01),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"", every=0.01),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"x", every=0.01),
    ],
    ids=["silent", "silent after its head", "slow"],
)
async def test_a_host_that_takes_its_time_is_given_a_bounded_one(tmp_path: Path, answer: Answer) -> None:
    """All tries together: without that bound, this would take three times as long, and the pauses."""
    async with desk(tmp_path, {"/v": answer}) as (it, web):
        with pytest.raises(NoFile, match=r"within 0\.5 s"):
            async with asyncio.timeout(60):
                await it.finished.of(it.job, it.result, most=MOST, seconds=0.5, pauses=(30.0, 30.0))
        assert web.connections == 1
        assert it.left() == []


async def test_a_host_that_is_not_admitted_is_not_asked(tmp_path: Path) -> None:
    async with desk(tmp_path, {"/v": reply(FILM)}, hosts="*.runware.ai") as (it, web):
        with pytest.raises(NoFile):
            await it.finished.of(it.job, it.result, most=MOST, pauses=AT_ONCE)
        assert web.connections == 0


async def test_cancelled_at_any_moment_it_leaves_the_whole_file_or_none(tmp_path: Path) -> None:
    ends = 0
    async with desk(tmp_path, {"/v": reply(FILM)}) as (it, _):
        began = time.monotonic()
        file = await it.finished.of(it.job, it.result, most=MOST)
        whole = time.monotonic() - began
        file.path.unlink()
        for n in range(60):
            fetching = asyncio.create_task(it.finished.of(it.job, it.result, most=MOST))
            await asyncio.sleep(whole * n / 20)  # from at once to three times what it takes
            fetching.cancel()
            await asyncio.wait([fetching])
            ends += not fetching.cancelled()
            if (file := it.finished.kept(it.job, it.result)) is not None:
                assert file.path.read_bytes() == FILM
                file.path.unlink()
            assert it.left() == []
    assert 0 < ends < 60
