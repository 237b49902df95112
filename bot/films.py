"""Films: a continuation's clip joined to the film that it goes on from, kept beside the clip.

The film before it is one of its quote's sources, so it stays until the clip is posted. It may be killed at any
moment: a film is there whole, or it is not, and is made again from the same two files.
"""

import logging
from dataclasses import replace

from bot.domain.job import Job, Result
from bot.finished import VideoFile
from bot.folder import CannotKeep, is_file, size_of
from bot.kept import Kept, NoRoom
from bot.media.join import join
from bot.media.unusable import UnusableMedia

log = logging.getLogger(__name__)


class Films:
    """Makes films of kept files."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def of(self, job: Job, result: Result, clip: VideoFile) -> VideoFile:
        """The film that ends with `clip`, or the clip with why it is not joined; of no continuation, the clip."""
        if job.origin is None or job.origin.film is None:
            return clip
        path = self._kept.result(job.id, result.n, f".film.{job.request.format.lower()}")
        if is_file(path):
            return VideoFile(path, size_of(path), is_silent=False, join="joined")
        try:
            async with self._kept.receiving() as receiving:
                if not await receiving.pin(job.origin.film):
                    return replace(clip, join="gone")
                made = receiving.new()
                await join(self._kept.path(job.origin.film), clip.path, made)
                await receiving.keep_result(made, job.id, result.n, f".film.{job.request.format.lower()}")
        except UnusableMedia as error:
            log.warning("job %s: video %d cannot be joined: %s", job.id, result.n, error.reason)
            return replace(clip, join="unlike" if error.reason == "unlike" else "failed")
        except (NoRoom, OSError, CannotKeep) as error:
            log.warning("job %s: the film of video %d cannot be kept: %s", job.id, result.n, error)
            return replace(clip, join="failed")
        return VideoFile(path, size_of(path), is_silent=False, join="joined")
