"""What was uploaded, and what a task's inputs refer to: ids, addresses, data URIs, base64.

Nothing outside loopback is ever asked for anything: an address elsewhere fails as `failedToTransfer…`, as one that
Runware cannot read does.
"""

import asyncio
import base64
import binascii
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

import aiohttp

from sandbox.runware import probe
from sandbox.runware.fields import is_url, is_uuid
from sandbox.runware.sizes import Size
from sandbox.runware.upstream import Source
from sandbox.runware.violation import Refused, Violation

Found = TypeVar("Found")
What: TypeAlias = Literal["Image", "Video", "Media"]

LARGEST: Final = 200 * 1024 * 1024
"""Bytes that a fetched input may have. Runware states no limit."""


class Store:
    """Uploaded media in `folder`, by id; `result` finds the file of a result's id, which serves as an input too."""

    def __init__(self, folder: Path, result: Callable[[str], Awaitable[Path | None]]) -> None:
        self._folder = folder
        self._result = result
        self._paths: dict[str, Path] = {}
        self.origin = ""  # of our own addresses; known once the server listens

    async def add(self, reference: str) -> str:
        """Keep what `reference` holds, an image or a video; its new id. Raises `Refused`."""
        path = await self._file(reference, "Media")
        for look in (probe.image, probe.video):
            try:
                await asyncio.to_thread(look, path)
            except probe.Unreadable:
                continue
            media_id = str(uuid.uuid4())
            self._paths[media_id] = path
            return media_id
        raise Refused(Violation(code="invalidMedia", message="This is no image and no video.", parameter="media"))

    def remove(self, media_id: str) -> None:
        """Forget an upload. Raises `Refused`: there is none of this id."""
        if self._paths.pop(media_id.lower(), None) is None:
            raise Refused(Violation(code="mediaNotFound", message="No such media.", parameter="media"), status=404)

    def path(self, media_id: str) -> Path | None:
        """The file of an upload."""
        return self._paths.get(media_id.lower())

    async def video(self, reference: str) -> Source:
        """The video that `inputs.video` refers to. Raises `Refused`: it cannot be had, or is no video."""
        return await self._look(reference, "Video", probe.video)

    async def image(self, reference: str) -> Size:
        """The size of an image that `frameImages` refers to. Raises `Refused`: it cannot be had, or is no image."""
        return await self._look(reference, "Image", probe.image)

    async def _look(self, reference: str, what: What, look: Callable[[Path], Found]) -> Found:
        path = await self._file(reference, what)
        try:
            return await asyncio.to_thread(look, path)
        except probe.Unreadable as error:
            raise _failed(what) from error

    async def _file(self, reference: str, what: What) -> Path:
        if is_uuid(reference):
            path = self.path(reference) or await self._result(reference)
        elif is_url(reference):
            path = await self._at(reference)
        else:
            path = self._written(reference)
        if path is None:
            raise _failed(what)
        return path

    async def _at(self, url: str) -> Path | None:
        parts = urlsplit(url)
        if url.startswith(self.origin + "/"):
            media_id = parts.path.rpartition("/")[2].partition(".")[0]
            return self.path(media_id) or await self._result(media_id)
        if parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            return None
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                content = await answer.content.read(LARGEST)
                return self._save(content) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError):
            return None

    def _written(self, reference: str) -> Path | None:
        try:
            return self._save(base64.b64decode(reference.rpartition(",")[2], validate=True))
        except (binascii.Error, ValueError):
            return None

    def _save(self, content: bytes) -> Path:
        path = self._folder / f"input-{uuid.uuid4()}"
        path.write_bytes(content)
        return path


def _failed(what: What) -> Refused:
    message = f"Failed to transfer the {what.lower()}: it could not be read from where it was said to be."
    return Refused(Violation(code=f"failedToTransfer{what}", message=message))
