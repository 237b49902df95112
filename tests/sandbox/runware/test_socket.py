"""The API over a WebSocket, as the provider's own clients speak it: the key first, then a frame a request."""

import uuid
from datetime import timedelta
from typing import Any

import aiohttp

from tests.sandbox.runware.wire import Counter, text


async def test_a_frame_is_answered_as_a_request_is(counter: Counter) -> None:
    task = text()
    async with aiohttp.ClientSession() as session, session.ws_connect(counter.runware.socket_url) as socket:
        key = {"taskType": "authentication", "apiKey": "sandbox-key"}
        [said] = (await _ask(socket, [key]))["data"]
        assert said["taskType"] == "authentication"
        assert uuid.UUID(said["connectionSessionUUID"])
        assert await _ask(socket, [task]) == {
            "data": [{"taskType": "videoInference", "taskUUID": task["taskUUID"]}],
        }
        [error] = (await _ask(socket, [task]))["errors"]
        assert error["code"] == "conflictTaskUUID"
        asked = {"taskType": "getResponse", "taskUUID": task["taskUUID"]}
        [before] = (await _ask(socket, [asked]))["data"]
        assert before["status"] == "processing"
        counter.clock.advance(timedelta(seconds=61))
        [after] = (await _ask(socket, [asked]))["data"]
        assert after["status"] == "success"
    assert [request.task_types for request in counter.runware.requests] == [
        ("authentication",),
        ("videoInference",),
        ("videoInference",),
        ("getResponse",),
        ("getResponse",),
    ]


async def test_without_the_key_there_is_one_answer_and_no_more(counter: Counter) -> None:
    for first in ([text()], [{"taskType": "authentication", "apiKey": "another"}]):
        async with aiohttp.ClientSession() as session, session.ws_connect(counter.runware.socket_url) as socket:
            [error] = (await _ask(socket, first))["errors"]
            assert error["code"] == "invalidApiKey"
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert not counter.runware.tasks


async def _ask(socket: aiohttp.ClientWebSocketResponse, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    await socket.send_json(tasks)
    return await socket.receive_json(timeout=10)
