"""How a job's pictures and videos reach the provider: what is uploaded first, and what its body then says.

In the usual way pictures stand in the body as bytes (data URIs), which nothing at the provider scales down or
forgets, and videos as the id of an upload, since nothing else is accepted for certain. In the other way, after the
provider could not read them, pictures are the id of an upload, and videos the address of a new one.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.domain.job import Job
from bot.domain.source import Image, Source
from bot.runware.client import Runware, Upload
from bot.runware.content import Content, File
from storage import jobs, transfers
from storage.database import Database
from storage.transfers import USUAL, Way

log = logging.getLogger(__name__)

_REFERENCE: Final = re.compile(rb'"source:([0-9a-f]{64})"')


class Transfer:
    """`path_of`: where the file of a hash is kept. `now` gives the time, aware, in UTC."""

    def __init__(
        self,
        database: Database,
        runware: Runware,
        path_of: Callable[[str], Path],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._runware = runware
        self._path_of = path_of
        self._now = now

    async def prepare(self, job: Job) -> bool:
        """Upload what the job's way needs and has not got. Whether there was anything: then it was never sent.

        Raises the errors of bot/runware/errors.py. An upload buys nothing, so none of them leaves the job in doubt.
        """
        way = await transfers.way_of(self._database.read, job.id)
        there = await transfers.of_job(self._database.read, job.id, way)
        missing = [source for source in _uploaded(job.request.sources, way) if source.sha256 not in there]
        for source in missing:
            upload = await self._runware.upload(await File.find(self._path_of(source.sha256), source.sha256))
            async with self._database.transaction() as tx:
                await transfers.add(tx, job.id, source.sha256, way, _called(source, way, upload), at=self._now())
            log.info("job %s: a source was uploaded, %s", job.id, type(source).__name__.lower())
        return bool(missing)

    async def content(self, job: Job) -> Content:
        """What is sent for a job that was prepared: each time the same bytes. Raises SourceGone."""
        stored = await jobs.body(self._database.read, job.id)
        way = await transfers.way_of(self._database.read, job.id)
        names = await transfers.of_job(self._database.read, job.id, way)
        given: dict[str, tuple[bytes | File, ...]] = {}
        for source in job.request.sources:
            if (name := names.get(source.sha256)) is not None:
                given[source.sha256] = (json.dumps(name).encode(),)
            elif isinstance(source, Image) and way == USUAL:
                file = await File.find(self._path_of(source.sha256), source.sha256)
                given[source.sha256] = (f'"data:image/{source.format};base64,'.encode(), file, b'"')
            else:
                raise LookupError(f"job {job.id} was not prepared")
        return filled(stored, given)


def filled(stored: str, given: Mapping[str, tuple[bytes | File, ...]]) -> Content:
    """A stored body with each reference in its `inputs` replaced by the JSON that is given for its hash.

    Everything else stays as it is, a prompt that reads like a reference too.
    """
    task = json.loads(stored)
    inputs = task.pop("inputs", None)
    if inputs is None:
        return Content((stored.encode(),))
    # `inputs` holds our references and numbers, and not a word of a member's
    between = _REFERENCE.split(json.dumps(inputs).encode())
    pieces: list[bytes | File] = [json.dumps(task).encode()[:-1] + b', "inputs": ', between[0]]
    for sha256, following in zip(between[1::2], between[2::2], strict=True):
        pieces += [*given[sha256.decode()], following]
    return Content((*pieces, b"}"))


def _uploaded(sources: Iterable[Source], way: Way) -> Iterator[Source]:
    """Which of a request's sources this way uploads, each once."""
    for source in {source.sha256: source for source in sources}.values():
        if way != USUAL or not isinstance(source, Image):
            yield source


def _called(source: Source, way: Way, upload: Upload) -> str:
    """What a body calls an upload. Without an address a new id is tried, since the old one may be forgotten."""
    if way == USUAL or isinstance(source, Image) or upload.url is None:
        return upload.media_id
    return upload.url
