"""The sound of an edit: the provider's video comes silent, so the source's own sound is put back onto it.

What it makes is kept beside the sources, so that it is made once. It may be killed at any moment: the file is there
whole, or it is not.
"""

import logging
from pathlib import Path
from typing import Final

from bot.domain.job import Job, Result
from bot.domain.request import EditVideo
from bot.fetch import Downloads, Unfetchable
from bot.folder import CannotKeep
from bot.hosts import Hosts
from bot.kept import Kept
from bot.media.sound import put_sound
from bot.media.unusable import UnusableMedia

log = logging.getLogger(__name__)

MOST: Final = 100_000_000
"""Bytes of a finished video that are fetched: no server of Discord's takes a larger file."""

MAY_PASS: Final = frozenset({"slow", "no room"})
"""Of the reasons of UnusableMedia, those that are the machine's and not the file's."""

SECONDS: Final = 120.0  # for the download


class NoSound(Exception):
    """This video has to go without its sound. `may_pass`: whether trying again can help."""

    def __init__(self, why: str, *, may_pass: bool) -> None:
        self.may_pass = may_pass
        super().__init__(why)


def is_wanted(job: Job) -> bool:
    """Whether the job's videos get their source's sound."""
    return isinstance(job.request, EditVideo) and job.request.keep_sound and job.request.video.sound


class Soundtrack:
    """`hosts`: from where finished videos are fetched."""

    def __init__(self, downloads: Downloads, kept: Kept, *, hosts: Hosts) -> None:
        self._downloads = downloads
        self._kept = kept
        self._hosts = hosts

    def kept(self, job: Job, result: Result) -> Path | None:
        """The finished video with its sound, if it was made and is still kept."""
        made = self._made(job, result)
        return made if made.exists() else None

    def _made(self, job: Job, result: Result) -> Path:
        return self._kept.result(job.id, result.n, f".{job.request.format.lower()}")

    async def of(self, job: Job, result: Result) -> Path:
        """The finished video with its sound. One at a time for each result. Raises NoSound."""
        assert isinstance(job.request, EditVideo)
        if (made := self.kept(job, result)) is not None:
            return made
        source = job.request.video.sha256
        try:
            async with self._kept.receiving() as receiving:
                if not await receiving.pin(source):
                    raise NoSound("the source is no longer kept", may_pass=False)
                silent, whole = receiving.new(), receiving.new()
                await self._downloads.fetch(result.links[0], silent, hosts=self._hosts, most=MOST, seconds=SECONDS)
                await put_sound(silent, self._kept.path(source), whole)
                made = await receiving.keep_result(whole, job.id, result.n, self._made(job, result).suffix)
        except Unfetchable as error:
            # a link may be told of a moment before it can be read
            may_pass = error.may_pass or error.reason == "expired"
            raise NoSound(f"its video cannot be fetched: {error.reason}", may_pass=may_pass) from error
        except UnusableMedia as error:
            why = f"its sound cannot be put back: {error.reason}"
            raise NoSound(why, may_pass=error.reason in MAY_PASS) from error
        except (OSError, CannotKeep) as error:
            raise NoSound(f"it cannot be kept: {error}", may_pass=True) from error
        log.info("job %s: video %d has its sound", job.id, result.n)
        return made
