"""Asking what has become of tasks: all in one request, and a poll that fails says nothing of them."""

import uuid
from decimal import Decimal

import pytest

from bot.domain.job import Reason
from bot.domain.money import Usd
from bot.runware.client import Runware
from bot.runware.errors import (
    RunwareError,
    Unclear,
)
from sandbox.faults import Fault
from sandbox.runware import server
from sandbox.runware.script import Costs, Fails, Late, NoCost, Partial, Silent, Takes
from tests.bot.runware.wire import OTHER, TASK, accepted, answering, known, saying


async def polled(said: object, status: int = 200) -> dict[str, list[Reason | None]]:
    """What a poll finds that gets this answer: for each task its finished results, by why they failed."""
    async with answering(saying(said, status)) as runware:
        found = await known(runware, [TASK, OTHER])
    return {task_id: [arrival.failure for arrival in report.finished] for task_id, report in found.items()}


async def test_all_tasks_are_asked_for_in_one_request(runware: Runware, provider: server.Runware) -> None:
    """Running, finished, failed and unknown ones together, told apart by their ids."""
    running = await accepted(runware)
    provider.script(Takes(0), Costs(Decimal("0.0612345")))
    finished = await accepted(runware)
    provider.script(Takes(0), Fails())
    failed = await accepted(runware)
    provider.script(Takes(0), Fails(code="timeoutProvider", inside_data=True, cost=Decimal("0.01")))
    failed_inside = await accepted(runware)
    unknown = str(uuid.uuid4())
    provider.requests.clear()
    found = await known(runware, [running, finished, failed, failed_inside, unknown])
    assert [request.task_types for request in provider.requests] == [("getResponse",) * 5]
    assert set(found) == {running, finished, failed, failed_inside}
    assert (found[running].finished, found[running].in_the_making) == ([], 1)
    [video] = found[finished].arrivals(1)
    assert (video.cost, video.failure) == (Usd.of("0.0612345"), None)
    assert video.links[0].startswith(provider.media_origin)
    assert [arrival.failure for arrival in found[failed].arrivals(1)] == [Reason.MODERATED]
    [inside] = found[failed_inside].arrivals(1)
    assert (inside.failure, inside.cost) == (Reason.TIMED_OUT, Usd.of("0.01"))


@pytest.mark.parametrize(("tasks", "requests"), [(0, []), (1, [1]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])])
async def test_a_poll_is_one_request_for_each_fifty_tasks(
    runware: Runware, provider: server.Runware, tasks: int, requests: list[int]
) -> None:
    assert await known(runware, [str(uuid.uuid4()) for _ in range(tasks)]) == {}
    assert [len(request.task_types) for request in provider.requests] == requests


async def test_a_chunk_that_fails_does_not_hide_the_others(runware: Runware, provider: server.Runware) -> None:
    first, last = await accepted(runware), await accepted(runware)
    asked = [first, *(str(uuid.uuid4()) for _ in range(98)), last]
    provider.faults.add("getResponse", Fault(status=500))
    said = await runware.poll(asked)
    assert set(said) == set(asked[50:]), "of those whose request failed, nothing is said"
    assert said[last] is not None
    assert set(await known(runware, asked)) == {first, last}
    provider.faults.add("getResponse", Fault(), times=2)
    with pytest.raises(Unclear):
        await runware.poll(asked)


async def test_results_of_one_task_come_one_by_one_under_their_own_ids(
    runware: Runware, provider: server.Runware
) -> None:
    """Each answer tells of all of them: those that are in, and those in the making."""
    provider.script(Late((0, 0, 3600, 3600)), Partial((1,), Fails(inside_data=True)))
    task_id = await accepted(runware, 4)
    report = (await known(runware, [task_id]))[task_id]
    assert [arrival.failure for arrival in report.arrivals(4)] == [None, Reason.MODERATED]
    assert len({arrival.video_id for arrival in report.finished}) == 2
    assert report.in_the_making == 2
    assert (await known(runware, [task_id]))[task_id] == report, "told again, each time"


@pytest.mark.parametrize("inside_data", [False, True])
async def test_a_task_that_fails_as_a_whole_fails_for_each_result(
    runware: Runware, provider: server.Runware, inside_data: bool
) -> None:
    provider.script(Takes(0), Fails(inside_data=inside_data))
    task_id = await accepted(runware, 3)
    report = (await known(runware, [task_id]))[task_id]
    assert [arrival.failure for arrival in report.arrivals(3)] == [Reason.MODERATED] * 3


async def test_a_success_without_its_cost_has_none(runware: Runware, provider: server.Runware) -> None:
    provider.script(Takes(0), NoCost())
    task_id = await accepted(runware)
    [video] = (await known(runware, [task_id]))[task_id].arrivals(1)
    assert (video.cost, video.failure) == (None, None)


async def test_a_task_that_says_nothing_new_is_in_the_making(runware: Runware, provider: server.Runware) -> None:
    provider.script(Silent())
    task_id = await accepted(runware)
    assert (await known(runware, [task_id]))[task_id].in_the_making == 1


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>",
        {"data": []},
        {"data": [], "errors": [{"code": "anything", "message": ""}]},
        {"errors": [{"code": "anything", "taskUUID": TASK}]},
        {"errors": [{"code": "anything", "taskUUID": TASK, "taskType": "videoInference"}]},
    ],
)
async def test_a_poll_that_fails_says_nothing_of_its_tasks(status: int, said: object) -> None:
    """A wrong key or a busy provider has nothing to do with a render that is under way."""
    with pytest.raises(RunwareError):
        await polled(said, status)


@pytest.mark.parametrize(
    "error",
    [
        {"code": "invalidTaskUUID", "taskType": "getResponse", "taskUUID": TASK},
        {"code": "rateLimitExceeded", "taskUUID": TASK},
        {"code": "invalidApiKey", "taskUUID": TASK},
        {"code": "insufficientCredits", "taskUUID": TASK},
        {"code": "internalServerError", "taskUUID": TASK},
        {"code": "conflictTaskUUID", "taskUUID": TASK},
        {"code": "unsupportedTaskType"},
        {"message": "hm", "taskUUID": TASK},
    ],
)
@pytest.mark.parametrize("status", [200, 400])
async def test_an_error_about_the_poll_is_no_failure_of_the_task(error: dict[str, str], status: int) -> None:
    """A hold returns on a failure, so what may be meant for the question is not taken for the answer."""
    with pytest.raises(RunwareError):
        await polled({"data": [], "errors": [error]}, status)
    assert await polled({"data": [{"taskUUID": OTHER}], "errors": [error]}, status) == {OTHER: []}


@pytest.mark.parametrize("status", [200, 400, 429, 500])
async def test_a_failure_that_says_so_is_one_whatever_the_poll_came_to(status: int) -> None:
    """`status: error` is how polls tell of failed tasks; the HTTP status of such an answer is unknown."""
    failure = {"taskUUID": TASK, "status": "error", "code": "providerRateLimitExceeded"}
    assert await polled({"data": [], "errors": [failure]}, status) == {TASK: [Reason.BROKEN]}


@pytest.mark.parametrize(
    ("code", "reason"), [("invalidProviderContent", Reason.MODERATED), ("timeoutProvider", Reason.TIMED_OUT)]
)
async def test_a_code_that_can_only_be_about_a_render_is_a_failure_without_its_status(
    code: str, reason: Reason
) -> None:
    assert await polled({"errors": [{"taskUUID": TASK, "code": code}]}, 400) == {TASK: [reason]}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"data": []}, 200),
        ({"data": [], "errors": []}, 200),
        ({"data": [], "errors": [{"code": "taskNotFound", "taskUUID": TASK}]}, 200),
        ({"errors": [{"code": "taskNotFound", "taskUUID": TASK}, {"code": "taskExpired", "taskUUID": OTHER}]}, 404),
        ({"errors": [{"code": "taskUUIDNotFound"}]}, 404),
        ({"data": [{"taskUUID": "somebody's", "status": "error"}]}, 200),
    ],
)
async def test_an_empty_answer_means_that_the_task_is_unknown(said: object, status: int) -> None:
    """Not failed, and not a poll that failed."""
    assert await polled(said, status) == {}


async def test_one_tasks_failure_and_anothers_success_come_in_one_answer() -> None:
    said = {
        "data": [{"taskUUID": OTHER, "videoURL": "https://vm.runware.ai/a.mp4", "novelty": {"a": [1]}, "cost": -1}],
        "errors": [{"taskUUID": TASK, "status": "error", "code": "providerError"}],
    }
    for status in (200, 207, 400, 500):
        assert await polled(said, status) == {OTHER: [None], TASK: [Reason.BROKEN]}
