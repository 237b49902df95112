# A test blocks on its own small files and on nothing else:
# ruff: noqa: ASYNC240
"""Downloads from servers on loopback that lie or break off; nothing is left of a failure, and little is said."""

import asyncio
import gzip
import hashlib
import logging
import os
import resource
import stat
from functools import cache
from pathlib import Path

import pytest

from bot.domain.refusal import Refusal
from bot.fetch import MAY_PASS, SENTENCES, Downloads, Fetched, Unfetchable, open_downloads
from tests.bot.fetching import MB, only, refused
from tests.web import Answer, drip, raw, redirect, reply, serve

pytestmark = pytest.mark.usefixtures("tried")

# --- a file


async def test_a_file_arrives_whole_with_its_hash(downloads: Downloads, into: Path) -> None:
    body = os.urandom(3 * MB + 7)
    async with serve({"/a.mp4": reply(body)}) as web:
        fetched = await downloads.fetch(f"{web.origin}/a.mp4?ex=1&sig=a%2Fb", into, hosts=only(web), most=4 * MB)
    assert fetched == Fetched(into, hashlib.sha256(body).hexdigest(), len(body))
    assert into.read_bytes() == body
    assert [seen.line for seen in web.seen] == ["GET /a.mp4?ex=1&sig=a%2Fb HTTP/1.1"]


async def test_only_its_owner_can_read_it(downloads: Downloads, into: Path) -> None:
    before = os.umask(0)
    try:
        async with serve({"/a": reply(b"x")}) as web:
            await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=MB)
    finally:
        os.umask(before)
    assert stat.S_IMODE(into.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [0, 999, 1000])
async def test_a_file_may_be_as_large_as_is_allowed(downloads: Downloads, into: Path, size: int) -> None:
    async with serve({"/a": reply(bytes(size))}) as web:
        assert (await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=1000)).size == size
    assert into.stat().st_size == size


@pytest.mark.parametrize(
    "body",
    [
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"\r\nabcde",
        b"Content-Length: 5\r\nContent-Encoding: identity\r\n\r\nabcde",
        b"Content-Length: 5\r\n\r\nabcde and what nobody asked for",
    ],
)
async def test_a_body_may_come_in_any_of_the_forms_of_http(downloads: Downloads, into: Path, body: bytes) -> None:
    async with serve({"/a": raw(b"HTTP/1.1 200 OK\r\n" + body)}) as web:
        assert (await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=5)).size == 5
    assert into.read_bytes() == b"abcde"


async def test_a_file_that_is_there_is_neither_written_nor_removed(downloads: Downloads, into: Path) -> None:
    into.write_bytes(b"mine")
    async with serve({"/a": reply(b"other")}) as web:
        with pytest.raises(FileExistsError):
            await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=MB)
    assert into.read_bytes() == b"mine"


async def test_a_link_in_the_files_place_is_not_followed(downloads: Downloads, tmp_path: Path) -> None:
    path = tmp_path / "link"
    path.symlink_to(tmp_path / "elsewhere")
    async with serve({"/a": reply(b"x")}) as web:
        with pytest.raises(FileExistsError):
            await downloads.fetch(f"{web.origin}/a", path, hosts=only(web), most=MB)
    assert path.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


async def test_a_full_disk_leaves_nothing(downloads: Downloads, into: Path) -> None:
    """As the kernel says it: no file of this process may grow past a limit."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with serve({"/a": reply(bytes(3 * MB))}) as web:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MB, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=4 * MB)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not into.exists()


async def test_it_says_nothing_of_us_and_sends_nothing_back(downloads: Downloads, into: Path) -> None:
    """No cookie that was set on the way, no place where it came from, and nothing that it did not ask for."""
    answers: dict[str, Answer] = {"/b": reply(b"x", Set_Cookie="b=2")}
    answers["/a"] = reply(status="302 Found", Location="/b", Set_Cookie="a=1")
    async with serve(answers) as web:
        await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=MB)
    assert [set(seen.headers) for seen in web.seen] == [
        {"host", "accept", "accept-encoding", "user-agent", "connection"}
    ] * 2
    assert {seen.headers["accept-encoding"] for seen in web.seen} == {"identity"}


async def test_no_proxy_of_the_environment_is_used(
    downloads: Downloads, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serve({"/a": reply(b"x")}) as web, open_downloads() as fresh:
        assert (await fresh.fetch(f"{web.origin}/a", into, hosts=only(web), most=MB)).size == 1


# --- what it may answer


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        *((status, "expired") for status in (401, 403, 404, 410)),
        *((status, "silent") for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, "answer") for status in (201, 203, 204, 206, 300, 304, 400, 405, 416, 451)),
    ],
)
async def test_what_is_no_200_is_no_file(downloads: Downloads, into: Path, status: int, reason: str) -> None:
    async with serve({"/a": reply(b"" if status in (204, 304) else b"sorry", f"{status} Said")}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web)) == reason


@cache
def a_bomb() -> bytes:
    return gzip.compress(bytes(50 * MB))


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "zstd", "identity, gzip"])
async def test_a_packed_body_is_not_unpacked(downloads: Downloads, into: Path, coding: str) -> None:
    async with serve({"/a": reply(a_bomb(), Content_Encoding=coding)}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web)) == "answer"


async def test_a_packed_transfer_is_refused(downloads: Downloads, into: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    async with serve({"/a": raw(head + a_bomb())}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web)) == "silent"


async def test_what_says_that_it_is_too_large_is_not_read(downloads: Downloads, into: Path) -> None:
    waiting = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n", b"", every=0.1)
    async with serve({"/a": waiting}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web), most=MB) == "large"


@pytest.mark.parametrize("head", [b"", b"Transfer-Encoding: chunked\r\n"])
async def test_a_body_without_an_end_ends_at_the_cap(downloads: Downloads, into: Path, head: bytes) -> None:
    piece = b"10000\r\n" + bytes(65_536) + b"\r\n" if head else bytes(65_536)
    sent = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        while True:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)

    async with serve({"/a": answer}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web), most=MB) == "large"
    assert sent < 20 * MB  # with what the kernel buffers


async def test_a_file_that_is_one_byte_too_large_is_refused(downloads: Downloads, into: Path) -> None:
    async with serve({"/a": reply(bytes(1001), Content_Length=""), "/b": reply(bytes(1001))}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web), most=1000) == "large"
        assert await refused(downloads, f"{web.origin}/b", into, only(web), most=1000) == "large"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 50_000 + b"\r\n",
    ],
)
async def test_what_is_no_http_is_no_file(downloads: Downloads, into: Path, answer: bytes) -> None:
    async with serve({"/a": raw(answer)}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web)) == "silent"


async def test_a_server_that_is_not_there_is_silent(downloads: Downloads, into: Path) -> None:
    async with serve({}) as web:
        pass
    assert await refused(downloads, f"{web.origin}/a", into, only(web)) == "silent"


# --- what is said of it


async def test_a_log_tells_the_host_and_nothing_else_of_a_link(
    downloads: Downloads, into: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has a signature has the file."""
    caplog.set_level(logging.DEBUG)
    answers: dict[str, Answer] = {
        "/SECRET-path": redirect("/SECRET-next?sig=SECRET"),
        "/SECRET-next": reply(b"SECRET page", "403 SECRET"),
        "/away": redirect("https://127.0.0.1/SECRET?sig=SECRET"),
        "/broken": raw(b"SECRET"),
        "/packed": reply(b"SECRET", Content_Encoding="SECRET"),
        "/slow": drip(b"HTTP/1.1 200 OK\r\n\r\n", b"S", every=0.05),
    }
    async with serve(answers) as web:
        for path, seconds in (dict.fromkeys(answers, 10.0) | {"/slow": 0.2}).items():
            await refused(downloads, f"{web.origin}{path}?sig=SECRET", into, only(web), seconds=seconds)
    await refused(downloads, f"{web.origin}/SECRET?sig=SECRET", into, only(web))
    assert "SECRET" not in caplog.text
    assert caplog.text.count("127.0.0.1") >= 5


def test_a_refusal_says_what_to_do_next() -> None:
    for reason in SENTENCES:
        facts = {"most": 50 * MB} if reason == "large" else {}
        said = Unfetchable(reason, **facts).says
        assert isinstance(Unfetchable(reason, **facts), Refusal)
        assert "{" not in said
        assert len(said) < 160
        assert any(word in said for word in ("attach", "send it again", "Try again")), said
        assert ("Try again" in said) == Unfetchable(reason, **facts).may_pass, said
    assert set(SENTENCES) > MAY_PASS


@pytest.mark.parametrize(
    ("most", "said"),
    [(50 * MB, " 50 MB "), (1_500_000, " 1.5 MB "), (1_999_999, " 1.9 MB "), (500 * MB, " 500 MB ")],
)
def test_a_cap_is_said_in_megabytes_and_never_as_more_than_it_is(most: int, said: str) -> None:
    assert said in Unfetchable("large", most=most).says
