"""What can go wrong with the provider, by name: a closed list. Each has a row in tests/faults/.

`submit` is a request with a `videoInference`, `poll` one with `getResponse`, `archive` one with `getTaskDetails`,
`upload` one with `mediaStorage`, `account` one with `accountManagement`. `task` and `result` are what becomes of
what was accepted. Sources: runware.md 1.5, 2, 4 and 11.

The host of the finished files is no part of the API: it is met slow, silent, cut, without an end, packed, and with
links that have expired, in tests/bot/test_finished.py, and by the whole bot in tests/cogs/test_links.py.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sandbox.faults import Fault, Switch
from sandbox.runware.script import Costs, Fails, Forgotten, Late, NoCost, Partial, Silent, Step, Takes

if TYPE_CHECKING:
    from sandbox.runware.server import Runware

Flip: TypeAlias = "Callable[[Runware, int], None]"

JSON: Final = {"Content-Type": "application/json"}
HTML: Final = b"<!doctype html><title>Just a moment</title><p>Checking your connection."
TOO_MUCH: Final = 12_000_000
"""Bytes: more than any answer has, and as much as nobody should keep in memory for one."""

ABSURD: Final = f'{{"data": [{{"balance": 1{"0" * 400}, "usage": {{"today": {{"credits": NaN}}}}}}]}}'.encode()

LONG: Final = 20.0
"""Seconds: longer than a client waits that was told to be impatient."""

RETRY_AFTER: Final = 3
"""Seconds, where the provider names them."""


def _meets(operation: str, **how: Any) -> Flip:
    """So many of the next requests of `operation` meet a fault."""
    return lambda runware, times: runware.faults.add(operation, Fault(**how), times=times)


def _becomes(*steps: Step) -> Flip:
    """So many of the tasks that are accepted next go like this."""
    return lambda runware, times: runware.script(*steps, times=times)


def _refuses(operation: str, status: int, code: str, message: str, **headers: str) -> Flip:
    body = json.dumps({"data": [], "errors": [{"code": code, "message": message}]}).encode()
    return _meets(operation, status=status, body=body, headers=JSON | headers)


def _rewrites(operation: str, change: Callable[[dict[str, Any]], None]) -> Flip:
    """The true answer, with something in it changed. Where that is another fault's and has no data, it stays so."""

    def alter(body: bytes) -> bytes:
        answer = json.loads(body)
        change(answer)
        return json.dumps(answer).encode()

    return _meets(operation, takes_effect=True, alter=alter)


def _costs(literal: str) -> Flip:
    """A poll's answer in which every cost is this JSON."""

    def alter(body: bytes) -> bytes:
        answer = json.loads(body)
        for item in _data(answer):
            if "cost" in item:
                item["cost"] = "the cost"
        return json.dumps(answer).replace('"the cost"', literal).encode()

    return _meets("getResponse", takes_effect=True, alter=alter)


def _data(answer: dict[str, Any]) -> list[Any]:
    """What the answer has to say, which is nothing where it only refuses."""
    return answer.get("data", [])


def _twice(answer: dict[str, Any]) -> None:
    if data := _data(answer):
        answer["data"] = [item for item in data for _ in range(2)]


def _with_a_strangers_error(answer: dict[str, Any]) -> None:
    stranger = {"taskType": "videoInference", "taskUUID": "0b6e5d1c-3a5e-4b51-9d0c-2f6a8e2f7a11"}
    answer["errors"] = [{"code": "invalidDuration", "message": "Not this one.", **stranger}]


def _with_its_own_error(answer: dict[str, Any]) -> None:
    answer["errors"] = [{"code": "providerError", "message": "A moment, please."}]


def _backwards(answer: dict[str, Any]) -> None:
    _data(answer).reverse()


def _of_strangers_only(answer: dict[str, Any]) -> None:
    for item in (*_data(answer), *answer.get("errors", ())):
        item["taskUUID"] = "0b6e5d1c-3a5e-4b51-9d0c-2f6a8e2f7a11"


def _loses_its_key(runware: "Runware", _: int) -> None:
    runware.key = "another-key-since-this-morning"


def _is_empty(runware: "Runware", _: int) -> None:
    runware.balance = Decimal(0)


SLOW: Final = Fails(code="timeoutProvider", message="The provider took too long.")
WRONG: Final = Fails(code="providerError", message="The provider could not make it.")
BILLED: Final = Fails(code="providerError", message="The provider could not make it.", cost=Decimal("0.06"))

_FLIPS: Final[Mapping[str, tuple[Flip, str]]] = {
    "submit 408": (_meets("videoInference", status=408), "The request took too long to arrive."),
    "submit 429": (
        _refuses("videoInference", 429, "rateLimitExceeded", "Too many requests."),
        "Too many requests, without a word on when to come back.",
    ),
    "submit 429 retry-after": (
        _refuses(
            "videoInference", 429, "rateLimitExceeded", "Too many requests.", **{"Retry-After": str(RETRY_AFTER)}
        ),
        "Too many requests, and when to come back.",
    ),
    "submit 500": (_meets("videoInference", status=500), "A fault of the provider's, before acceptance."),
    "submit 502": (_meets("videoInference", status=502, body=HTML), "A gateway's page, before acceptance."),
    "submit 503": (_meets("videoInference", status=503), "No capacity."),
    "submit 504": (_meets("videoInference", status=504, body=HTML), "A gateway gave up, before acceptance."),
    "submit 500 accepted": (
        _meets("videoInference", status=500, takes_effect=True),
        "The task is accepted, and the answer is a fault of the provider's.",
    ),
    "submit 504 accepted": (
        _meets("videoInference", status=504, body=HTML, takes_effect=True),
        "The task is accepted, and a gateway gave up on the answer.",
    ),
    "submit times out": (_meets("videoInference", delay=LONG), "No answer, and the task is not accepted."),
    "submit times out accepted": (
        _meets("videoInference", lag=LONG, takes_effect=True),
        "The task is accepted, and no answer comes.",
    ),
    "submit arrives late": (
        _meets("videoInference", delay=2.5, takes_effect=True),
        "The task is accepted a while after an impatient client has hung up.",
    ),
    "submit cut": (_meets("videoInference"), "The connection is cut before the task is accepted."),
    "submit cut accepted": (
        _meets("videoInference", takes_effect=True),
        "The connection is cut once the task is accepted.",
    ),
    "submit malformed": (
        _meets("videoInference", status=200, body=b'{"data": [{"taskUUID": ', headers=JSON),
        "An answer that is no JSON; the task is not accepted.",
    ),
    "submit malformed accepted": (
        _meets("videoInference", status=200, body=b'{"data": [{"taskUUID": ', headers=JSON, takes_effect=True),
        "The task is accepted, and the answer is no JSON.",
    ),
    "submit half accepted": (
        _meets("videoInference", takes_effect=True, alter=bytes, halves=True),
        "The task is accepted, and the answer breaks off.",
    ),
    "submit html": (
        _meets("videoInference", status=200, body=HTML),
        "A page with status 200; nothing is accepted.",
    ),
    "submit html accepted": (
        _meets("videoInference", status=200, body=HTML, takes_effect=True),
        "The task is accepted, and the answer is a page with status 200.",
    ),
    "submit says nothing": (
        _meets("videoInference", status=200, body=b'{"data": []}', headers=JSON),
        "An answer without a word on the task, which is not accepted.",
    ),
    "submit absurd": (
        _meets("videoInference", status=200, body=b" " * TOO_MUCH, headers=JSON, takes_effect=True),
        "The task is accepted, and the answer is of an absurd size.",
    ),
    "submit mixed": (
        _rewrites("videoInference", _with_a_strangers_error),
        "The task is accepted, and in the same answer another one is refused.",
    ),
    "submit contradicts itself": (
        _rewrites("videoInference", _with_its_own_error),
        "The task is accepted, and the same answer tells of an error that names no task.",
    ),
    "submit moderated": (
        _refuses("videoInference", 400, "invalidProviderContent", "The content was refused."),
        "The model's moderation refuses the request before it is accepted.",
    ),
    "submit refused": (
        _refuses("videoInference", 400, "invalidPositivePrompt", "Not like this."),
        "The provider refuses the request for good.",
    ),
    "submit not transferred": (
        _refuses("videoInference", 400, "failedToTransferImage", "The image could not be read."),
        "The provider cannot read a picture or video as it was given.",
    ),
    "account empty": (_is_empty, "The balance is nothing: `insufficientCredits` until there is credit."),
    "key refused": (_loses_its_key, "The key is no longer taken, until it is again."),
    "poll 408": (_meets("getResponse", status=408), "The poll took too long to arrive."),
    "poll 429 retry-after": (
        _refuses("getResponse", 429, "rateLimitExceeded", "Too many.", **{"Retry-After": str(RETRY_AFTER)}),
        "Too many polls, and when to come back.",
    ),
    "poll 401": (
        _refuses("getResponse", 401, "invalidApiKey", "Invalid API key."),
        "A poll is refused for its key, which says nothing of the task.",
    ),
    "poll 500": (_meets("getResponse", status=500), "A poll meets a fault of the provider's."),
    "poll 503": (_meets("getResponse", status=503, body=HTML), "A poll meets a page, with a 503."),
    "poll times out": (_meets("getResponse", delay=LONG), "A poll gets no answer."),
    "poll cut": (_meets("getResponse"), "A poll's connection is cut."),
    "poll malformed": (_meets("getResponse", status=200, body=b"{", headers=JSON), "A poll's answer is no JSON."),
    "poll half": (
        _meets("getResponse", takes_effect=True, alter=bytes, halves=True),
        "A poll's answer breaks off.",
    ),
    "poll html": (_meets("getResponse", status=200, body=HTML), "A poll's answer is a page with status 200."),
    "poll absurd": (
        _meets("getResponse", status=200, body=b" " * TOO_MUCH, headers=JSON),
        "A poll's answer is of an absurd size.",
    ),
    "poll fails as a whole": (
        _refuses("getResponse", 200, "internalServerError", "Something went wrong."),
        "A poll's answer is an error that names no task, with status 200.",
    ),
    "poll knows nothing": (
        _meets("getResponse", status=200, body=b'{"data": []}', headers=JSON),
        "A poll's answer does not know the task, this once.",
    ),
    "poll twice": (_rewrites("getResponse", _twice), "Every result stands twice in a poll's answer."),
    "poll backwards": (_rewrites("getResponse", _backwards), "The results of a poll come in another order."),
    "poll of strangers": (
        _rewrites("getResponse", _of_strangers_only),
        "A poll tells of tasks that nobody asked for.",
    ),
    "poll mixed": (
        _rewrites("getResponse", _with_a_strangers_error),
        "A poll tells of the tasks, and of an error of another one.",
    ),
    "cost huge": (_costs("1" + "0" * 400), "A result's cost is 10**400."),
    "cost huge exponent": (_costs("1e999999999"), "A result's cost has an absurd exponent."),
    "cost NaN": (_costs("NaN"), "A result's cost is NaN."),
    "cost infinite": (_costs("-Infinity"), "A result's cost is minus infinity."),
    "cost negative": (_costs("-0.06"), "A result's cost is negative."),
    "cost zero": (_costs("0"), "A result's cost is zero, although it is billed."),
    "cost text": (_costs('"0.06 USD"'), "A result's cost is words."),
    "task fails": (_becomes(WRONG), "The task fails, and is not billed."),
    "task fails billed": (_becomes(BILLED), "The task fails, and is billed all the same."),
    "task moderated": (_becomes(Fails()), "The model's moderation refuses the task after it was accepted."),
    "task times out": (_becomes(SLOW), "The provider gives up on the task."),
    "result fails": (_becomes(Partial((1,), WRONG)), "One of several results fails, and is not billed."),
    "result fails billed": (
        _becomes(Partial((1,), BILLED)),
        "One of several results fails, and is billed all the same.",
    ),
    "result fails inside data": (
        _becomes(Partial((0,), Fails(inside_data=True))),
        "One of several results is refused by the moderation, told among the data.",
    ),
    "results out of order": (_becomes(Late((0.6, 0.3, 0.1))), "The last of several results comes first."),
    "result without cost": (_becomes(NoCost()), "A result comes without its cost, and is billed."),
    "result dearer": (_becomes(Costs(Decimal("0.20"))), "A result costs more than was published."),
    "task half an hour": (_becomes(Takes(1800)), "The task takes half an hour."),
    "task silent": (_becomes(Silent()), "The task is in the making for ever."),
    "task forgotten": (_becomes(Forgotten()), "The task is accepted, and then nothing knows of it."),
    "task forgotten archived": (
        _becomes(Forgotten(archived=True)),
        "Polls know nothing of the task; the archive has its results.",
    ),
    "archive 500": (_meets("getTaskDetails", status=500), "The archive does not answer."),
    "upload cut": (_meets("mediaStorage"), "An upload's connection is cut before the file is kept."),
    "upload cut kept": (_meets("mediaStorage", takes_effect=True), "The file is kept, and the connection is cut."),
    "upload 429": (
        _refuses("mediaStorage", 429, "rateLimitExceeded", "Too many requests."),
        "Too many requests, told to an upload.",
    ),
    "upload 503": (_meets("mediaStorage", status=503), "No capacity for an upload."),
    "upload times out": (_meets("mediaStorage", delay=LONG), "An upload gets no answer."),
    "upload html": (_meets("mediaStorage", status=200, body=HTML), "An upload's answer is a page with status 200."),
    "upload without a name": (
        _meets("mediaStorage", status=200, body=b'{"data": [{"taskType": "mediaStorage"}]}', headers=JSON),
        "The answer to an upload does not say what the file is called.",
    ),
    "upload not transferred": (
        _refuses("mediaStorage", 400, "failedToTransferMedia", "The file could not be read."),
        "The provider cannot read an uploaded file.",
    ),
    "account 500": (_meets("accountManagement", status=500), "The balance cannot be read."),
    "account absurd": (
        _meets("accountManagement", status=200, body=ABSURD, headers=JSON),
        "The balance is no amount.",
    ),
}

SWITCHES: Final[Mapping[str, "Switch[Runware]"]] = {
    f"runware: {name}": Switch(says, flip, at_once=flip is _is_empty) for name, (flip, says) in _FLIPS.items()
}
