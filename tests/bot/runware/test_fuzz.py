"""Whatever comes back over the wire, the client ends in a RunwareError or in something that may be believed.

Two ways in: the bytes of a whole HTTP response, over a real socket; and the answers of the loopback provider, with
something in them spoiled. RAYBOT_FUZZ sets the number of examples.
"""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.money import ZERO
from bot.runware.client import Account, Runware, Upload, open_http
from bot.runware.content import File, text
from bot.runware.errors import RunwareError
from bot.runware.report import MOST_PLAUSIBLE_COST, Report
from tests.bot.runware.wire import KEY, TASK, answering, saying
from tests.fuzz import EXAMPLES

FUZZED: Final = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
ITEM: Final = {
    "taskType": "videoInference",
    "taskUUID": TASK,
    "status": "success",
    "videoUUID": "a",
    "videoURL": "https://vm.runware.ai/video/a.mp4",
    "mediaUUID": "b",
    "mediaURL": "https://im.runware.ai/b",
    "balance": 12.5,
    "usage": {"today": {"credits": 1.5}},
    "response": {"data": [{"taskUUID": TASK, "status": "success", "videoURL": "https://vm.runware.ai/a.mp4"}]},
    "cost": 0.06,
}
FAILURE: Final = {"code": "invalidProviderContent", "message": "no", "taskUUID": TASK, "status": "error"}
ANSWERS: Final = (
    {"data": [ITEM]},
    {"data": [ITEM, ITEM], "errors": [FAILURE]},
    {"data": [], "errors": [FAILURE]},
    {"data": {**ITEM, "status": "error", "error": FAILURE}},
    {"error": FAILURE},
)
ODD: Final = st.sampled_from(
    [
        *(b"NaN", b"-Infinity", b"1" + b"0" * 400, b"-1", b"1e400", b"1e-400", b"1e99999999999999999999"),
        *(
            b"null",
            b"true",
            b'""',
            b"[]",
            b"{}",
            b"[[[]]]",
            b'"\\ud800"',
            b'"\\u0000"',
            b"9" * 5_000,
            b"\xff",
            b'"',
        ),
        *(b"[" * 50_000, b'{"data":' * 20_000),
    ]
)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """An answer that is nearly good."""
    body = json.dumps(draw(st.sampled_from(ANSWERS))).encode()
    for _ in range(draw(st.integers(1, 3))):
        at, until = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        match draw(st.sampled_from(("cut", "drop", "put", "value"))):
            case "cut":
                body = body[:until]
            case "drop":
                body = body[:at] + body[min(until, at + 20) :]
            case "put":
                body = body[:at] + draw(ODD | st.binary(max_size=5)) + body[at:]
            case _:
                colon = body.find(b": ", at)
                end = min((n for n in (body.find(b",", colon), body.find(b"}", colon)) if n > 0), default=len(body))
                body = body[: colon + 2] + draw(ODD) + body[end:] if colon >= 0 else body
    return body


@st.composite
def response(draw: st.DrawFn) -> bytes:
    """The bytes of something like an HTTP response."""
    body = draw(spoiled() | st.binary(max_size=50))
    if draw(st.booleans()):
        body = gzip.compress(body)[: draw(st.integers(0, 400))]
    status = draw(
        st.sampled_from(["200 OK", "100 Continue", "204 X", "302 Found", "429 X", "500", "999 X", "0", "é"])
    )
    names = st.sampled_from(
        [b"Content-Length", b"Content-Encoding", b"Transfer-Encoding", b"Retry-After", b"Location", b"Content-Type"]
    )
    said = [b"5", b"-1", b"gzip", b"br", b"zstd", b"chunked", b"nan", b"inf", b"1e9", b"9" * 30, b"\xff", b""]
    values = st.sampled_from([b"%d" % len(body), *said]) | st.binary(max_size=6)
    headers = draw(st.lists(st.tuples(names | st.binary(max_size=4), values), max_size=4))
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return b"HTTP/1.1 " + status.encode() + b"\r\n" + lines + b"\r\n" + body


async def ask_everything(runware: Runware, folder: Path) -> None:
    """Each call raises a RunwareError, or says what may be believed."""
    path = folder / "file"
    path.write_bytes(b"a file")
    file = await File.find(path, sha256(b"a file").hexdigest())
    asks: list[Coroutine[Any, Any, object]] = [
        runware.submit(text("{}"), task_id=TASK),
        runware.poll([TASK]),
        runware.details(TASK),
        runware.account(),
        runware.upload(file),
    ]
    for ask in asks:
        with contextlib.suppress(RunwareError):
            _believe(await ask)


def _believe(said: object) -> None:
    match said:
        case None:
            pass
        case Report():
            for count in (1, 4):
                for arrival in said.arrivals(count):
                    assert (arrival.failure is None) == bool(arrival.links)
                    assert arrival.cost is None or ZERO <= arrival.cost <= MOST_PLAUSIBLE_COST
        case Account():
            assert all(days in (1, 7, 30) for days in said.billed)
        case Upload():
            assert said.media_id.isprintable()
        case dict():
            for each in said.values():  # pyright: ignore[reportUnknownVariableType]
                _believe(each)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            raise AssertionError(f"what is {said!r}?")


@asynccontextmanager
async def answers(said: bytes) -> AsyncGenerator[Runware]:
    """A server that reads a request to its end, says these bytes, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(said)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening, open_http() as http:
        port = listening.sockets[0].getsockname()[1]
        yield Runware(http, url=f"http://127.0.0.1:{port}/v1", key=KEY, timeout=1)


@FUZZED
@given(body=spoiled(), status=st.sampled_from([200, 201, 400, 401, 402, 404, 429, 500, 503]))
def test_an_answer_that_is_nearly_good_is_refused_or_believed(body: bytes, status: int) -> None:
    async def run() -> None:
        with TemporaryDirectory() as folder:
            async with answering(saying(body, status)) as runware:
                await ask_everything(runware, Path(folder))

    asyncio.run(run())


@FUZZED
@given(said=response() | st.binary(max_size=60))
def test_any_bytes_on_the_line_are_refused_or_believed(said: bytes) -> None:
    async def run() -> None:
        with TemporaryDirectory() as folder:
            async with answers(said) as runware:
                await ask_everything(runware, Path(folder))

    asyncio.run(run())
