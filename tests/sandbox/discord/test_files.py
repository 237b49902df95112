"""Files of messages, as players ask for them: whole, or from where somebody wants to see them."""

from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from sandbox.sandbox import Sandbox

DATA = bytes(range(200))


@pytest.fixture
async def link() -> AsyncIterator[str]:
    async with Sandbox() as sandbox:
        yield sandbox.discord.link(sandbox.discord.world.add_file("film.mp4", DATA))


@pytest.mark.parametrize(
    ("asked", "status", "data", "told"),
    [
        (None, 200, DATA, None),
        ("bytes=0-", 206, DATA, "bytes 0-199/200"),
        ("bytes=150-", 206, DATA[150:], "bytes 150-199/200"),
        ("bytes=10-19", 206, DATA[10:20], "bytes 10-19/200"),
        ("bytes=190-500", 206, DATA[190:], "bytes 190-199/200"),
        ("bytes=-5", 206, DATA[-5:], "bytes 195-199/200"),
        ("bytes=200-", 416, b"", "bytes */200"),
        ("bytes=5-2", 416, b"", "bytes */200"),
        ("lines=1-2", 416, b"", "bytes */200"),
    ],
)
async def test_a_part_is_sent_where_a_part_is_asked_for(
    link: str, asked: str | None, status: int, data: bytes, told: str | None
) -> None:
    headers: Mapping[str, str] = {} if asked is None else {"Range": asked}
    async with aiohttp.ClientSession() as http, http.get(link, headers=headers) as answer:
        assert (answer.status, answer.headers.get("Content-Range")) == (status, told)
        assert await answer.read() == data
