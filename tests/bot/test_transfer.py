"""What a job's body becomes when it is sent: bytes, ids and addresses in the places of its references alone."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.domain.job import SEND, Job
from bot.domain.request import EditVideo, ImageToVideo, Request, TextToVideo
from bot.domain.source import Frame, Image
from bot.runware.client import Runware, open_http
from bot.runware.content import Content, File
from bot.runware.errors import SourceGone, Unclear
from bot.runware.task import reference
from bot.transfer import Transfer
from sandbox.faults import Fault
from storage import jobs, transfers
from storage.transfers import OTHER, USUAL
from tests.bot.room import Room
from tests.interrupt import interrupted


@asynccontextmanager
async def transferring(room: Room) -> AsyncGenerator[Transfer]:
    async with open_http() as http:
        yield room.transfer(Runware(http, url=room.provider.url, key=room.provider.key))


@pytest.fixture
async def transfer(room: Room) -> AsyncGenerator[Transfer]:
    async with transferring(room) as transfer:
        yield transfer


async def sending(room: Room, request: Request) -> Job:
    """A job that is being sent."""
    job = await room.buy(request=request)
    async with room.database.transaction() as tx:
        await jobs.take(tx, job.id, SEND, at=room.clock.now())
        return await jobs.existing(tx, job.id)


async def in_the_other_way(room: Room, request: Request) -> Job:
    job = await sending(room, request)
    async with room.database.transaction() as tx:
        assert await transfers.change_way(tx, job.id)
    return job


async def sent(content: Content) -> bytes:
    return b"".join([block async for block in content.stream()])


async def uploads(room: Room, job: Job) -> list[tuple[str, str, str]]:
    found = await room.database.read.execute_fetchall("SELECT sha256, way, reference FROM transfers ORDER BY 1, 2")
    return [(row[0], row[1], row[2]) for row in found]


def between(*images: Image, prompt: str = "a fox") -> ImageToVideo:
    """A video through these pictures, evenly."""
    frames = tuple(Frame(image=image, at=number * 24) for number, image in enumerate(images))
    return ImageToVideo(prompt=prompt, resolution="360p", frames=frames)


def edit(room: Room, *, guided: bool = False) -> EditVideo:
    return EditVideo(
        prompt="make it snow", resolution="360p", video=room.video(), guide=room.picture() if guided else None
    )


def data_uri(room: Room, image: Image) -> str:
    held = (room.folder / image.sha256).read_bytes()
    return f"data:image/{image.format};base64,{base64.b64encode(held).decode()}"


async def task(room: Room, transfer: Transfer, job: Job) -> dict[str, Any]:
    """What is sent for a job, which differs from what is stored in its inputs alone."""
    content = await transfer.content(job)
    whole = await sent(content)
    assert len(whole) == content.length
    asked, stored = json.loads(whole), json.loads(await jobs.body(room.database.read, job.id))
    assert {**asked, "inputs": 0} == {**stored, "inputs": 0}
    return asked["inputs"]


async def test_words_alone_are_sent_as_they_are_stored(room: Room, transfer: Transfer) -> None:
    job = await sending(room, TextToVideo(prompt="a kite 😀"))
    assert not await transfer.prepare(job)
    assert await sent(await transfer.content(job)) == (await jobs.body(room.database.read, job.id)).encode()


async def test_pictures_are_sent_as_their_bytes_with_their_type(room: Room, transfer: Transfer) -> None:
    images = [room.picture("png"), room.picture("jpeg"), room.picture("webp")]
    job = await sending(room, between(*images))
    assert not await transfer.prepare(job)
    assert await task(room, transfer, job) == {
        "frameImages": [
            {"image": data_uri(room, image), "frame": at} for image, at in zip(images, (0, 24, 48), strict=True)
        ]
    }
    assert not room.provider.requests


async def test_one_picture_may_stand_in_two_places(room: Room, transfer: Transfer) -> None:
    image = room.picture()
    job = await sending(room, between(image, room.picture(colour="blue"), image))
    inputs = await task(room, transfer, job)
    assert [frame["image"] for frame in inputs["frameImages"]][::2] == [data_uri(room, image)] * 2


async def test_a_video_is_uploaded_and_named_by_its_id_beside_its_guide(room: Room, transfer: Transfer) -> None:
    request = edit(room, guided=True)
    job = await sending(room, request)
    assert await transfer.prepare(job)
    [(sha256, way, media_id)] = await uploads(room, job)
    assert (sha256, way) == (request.video.sha256, USUAL)
    assert request.guide is not None
    assert await task(room, transfer, job) == {
        "video": media_id,
        "frameImages": [{"image": data_uri(room, request.guide), "frame": "first"}],
    }


async def test_what_is_uploaded_is_uploaded_once_and_each_send_is_the_same(room: Room, transfer: Transfer) -> None:
    """By another process too, and after the file of the video is gone: its id is enough."""
    job = await sending(room, edit(room))
    assert await transfer.prepare(job)
    first = await sent(await transfer.content(job))
    (room.folder / job.request.sources[0].sha256).unlink()
    async with transferring(room) as another:
        assert not await another.prepare(job)
        assert await sent(await another.content(job)) == first
    assert [request.task_types for request in room.provider.requests] == [("mediaStorage",)]


async def test_in_the_other_way_pictures_are_uploaded_each_once_and_named_by_their_ids(
    room: Room, transfer: Transfer
) -> None:
    one, two = room.picture(), room.picture(colour="blue")
    job = await in_the_other_way(room, between(one, two, one))
    assert await transfer.prepare(job)
    names = {sha256: name for sha256, way, name in await uploads(room, job) if way == OTHER}
    inputs = await task(room, transfer, job)
    assert [frame["image"] for frame in inputs["frameImages"]] == [names[each.sha256] for each in (one, two, one)]
    assert len(room.provider.requests) == len(names) == 2


async def test_in_the_other_way_a_video_is_uploaded_anew_and_named_by_its_address(
    room: Room, transfer: Transfer
) -> None:
    """The first upload may have been forgotten there."""
    job = await sending(room, edit(room))
    await transfer.prepare(job)
    async with room.database.transaction() as tx:
        await transfers.change_way(tx, job.id)
    assert await transfer.prepare(job)
    assert not await transfer.prepare(job)
    inputs = await task(room, transfer, job)
    assert inputs["video"].startswith(room.provider.media_origin)
    assert len(room.provider.requests) == 2


async def test_an_upload_without_an_address_is_named_by_its_new_id(room: Room, transfer: Transfer) -> None:
    said = json.dumps({"data": [{"mediaUUID": "the new id"}]}).encode()
    room.provider.faults.add("mediaStorage", Fault(status=200, body=said))
    job = await in_the_other_way(room, edit(room))
    await transfer.prepare(job)
    assert await task(room, transfer, job) == {"video": "the new id"}


@pytest.mark.parametrize("make", [sending, in_the_other_way])
@pytest.mark.parametrize("prompt", ["%s", '"%s"', 'as in "inputs": {"video": "%s"}', 'it ends with \\\\"%s\\\\'])
async def test_a_prompt_that_reads_like_a_reference_is_left_alone(
    room: Room, transfer: Transfer, make: Callable[[Room, Request], Awaitable[Job]], prompt: str
) -> None:
    image = room.picture()
    prompt = prompt % reference(image)
    job = await make(room, between(image, prompt=prompt))
    await transfer.prepare(job)
    asked = json.loads(await sent(await transfer.content(job)))
    assert asked["positivePrompt"] == prompt
    assert reference(image) not in json.dumps(asked["inputs"])


async def test_a_name_is_put_in_as_text_whatever_it_is(room: Room, transfer: Transfer) -> None:
    """The provider's ids are its own choice, and one with a quote in it must not become a parameter."""
    name = '", "numberResults": 4, "x": "\\'
    room.provider.faults.add(
        "mediaStorage", Fault(status=200, body=json.dumps({"data": [{"mediaUUID": name}]}).encode())
    )
    job = await sending(room, edit(room))
    await transfer.prepare(job)
    assert await task(room, transfer, job) == {"video": name}


@pytest.mark.parametrize("kind", ["picture", "video", "picture in the other way"])
async def test_a_source_that_is_gone_is_said_to_be(room: Room, transfer: Transfer, kind: str) -> None:
    request = edit(room) if kind == "video" else between(room.picture())
    make = in_the_other_way if "other" in kind else sending
    job = await make(room, request)
    (room.folder / request.sources[0].sha256).unlink()

    async def go() -> None:
        await transfer.prepare(job)
        await transfer.content(job)

    with pytest.raises(SourceGone):
        await go()
    assert not room.provider.requests
    assert not await uploads(room, job)


async def test_what_was_not_prepared_has_no_content(room: Room, transfer: Transfer) -> None:
    job = await sending(room, edit(room))
    with pytest.raises(LookupError):
        await transfer.content(job)


async def test_an_upload_whose_answer_is_lost_is_not_stored(room: Room, transfer: Transfer) -> None:
    room.provider.faults.add("mediaStorage", Fault(takes_effect=True))
    job = await sending(room, edit(room))
    with pytest.raises(Unclear):
        await transfer.prepare(job)
    assert not await uploads(room, job)
    assert await transfer.prepare(job)


async def test_stopped_at_any_await_it_can_be_prepared_again_and_nothing_is_stored_twice(
    room: Room, transfer: Transfer
) -> None:
    """Before, in the middle of and after each upload and the record of it."""
    stopped = 0
    for n in itertools.count(1):
        job = await in_the_other_way(room, between(room.picture(), room.picture(colour="blue")))
        try:
            await interrupted(transfer.prepare(job), n)
        except asyncio.CancelledError:
            stopped += 1
        else:
            break
        async with room.database.transaction():  # its end is behind whatever was being stored
            pass
        before = await transfers.of_job(room.database.read, job.id, OTHER)
        assert await transfer.prepare(job) or len(before) == 2
        after = await transfers.of_job(room.database.read, job.id, OTHER)
        assert len(after) == 2
        assert before.items() <= after.items(), "a name was changed after it may have been used"
        await sent(await transfer.content(job))
    assert stopped > 10


async def test_a_file_is_read_while_it_is_sent_and_not_before(room: Room, transfer: Transfer) -> None:
    """The content of a job is small, whatever its pictures are."""
    job = await sending(room, between(room.picture()))
    content = await transfer.content(job)
    [file] = [piece for piece in content.pieces if isinstance(piece, File)]
    assert file.path == room.folder / job.request.sources[0].sha256
