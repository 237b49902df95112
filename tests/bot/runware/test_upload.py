"""Giving the provider a file to keep: what comes of it in each form of the answer, and in each of its refusals."""

import base64
import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain.job import Reason
from bot.runware.client import Runware, Upload
from bot.runware.content import File
from bot.runware.errors import (
    Busy,
    KeyRefused,
    Moderated,
    NotTransferred,
    OutOfCredit,
    RunwareError,
    SourceGone,
    Unclear,
)
from sandbox.faults import Fault
from sandbox.runware import server
from sandbox.runware.film import Film, render
from tests.bot.runware.wire import OTHER, answering


@pytest.fixture
async def film(tmp_path: Path) -> File:
    path = tmp_path / "film.mp4"
    render(Film(prompt="a source", width=64, height=48, frames=12), path)
    return await File.find(path, hashlib.sha256(path.read_bytes()).hexdigest())


async def test_an_upload_is_kept_there_as_it_is(runware: Runware, provider: server.Runware, film: File) -> None:
    upload = await runware.upload(film)
    assert uuid.UUID(upload.media_id).version == 4
    assert upload.url is not None
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(upload.url)).content == film.path.read_bytes()
    assert not provider.bill


async def test_each_upload_is_a_task_of_its_own(film: File) -> None:
    """A second attempt under the same id could be refused for the first one's sake."""
    asked: list[dict[str, Any]] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.extend(json.loads(request.content))
        return httpx.Response(200, json={"data": [{"mediaUUID": OTHER}]})

    async with answering(note) as runware:
        await runware.upload(film)
        await runware.upload(film)
    assert [set(task) for task in asked] == [{"taskType", "taskUUID", "operation", "media"}] * 2
    assert {(task["taskType"], task["operation"]) for task in asked} == {("mediaStorage", "upload")}
    assert len({uuid.UUID(task["taskUUID"]) for task in asked}) == 2
    assert {base64.b64decode(task["media"], validate=True) for task in asked} == {film.path.read_bytes()}


async def uploaded(film: File, said: object, status: int = 200) -> Upload | RunwareError:
    """What an upload comes to that gets this answer. `THE_TASK` in it is the upload's own id."""

    def answer(request: httpx.Request) -> httpx.Response:
        [task] = json.loads(request.content)
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        return httpx.Response(status, content=content.replace(b"THE_TASK", task["taskUUID"].encode()))

    async with answering(answer) as runware:
        try:
            return await runware.upload(film)
        except RunwareError as error:
            return error


ITEM = {"taskType": "mediaStorage", "taskUUID": "THE_TASK", "mediaUUID": OTHER, "mediaURL": "https://im.example/1"}
WITHOUT_URL = {"taskType": "mediaStorage", "taskUUID": "THE_TASK", "mediaUUID": OTHER}
OF_ANOTHER_TASK = {**ITEM, "taskUUID": OTHER, "mediaUUID": "somebody else's"}


@pytest.mark.parametrize(
    ("said", "upload"),
    [
        ({"data": [ITEM]}, Upload(OTHER, "https://im.example/1")),
        ({"data": ITEM}, Upload(OTHER, "https://im.example/1")),
        ({"data": [OF_ANOTHER_TASK, ITEM], "more": 1}, Upload(OTHER, "https://im.example/1")),
        ({"data": [{"mediaUUID": OTHER}]}, Upload(OTHER, None)),
        ({"data": [WITHOUT_URL]}, Upload(OTHER, None)),
        *[
            ({"data": [{**ITEM, "mediaURL": url}]}, Upload(OTHER, None))
            for url in (None, 7, "", "x" * 2_001, "é", "\n")
        ],
    ],
)
async def test_an_answer_is_read_in_each_of_its_forms(film: File, said: object, upload: Upload) -> None:
    assert await uploaded(film, said) == upload


NAMELESS: list[object] = [
    {"data": []},
    {"data": [{}]},
    {"data": [OF_ANOTHER_TASK]},
    *[{"data": [{**ITEM, "mediaUUID": name}]} for name in (None, 7, "", "x" * 2_001, "é", "a\nb", ["x"])],
    {"errors": [{"code": "conflictTaskUUID", "message": "known"}]},
    b"<html>",
]


@pytest.mark.parametrize("said", NAMELESS)
async def test_an_answer_without_a_name_is_unclear(film: File, said: object) -> None:
    assert type(await uploaded(film, said)) is Unclear


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "failedToTransferMedia", NotTransferred),
        (400, "invalidMedia", NotTransferred),
        (404, "aCodeOfTomorrow", NotTransferred),
        (413, "", NotTransferred),
        (429, "", Busy),
        (402, "insufficientCredits", OutOfCredit),
        (401, "invalidApiKey", KeyRefused),
        (400, "imageBlocked", Moderated),
        (500, "", Unclear),
        (400, "timeout", Unclear),
    ],
)
async def test_a_refusal_is_of_its_class_in_each_of_its_shapes(
    film: File, status: int, code: str, kind: type[RunwareError]
) -> None:
    error = {"code": code, "message": "no", "taskUUID": "THE_TASK"}
    inside = {"data": [{"taskUUID": "THE_TASK", "mediaUUID": OTHER, "status": "error", "error": error}]}
    for said in ({"errors": [error]}, {"error": error}, inside):
        assert type(await uploaded(film, said, status)) is kind


@pytest.mark.parametrize(("status", "kind"), [(413, NotTransferred), (429, Busy), (502, Unclear), (400, Unclear)])
async def test_without_a_word_the_status_decides(film: File, status: int, kind: type[RunwareError]) -> None:
    """A file that is too large is often refused by something that does not speak JSON."""
    for said in (b"<html>", b'{"data": []}'):
        assert type(await uploaded(film, said, status)) is kind


async def test_a_lost_answer_is_unclear_and_the_file_may_be_given_again(
    runware: Runware, provider: server.Runware, film: File
) -> None:
    provider.faults.add("mediaStorage", Fault(takes_effect=True))
    with pytest.raises(Unclear):
        await runware.upload(film)
    assert (await runware.upload(film)).media_id


async def test_what_is_no_media_is_not_taken(runware: Runware, tmp_path: Path) -> None:
    path = tmp_path / "words"
    path.write_bytes(b"no film at all")
    words = await File.find(path, hashlib.sha256(b"no film at all").hexdigest())
    with pytest.raises(NotTransferred, match="invalidMedia") as refused:
        await runware.upload(words)
    assert refused.value.reason is Reason.NOT_TRANSFERRED
    path.unlink()
    with pytest.raises(SourceGone):
        await runware.upload(words)
