"""A provider that gives the answers which the loopback one does not give, and tasks to send to either."""

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from bot.domain.request import TextToVideo
from bot.runware.client import Runware, open_http
from bot.runware.content import text
from bot.runware.report import Report
from bot.runware.task import Storage, body

KEY: Final = "a-key-that-nobody-may-see"
TASK: Final = "24cd5dff-cb81-4db5-8506-b72a9425f9d1"
OTHER: Final = "0c9e2f6b-7c1f-4d1e-9d52-0c6a1f0f3c11"


def task(count: Any = 1, **fields: Any) -> tuple[str, str]:
    """A cheap task, as it is stored: its body and its id."""
    task_id = str(uuid.uuid4())
    request = TextToVideo(prompt="a lighthouse", resolution="360p", count=count, **fields)
    return body(request, task_id=task_id, storage=Storage()), task_id


async def accepted(runware: Runware, count: int = 1) -> str:
    """The id of a task that was sent and accepted."""
    what, task_id = task(count)
    await runware.submit(text(what), task_id=task_id)
    return task_id


@asynccontextmanager
async def answering(answer: Callable[[httpx.Request], httpx.Response]) -> AsyncGenerator[Runware]:
    """The client at a provider that answers so."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        yield Runware(http, url="https://api.runware.test/v1", key=KEY)


def saying(
    said: object, status: int = 200, headers: dict[str, str] | None = None
) -> Callable[[httpx.Request], httpx.Response]:
    """Always this answer: bytes as they are, anything else as JSON."""
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    return lambda _: httpx.Response(status, content=content, headers=headers)


@asynccontextmanager
async def hanging_up(answer: bytes) -> AsyncGenerator[Runware]:
    """A server that takes a request, says these bytes, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening, open_http() as http:
        port = listening.sockets[0].getsockname()[1]
        yield Runware(http, url=f"http://127.0.0.1:{port}/v1", key=KEY)


async def known(runware: Runware, task_ids: list[str]) -> dict[str, Report]:
    """What a poll knows, without the tasks that it says it does not."""
    return {task_id: report for task_id, report in (await runware.poll(task_ids)).items() if report is not None}
