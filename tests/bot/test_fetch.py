# A test blocks on its own small files and on nothing else:
# ruff: noqa: ASYNC240
"""Downloads from servers on loopback that lie, dawdle, never end or lead away; nothing is left of a failure."""

import asyncio
import gzip
import hashlib
import logging
import os
import resource
import socket
import stat
import time
import tracemalloc
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot import fetch as module
from bot.domain.refusal import Refusal
from bot.fetch import (
    AT_ONCE,
    MAX_ADDRESSES,
    MAX_REDIRECTS,
    MAY_PASS,
    SENTENCES,
    Downloads,
    Fetched,
    Unfetchable,
    open_downloads,
)
from bot.hosts import Hosts, parse_hosts
from tests.certificate import tls_client, tls_server
from tests.web import Answer, Web, drip, raw, redirect, reply, serve

MB = 10**6
ANYWHERE = parse_hosts("")
PUBLIC, ALSO_PUBLIC = "8.8.8.8", "2606:4700::1111"


def only(*webs: Web) -> Hosts:
    return Hosts((), frozenset(web.origin for web in webs))


class Names:
    """A name server: what each name leads to, answer by answer, the last one again and again."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
async def downloads() -> AsyncGenerator[Downloads]:
    async with open_downloads() as downloads:
        yield downloads


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections were to be made; beyond loopback they fail at once."""
    made: list[tuple[str, int]] = []
    connect = socket.socket.connect

    def connect_to(self: socket.socket, address: Any) -> None:
        made.append(address[:2])
        if not (address[0].startswith("127.") or address[0] == "::1"):
            raise ConnectionRefusedError
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_to)
    return made


@pytest.fixture
def into(tmp_path: Path) -> Iterator[Path]:
    """Where the file goes; a test that leaves something else there fails."""
    path = tmp_path / "file"
    yield path
    assert {each.name for each in tmp_path.iterdir()} <= {"file"}


async def refused(
    downloads: Downloads, url: str, into: Path, hosts: Hosts, *, most: int = MB, seconds: float = 10
) -> str:
    """The reason, after a look at what a refusal must not leave or say."""
    with pytest.raises(Unfetchable) as unfetchable:
        async with asyncio.timeout(seconds + 5):
            await downloads.fetch(url, into, hosts=hosts, most=most, seconds=seconds)
    assert not into.exists()
    assert "example" not in unfetchable.value.says
    assert "127.0" not in unfetchable.value.says
    assert unfetchable.value.may_pass == (unfetchable.value.reason in MAY_PASS)
    return unfetchable.value.reason


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


# --- where it may go


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://cdn.example.com/a.mp4", "link"),
        ("ftp://cdn.example.com/a.mp4", "link"),
        ("file:///etc/passwd", "link"),
        ("a.mp4", "link"),
        ("", "link"),
        ("https://127.0.0.1/a.mp4", "place"),
        ("https://[::1]/a.mp4", "place"),
        ("https://[::ffff:127.0.0.1]/a.mp4", "place"),
        ("https://[64:ff9b::7f00:1]/a.mp4", "place"),
        ("HTTPS://169.254.169.254/latest/meta-data", "place"),
        ("https://2130706433/", "place"),
        ("https://localhost/a.mp4", "place"),
        ("https://a@cdn.example.com/a.mp4", "place"),
        ("https://cdn.example.com:8443/a.mp4", "port"),
        ("https://cdn.example.com:22/a.mp4", "port"),
    ],
)
async def test_nobody_is_asked_for_what_is_not_admitted(
    url: str, reason: str, into: Path, tried: list[tuple[str, int]]
) -> None:
    names = Names(cdn_example_com=[[PUBLIC]], localhost=[["127.0.0.1"]])
    async with open_downloads(resolve=names) as downloads:
        assert await refused(downloads, url, into, ANYWHERE) == reason
    assert (names.asked, tried) == ([], [])


async def test_a_host_that_is_not_named_is_not_asked(into: Path, tried: list[tuple[str, int]]) -> None:
    names = Names(cdn_example_com=[[PUBLIC]])
    async with open_downloads(resolve=names) as downloads:
        assert await refused(downloads, "https://cdn.example.com/a", into, parse_hosts("*.runware.ai")) == "place"
    assert (names.asked, tried) == ([], [])


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["fe80::1%eth0"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, ALSO_PUBLIC, "9.9.9.9", "1.1.1.1", "192.168.0.1"],
        ["not an address"],
    ],
)
async def test_a_name_with_one_address_that_is_not_public_is_not_connected_to(
    addresses: list[str], into: Path, tried: list[tuple[str, int]]
) -> None:
    names = Names(cdn_example_com=[addresses])
    async with open_downloads(resolve=names) as downloads:
        assert await refused(downloads, "https://cdn.example.com/a", into, ANYWHERE) == "place"
    assert (names.asked, tried) == (["cdn.example.com"], [])


async def test_a_connection_is_made_to_the_address_that_was_checked(
    into: Path, tried: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere when it is asked again is not asked again, by nobody."""
    names = Names(cdn_example_com=[[PUBLIC, ALSO_PUBLIC], ["127.0.0.1"]])
    looked_up: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_: looked_up.append(args) or [])  # pyright: ignore
    async with open_downloads(resolve=names) as downloads:
        assert await refused(downloads, "https://cdn.example.com/a?sig=1", into, ANYWHERE) == "silent"
    assert tried == [(PUBLIC, 443), (ALSO_PUBLIC, 443)]
    assert names.asked == ["cdn.example.com"]
    assert looked_up == []


async def test_an_address_needs_no_name_server(into: Path, tried: list[tuple[str, int]]) -> None:
    names = Names()
    async with open_downloads(resolve=names) as downloads:
        assert await refused(downloads, f"https://{PUBLIC}/a", into, ANYWHERE) == "silent"
        assert await refused(downloads, f"https://[{ALSO_PUBLIC}]:443/a", into, ANYWHERE) == "silent"
    assert (names.asked, tried) == ([], [(PUBLIC, 443), (ALSO_PUBLIC, 443)])


async def test_a_name_with_many_addresses_makes_no_scanner_of_us(into: Path, tried: list[tuple[str, int]]) -> None:
    names = Names(cdn_example_com=[[f"8.8.4.{number}" for number in range(1, 100)]])
    async with open_downloads(resolve=names) as downloads:
        assert await refused(downloads, "https://cdn.example.com/a", into, ANYWHERE) == "silent"
    assert len(tried) == MAX_ADDRESSES


async def test_the_next_address_is_tried_when_one_does_not_answer(into: Path) -> None:
    names = Names(localhost=[["127.9.9.9", "127.0.0.1"]])
    async with serve({"/a": reply(b"x")}) as web, open_downloads(resolve=names) as downloads:
        hosts = parse_hosts(f"http://localhost:{web.port}")
        assert (await downloads.fetch(f"http://localhost:{web.port}/a", into, hosts=hosts, most=MB)).size == 1
    assert [seen.headers["host"] for seen in web.seen] == [f"localhost:{web.port}"]


async def test_the_systems_own_names_are_known(downloads: Downloads, into: Path) -> None:
    async with serve({"/a": reply(b"x")}) as web:
        hosts = parse_hosts(f"http://localhost:{web.port}")
        assert (await downloads.fetch(f"http://localhost:{web.port}/a", into, hosts=hosts, most=MB)).size == 1


async def test_a_name_that_nobody_knows_may_be_known_later(into: Path) -> None:
    async with open_downloads(resolve=Names()) as downloads:
        assert await refused(downloads, "https://cdn.example.com/a", into, ANYWHERE) == "silent"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_without_being_named_loopback_is_out_of_reach(downloads: Downloads, into: Path, host: str) -> None:
    async with serve({"/a": reply(b"secret")}) as web, serve({}) as other:
        for scheme, reason in (("http", "link"), ("https", "place")):
            assert await refused(downloads, f"{scheme}://{host}:{web.port}/a", into, only(other)) == reason
            assert await refused(downloads, f"{scheme}://{host}:{web.port}/a", into, ANYWHERE) == reason
    assert web.connections == 0


# --- TLS


async def test_the_certificate_is_checked_for_the_name_on_the_address_that_was_checked(into: Path) -> None:
    """The second answer of the name server leads to a server that would be believed."""
    names = Names(video_test=[["127.0.0.1"], ["127.0.0.2"]])
    async with (
        serve({"/a": reply(b"x")}, tls=tls_server("video.test")) as web,
        open_downloads(resolve=names, trust=tls_client("video.test")) as downloads,
    ):
        origin = f"https://video.test:{web.port}"
        assert (await downloads.fetch(f"{origin}/a", into, hosts=parse_hosts(origin), most=MB)).size == 1
    assert web.names == ["video.test"]
    assert [seen.headers["host"] for seen in web.seen] == [f"video.test:{web.port}"]
    assert names.asked == ["video.test"]


async def test_a_certificate_for_another_name_is_refused(into: Path) -> None:
    names = Names(other_test=[["127.0.0.1"]])
    async with (
        serve({"/a": reply(b"x")}, tls=tls_server("video.test")) as web,
        open_downloads(resolve=names, trust=tls_client("video.test")) as downloads,
    ):
        origin = f"https://other.test:{web.port}"
        assert await refused(downloads, f"{origin}/a", into, parse_hosts(origin)) == "silent"
    assert (web.names, web.seen) == (["other.test"], [])


async def test_a_certificate_of_nobody_known_is_refused(into: Path) -> None:
    names = Names(video_test=[["127.0.0.1"]])
    async with (
        serve({"/a": reply(b"x")}, tls=tls_server("video.test")) as web,
        open_downloads(resolve=names) as downloads,
    ):
        origin = f"https://video.test:{web.port}"
        assert await refused(downloads, f"{origin}/a", into, parse_hosts(origin)) == "silent"
    assert (web.names, web.seen) == (["video.test"], [])


async def test_a_name_does_not_inherit_the_connection_of_another_on_its_address(into: Path, tmp_path: Path) -> None:
    """Its certificate was never checked for it."""
    names = Names(video_test=[["127.0.0.1"]], other_test=[["127.0.0.1"]])
    keeping = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx"
    async with (
        serve({"/a": drip(keeping, b"", every=0.1)}, tls=tls_server("video.test")) as web,
        open_downloads(resolve=names, trust=tls_client("video.test")) as downloads,
    ):
        first, other = (f"https://{name}.test:{web.port}" for name in ("video", "other"))
        await downloads.fetch(f"{first}/a", into, hosts=parse_hosts(first), most=MB)
        into.unlink()
        assert await refused(downloads, f"{other}/a", into, parse_hosts(other)) == "silent"
    assert web.names == ["video.test", "other.test"]


async def test_a_broken_record_is_a_broken_download(into: Path) -> None:
    async def spoil(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
        await writer.drain()
        os.write(writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))

    names = Names(video_test=[["127.0.0.1"]])
    async with (
        serve({"/a": spoil}, tls=tls_server("video.test")) as web,
        open_downloads(resolve=names, trust=tls_client("video.test")) as downloads,
    ):
        origin = f"https://video.test:{web.port}"
        assert await refused(downloads, f"{origin}/a", into, parse_hosts(origin)) == "silent"


# --- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(downloads: Downloads, into: Path, status: int) -> None:
    async with serve({"/a": redirect("b?x=1", f"{status} Moved"), "/b": reply(b"file")}) as web:
        assert (await downloads.fetch(f"{web.origin}/a?y=2", into, hosts=only(web), most=MB)).size == 4
    assert [seen.line.split()[1] for seen in web.seen] == ["/a?y=2", "/b?x=1"]


async def test_so_many_redirects_and_no_more(downloads: Downloads, into: Path) -> None:
    answers = {f"/{number}": redirect(f"/{number + 1}") for number in range(MAX_REDIRECTS)}
    async with serve(answers | {f"/{MAX_REDIRECTS}": reply(b"x"), "/more": redirect("/0")}) as web:
        assert (await downloads.fetch(f"{web.origin}/0", into, hosts=only(web), most=MB)).size == 1
        into.unlink()
        assert await refused(downloads, f"{web.origin}/more", into, only(web)) == "redirects"


async def test_a_redirect_to_itself_ends(downloads: Downloads, into: Path) -> None:
    async with serve({"/a": redirect("/a")}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web)) == "redirects"
    assert len(web.seen) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "http://cdn.example.com/a.mp4",
        "//localhost/a",
        "file:///etc/passwd",
        "https://cdn.example.com:22/",
        "https://a:b@cdn.example.com/",
        "https://[",
        "https://cdn.example.com/a b",
    ],
)
async def test_a_redirect_leads_nowhere_that_a_link_may_not(
    downloads: Downloads, into: Path, location: str, tried: list[tuple[str, int]]
) -> None:
    async with serve({"/a": redirect(location)}) as web:
        hosts = Hosts(None, frozenset({web.origin}))
        assert await refused(downloads, f"{web.origin}/a", into, hosts) == "onward"
    assert tried == [("127.0.0.1", web.port)]


async def test_a_redirect_to_a_name_with_a_private_address_is_refused(into: Path) -> None:
    """The name is looked up anew at each step, and once."""
    names = Names(cdn_example_com=[["192.168.0.1"]])
    async with (
        serve({"/a": redirect("https://cdn.example.com/b")}) as web,
        open_downloads(resolve=names) as downloads,
    ):
        hosts = Hosts(None, frozenset({web.origin}))
        assert await refused(downloads, f"{web.origin}/a", into, hosts) == "place"
    assert names.asked == ["cdn.example.com"]


async def test_a_redirect_to_another_port_of_loopback_is_refused(downloads: Downloads, into: Path) -> None:
    async with serve({"/b": reply(b"secret")}) as other, serve({"/a": redirect(f"{other.origin}/b")}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web)) == "onward"
        assert other.connections == 0
        assert (await downloads.fetch(f"{web.origin}/a", into, hosts=only(web, other), most=MB)).size == 6


async def test_https_leads_to_http_only_where_the_operator_named_it(into: Path) -> None:
    names = Names(video_test=[["127.0.0.1"]])
    async with (
        serve({"/b": reply(b"file")}) as plain,
        serve({"/a": redirect(f"{plain.origin}/b")}, tls=tls_server("video.test")) as web,
        open_downloads(resolve=names, trust=tls_client("video.test")) as downloads,
    ):
        origin = f"https://video.test:{web.port}"
        assert await refused(downloads, f"{origin}/a", into, parse_hosts(origin)) == "onward"
        assert plain.connections == 0
        both = parse_hosts(f"{origin}, {plain.origin}")
        assert (await downloads.fetch(f"{origin}/a", into, hosts=both, most=MB)).size == 4


async def test_a_redirect_to_nowhere_is_no_file(downloads: Downloads, into: Path) -> None:
    async with serve({"/a": reply(b"", "302 Found")}) as web:
        assert await refused(downloads, f"{web.origin}/a", into, only(web)) == "answer"


async def test_the_page_of_a_redirect_is_not_read(downloads: Downloads, into: Path) -> None:
    endless = drip(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", bytes(65_536))
    async with serve({"/a": endless, "/b": reply(b"x")}) as web:
        assert (await downloads.fetch(f"{web.origin}/a", into, hosts=only(web), most=MB)).size == 1


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
