"""The provider over HTTP: one endpoint, an array of tasks in, an envelope out.

The body is read before the status, since one answer may carry one task's failure and another's success.
"""

import json
import logging
import re
import ssl
import uuid
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, cast

import anyio
import httpx

from bot.domain.money import Usd
from bot.runware.content import Content, File, text
from bot.runware.errors import (
    MODERATION_CODES,
    STATUSES,
    TIME_OUT_CODES,
    AlreadyAccepted,
    Busy,
    Invalid,
    KeyRefused,
    NotSent,
    NotTransferred,
    OutOfCredit,
    RunwareError,
    Unclear,
    error_of,
    shown,
)
from bot.runware.report import Answer, Item, Report, Unreadable, archived, dollars, is_unknown_task, read, reports

log = logging.getLogger(__name__)

READ: Final = 30.0
"""Seconds in which the provider must begin to answer, where an operator says nothing else."""
TIMEOUT: Final = httpx.Timeout(connect=5, read=READ, write=30, pool=5)  # seconds
WHOLE_ANSWER: Final = 2  # times that, for all of an exchange: a body may come a byte at a time
SLOWEST_LINE: Final = 125_000  # bytes a second, a line of 1 Mbit/s: so much more time has what is larger
POLLED_AT_ONCE: Final = 50
"""Tasks in one poll. No most is published; others send as many."""
CODINGS: Final = frozenset({"identity", "gzip"})  # in which an answer is read
MOST_OF_AN_ANSWER: Final = 10_000_000  # bytes; a full poll is some 50,000
LEAST_SECRET: Final = 8  # characters; anything shorter is no key, and may stand in any answer
MOST_RETRY_AFTER: Final = 86_400.0  # seconds; a header may say anything
LONGEST_NAME: Final = 2_000  # characters; of an upload's id or address


@dataclass(frozen=True)
class Account:
    """What the provider says of the account; None where it does not.

    `billed`: in how many days so much was billed: today (1), in the last 7 and in the last 30.
    """

    balance: Usd | None
    billed: Mapping[int, Usd] = field(default_factory=dict[int, Usd])


@dataclass(frozen=True)
class Upload:
    """A file that the provider keeps. Tasks name it by `media_id`, or by `url` where it has one."""

    media_id: str
    url: str | None


def open_http(trust: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """A client with keep-alive and explicit time-outs, for `Runware` and nothing else. Not given, `trust` is the
    public authorities."""
    # without a most: Submission and Polling bound what is on its way, and no lost place can hold anything up
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncClient(
        verify=trust or True, timeout=TIMEOUT, limits=limits, follow_redirects=False, trust_env=False
    )


class Runware:
    """The account whose key this is. All methods raise the errors of bot/runware/errors.py.

    `timeout`: seconds in which an answer must begin.
    """

    def __init__(self, http: httpx.AsyncClient, *, url: str, key: str, timeout: float = READ) -> None:
        self._http = http
        self._url = url
        self._key = key.encode()
        self._timeout = timeout
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",  # of the others a few bytes may become gigabytes before they can be counted
        }

    async def submit(self, task: Content, *, task_id: str) -> None:
        """Send a task; returning means that it was accepted. SourceGone: it was not sent whole, so it was not."""
        answer, status, retry_after = await self._post(Content((b"[", *task.pieces, b"]")))
        told = [item for item in answer.data if item.get("taskUUID") == task_id]
        failed = [item for item in told if item.get("status") == "error"]
        objections = [error for error in answer.errors if error.get("taskUUID") in (None, task_id)]
        objections += [_objection(item) for item in failed]
        errors = [error_of(objection, status, retry_after) for objection in objections]
        errors.sort(key=lambda error: not isinstance(error, AlreadyAccepted))  # which outweighs all else
        if len(told) > len(failed):
            if not errors:
                return
            raise Unclear(f"HTTP {status}, accepted and refused at once: {errors[0]}")
        if errors:
            raise errors[0]
        if status in STATUSES:
            raise error_of({}, status, retry_after)
        raise Unclear(f"HTTP {status} without a word on the task")

    async def upload(self, file: File) -> Upload:
        """Give the provider a file to keep. It costs nothing; when in doubt, do it again.

        Raises NotTransferred where it does not take the file, and never AlreadyAccepted.
        """
        task_id = str(uuid.uuid4())
        asked = {"taskType": "mediaStorage", "taskUUID": task_id, "operation": "upload", "media": ""}
        head, tail = json.dumps([asked]).encode()[:-3], b'"}]'
        answer, status, retry_after = await self._post(Content((head, file, tail)))
        if upload := _upload(answer, task_id):
            return upload
        objections = [*answer.errors, *(_objection(item) for item in answer.data if item.get("status") == "error")]
        if not objections and status not in STATUSES:
            raise Unclear(f"HTTP {status} without a word on the upload")
        error = error_of(objections[0] if objections else {}, status, retry_after)
        if isinstance(error, Invalid):
            raise NotTransferred(error.code, error.message)
        raise Unclear(f"HTTP {status}, known already") if isinstance(error, AlreadyAccepted) else error

    async def poll(self, task_ids: Sequence[str]) -> dict[str, Report | None]:
        """What the provider says of these tasks: None for one that it does not know.

        One request for up to 50. A task whose request failed is missing: a poll that fails says nothing of it.
        Raises when every request failed.
        """
        said: dict[str, Report | None] = {}
        failed: RunwareError | None = None
        for start in range(0, len(task_ids), POLLED_AT_ONCE):
            chunk = task_ids[start : start + POLLED_AT_ONCE]
            try:
                known = await self._poll(chunk)
            except RunwareError as error:
                log.warning("a poll of %d tasks failed: %s: %s", len(chunk), type(error).__name__, error)
                failed = error
            else:
                said |= {task_id: known.get(task_id) for task_id in chunk}
        if failed is not None and not said:
            raise failed
        return said

    async def details(self, task_id: str) -> Report | None:
        """What the provider's archive knows of a task that polls no longer find; None where nothing."""
        answer, status, retry_after = await self._ask("getTaskDetails", taskUUID=task_id)
        if not answer.data:
            _raise_for_all(answer, status, retry_after)
        return archived(answer, task_id)

    async def account(self) -> Account:
        """Balance and usage. The answer also holds people's addresses and keys: nothing else of it is kept."""
        answer, status, retry_after = await self._ask("accountManagement", operation="getDetails")
        _raise_for_all(answer, status, retry_after)
        balances = (_balance(item.get("balance")) for item in answer.data)
        balance = next((balance for balance in balances if balance is not None), None)
        billed: dict[int, Usd] = {}
        for item in answer.data:
            billed = billed or _billed(item.get("usage"))
        return Account(balance, billed)

    async def _poll(self, task_ids: Sequence[str]) -> dict[str, Report]:
        tasks = [{"taskType": "getResponse", "taskUUID": task_id} for task_id in task_ids]
        answer, status, retry_after = await self._post(text(json.dumps(tasks)))
        about_tasks = tuple(error for error in answer.errors if _is_about(error, task_ids, status))
        if not answer.data and not about_tasks:
            _raise_for_all(answer, status, retry_after)
        return reports(Answer(answer.data, about_tasks), task_ids)

    async def _ask(self, task_type: str, **parameters: str) -> tuple[Answer, int, float | None]:
        tasks = [{"taskType": task_type, "taskUUID": str(uuid.uuid4()), **parameters}]
        return await self._post(text(json.dumps(tasks)))

    async def _exchange(self, content: Content) -> tuple[httpx.Response, bytes]:
        """The response and its body. Raises Unclear for a body that no answer can be."""
        # with its length said, a body that breaks off cannot be taken for whole
        headers = {**self._headers, "Content-Length": str(content.length)}
        on_the_line = content.length / SLOWEST_LINE
        # the last of what was handed over may still be on its way when the wait for the answer begins
        timeout = httpx.Timeout(**{**TIMEOUT.as_dict(), "read": self._timeout + on_the_line})
        # anyio's, since the pool's cleaning up is shielded from that alone: cut short by asyncio.timeout it would
        # keep the place of this request for good (httpcore 1.0.9; tests/bot/runware/test_pool.py)
        with anyio.fail_after(WHOLE_ANSWER * self._timeout + on_the_line):
            return await self._whole(content, headers, timeout)

    async def _whole(
        self, content: Content, headers: Mapping[str, str], timeout: httpx.Timeout
    ) -> tuple[httpx.Response, bytes]:
        body = bytearray()
        async with (
            aclosing(content.stream()) as sent,
            self._http.stream("POST", self._url, content=sent, headers=headers, timeout=timeout) as response,
        ):
            if (coding := response.headers.get("Content-Encoding", "identity").lower()) not in CODINGS:
                raise Unclear(f"an answer that is coded as {shown(coding)}")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MOST_OF_AN_ANSWER:
                    raise Unclear(f"an answer of more than {MOST_OF_AN_ANSWER} bytes")
        return response, bytes(body)

    async def _post(self, content: Content) -> tuple[Answer, int, float | None]:
        """The answer's envelope and status, and the seconds to wait where it names them."""
        try:
            response, body = await self._exchange(content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(type(error).__name__) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unclear(type(error).__name__) from error
        status, retry_after = response.status_code, _seconds(response.headers.get("Retry-After"))
        if len(self._key) >= LEAST_SECRET:
            body = body.replace(self._key, b"[the key]")  # an error may repeat it, and errors are logged
        try:
            return read(body), status, retry_after
        except Unreadable as unreadable:
            if status in STATUSES:
                raise error_of({}, status, retry_after) from unreadable
            raise Unclear(f"HTTP {status}, {unreadable}") from unreadable


def _is_about(error: Item, task_ids: Sequence[str], status: int) -> bool:
    """Whether an error of a poll tells of a task, rather than of the poll. The failure of a task says so in its
    `status`; without it only what cannot be meant for the poll itself counts, since a hold returns on it."""
    if error.get("taskUUID") not in task_ids:
        return False
    if error.get("status") == "error" or error.get("code") in (*MODERATION_CODES, *TIME_OUT_CODES):
        return status < 500 or error.get("status") == "error"
    if isinstance(error_of(error, status), AlreadyAccepted | Busy | OutOfCredit | KeyRefused | Unclear):
        return False
    return bool(error.get("code")) and error.get("taskType") != "getResponse"


def _raise_for_all(answer: Answer, status: int, retry_after: float | None) -> None:
    """Raise what an answer without data is about; nothing where it only says that the tasks are not known."""
    errors = [error for error in answer.errors if not is_unknown_task(error)]
    if errors:
        raise error_of(errors[0], status, retry_after)
    if status >= 400 and not answer.errors:
        raise error_of({}, status, retry_after)


def _objection(item: Item) -> Item:
    """The error of an item that failed inside `data`."""
    error = item.get("error")
    return cast("Item", error) if isinstance(error, dict) else item


def _balance(value: object) -> Usd | None:
    """An account's balance: a number, or the first one in an object; the provider's documents differ on it."""
    values = cast("Item", value).values() if isinstance(value, dict) else [value]
    amounts = (dollars(each) for each in values)
    return next((amount for amount in amounts if amount is not None), None)


def _billed(usage: object) -> dict[int, Usd]:
    """By days; what is not an amount is left out."""
    periods: Item = cast("Item", usage) if isinstance(usage, dict) else {}
    found: dict[int, Usd] = {}
    for days, name in ((1, "today"), (7, "last7Days"), (30, "last30Days")):
        period: object = periods.get(name)
        credits = dollars(cast("Item", period).get("credits")) if isinstance(period, dict) else None
        if credits is not None:
            found[days] = credits
    return found


def _upload(answer: Answer, task_id: str) -> Upload | None:
    """What the answer to an upload says that it is called; None where it does not."""
    for item in answer.data:
        media_id = _name(item.get("mediaUUID"))
        if media_id is not None and item.get("taskUUID") in (None, task_id) and item.get("status") != "error":
            return Upload(media_id, _name(item.get("mediaURL")))
    return None


def _name(value: object) -> str | None:
    """What an upload may be called."""
    is_name = isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isascii() and value.isprintable()
    return str(value) if is_name else None


def _seconds(header: str | None) -> float | None:
    """A Retry-After in seconds; its other form, a date, would need the provider's clock to agree with ours."""
    if header is None or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", header):
        return None
    return min(float(header), MOST_RETRY_AFTER)
