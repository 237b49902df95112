"""An intake over a real web server, real probes, a real folder and a real database."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.domain.problem import InvalidRequest
from bot.domain.request import EditVideo, Request
from bot.domain.source import Frame, Image, Video
from bot.fetch import open_downloads
from bot.hosts import Hosts, parse_hosts
from bot.intake import Intake
from bot.kept import Kept
from bot.taking import NO_IMAGE, NO_VIDEO, Taking
from storage import quotes, sources
from storage.database import Database
from tests.bot.media.made import chunk, clip, picture
from tests.storage.story import NOW, a_quote
from tests.web import Answer, Web, reply, serve

MOST = 2_000_000
PNG, JPEG = picture("png"), picture("jpeg", (96, 64))
MP4 = clip(sound=1)
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"

MEMBERS = count(1)
"""Somebody else each time: a member has one request with files at a time."""


@dataclass
class Desk:
    """An intake, with the web that members' files come from."""

    folder: Path
    database: Database
    kept: Kept
    intake: Intake
    web: Web
    hosts: Hosts

    def url(self, path: str) -> str:
        return f"{self.web.origin}/{path}?secret=signature"

    def left(self) -> set[str]:
        """Everything on disk, the lock aside."""
        return {
            path.name for path in self.folder.rglob("*") if path.is_file() and path.name not in ("lock", "owner")
        }

    async def quote(self, request: Request) -> None:
        """What the checkout stores."""
        async with self.database.transaction() as tx:
            stored = a_quote(request=request)
            await quotes.add(tx, stored)
            await sources.add(tx, stored.id, [source.sha256 for source in request.sources])


@asynccontextmanager
async def at_a_desk(
    folder: Path,
    files: Mapping[str, bytes | Answer],
    *,
    most: int = MOST,
    seconds: float = 10,
    addresses: Sequence[str] = (),
    **more: Any,
) -> AsyncGenerator[Desk]:
    """A desk whose web has these files. `addresses`: of every name that is looked up."""

    async def resolve(host: str) -> Sequence[str]:
        return addresses

    answers = {f"/{name}": reply(file) if isinstance(file, bytes) else file for name, file in files.items()}
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(serve(answers))
        database = await stack.enter_async_context(Database.open(folder / "raybot.db"))
        downloads = await stack.enter_async_context(open_downloads(resolve=resolve))
        keeping: dict[str, Any] = {"keep": timedelta(7), "most": 10**9, "now": lambda: NOW, **more}
        kept = await stack.enter_async_context(Kept.open(folder / "media", database, **keeping))
        hosts = parse_hosts(web.origin)
        intake = Intake(kept, downloads, downloads, attachments=hosts, most=most, seconds=seconds)
        yield Desk(folder / "media", database, kept, intake, web, hosts)


def an_image_video(*images: Image) -> dict[str, Any]:
    return {"prompt": "a fox", "frames": tuple(Frame(image=image, at=n * 20) for n, image in enumerate(images))}


async def refused(taking: Taking, taken: Image | Video) -> str:
    """What `build` says of the one file that was taken."""
    assert taken in (NO_IMAGE, NO_VIDEO)
    with pytest.raises(InvalidRequest, match="nothing was bought") as caught:
        taking.build(EditVideo, prompt="a fox", video=NO_VIDEO)
    [problem] = caught.value.problems
    assert problem.option == "file"
    assert problem.says.startswith("cannot be used. ")
    assert "secret" not in caught.value.says
    return problem.says.removeprefix("cannot be used. ")


def padded(size: int) -> bytes:
    """A good picture of so many bytes."""
    return PNG[:-12] + chunk(b"raNd", bytes(size - len(PNG) - 12)) + PNG[-12:]
