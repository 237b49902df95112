"""What goes out is what the files hold, to the byte, in little memory; what breaks off is never taken for whole."""

import asyncio
import base64
import hashlib
import json
import tracemalloc
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.runware.client import Runware, open_http
from bot.runware.content import BLOCK, Content, File, text
from bot.runware.errors import RunwareError, SourceGone
from sandbox.runware import server
from tests.bot.runware.wire import KEY, TASK, answering, saying


async def kept(folder: Path, content: bytes) -> File:
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / sha256
    path.write_bytes(content)
    return await File.find(path, sha256)


async def streamed(content: Content) -> bytes:
    return b"".join([block async for block in content.stream()])


def noise(size: int) -> bytes:
    return hashlib.shake_128(b"noise").digest(size)


@pytest.mark.parametrize("size", [1, 2, 3, 4, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 2])
async def test_a_file_goes_out_as_one_base64_however_many_blocks_it_has(tmp_path: Path, size: int) -> None:
    """Twice, since an attempt begins at the beginning; and of the length that is announced."""
    held = noise(size)
    content = Content(("{é".encode(), await kept(tmp_path, held), b"}"))
    for _ in range(2):
        sent = await streamed(content)
        assert sent == "{é".encode() + base64.b64encode(held) + b"}"
        assert len(sent) == content.length


async def test_text_alone_is_its_utf_8() -> None:
    assert await streamed(text("é 😀")) == "é 😀".encode()
    assert text("é 😀").length == 7


@pytest.mark.parametrize("what", ["nothing", "a folder", "a link to nothing"])
async def test_what_is_no_file_is_gone(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    if what == "a folder":
        path.mkdir()
    elif what == "a link to nothing":
        path.symlink_to(tmp_path / "y")
    with pytest.raises(SourceGone, match="x"):
        await File.find(path, "0" * 64)


CHANGES: dict[str, Callable[[Path], object]] = {
    "vanished": Path.unlink,
    "shorter": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "a block shorter": lambda path: path.write_bytes(path.read_bytes()[:BLOCK]),
    "empty": lambda path: path.write_bytes(b""),
    "another byte at its beginning": lambda path: path.write_bytes(b"x" + path.read_bytes()[1:]),
    "another byte at its end": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_file_that_is_not_what_it_was_does_not_go_out_to_its_end(tmp_path: Path, change: str) -> None:
    file = await kept(tmp_path, noise(2 * BLOCK + 1))
    content = Content((b"{", file, b"}"))
    CHANGES[change](file.path)
    sent: list[bytes] = []

    async def send() -> None:
        async for block in content.stream():
            sent.append(block)

    with pytest.raises(SourceGone):
        await send()
    assert sum(map(len, sent)) < content.length - 1


@asynccontextmanager
async def listening() -> AsyncGenerator[tuple[Runware, asyncio.Queue[tuple[bytes, int]]]]:
    """The client at a server that notes of each request its head and how much body came before its end, and
    answers when all of it is there."""
    requests: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        announced = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        came = 0
        while came < announced and (data := await reader.read(65_536)):
            came += len(data)
        requests.put_nowait((head, came))
        if came == announced:
            said = json.dumps({"data": [{"taskUUID": TASK}]}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listens, open_http() as http:
        port = listens.sockets[0].getsockname()[1]
        yield Runware(http, url=f"http://127.0.0.1:{port}/v1", key=KEY), requests


async def test_a_request_that_breaks_off_ends_before_its_announced_length(tmp_path: Path) -> None:
    """On the wire: the length is said first, the connection is closed, and nobody can take the rest for whole."""
    file = await kept(tmp_path, noise(5 * BLOCK))
    content = Content((b"{", file, b"}"))
    file.path.write_bytes(noise(5 * BLOCK)[:-1])
    async with listening() as (runware, requests), asyncio.timeout(10):
        with pytest.raises(SourceGone):
            await runware.submit(content, task_id=TASK)
        head, came = await requests.get()
    assert f"content-length: {content.length + 2}".encode() in head.lower()
    assert b"transfer-encoding" not in head.lower()
    assert came < content.length


async def test_the_provider_accepts_nothing_of_a_request_that_breaks_off(
    runware: Runware, provider: server.Runware, tmp_path: Path
) -> None:
    file = await kept(tmp_path, noise(BLOCK + 9))
    file.path.unlink()
    with pytest.raises(SourceGone):
        await runware.submit(Content((b'{"taskType": "videoInference", "x": "', file, b'"}')), task_id=TASK)
    assert (await runware.account()).balance is not None, "the next request is none the worse"
    assert not provider.submissions


async def test_forty_megabytes_go_out_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as large:
        large.truncate(40_000_000)
    with path.open("rb") as large:
        file = await File.find(path, hashlib.file_digest(large, "sha256").hexdigest())
    async with listening() as (runware, requests), asyncio.timeout(60):
        tracemalloc.start()
        try:
            await runware.submit(Content((b"{", file, b"}")), task_id=TASK)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        _, came = await requests.get()
    assert came == 4 * 13_333_334 + 4
    assert peak < 5_000_000


async def test_a_large_content_has_more_time_than_a_small_one(tmp_path: Path) -> None:
    """So much that a line of a megabit a second is fast enough, also for what waits on its way to be sent."""
    allowed: list[float] = []

    def note(request: httpx.Request) -> httpx.Response:
        allowed.append(request.extensions["timeout"]["read"])
        return saying({"data": [{"taskUUID": TASK}]})(request)

    async with answering(note) as runware:
        await runware.submit(text("{}"), task_id=TASK)
        await runware.submit(Content((await kept(tmp_path, noise(3_000_000)),)), task_id=TASK)
    assert allowed == [pytest.approx(30, abs=0.1), pytest.approx(30 + 4_000_000 / 125_000, abs=0.1)]  # pyright: ignore


async def test_the_whole_of_an_exchange_is_bounded_by_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow answer is waited for as long as the request may have been on its way, and no longer."""
    monkeypatch.setattr("bot.runware.client.SLOWEST_LINE", 100_000)

    async def slowly(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.6)
        return saying({"data": [{"taskUUID": TASK}]})(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(slowly)) as http:
        runware = Runware(http, url="https://api.runware.test/v1", key=KEY, timeout=0.05)
        await runware.submit(Content((await kept(tmp_path, noise(300_000)),)), task_id=TASK)
        with pytest.raises(RunwareError, match="TimeoutError"):
            await runware.submit(text("{}"), task_id=TASK)
