"""The files of one request: fetched, probed, kept, and described for the request that is made from them.

What is wrong with a file is said together with everything else that is wrong with the request, by `Taking.build`.
"""

import asyncio
import hashlib
import logging
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from bot.domain.problem import InvalidRequest, Problem
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, TextToVideo
from bot.domain.source import Image, Source, Video
from bot.fetch import Downloads, Fetched, Unfetchable
from bot.folder import CannotKeep
from bot.hosts import Hosts
from bot.kept import Kept, NoRoom, Receiving
from bot.media.join import last_frame
from bot.media.probe import LONGEST, UnusableMedia, as_image, as_video, probe
from bot.media.trim import trim
from bot.uninterrupted import to_its_end
from bot.words.speech import say

log = logging.getLogger(__name__)

S = TypeVar("S", Image, Video)
R = TypeVar("R", TextToVideo, ImageToVideo, EditVideo, ReframeVideo)

NO_IMAGE: Final = Image(sha256="0" * 64, format="png", width=1000, height=900)
NO_VIDEO: Final = Video(sha256="0" * 64, format="mp4", width=1000, height=900, microseconds=5_000_000, sound=True)
"""What stands in for a file that cannot be used. No rule finds anything wrong with it: its shape is none that can
be asked for."""


class FileGone(Refusal):
    """A file that was kept once."""

    def __init__(self) -> None:
        super().__init__(say("media.gone"))


class TooMuch(Refusal):
    """The files of one request have too many bytes. `most`: bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(say("media.too_much", most=f"{most // 10**5 / 10:g}"))


class Taking:
    """The files of one request. Several may be taken at once, as with `asyncio.gather`."""

    def __init__(
        self,
        kept: Kept,
        downloads: Downloads,
        links: Downloads,
        receiving: Receiving,
        turns: Mapping[bool, asyncio.Semaphore],
        *,
        attachments: Hosts,
        most: int,
        seconds: float,
    ) -> None:
        self._kept = kept
        self._downloads = downloads
        self._links = links
        self._receiving = receiving
        self._turns = turns
        self._attachments = attachments
        self._most = most
        self._seconds = seconds
        self._taken = 0  # bytes
        self._problems: list[list[Problem]] = []  # for each file in the order in which they were asked for
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_over = False

    async def image(self, option: str, url: str, *, hosts: Hosts | None = None) -> Image:
        """The picture at `url`, kept. `hosts`: where it may be, by default where attachments are.

        One that cannot be used is noted for `build`, and stands in. Raises NoRoom.
        """
        return await self._noting(option, partial(self._image, url, hosts), NO_IMAGE, is_link=hosts is not None)

    async def video(
        self, option: str, url: str, *, hosts: Hosts | None = None, expired: str | None = None
    ) -> Video:
        """As `image`. `expired`: what to say of a link that has, where the member did not give it."""
        take = partial(self._video, url, hosts)
        return await self._noting(option, take, NO_VIDEO, is_link=hosts is not None, expired=expired)

    async def made_here(self, option: str, path: Path) -> Video:
        """As `video`, of a finished one that is kept here."""
        return await self._noting(option, partial(self._made_here, path), NO_VIDEO)

    def note(self, problem: Problem) -> None:
        """Something else that is wrong, for `build`. `NO_VIDEO` stands in where a video is missing."""
        self._problems.append([problem])

    def build(self, kind: type[R], **values: Any) -> R:
        """The request. Raises InvalidRequest with all that is wrong, with the files and otherwise."""
        noted = self._noted()
        try:
            request = kind(**values)
        except InvalidRequest as invalid:
            raise InvalidRequest(noted + invalid.problems) from None
        if noted:
            raise InvalidRequest(noted)
        return request

    def check(self) -> None:
        """Raises InvalidRequest with all that is wrong with the files."""
        if noted := self._noted():
            raise InvalidRequest(noted)

    def _noted(self) -> tuple[Problem, ...]:
        return tuple(problem for problems in self._problems for problem in problems)

    async def reuse(self, sources: Iterable[Source]) -> None:
        """All that an earlier request was made from, for this one. Raises FileGone."""
        for source in sources:
            if not await self._receiving.pin(source.sha256):
                raise FileGone

    async def keeps(self, sha256: str) -> bool:
        """Whether this file is still kept; then it stays for this one."""
        return await self._receiving.pin(sha256)

    async def again(self, source: S) -> S:
        """A file that was kept for an earlier request, and stays for this one. Raises FileGone."""
        if not await self._receiving.pin(source.sha256):
            raise FileGone
        return source

    async def trimmed(self, video: Video, microseconds: int) -> Video:
        """The beginning of a kept video, kept as a file of its own, no longer than that.

        Raises FileGone, UnusableMedia, TooMuch and NoRoom.
        """
        if video == NO_VIDEO:
            return replace(video, microseconds=min(video.microseconds, microseconds))
        video = await self.again(video)
        return await self._under(self._trimmed(video, microseconds))  # trims have turns of their own

    async def last_frame(self, video: Video) -> Image:
        """The last frame of a kept video, kept as a picture. Raises as `trimmed` does."""
        if video == NO_VIDEO:
            return NO_IMAGE
        return await self._under(self._last_frame(await self.again(video)))

    async def end(self) -> None:
        """Whatever is still under way ends, since its place is about to go."""
        self._is_over = True
        for task in self._under_way:
            if not task.cancelling():  # twice would interrupt it as it ends
                task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _image(self, url: str, hosts: Hosts | None) -> Image:
        async with self._fetched(url, hosts) as file:
            return await self._kept_image(file.path, file.sha256)

    async def _kept_image(self, file: Path, sha256: str) -> Image:
        media = as_image(await probe(file))
        assert media.format in ("png", "jpeg", "webp")
        await self._receiving.keep(file, sha256)
        return Image(sha256=sha256, format=media.format, width=media.width, height=media.height)

    async def _video(self, url: str, hosts: Hosts | None) -> Video:
        async with self._fetched(url, hosts) as file:
            return await self._kept_video(file.path, file.sha256)

    async def _made_here(self, path: Path) -> Video:
        copy = self._receiving.new()
        try:
            await to_its_end(asyncio.to_thread(shutil.copyfile, path, copy))
        except FileNotFoundError:
            raise FileGone from None  # swept meanwhile
        sha256, size = await asyncio.to_thread(_measure, copy)
        self._taken += size
        if self._taken > self._most:
            raise TooMuch(self._most)
        return await self._kept_video(copy, sha256)

    async def _kept_video(self, file: Path, sha256: str, longest: int = LONGEST) -> Video:
        media = as_video(await probe(file), longest=longest)
        assert media.format in ("mp4", "mov", "webm")
        await self._receiving.keep(file, sha256)
        return Video(
            sha256=sha256,
            format=media.format,
            width=media.width,
            height=media.height,
            microseconds=media.microseconds,
            sound=media.sound,
        )

    async def _trimmed(self, video: Video, microseconds: int) -> Video:
        file = self._receiving.new()
        await trim(self._kept.path(video.sha256), file, microseconds=microseconds)
        sha256, size = await asyncio.to_thread(_measure, file)
        if size > self._most:
            raise TooMuch(self._most)
        return await self._kept_video(file, sha256, longest=microseconds)

    async def _last_frame(self, video: Video) -> Image:
        file = self._receiving.new()
        await last_frame(self._kept.path(video.sha256), file)
        sha256, size = await asyncio.to_thread(_measure, file)
        self._taken += size
        if self._taken > self._most:
            raise TooMuch(self._most)
        return await self._kept_image(file, sha256)

    @asynccontextmanager
    async def _fetched(self, url: str, hosts: Hosts | None) -> AsyncGenerator[Fetched]:
        """A file that has arrived, and that goes at once unless it is kept: others wait for its room."""
        left = self._most - self._taken
        try:
            downloads = self._downloads if hosts is None else self._links
            file = await downloads.fetch(
                url, self._receiving.new(), hosts=hosts or self._attachments, most=left, seconds=self._seconds
            )
        except Unfetchable as unfetchable:
            if unfetchable.reason == "large" and left < self._most:
                raise TooMuch(self._most) from None
            raise
        self._taken += file.size
        try:
            if self._taken > self._most:  # others have arrived meanwhile
                raise TooMuch(self._most)
            yield file
        finally:
            await asyncio.to_thread(file.path.unlink, missing_ok=True)

    async def _noting(
        self,
        option: str,
        take: Callable[[], Awaitable[S]],
        instead: S,
        *,
        is_link: bool = False,
        expired: str | None = None,
    ) -> S:
        problems: list[Problem] = []
        self._problems.append(problems)
        try:
            return await self._under(self._in_turn(take, self._turns[is_link]))
        except (Unfetchable, UnusableMedia, TooMuch, FileGone) as refusal:
            has_expired = isinstance(refusal, Unfetchable) and refusal.reason == "expired"
            says = expired if has_expired and expired else say("request.file_unusable", why=refusal.says)
            problems.append(Problem(option, says))
            return instead

    async def _under(self, work: Coroutine[Any, Any, S]) -> S:
        """Whoever waits for it may be gone before it ends; `end` sees to it then."""
        assert not self._is_over
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            return await task
        except (OSError, CannotKeep) as error:
            raise _no_room(error) from error

    async def _in_turn(self, take: Callable[[], Awaitable[S]], turns: asyncio.Semaphore) -> S:
        try:
            async with asyncio.timeout(self._seconds):
                await turns.acquire()
        except TimeoutError:
            raise Unfetchable("busy") from None
        try:
            return await take()
        finally:
            turns.release()


def _no_room(error: OSError | CannotKeep) -> NoRoom:
    log.error("MEDIA_DIR: a file cannot be stored: %s", error)
    return NoRoom()


def _measure(file: Path) -> tuple[str, int]:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest(), content.tell()
