"""The files of finished videos: fetched from the provider, with their source's sound where it is wanted, and kept.

The provider's links are temporary, and what it makes of a video is silent. What is made here is kept beside the
sources, so that it is fetched once. It may be killed at any moment: a file is there whole, or it is not.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from bot.domain.job import Job, Result
from bot.domain.request import EditVideo
from bot.fetch import Downloads, Unfetchable
from bot.folder import CannotKeep, is_file, size_of
from bot.hosts import Hosts
from bot.kept import Kept, NoRoom, Receiving
from bot.media.headers import begins_as_video
from bot.media.sound import put_sound
from bot.media.unusable import UnusableMedia

log = logging.getLogger(__name__)

WITHIN: Final = 60.0
"""Seconds for one video, all tries and its sound together: nobody waits longer for a link."""

PAUSES: Final = (1.0, 4.0)  # seconds between the tries

MAY_PASS: Final = frozenset({"slow", "no_room"})
"""Of the reasons of UnusableMedia, those that are the machine's and not the file's."""

Missing: TypeAlias = Literal["expired", "large", "missing"]
"""Why there is no file: its link has expired, it has more bytes than were asked for, or anything else."""


Join: TypeAlias = Literal["joined", "unlike", "gone", "large", "failed"]
"""Whether the clip of a continuation is joined to the film before it, and else why not: they are stored in
different ways, that film is not kept any more, both are too large together, or anything else."""


class NoFile(Exception):
    """This video cannot be had as a file. `may_pass`: whether trying again can help."""

    def __init__(self, why: str, reason: Missing = "missing", *, may_pass: bool = False) -> None:
        self.reason: Missing = reason
        self.may_pass = may_pass
        super().__init__(why)


@dataclass(frozen=True)
class VideoFile:
    """A finished video that is kept. `size`: bytes. `is_silent`: it had to go without the sound that was wanted.

    `join`: of a continuation alone.
    """

    path: Path
    size: int
    is_silent: bool
    join: Join | None = None


def wants_sound(job: Job) -> bool:
    """Whether the job's videos get their source's sound."""
    return isinstance(job.request, EditVideo) and job.request.keep_sound and job.request.video.sound


class Finished:
    """`hosts`: from where finished videos are fetched."""

    def __init__(self, downloads: Downloads, kept: Kept, *, hosts: Hosts) -> None:
        self._downloads = downloads
        self._kept = kept
        self._hosts = hosts

    def kept(self, job: Job, result: Result) -> VideoFile | None:
        """The finished video, if it is still kept."""
        for is_silent in (False, True):
            path = self._kept.result(job.id, result.n, _suffix(job, is_silent=is_silent))
            if is_file(path):
                return VideoFile(path, size_of(path), is_silent)
        return None

    async def of(
        self, job: Job, result: Result, *, most: int, seconds: float = WITHIN, pauses: Sequence[float] = PAUSES
    ) -> VideoFile:
        """The finished video; where it has to be fetched first, of at most so many bytes.

        `seconds` bounds all of it; `pauses`: seconds before each further try. Raises NoFile.
        """
        if (kept := self.kept(job, result)) is not None:
            return kept
        try:
            async with asyncio.timeout(seconds):
                return await self._in_some_tries(job, result, most, seconds, pauses)
        except TimeoutError:
            raise NoFile(f"it did not come within {seconds:g} s") from None

    async def _in_some_tries(
        self, job: Job, result: Result, most: int, seconds: float, pauses: Sequence[float]
    ) -> VideoFile:
        for pause in pauses:
            try:
                return await self._fetch(job, result, most, seconds, is_last=False)
            except NoFile as missing:
                if not missing.may_pass:
                    raise
                log.info("job %s: video %d is tried again: %s", job.id, result.n, missing)
            await asyncio.sleep(pause)
        return await self._fetch(job, result, most, seconds, is_last=True)

    async def _fetch(self, job: Job, result: Result, most: int, seconds: float, *, is_last: bool) -> VideoFile:
        try:
            async with self._kept.receiving() as receiving:
                file = receiving.new()
                await self._downloads.fetch(result.links[0], file, hosts=self._hosts, most=most, seconds=seconds)
                if not await asyncio.to_thread(begins_as_video, file):
                    raise NoFile("what came is no video")
                with_sound = await self._with_sound(job, receiving, file, is_last) if wants_sound(job) else file
                suffix = _suffix(job, is_silent=with_sound is None)
                path = await receiving.keep_result(with_sound or file, job.id, result.n, suffix)
        except Unfetchable as error:
            raise _no_file(error) from error
        except NoRoom as error:
            raise NoFile("MEDIA_DIR has no room for it") from error
        except (OSError, CannotKeep) as error:
            raise NoFile(f"it cannot be kept: {error}", may_pass=True) from error
        return VideoFile(path, size_of(path), with_sound is None)

    async def _with_sound(self, job: Job, receiving: Receiving, silent: Path, is_last: bool) -> Path | None:
        """None where it has to go without. Raises NoFile where that may pass, but for the last try."""
        assert isinstance(job.request, EditVideo)
        source = job.request.video.sha256
        if not await receiving.pin(source):
            log.warning("job %s: its sound cannot be put back: the source is no longer kept", job.id)
            return None
        whole = receiving.new()
        try:
            await put_sound(silent, self._kept.path(source), whole)
        except UnusableMedia as error:
            if error.reason in MAY_PASS and not is_last:
                raise NoFile(f"its sound cannot be put back: {error.reason}", may_pass=True) from error
            log.warning("job %s: its sound cannot be put back: %s", job.id, error.reason)
            return None
        return whole


def _suffix(job: Job, *, is_silent: bool) -> str:
    return f"{'.silent' if is_silent else ''}.{job.request.format.lower()}"


def _no_file(error: Unfetchable) -> NoFile:
    # a link may be told of a moment before it can be read
    may_pass = error.may_pass or error.reason == "expired"
    reason: Missing = "expired" if error.reason == "expired" else "large" if error.reason == "large" else "missing"
    return NoFile(f"it cannot be fetched: {error.reason}", reason, may_pass=may_pass)
