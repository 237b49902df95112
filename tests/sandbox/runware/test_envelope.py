"""The envelope: authentication, arrays, batches, statuses, faults."""

import uuid

import httpx
import pytest

from sandbox.faults import Fault
from tests.sandbox.runware.wire import Answer, Counter, text


async def raw(counter: Counter, **sent: object) -> Answer:
    answer = await counter.http.request(**{"method": "POST", "url": counter.runware.url, **sent})  # type: ignore[arg-type]
    return Answer(answer.status_code, answer.json())


@pytest.mark.parametrize(("key", "code"), [("Bearer wrong", "invalidApiKey"), ("", "missingApiKey")])
async def test_a_wrong_key_is_401_in_the_documented_shape(counter: Counter, key: str, code: str) -> None:
    """And nothing is carried out."""
    answer = await raw(counter, json=[text()], headers={"Authorization": key} if key else {})
    assert answer.status == 401
    error = answer.body["errors"][0]
    assert (error["code"], error["parameter"], error["taskType"]) == (code, "apiKey", "authentication")
    assert list(answer.body) == ["errors"]
    assert counter.runware.tasks == {}


async def test_the_key_may_come_as_the_first_task(counter: Counter) -> None:
    """The other documented way; its place in the answer is its own."""
    answer = await raw(counter, json=[{"taskType": "authentication", "apiKey": "sandbox-key"}, text()])
    assert [item["taskType"] for item in answer.data] == ["authentication", "videoInference"]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[NaN]", b'{"taskType": "videoInference"}', b"\xff"])
async def test_what_is_no_array_of_tasks_is_400(counter: Counter, body: bytes) -> None:
    """An object is not taken for a list of one."""
    headers = {"Authorization": "Bearer sandbox-key", "Content-Type": "application/json"}
    answer = await raw(counter, content=body, headers=headers)
    assert (answer.status, answer.codes) == (400, ["invalidRequest"])


async def test_only_post_is_answered(counter: Counter) -> None:
    """A GET is a 405 in the error shape."""
    assert (await raw(counter, method="GET")).status == 405


async def test_each_task_of_a_batch_stands_for_itself(counter: Counter) -> None:
    """One refused task beside an accepted one: both are answered, told apart by their ids."""
    good, bad = text(), text(duration=7)
    answer = await counter.ask(bad, good, 7, {"taskType": "paintInference", "taskUUID": good["taskUUID"]})
    assert answer.status == 200
    assert answer.data == [{"taskType": "videoInference", "taskUUID": good["taskUUID"]}]
    assert answer.codes == ["unsupportedDuration", "invalidTask", "unsupportedTaskType"]
    error = answer.errors[0]
    assert error["taskUUID"] == bad["taskUUID"]
    assert (error["parameter"], error["type"], error["allowedValues"]) == ("duration", "float", [5, 10])


async def test_there_are_errors_only_where_there_are_some(counter: Counter) -> None:
    """A success has no `errors` key at all; a refusal has an empty `data`."""
    assert list((await counter.ask(text())).body) == ["data"]
    refused = await counter.ask(text(model="luma:ray@2"))
    assert (refused.status, refused.data) == (400, [])


async def test_a_request_that_is_cut_before_it_arrives_does_nothing(counter: Counter) -> None:
    """The client cannot tell it from one that was carried out; the tasks can."""
    counter.runware.faults.add("videoInference", Fault())
    with pytest.raises(httpx.HTTPError):
        await counter.ask(text())
    assert counter.runware.tasks == {}


async def test_a_request_that_is_cut_after_acceptance_is_accepted(counter: Counter) -> None:
    """Sending it again conflicts, and there is still one task."""
    task = text()
    counter.runware.faults.add("videoInference", Fault(takes_effect=True))
    with pytest.raises(httpx.HTTPError):
        await counter.ask(task)
    assert (await counter.ask(task)).codes == ["conflictTaskUUID"]
    assert len(counter.runware.tasks) == 1


async def test_a_fault_meets_requests_by_the_type_of_their_first_task(counter: Counter) -> None:
    """429 with its header for a poll; submits go on."""
    task = text()
    counter.runware.faults.add("getResponse", Fault(status=429, body=b"slow", headers={"Retry-After": "3"}))
    assert (await counter.ask(task)).status == 200
    headers = {"Authorization": "Bearer sandbox-key"}
    poll = [{"taskType": "getResponse", "taskUUID": task["taskUUID"]}]
    answer = await counter.http.post(counter.runware.url, json=poll, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"], answer.content) == (429, "3", b"slow")
    assert (await counter.poll(task)).data[0]["status"] == "processing"


async def test_requests_are_counted_with_their_tasks(counter: Counter) -> None:
    """What a test of batched polling looks at."""
    one, two = text(), text()
    await counter.ask(one, two)
    await counter.poll(one, two)
    assert [request.task_types for request in counter.runware.requests] == [
        ("videoInference",) * 2,
        ("getResponse",) * 2,
    ]


async def test_the_account_tells_its_balance_and_its_people(counter: Counter) -> None:
    """The bot reads the balance and must never echo the rest, so there is a rest."""
    task = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getDetails"}
    details = (await counter.ask(task)).data[0]
    assert details["balance"] == 1000
    assert details["team"][0]["email"] == "ada@sandbox.example"
    assert (await counter.ask({**task, "operation": "drain"})).codes == ["invalidOperation"]
