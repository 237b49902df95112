# A test blocks on its own small files and on nothing else:
# ruff: noqa: ASYNC240
"""Where a download may go: to public addresses alone, the one that was checked, whose certificate is in order."""

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from bot.fetch import MAX_ADDRESSES, Downloads, open_downloads
from bot.hosts import parse_hosts
from tests.bot.fetching import ALSO_PUBLIC, ANYWHERE, MB, PUBLIC, Names, only, refused
from tests.certificate import tls_client, tls_server
from tests.web import drip, reply, serve

pytestmark = pytest.mark.usefixtures("tried")

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
