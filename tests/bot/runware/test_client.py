"""The client on the wire: time-outs, half answers, keep-alive; the archive and the account; and the key."""

import asyncio
import contextlib
import json
import logging
import traceback
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.money import Usd
from bot.runware.client import TIMEOUT, Account, Runware, open_http
from bot.runware.content import text
from bot.runware.errors import (
    AlreadyAccepted,
    Busy,
    KeyRefused,
    NotSent,
    RunwareError,
    Unclear,
)
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.runware import server
from sandbox.runware.account import Charge
from sandbox.runware.script import Forgotten, Takes
from tests.bot.runware.wire import KEY, TASK, accepted, answering, hanging_up, saying, task


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError, NotSent),
        (httpx.ConnectTimeout, NotSent),
        (httpx.PoolTimeout, NotSent),
        (httpx.ReadTimeout, Unclear),
        (httpx.WriteTimeout, Unclear),
        (httpx.ReadError, Unclear),
        (httpx.WriteError, Unclear),
        (httpx.CloseError, Unclear),
        (httpx.RemoteProtocolError, Unclear),
        (httpx.ProxyError, Unclear),
        (httpx.DecodingError, Unclear),
    ],
)
async def test_a_failure_of_the_wire_is_not_sent_or_unclear(
    failure: type[httpx.RequestError], kind: type[RunwareError]
) -> None:
    """Only what never had a connection was certainly not sent."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise failure("", request=request)

    async with answering(fail) as runware:
        asks: list[Callable[[], Coroutine[Any, Any, Any]]] = [
            lambda: runware.submit(text("{}"), task_id=TASK),
            lambda: runware.poll([TASK]),
            lambda: runware.details(TASK),
            runware.account,
        ]
        for ask in asks:
            with pytest.raises(kind) as raised:
                await ask()
            assert type(raised.value) is kind
            assert str(raised.value) == failure.__name__


def test_no_request_waits_for_ever() -> None:
    waits = TIMEOUT.as_dict()
    assert set(waits) == {"connect", "read", "write", "pool"}
    assert all(seconds is not None and 0 < seconds <= 60 for seconds in waits.values())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"data": [',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"data": ',
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"220 mail.example ESMTP\r\n\r\n",
    ],
    ids=["nothing", "half a header", "half a body", "half a chunk", "no gzip", "an empty body", "another protocol"],
)
async def test_half_an_answer_is_unclear(answer: bytes) -> None:
    async with hanging_up(answer) as runware:
        with pytest.raises(Unclear):
            await runware.submit(text("{}"), task_id=TASK)
        with pytest.raises(Unclear):
            await runware.poll([TASK])


async def test_one_connection_serves_many_requests(provider: server.Runware) -> None:
    """Keep-alive: counted at a relay in between."""
    opened = 0

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        there, back = await asyncio.open_connection("127.0.0.1", int(provider.media_origin.rpartition(":")[2]))
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with open_http() as http:
            runware = Runware(http, url=f"http://127.0.0.1:{port}/v1", key=provider.key)
            for _ in range(5):
                await runware.poll([await accepted(runware)])
            await runware.account()
        await asyncio.sleep(0.05)
    assert opened == 1
    assert len(provider.requests) == 11


async def test_a_poll_that_is_refused_passes_on_when_to_come_back() -> None:
    async with answering(saying({"data": []}, 429, {"Retry-After": "3"})) as runware:
        for ask in (lambda: runware.poll([TASK]), lambda: runware.details(TASK), runware.account):
            with pytest.raises(Busy) as refused:
                await ask()
            assert refused.value.retry_after == 3.0


async def test_the_archive_knows_what_polls_have_forgotten(
    runware: Runware, provider: server.Runware, clock: Clock
) -> None:
    provider.script(Takes(1), Forgotten(archived=True))
    task_id = await accepted(runware)
    clock.advance(timedelta(seconds=2))
    assert await runware.poll([task_id]) == {task_id: None}
    report = await runware.details(task_id)
    assert report is not None
    assert [arrival.failure for arrival in report.arrivals(1)] == [None]


async def test_the_archive_knows_what_is_under_way(runware: Runware) -> None:
    report = await runware.details(await accepted(runware))
    assert report is not None
    assert (report.finished, report.in_the_making) == ([], 1)


async def test_an_unknown_task_is_unknown_to_the_archive_too(runware: Runware, provider: server.Runware) -> None:
    """None, and no error: on it a job is given up, at last."""
    assert await runware.details(str(uuid.uuid4())) is None
    provider.script(Forgotten())
    assert await runware.details(await accepted(runware)) is None


async def test_a_conflict_in_the_archive_hides_the_render_and_says_nothing(runware: Runware) -> None:
    """The archive keeps the last answer, and that was to the second send."""
    what, task_id = task()
    await runware.submit(text(what), task_id=task_id)
    with pytest.raises(AlreadyAccepted):
        await runware.submit(text(what), task_id=task_id)
    assert await runware.details(task_id) is None


@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault(), Unclear), (Fault(status=500), Unclear), (Fault(status=401), KeyRefused)]
)
async def test_an_archive_that_does_not_answer_says_nothing(
    runware: Runware, provider: server.Runware, fault: Fault, kind: type[RunwareError]
) -> None:
    provider.faults.add("getTaskDetails", fault)
    with pytest.raises(kind):
        await runware.details(str(uuid.uuid4()))


async def test_the_account_tells_its_balance_and_usage_and_nothing_else(
    runware: Runware, provider: server.Runware
) -> None:
    """The answer names people and keys; none of it is kept."""
    provider.balance = Decimal("12.3456789")
    now = datetime.now(UTC)
    for amount, days in (("0.06", 0), ("0.3000001", 3), ("1.20", 20), ("5", 40)):
        at = now - timedelta(days=days)
        provider.bill.append(Charge(task_id="x", video_id=None, amount=Decimal(amount), at=at))
    account = await runware.account()
    assert asdict(account) == {
        "balance": {"nanos": 12_345_678_900},
        "billed": {1: {"nanos": 60_000_000}, 7: {"nanos": 360_000_100}, 30: {"nanos": 1_560_000_100}},
    }


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"today": {"credits": 3}, "last7Days": {"credits": 4.5, "requests": 2}}, {1: "3", 7: "4.5"}),
        ({"today": {"credits": "3"}, "last7Days": 3, "last30Days": {"credits": True}}, {}),
        ({"today": {"credits": 1e300}, "last30Days": None}, {}),
        ([{"today": {"credits": 3}}], {}),
        ("much", {}),
        (None, {}),
    ],
)
async def test_usage_is_read_where_it_is_an_amount(usage: object, read: dict[int, str]) -> None:
    said = {"data": [{"taskType": "accountManagement", "balance": 5, "usage": usage}]}
    async with answering(saying(said)) as runware:
        account = await runware.account()
    assert account == Account(Usd.of(5), {days: Usd.of(amount) for days, amount in read.items()})


@pytest.mark.parametrize(
    ("balance", "read"),
    [
        (2450.75, "2450.75"),
        (0, "0"),
        (-3, "-3"),
        ({"amount": 7.5, "reserved": 1}, "7.5"),
        ({"currency": "USD", "held": True, "amount": 7.5}, "7.5"),
        ({}, None),
        ({"amount": "7.5"}, None),
        ("7.5", None),
        (True, None),
        (None, None),
        ([7.5], None),
        (1e300, None),
    ],
)
async def test_a_balance_is_a_number_or_the_first_one_in_an_object(balance: object, read: str | None) -> None:
    """The provider's documents show a number, its client an object."""
    said = {"data": [{"taskType": "accountManagement", "balance": balance, "team": [{"email": "ada@example.com"}]}]}
    async with answering(saying(said)) as runware:
        assert (await runware.account()).balance == (None if read is None else Usd.of(read))


async def test_a_wrong_key_has_no_account(provider: server.Runware) -> None:
    async with open_http() as http:
        with pytest.raises(KeyRefused):
            await Runware(http, url=provider.url, key="another").account()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([TASK, "error"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "errors",
                    "error",
                    "taskUUID",
                    "status",
                    "code",
                    "message",
                    "balance",
                    "response",
                    "usage",
                    "today",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    said=JSON | st.fixed_dictionaries({"data": JSON, "errors": JSON}),
    status=st.sampled_from([200, 201, 302, 400, 401, 404, 429, 500, 503]),
)
def test_nothing_but_its_own_errors_comes_out_of_the_client(said: object, status: int) -> None:
    """Whatever JSON, under whatever status; and nothing is accepted that does not name the task."""

    async def ask_everything() -> None:
        async with answering(saying(said, status)) as runware:
            asks: list[Callable[[], Coroutine[Any, Any, Any]]] = [
                lambda: runware.submit(text("{}"), task_id=TASK),
                lambda: runware.poll([TASK]),
                lambda: runware.details(TASK),
                runware.account,
            ]
            for ask in asks:
                try:
                    await ask()
                except RunwareError:
                    continue
                assert ask is not asks[0] or TASK in json.dumps(said)

    asyncio.run(ask_everything())


async def test_the_key_is_nowhere_to_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    """Not in a text, a traceback or a log, even where the provider says it."""
    caplog.set_level(logging.DEBUG)
    echo = {"code": "invalidApiKey", "message": f"No such key: {KEY}", "taskUUID": TASK}
    shown: list[str] = []

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(f"while sending {request.headers}", request=request)

    answers = [fail, *(saying(said, status) for said in (KEY, {"errors": [echo]}) for status in (200, 401, 500))]
    failed = {"taskUUID": TASK, "status": "error", "error": {**echo, KEY: KEY}}
    for answer in [*answers, saying({"data": [failed]})]:
        async with answering(answer) as runware:
            shown.append(f"{runware!r} {runware}")
            for ask in (
                lambda: runware.submit(text("{}"), task_id=TASK),
                lambda: runware.poll([TASK]),
                runware.account,
            ):
                try:
                    await ask()
                except RunwareError as error:
                    shown += [str(error), repr(error), str(vars(error)), *traceback.format_exception(error)]
    assert "invalidApiKey" in caplog.text
    assert "invalidApiKey" in "".join(shown)
    assert KEY not in "".join([*shown, caplog.text])


async def test_an_answer_that_comes_a_byte_at_a_time_is_given_up() -> None:
    """No pause in it is long enough for a time-out, and every job would wait for its end."""
    ended = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        ended.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as listening, open_http() as http:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(Unclear, match="TimeoutError"):
            await Runware(http, url=f"http://127.0.0.1:{port}/v1", key=KEY, timeout=0.15).poll([TASK])
        await ended.wait()
