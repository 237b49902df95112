"""What is made, measured: size, length, movement, text; and what goes in: uploads and earlier results."""

import io
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import av
import httpx
import pytest

from sandbox.faults import Fault
from sandbox.runware.film import Film, render
from sandbox.runware.probe import video
from tests.sandbox.runware.wire import Counter, Task, clip, fed, png, text

FRAME = 1_000_000 / 24  # microseconds


async def made(counter: Counter, task: Task) -> httpx.Response:
    """Submit, wait, download."""
    assert (await counter.ask(task)).status == 200
    counter.clock.advance(timedelta(seconds=60))
    [item] = (await counter.poll(task)).data
    return await counter.http.get(item["videoURL"])


async def test_a_result_plays_and_is_of_the_size_and_length_asked_for(counter: Counter) -> None:
    """H.264, yuv420p, silent, 24 fps, 240 frames for 10 s, something moves, the index comes first."""
    answer = await made(counter, text(duration=10, positivePrompt="a lighthouse 😀 " + "x" * 300))
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.content.index(b"moov") < answer.content.index(b"mdat")
    with av.open(io.BytesIO(answer.content), "r") as container:
        [stream] = container.streams
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")  # type: ignore[attr-defined]
        assert container.duration is not None
        assert abs(container.duration - 10_000_000) <= FRAME
        frames = list(container.decode(video=0))
    assert len(frames) == 240
    assert (frames[0].width, frames[0].height) == (640, 360)
    assert bytes(frames[10].planes[0]) != bytes(frames[230].planes[0])


async def test_the_prompt_can_be_read_in_the_picture(tmp_path: Path) -> None:
    """Two films of different prompts differ above the bar; two of the same do not."""
    pictures: list[bytes] = []
    for prompt in ("one", "two", "two"):
        path = tmp_path / f"{len(pictures)}.mp4"
        render(Film(prompt=prompt, width=640, height=360, frames=1), path)
        with av.open(str(path)) as container:
            pictures.append(bytes(next(container.decode(video=0)).planes[0]))
    assert pictures[0] != pictures[1]
    assert pictures[1] == pictures[2]


@pytest.mark.parametrize("prompt", ["", "\udc80\x00‮ 日本語 😀", "w" * 6000, "long words " * 540])
def test_no_prompt_breaks_the_picture(prompt: str, tmp_path: Path) -> None:
    """Lone surrogates, controls, scripts without a font, one word of 6,000 signs."""
    render(Film(prompt=prompt, width=360, height=640, frames=1), tmp_path / "film.mp4")


def test_rendering_is_cheap(tmp_path: Path) -> None:
    """The largest takes seconds at most, a small one far less: people wait for it. Generous, for a busy machine."""
    for width, height, frames, most in ((1920, 1080, 240, 10.0), (640, 360, 120, 2.0)):
        started = time.monotonic()
        render(Film(prompt="x " * 500, width=width, height=height, frames=frames), tmp_path / "film.mp4")
        assert time.monotonic() - started < most


@pytest.mark.parametrize(
    ("form", "codec", "kind"), [("WEBM", "vp8", "video/webm"), ("MOV", "h264", "video/quicktime")]
)
async def test_other_formats_are_what_they_say(counter: Counter, form: str, codec: str, kind: str) -> None:
    """WEBM and MOV, of the same length."""
    answer = await made(counter, text(outputFormat=form))
    assert answer.headers["Content-Type"] == kind
    with av.open(io.BytesIO(answer.content), "r") as container:
        assert container.streams.video[0].codec_context.name == codec
        assert sum(1 for _ in container.decode(video=0)) == 120


async def test_a_part_of_a_result_can_be_fetched(counter: Counter) -> None:
    """Players seek by Range."""
    task = text()
    whole = await made(counter, task)
    part = await counter.http.get(str(whole.url), headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])


async def test_a_link_ends_with_its_ttl(counter: Counter) -> None:
    """Counted from when the result was ready; without one it works for a week."""
    short, plain = await made(counter, text(ttl=60)), await made(counter, text())
    links = [str(answer.url) for answer in (short, plain)]
    counter.clock.advance(timedelta(seconds=60))
    assert [(await counter.http.get(link)).status_code for link in links] == [404, 200]
    counter.clock.advance(timedelta(days=7))
    assert [(await counter.http.get(link)).status_code for link in links] == [404, 404]


async def test_nothing_is_there_before_it_is_made(counter: Counter) -> None:
    """Neither unknown videos nor failed ones, nor the server's folder."""
    origin = counter.runware.media_origin
    for path in (
        "/video/os/a01d21/ws/5/vi/55410cad-a6df-4dfe-9309-8a29cd0c7709.mp4",
        "/video/os/a01d21/ws/5/vi/..%2F",
    ):
        assert (await counter.http.get(origin + path)).status_code == 404


async def test_downloads_meet_faults(counter: Counter) -> None:
    """Under the name `media`."""
    counter.runware.faults.add("media", Fault(status=503))
    assert (await made(counter, text())).status_code == 503


async def test_an_uploaded_video_is_priced_by_its_container(counter: Counter, tmp_path: Path) -> None:
    """A reframe of 1.5 s at 360p: 0.045; the result has the canvas and the source's length."""
    media_id = await counter.upload(clip(tmp_path, frames=36))
    answer = await made(counter, text(width=360, height=640, inputs={"video": media_id}))
    (tmp_path / "made.mp4").write_bytes(answer.content)
    found = video(tmp_path / "made.mp4")
    assert (found.width, found.height, found.frames) == (360, 640, 36)
    assert [charge.amount for charge in counter.runware.bill] == [Decimal("0.045")]


async def test_an_edit_keeps_the_shape_and_length_of_its_source(counter: Counter, tmp_path: Path) -> None:
    """A square clip of 121 frames is of the 10 s class: the trap of a clip a little over 5 s."""
    media_id = await counter.upload(clip(tmp_path, frames=121, width=300, height=300))
    answer = await made(counter, fed(resolution="360p", inputs={"video": media_id}))
    (tmp_path / "made.mp4").write_bytes(answer.content)
    found = video(tmp_path / "made.mp4")
    assert (found.width, found.height, found.frames) == (480, 480, 121)
    assert [charge.amount for charge in counter.runware.bill] == [Decimal("1.08")]


async def test_an_earlier_result_may_be_edited_by_its_id_or_its_link(counter: Counter) -> None:
    """A result of 5 s at 720p: 1.08, the published price of the published edit."""
    first = await made(counter, text())
    video_id = counter.runware.bill[0].video_id
    for reference in (video_id, str(first.url)):
        await made(counter, fed(resolution="720p", inputs={"video": reference}))
    assert [charge.amount for charge in counter.runware.bill[1:]] == [Decimal("1.08")] * 2


async def test_a_deleted_upload_is_gone(counter: Counter, tmp_path: Path) -> None:
    """It can neither be used nor deleted again."""
    media_id = await counter.upload(clip(tmp_path))
    delete = {"taskType": "mediaStorage", "taskUUID": text()["taskUUID"], "operation": "delete", "media": media_id}
    assert (await counter.ask(delete)).status == 200
    assert (await counter.ask(delete)).codes == ["mediaNotFound"]
    assert (await counter.ask(fed(inputs={"video": media_id}))).codes == ["failedToTransferVideo"]


async def test_an_uploaded_image_may_be_a_frame(counter: Counter) -> None:
    """By `imageUpload`; and the picture's proportions decide the video's."""
    task = {"taskType": "imageUpload", "taskUUID": text()["taskUUID"], "image": png(90, 160)}
    image_id = (await counter.ask(task)).data[0]["imageUUID"]
    answer = await made(counter, fed(resolution="360p", inputs={"frameImages": [image_id]}))
    with av.open(io.BytesIO(answer.content), "r") as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (360, 640)


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (
            {"video": "https://assets.runware.ai/a.mp4"},
            "failedToTransferVideo",
        ),  # nothing outside loopback is asked
        ({"video": "4c942a59-3812-4cce-89cc-4b57e2273fe0"}, "failedToTransferVideo"),
        ({"video": "http://127.0.0.1:9/a.mp4"}, "failedToTransferVideo"),
        ({"frameImages": ["data:image/png;base64,AAAA"]}, "failedToTransferImage"),
        ({"frameImages": ["https://example.org/a.png"]}, "failedToTransferImage"),
    ],
)
async def test_an_input_that_cannot_be_had_is_refused_at_submit(
    counter: Counter, inputs: dict[str, object], code: str
) -> None:
    """400, and no task."""
    answer = await counter.ask(fed(inputs=inputs))
    assert (answer.status, answer.codes) == (400, [code])
    assert counter.runware.tasks == {}


@pytest.mark.parametrize("media", ["AAAA", "not base64!", "https://example.org/a.mp4"])
async def test_what_is_no_media_is_not_stored(counter: Counter, media: str) -> None:
    """Judged by its bytes."""
    task = {"taskType": "mediaStorage", "taskUUID": text()["taskUUID"], "operation": "upload", "media": media}
    assert (await counter.ask(task)).codes[0] in ("invalidMedia", "failedToTransferMedia")
