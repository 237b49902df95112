# A test blocks on its own small files and on nothing else:
# ruff: noqa: ASYNC240
"""A redirect leads nowhere that a link may not, and not on for ever."""

from pathlib import Path

import pytest

from bot.fetch import MAX_REDIRECTS, Downloads, open_downloads
from bot.hosts import Hosts, parse_hosts
from tests.bot.fetching import MB, Names, only, refused
from tests.certificate import tls_client, tls_server
from tests.web import drip, redirect, reply, serve

pytestmark = pytest.mark.usefixtures("tried")


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
