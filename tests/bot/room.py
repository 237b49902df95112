"""A runner between a real database and the loopback provider, with the wire between the two in a test's hands."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
from PIL import Image as Pillow

from bot.checkout import Checkout
from bot.domain.job import Job, State
from bot.domain.request import Count, Request, TextToVideo
from bot.domain.source import Image, Video
from bot.offer import Requester
from bot.runner import Runner
from bot.runware.client import TIMEOUT, Runware
from bot.runware.task import Storage
from bot.transfer import Transfer
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.runware.film import Film, render
from sandbox.runware.server import Runware as Provider
from storage import jobs, posts
from storage.database import Database

CUT = Fault(status=None)
CUT_AFTER_ACCEPTANCE = Fault(status=None, takes_effect=True)

Moment = tuple[str, Literal["before", "after"]]
"""A type of task, and whether its request has reached the provider or its answer has come back."""


class Wire:
    """The body of each request, and a moment at which nothing more comes through."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.stops_at: Moment | None = None
        self.lets_pass = 0  # of these moments, before the one that it stops at
        self.stopped = asyncio.Event()

    def note(self, body: bytes) -> str:
        """Keep a body; the type of its first task."""
        self.bodies.append(body)
        return str(json.loads(body)[0]["taskType"])

    async def reach(self, moment: Moment) -> None:
        if moment != self.stops_at:
            return
        if self.lets_pass:
            self.lets_pass -= 1
            return
        self.stopped.set()
        await asyncio.Event().wait()

    def sent(self, kind: str) -> list[bytes]:
        """The bodies with tasks of this type."""
        return [body for body in self.bodies if json.loads(body)[0]["taskType"] == kind]


class Transport(httpx.AsyncHTTPTransport):
    """Real HTTP over a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        kind = self._wire.note(await request.aread())
        await self._wire.reach((kind, "before"))
        answer = await super().handle_async_request(request)
        await answer.aread()
        await self._wire.reach((kind, "after"))
        return answer


class Room:
    """A runner at work, and a checkout to give it jobs."""

    def __init__(self, database: Database, provider: Provider, clock: Clock, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.provider = provider
        self.clock = clock
        self.checkout = Checkout(database, {}, storage=Storage(), now=clock.now)
        self.delivered: list[str] = []
        self.is_open = True
        self.faults = 0
        self.wire = Wire()

    def transfer(self, runware: Runware) -> Transfer:
        return Transfer(self.database, runware, lambda sha256: self.folder / sha256, now=self.clock.now)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[Runner]:
        """A runner at work; two jobs at the provider at once. Leaving is its end, wherever it is."""
        async with httpx.AsyncClient(transport=Transport(self.wire), timeout=TIMEOUT, trust_env=False) as http:
            runware = Runware(http, url=self.provider.url, key=self.provider.key)
            runner = Runner(
                self.database,
                runware,
                transfer=self.transfer(runware),
                deliver=self.deliver,
                max_jobs=2,
                poll_seconds=0.1,
                now=self.clock.now,
            )
            working = asyncio.create_task(runner.run())
            yield runner
            working.cancel()
            await asyncio.wait([working])

    async def deliver(self, job_id: str) -> None:
        """Post what is to be posted, unless Discord is closed or breaks."""
        if self.faults:
            self.faults -= 1
            raise RuntimeError("a bug in delivery")
        async with self.database.transaction() as tx:
            job = await jobs.existing(tx, job_id)
            for post in await posts.of_job(tx, job_id):
                if not self.is_open:
                    await posts.postpone(tx, post.nonce, self.clock.now() + timedelta(hours=100))
                elif post.state == "waiting":
                    self.delivered.append(post.nonce)
                    await posts.posted(tx, post.nonce, len(self.delivered), shows=job.version)
                else:
                    await posts.shows(tx, post.nonce, job.version)

    async def buy(self, count: Count = 1, request: Request | None = None, *, member: int = 3) -> Job:
        who = Requester(server_id=1, channel_id=2, member_id=member)
        request = request or TextToVideo(prompt="a kite over the sea", resolution="360p", count=count)
        offer = await self.checkout.offer(request, who)
        return await self.checkout.confirm(offer.stored.id, who)

    async def job(self, job: Job) -> Job:
        return await jobs.existing(self.database.read, job.id)

    async def until(self, job: Job, wanted: Callable[[Job], bool], *, timeout: float = 10) -> Job:
        """The job, as soon as it is as wanted."""
        async with asyncio.timeout(timeout):
            while not wanted(found := await self.job(job)):
                await asyncio.sleep(0.01)
            return found

    def picture(self, form: Literal["png", "jpeg", "webp"] = "png", colour: str = "red") -> Image:
        """A picture that is kept."""
        made = io.BytesIO()
        Pillow.new("RGB", (64, 36), colour).save(made, form)
        return Image(sha256=self.keep(made.getvalue()), format=form, width=64, height=36)

    def video(self) -> Video:
        """A video of a second that is kept."""
        path = self.folder / "film"
        render(Film(prompt="a source", width=128, height=72, frames=24), path)
        sha256 = self.keep(path.read_bytes())
        return Video(sha256=sha256, format="mp4", width=128, height=72, microseconds=1_000_000, sound=False)

    def keep(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        (self.folder / sha256).write_bytes(content)
        return sha256

    def attempts(self) -> list[str]:
        return [submission.verdict for submission in self.provider.submissions]


@asynccontextmanager
async def open_room(folder: Path) -> AsyncGenerator[Room]:
    """A room with a database of its own. Results take a tenth of a second."""
    clock = Clock()
    async with (
        Database.open(folder / "raybot.db") as database,
        Provider(clock=clock, render_seconds=0.1) as provider,
    ):
        yield Room(database, provider, clock, folder)


def is_in(*states: State) -> Callable[[Job], bool]:
    return lambda job: job.state in states
