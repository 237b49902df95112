"""The provider over HTTP: one endpoint, an array of tasks in, an envelope out.

The body is read before the status, since one answer may carry one task's failure and another's success.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from bot.domain.money import Usd
from bot.runware.errors import (
    STATUSES,
    UNKNOWN_TASK_CODES,
    Busy,
    KeyRefused,
    NotSent,
    OutOfCredit,
    RunwareError,
    Unclear,
    error_of,
)
from bot.runware.report import Answer, Item, Report, Unreadable, archived, dollars, read, reports

TIMEOUT: Final = httpx.Timeout(connect=5, read=30, write=30, pool=5)  # seconds
POLLED_AT_ONCE: Final = 50
"""Tasks in one poll. No most is published; others send as many."""


@dataclass(frozen=True)
class Account:
    """What the provider says of the account; None where it does not."""

    balance: Usd | None


def open_http() -> httpx.AsyncClient:
    """A client with keep-alive and explicit time-outs, for `Runware` and nothing else."""
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False)


class Runware:
    """The account whose key this is. All methods raise the errors of bot/runware/errors.py."""

    def __init__(self, http: httpx.AsyncClient, *, url: str, key: str) -> None:
        self._http = http
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    async def submit(self, body: str, *, task_id: str) -> None:
        """Send a task; returning means that it was accepted. `body` is what bot/runware/task.py made."""
        answer, status, retry_after = await self._post(f"[{body}]")
        for error in answer.errors:
            if error.get("taskUUID", task_id) == task_id:
                raise error_of(error, status, retry_after)
        if not any(item.get("taskUUID") == task_id for item in answer.data):
            raise Unclear(f"HTTP {status} without a word on the task")

    async def poll(self, task_ids: Sequence[str]) -> dict[str, Report]:
        """What the provider knows of these tasks; one that it does not know is missing.

        One request for up to 50. Raises only when no request could be read: a poll that fails says nothing.
        """
        found: dict[str, Report] = {}
        failed: RunwareError | None = None
        chunks = [task_ids[i : i + POLLED_AT_ONCE] for i in range(0, len(task_ids), POLLED_AT_ONCE)]
        for chunk in chunks:
            try:
                found |= await self._poll(chunk)
            except RunwareError as error:
                failed = error
        if failed is not None and not found:
            raise failed
        return found

    async def details(self, task_id: str) -> Report | None:
        """What the provider's archive knows of a task that polls no longer find; None where nothing."""
        answer, status, _ = await self._ask("getTaskDetails", taskUUID=task_id)
        unknown = any(error.get("code") in UNKNOWN_TASK_CODES for error in answer.errors)
        if not answer.data and not unknown:
            _raise_for_all(answer, status)
        return archived(answer, task_id)

    async def account(self) -> Account:
        """The balance. The answer also holds people's addresses and keys: nothing else of it is kept."""
        answer, status, _ = await self._ask("accountManagement", operation="getDetails")
        _raise_for_all(answer, status)
        balances = (dollars(item.get("balance")) for item in answer.data)
        return Account(next((balance for balance in balances if balance is not None), None))

    async def _poll(self, task_ids: Sequence[str]) -> dict[str, Report]:
        tasks = [{"taskType": "getResponse", "taskUUID": task_id} for task_id in task_ids]
        answer, status, _ = await self._post(json.dumps(tasks))
        about_tasks = tuple(error for error in answer.errors if _is_about(error, task_ids, status))
        if not answer.data and not about_tasks:
            _raise_for_all(answer, status)
        return reports(Answer(answer.data, about_tasks), task_ids)

    async def _ask(self, task_type: str, **parameters: str) -> tuple[Answer, int, float | None]:
        return await self._post(json.dumps([{"taskType": task_type, "taskUUID": str(uuid.uuid4()), **parameters}]))

    async def _post(self, content: str) -> tuple[Answer, int, float | None]:
        """The answer's envelope and status, and the seconds to wait where it names them."""
        try:
            response = await self._http.post(self._url, content=content.encode(), headers=self._headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise Unclear(type(error).__name__) from error
        status, retry_after = response.status_code, _seconds(response.headers.get("Retry-After"))
        try:
            return read(response.content), status, retry_after
        except Unreadable as unreadable:
            if status in STATUSES:
                raise error_of({}, status, retry_after) from unreadable
            raise Unclear(f"HTTP {status}, {unreadable}") from unreadable


def _is_about(error: Item, task_ids: Sequence[str], status: int) -> bool:
    """Whether an error of a poll tells of a task, rather than of the poll."""
    if error.get("taskUUID") not in task_ids:
        return False
    about_the_poll = isinstance(error_of(error, status), Busy | OutOfCredit | KeyRefused | Unclear)
    return error.get("status") == "error" or not about_the_poll


def _raise_for_all(answer: Answer, status: int) -> None:
    if answer.errors:
        raise error_of(answer.errors[0], status)
    if status >= 400:
        raise error_of({}, status)


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdecimal() else None
