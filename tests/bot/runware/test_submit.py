"""Sending a task: accepted, refused or unclear; at the loopback provider, and in shapes that it does not give."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.runware.client import Runware, open_http
from bot.runware.content import text
from bot.runware.errors import (
    AlreadyAccepted,
    Busy,
    Invalid,
    KeyRefused,
    Moderated,
    NotSent,
    OutOfCredit,
    Refused,
    RunwareError,
    Unclear,
)
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.runware import server
from tests.bot.runware.wire import KEY, OTHER, TASK, accepted, answering, saying, task


async def submitted(said: object, status: int = 200, headers: dict[str, str] | None = None) -> RunwareError | None:
    """What a send comes to that gets this answer; None: accepted."""
    async with answering(saying(said, status, headers)) as runware:
        try:
            await runware.submit(text("{}"), task_id=TASK)
        except RunwareError as error:
            return error
    return None


async def test_a_task_is_accepted_as_it_was_made(runware: Runware, provider: server.Runware) -> None:
    what, task_id = task(hdr=False, loop=True)
    await runware.submit(text(what), task_id=task_id)
    assert dict(provider.tasks[task_id].request) == json.loads(what)


async def test_a_second_send_of_the_same_task_is_known_there(runware: Runware, provider: server.Runware) -> None:
    """It is bought once."""
    what, task_id = task()
    await runware.submit(text(what), task_id=task_id)
    with pytest.raises(AlreadyAccepted):
        await runware.submit(text(what), task_id=task_id)
    assert len(provider.tasks) == 1


async def test_a_wrong_key_is_refused(provider: server.Runware) -> None:
    what, task_id = task()
    async with open_http() as http:
        with pytest.raises(KeyRefused, match="invalidApiKey") as refused:
            await Runware(http, url=provider.url, key="another").submit(text(what), task_id=task_id)
    assert refused.value.code == "invalidApiKey"
    assert not provider.tasks


async def test_an_empty_account_is_out_of_credit(runware: Runware, provider: server.Runware) -> None:
    provider.balance = Decimal("0.05")
    with pytest.raises(OutOfCredit) as refused:
        await accepted(runware)
    assert refused.value.code == "insufficientCredits"


async def test_what_breaks_the_providers_rules_is_invalid(runware: Runware) -> None:
    what, task_id = task()
    with pytest.raises(Invalid) as refused:
        await runware.submit(text(what.replace('"duration": 5', '"duration": 7')), task_id=task_id)
    assert refused.value.code == "unsupportedDuration"


async def test_a_busy_provider_says_when_to_come_back(runware: Runware, provider: server.Runware) -> None:
    provider.faults.add("videoInference", Fault(status=429, body=b"slow down", headers={"Retry-After": "7"}))
    with pytest.raises(Busy) as refused:
        await accepted(runware)
    assert refused.value.retry_after == 7.0


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_a_cut_connection_is_unclear(runware: Runware, provider: server.Runware, takes_effect: bool) -> None:
    """The client cannot know which of the two it was."""
    provider.faults.add("videoInference", Fault(takes_effect=takes_effect))
    with pytest.raises(Unclear):
        await accepted(runware)
    assert bool(provider.tasks) is takes_effect


async def test_a_provider_that_is_not_there_was_sent_nothing() -> None:
    async with server.Runware(clock=Clock()) as gone:
        url = gone.url
    async with open_http() as http:
        with pytest.raises(NotSent):
            await accepted(Runware(http, url=url, key=KEY))


ACCEPTED = {"data": [{"taskType": "videoInference", "taskUUID": TASK}]}
INVALID = {"code": "unsupportedDuration", "message": "Use 5 or 10.", "parameter": "duration", "taskUUID": TASK}


async def test_an_acceptance_is_read_whatever_else_is_said() -> None:
    """Unknown keys, other tasks' errors, an object for a list."""
    other = {**INVALID, "taskUUID": OTHER}
    assert await submitted({**ACCEPTED, "errors": [other], "warnings": [1], "took": 3}) is None
    assert await submitted({"data": ACCEPTED["data"][0]}) is None
    assert await submitted(ACCEPTED, status=400) is None, "the body is read before the status"


@pytest.mark.parametrize(
    "said",
    [
        {"data": [], "errors": [INVALID]},
        {"errors": [INVALID]},
        {"errors": INVALID},
        {"error": INVALID},
        {"error": [INVALID]},
        {"errors": [{**INVALID, "taskUUID": None}]},
        {"errors": [{"code": "unsupportedDuration", "message": "Use 5 or 10."}]},
        {"data": [{"taskUUID": TASK, "status": "error", "error": INVALID}]},
        {"data": [{"taskUUID": TASK, "status": "error", **INVALID}]},
    ],
)
@pytest.mark.parametrize("status", [200, 400])
async def test_a_refusal_is_read_in_each_of_its_shapes(said: object, status: int) -> None:
    error = await submitted(said, status)
    assert isinstance(error, Invalid)
    assert (error.code, str(error)) == ("unsupportedDuration", "unsupportedDuration: Use 5 or 10.")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("invalidProviderContent", 400, Moderated),
        ("insufficientCredits", 402, OutOfCredit),
        ("insufficientPermissions", 403, KeyRefused),
        ("rateLimitExceeded", 429, Busy),
        ("providerUnavailable", 503, Unclear),
        ("timeoutProvider", 400, Unclear),
    ],
)
async def test_a_refusal_is_of_its_class(code: str, status: int, kind: type[RunwareError]) -> None:
    assert type(await submitted({"errors": [{"code": code, "message": "", "taskUUID": TASK}]}, status)) is kind


@pytest.mark.parametrize("scope", [{"taskUUID": TASK}, {}, {"taskUUID": None}])
async def test_a_conflict_is_an_acceptance_with_and_without_its_task(scope: dict[str, Any]) -> None:
    """One task was sent, so it is about that one."""
    conflict = {"code": "conflictTaskUUID", "message": "exists", **scope}
    assert isinstance(await submitted({"data": [], "errors": [conflict]}, 400), AlreadyAccepted)


async def test_a_conflict_outweighs_every_other_complaint() -> None:
    """A task that is there may be billed, whatever else is wrong with the second copy."""
    conflict = {"code": "conflictTaskUUID", "taskUUID": TASK}
    assert isinstance(await submitted({"errors": [INVALID, conflict]}, 400), AlreadyAccepted)


async def test_accepted_and_refused_at_once_is_unclear() -> None:
    assert isinstance(await submitted({**ACCEPTED, "errors": [INVALID]}, 200), Unclear)


@pytest.mark.parametrize(
    "said", [b"", b"<html>", {"data": []}, {"data": None}, {"errors": [{**INVALID, "taskUUID": OTHER}]}]
)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, Unclear),
        (302, Unclear),
        (400, Unclear),
        (401, KeyRefused),
        (402, OutOfCredit),
        (403, KeyRefused),
        (404, Unclear),
        (408, Unclear),
        (429, Busy),
        (500, Unclear),
        (503, Unclear),
    ],
)
async def test_without_a_word_on_the_task_the_status_decides(
    said: object, status: int, kind: type[RunwareError]
) -> None:
    """Where it does not say enough by itself, nobody knows whether the task was accepted."""
    assert type(await submitted(said, status)) is kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("999999999", 86_400.0),
        ("9" * 400, None),
        ("-1", None),
        ("1e9", None),
        ("nan", None),
        ("٣", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
@pytest.mark.parametrize("said", [b"slow", {"errors": [{"code": "rateLimit"}]}, {"data": []}])
async def test_retry_after_is_taken_where_it_makes_sense(said: object, header: str, seconds: float | None) -> None:
    """A date would need the provider's clock; and nothing may make us wait for ever."""
    error = await submitted(said, 429, {"Retry-After": header} if header.isascii() else {})
    assert isinstance(error, Refused)
    assert error.retry_after == seconds
