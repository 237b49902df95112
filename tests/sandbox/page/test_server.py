"""What the page serves, and to whom: itself alone may drive the sandbox, and it asks nobody else for anything."""

import io
import re
from pathlib import Path

import aiohttp
import pytest

from sandbox.page.server import LARGEST_FILE, STATIC, Page

OWN_FILES = sorted(file for file in STATIC.iterdir())


async def status(page: Page, method: str, path: str, **headers: str) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, page.address + path, headers=headers) as answer,
    ):
        return answer.status


async def test_another_name_that_leads_here_gets_nothing(page: Page) -> None:
    """As when a web site's name is made to point to 127.0.0.1: its scripts would else be of one origin with us."""
    for host in ("evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", ""):
        assert await status(page, "GET", "", Host=host) == 421, host


async def test_the_page_answers_to_both_of_its_names(page: Page) -> None:
    port = page.address.rstrip("/").rpartition(":")[2]
    assert await status(page, "GET", "", Host=f"localhost:{port}") == 200
    assert await status(page, "GET", "") == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
async def test_a_web_site_elsewhere_can_do_nothing(page: Page, origin: str) -> None:
    assert await status(page, "POST", "samples/photo", Origin=origin) == 403
    assert await status(page, "POST", "files?name=a.png", Origin=origin) == 403
    assert await status(page, "GET", "", Origin=origin) == 403
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(page.address + "window", headers={"Origin": origin})
    assert refused.value.status == 403


async def test_what_changes_something_has_to_name_its_origin(page: Page) -> None:
    assert await status(page, "POST", "samples/photo") == 403
    assert await status(page, "GET", "window") == 403


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("", "", 200),
        ("static/app.js", "", 200),
        ("static/style.css", "", 200),
        ("static/nothing.js", "", 404),
        ("window", "", 403),
        ("", "evil.example", 421),
    ],
)
async def test_every_answer_forbids_what_the_page_does_not_need(
    page: Page, path: str, host: str, status: int
) -> None:
    headers = {"Host": host} if host else {}
    async with aiohttp.ClientSession() as http, http.get(page.address + path, headers=headers) as response:
        assert response.status == status
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("file", OWN_FILES, ids=lambda file: file.name)
def test_no_file_asks_for_anything_outside_nor_makes_elements_of_text(file: Path) -> None:
    text = file.read_text("utf-8")
    outside = re.findall(r"(?:https?:|[\"'(])//(?!www\.w3\.org/2000/svg)[\w.-]+\.[a-z]{2,}", text)
    assert outside == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text) == []


async def test_what_is_not_the_pages_is_not_served(page: Page) -> None:
    for path in ("static/../server.py", "static/%2e%2e/server.py", "static/", "sandbox", "static/nothing.js"):
        assert await status(page, "GET", path) in (403, 404), path


async def test_a_file_is_kept_under_its_own_name_and_no_path(page: Page) -> None:
    origin = page.address.rstrip("/")
    async with aiohttp.ClientSession(headers={"Origin": origin}) as http:
        async with http.post(page.address + "files", params={"name": "../../etc/fox.png"}, data=b"1") as answer:
            assert (await answer.json())["name"] == "fox.png"
        async with http.post(page.address + "samples/clip") as answer:
            clip = await answer.json()
            assert (clip["name"], clip["kind"]) == ("clip.mp4", "video/mp4")
        async with http.post(page.address + "samples/nothing") as answer:
            assert answer.status == 404


async def test_a_file_that_is_too_large_is_refused(page: Page) -> None:
    origin = page.address.rstrip("/")
    large = io.BytesIO(bytes(LARGEST_FILE + 1))
    async with (
        aiohttp.ClientSession(headers={"Origin": origin}) as http,
        http.post(page.address + "files?name=a", data=large) as answer,
    ):
        assert answer.status == 413
