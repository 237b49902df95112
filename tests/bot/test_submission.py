"""Jobs with pictures and videos on their way to the provider: uploaded, refused, given in the other way, killed.

Whatever happens, a job is accepted once at most, each send of it is the same to the letter until the provider has
said no to it, and an upload alone leaves nobody's money in doubt.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.job import SEND, Job, Reason, State
from bot.domain.request import EditVideo, ImageToVideo, Request
from bot.domain.source import Frame
from bot.offer import Requester
from bot.runner import Runner
from sandbox.faults import Fault
from storage import jobs, transfers
from storage.database import rows
from storage.transfers import OTHER, USUAL
from tests.bot.room import Moment, Room, is_in, open_room

CUT = Fault(status=None)
CUT_AFTER_ACCEPTANCE = Fault(status=None, takes_effect=True)
NOTHING_KNOWN = Fault(status=200, body=b'{"data": []}')
SENT = is_in(State.RUNNING, State.DONE)


def refusal(code: str, status: int = 400) -> Fault:
    return Fault(status=status, body=json.dumps({"errors": [{"code": code, "message": "no"}]}).encode())


NOT_TRANSFERRED = refusal("failedToTransferImage")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    async with open_room(tmp_path) as room:
        yield room


@pytest.fixture
async def runner(room: Room) -> AsyncGenerator[Runner]:
    async with room.working() as runner:
        yield runner


def picture_request(room: Room) -> ImageToVideo:
    """A video from a picture, for 6 cents."""
    return ImageToVideo(
        prompt="a kite over the sea", resolution="360p", frames=(Frame(image=room.picture(), at="first"),)
    )


def edit_request(room: Room) -> EditVideo:
    """An edit of a second of video, for 54 cents."""
    return EditVideo(prompt="make it snow", resolution="360p", video=room.video())


KINDS = {"picture": picture_request, "video": edit_request}


async def ledger(room: Room, job: Job) -> list[str]:
    found = await rows(room.database.read, "SELECT kind FROM ledger WHERE job_id = ? ORDER BY id", (job.id,))
    return [row["kind"] for row in found]


async def names(room: Room, job: Job, way: transfers.Way) -> dict[str, str]:
    return await transfers.of_job(room.database.read, job.id, way)


def inputs(body: bytes) -> str:
    return json.dumps(json.loads(body)[0]["inputs"])


async def is_bought_once(room: Room, job: Job) -> None:
    """The provider has the job once, and bills what was held for it."""
    assert room.attempts().count("accepted") == 1
    room.clock.advance(timedelta(seconds=30))
    assert [charge.amount for charge in room.provider.bill] == [Decimal(str(job.hold.nanos)) / 1_000_000_000]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_job_with_a_source_is_sent_once_and_billed_as_it_was_held(
    room: Room, runner: Runner, kind: str
) -> None:
    job = await room.buy(request=KINDS[kind](room))
    runner.wake()
    await room.until(job, SENT)
    assert len(room.wire.sent("videoInference")) == 1
    assert len(room.wire.sent("mediaStorage")) == (kind == "video")
    await is_bought_once(room, job)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_resend_is_the_same_to_the_letter_and_nothing_is_uploaded_again(
    room: Room, runner: Runner, kind: str
) -> None:
    room.provider.faults.add("videoInference", CUT, times=2)
    job = await room.buy(request=KINDS[kind](room))
    runner.wake()
    await room.until(job, SENT, timeout=20)
    sent = room.wire.sent("videoInference")
    assert len(sent) == 3
    assert len(set(sent)) == 1
    assert len(room.wire.sent("mediaStorage")) == (kind == "video")
    await is_bought_once(room, job)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_not_transferred_is_sent_in_the_other_way_at_once(
    room: Room, runner: Runner, kind: str
) -> None:
    room.provider.faults.add("videoInference", NOT_TRANSFERRED)
    job = await room.buy(request=KINDS[kind](room))
    runner.wake()
    sent = await room.until(job, SENT, timeout=2)
    assert (sent.tries, sent.reason) == (0, None)
    usual, other = room.wire.sent("videoInference")
    [name] = (await names(room, job, OTHER)).values()
    assert name in inputs(other)
    assert name not in inputs(usual)
    assert {**json.loads(other)[0], "inputs": 0} == {**json.loads(usual)[0], "inputs": 0}
    assert ("data:image/png;base64," in inputs(usual)) is (kind == "picture")
    assert (room.provider.media_origin in inputs(other)) is (kind == "video")
    await is_bought_once(room, job)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_transferred_in_neither_way_ends_and_its_hold_returns(
    room: Room, runner: Runner, kind: str
) -> None:
    room.provider.faults.add("videoInference", NOT_TRANSFERRED, times=5)
    job = await room.buy(request=KINDS[kind](room))
    runner.wake()
    failed = await room.until(job, is_in(State.FAILED))
    assert (failed.reason, failed.settled, failed.overrun) == (Reason.NOT_TRANSFERRED, None, None)
    assert await ledger(room, job) == ["hold", "release"]
    assert len(room.wire.sent("videoInference")) == 2
    assert not room.provider.bill
    await room.until(job, lambda _: f"{job.id}.p1" in room.delivered)


async def test_words_alone_have_no_other_way(room: Room, runner: Runner) -> None:
    room.provider.faults.add("videoInference", NOT_TRANSFERRED)
    job = await room.buy()
    runner.wake()
    assert (await room.until(job, is_in(State.FAILED))).reason is Reason.NOT_TRANSFERRED
    assert len(room.wire.sent("videoInference")) == 1


async def test_the_resends_in_the_other_way_are_the_same_to_the_letter_too(room: Room, runner: Runner) -> None:
    room.provider.faults.add("videoInference", NOT_TRANSFERRED)
    room.provider.faults.add("videoInference", CUT, times=2)
    job = await room.buy(request=picture_request(room))
    runner.wake()
    await room.until(job, SENT, timeout=20)
    usual, *other = room.wire.sent("videoInference")
    assert len(other) == 3
    assert {*other}.isdisjoint({usual})
    assert len({*other}) == len(room.wire.sent("mediaStorage")) == 1
    await is_bought_once(room, job)


async def test_after_an_unclear_send_the_way_stays_until_the_provider_has_said_no(
    room: Room, runner: Runner
) -> None:
    """The identical resend is refused, and nothing is known of the task: it has not got it."""
    room.provider.faults.add("videoInference", CUT)
    room.provider.faults.add("videoInference", NOT_TRANSFERRED)
    job = await room.buy(request=picture_request(room))
    runner.wake()
    await room.until(job, SENT, timeout=20)
    first, again, other = room.wire.sent("videoInference")
    assert first == again != other
    await is_bought_once(room, job)


async def test_a_no_to_what_was_accepted_before_changes_nothing(room: Room, runner: Runner) -> None:
    """It was accepted, the answer was lost, and the resend is answered with a no: the job is there all the same."""
    room.provider.faults.add("videoInference", CUT_AFTER_ACCEPTANCE)
    room.provider.faults.add("getResponse", NOTHING_KNOWN)
    room.provider.faults.add("videoInference", NOT_TRANSFERRED)
    job = await room.buy(request=picture_request(room))
    runner.wake()
    await room.until(job, SENT, timeout=20)
    assert await transfers.way_of(room.database.read, job.id) == USUAL
    first, again = room.wire.sent("videoInference")
    assert first == again
    await is_bought_once(room, job)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (CUT, Reason.UNREACHABLE),
        (CUT_AFTER_ACCEPTANCE, Reason.UNREACHABLE),
        (Fault(status=503), Reason.UNREACHABLE),
        (Fault(status=429, headers={"Retry-After": "60"}), Reason.BUSY),
        (refusal("insufficientCredits", 402), Reason.OUT_OF_CREDIT),
        (refusal("invalidApiKey", 401), Reason.KEY_REFUSED),
    ],
)
async def test_an_upload_that_fails_for_now_puts_its_job_back_with_its_hold(
    room: Room, runner: Runner, fault: Fault, reason: Reason
) -> None:
    room.provider.faults.add("mediaStorage", fault)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    waiting = await room.until(job, lambda job: job.tries == 1)
    assert (waiting.state, waiting.reason) == (State.QUEUED, reason)
    assert await ledger(room, job) == ["hold"]
    assert not room.wire.sent("videoInference")
    room.clock.advance(timedelta(minutes=6))
    runner.wake()
    await room.until(job, SENT)
    await is_bought_once(room, job)


async def test_a_job_whose_upload_failed_can_be_cancelled(room: Room, runner: Runner) -> None:
    room.provider.faults.add("mediaStorage", CUT)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    await room.until(job, lambda job: job.tries == 1)
    await room.checkout.cancel_job(job.id, Requester(server_id=1, channel_id=2, member_id=3))
    assert await ledger(room, job) == ["hold", "release"]
    room.clock.advance(timedelta(minutes=6))
    runner.wake()
    await asyncio.sleep(0.2)
    assert (await room.job(job)).state is State.CANCELLED
    assert not room.wire.sent("videoInference")


async def test_uploads_that_never_succeed_leave_no_doubt_and_end_with_the_day(room: Room, runner: Runner) -> None:
    room.provider.faults.add("mediaStorage", Fault(status=503), times=1_000)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    seen: set[State] = set()
    for tries in range(1, 6):
        await room.until(job, lambda job, tries=tries: seen.add(job.state) or job.tries >= tries)  # type: ignore[misc]
        room.clock.advance(timedelta(minutes=11))
        runner.wake()
    room.clock.advance(timedelta(hours=24))
    runner.wake()
    expired = await room.until(job, is_in(State.FAILED))
    assert seen <= {State.QUEUED, State.SENDING}
    assert expired.reason is Reason.EXPIRED
    assert await ledger(room, job) == ["hold", "release"]


async def test_a_file_that_does_not_get_through_holds_nobody_else_up(room: Room, runner: Runner) -> None:
    """Its line may be too slow for it: that says nothing of the other jobs."""
    room.provider.faults.add("mediaStorage", CUT)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    await room.until(job, lambda job: job.tries == 1)
    other = await room.buy()
    runner.wake()
    await room.until(other, SENT, timeout=1.5)


@pytest.mark.parametrize(
    ("fault", "times", "reason"),
    [
        (refusal("imageBlocked"), 1, Reason.MODERATED),
        (refusal("invalidMedia"), 2, Reason.NOT_TRANSFERRED),
        (refusal("failedToTransferMedia"), 2, Reason.NOT_TRANSFERRED),
        (Fault(status=413, body=b"<html>"), 2, Reason.NOT_TRANSFERRED),
    ],
)
async def test_an_upload_that_is_refused_for_good_ends_its_job(
    room: Room, runner: Runner, fault: Fault, times: int, reason: Reason
) -> None:
    room.provider.faults.add("mediaStorage", fault, times=times)
    job = await room.buy(request=edit_request(room))
    runner.wake()
    assert (await room.until(job, is_in(State.FAILED))).reason is reason
    assert await ledger(room, job) == ["hold", "release"]
    assert not room.wire.sent("videoInference")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_job_whose_file_is_gone_ends_and_its_hold_returns(room: Room, runner: Runner, kind: str) -> None:
    request: Request = KINDS[kind](room)
    job = await room.buy(request=request)
    (room.folder / request.sources[0].sha256).unlink()
    runner.wake()
    assert (await room.until(job, is_in(State.FAILED))).reason is Reason.SOURCE_GONE
    assert await ledger(room, job) == ["hold", "release"]
    assert not room.wire.bodies


async def test_a_file_that_goes_after_an_unclear_send_leaves_the_hold_until_somebody_knows(
    room: Room, runner: Runner
) -> None:
    """It cannot be sent again, and nobody knows whether it was accepted."""
    room.provider.faults.add("videoInference", CUT)
    room.provider.faults.add("getResponse", Fault(status=500))
    request = picture_request(room)
    job = await room.buy(request=request)
    runner.wake()
    await room.until(job, lambda _: bool(room.wire.sent("videoInference")))
    (room.folder / request.sources[0].sha256).unlink()
    await room.until(job, lambda _: len(room.wire.sent("getResponse")) > 1, timeout=20)
    assert (await room.job(job)).state is State.SENDING
    room.clock.advance(timedelta(minutes=11))
    await room.until(job, is_in(State.UNRESOLVED), timeout=20)
    assert await ledger(room, job) == ["hold"]


async def test_what_is_uploaded_counts_as_being_at_the_provider(room: Room, runner: Runner) -> None:
    room.wire.stops_at = ("mediaStorage", "before")
    for _ in range(3):
        await room.buy(request=edit_request(room))
    runner.wake()
    await room.wire.stopped.wait()
    for _ in range(5):
        runner.wake()
        await asyncio.sleep(0.05)
    states = [job.state for job in await jobs.under_way(room.database.read)]
    assert sorted(states) == [State.QUEUED, State.SENDING, State.SENDING]


async def test_not_now_after_an_upload_keeps_the_upload_for_the_next_send(room: Room, runner: Runner) -> None:
    room.provider.faults.add("videoInference", Fault(status=429))
    job = await room.buy(request=edit_request(room))
    runner.wake()
    await room.until(job, lambda job: job.tries == 1)
    room.clock.advance(timedelta(minutes=6))
    runner.wake()
    await room.until(job, SENT)
    assert len(room.wire.sent("mediaStorage")) == 1
    assert len(set(room.wire.sent("videoInference"))) == 1


async def killed_at(room: Room, moment: Moment) -> None:
    """A runner works until the wire reaches this moment, and no further."""
    room.wire.stops_at = moment
    async with room.working() as runner, asyncio.timeout(10):
        runner.wake()
        await room.wire.stopped.wait()
    room.wire.stops_at = None
    room.wire.stopped.clear()


KILLS: list[tuple[str, Moment]] = [
    ("picture", ("videoInference", "before")),
    ("picture", ("videoInference", "after")),
    ("video", ("mediaStorage", "before")),
    ("video", ("mediaStorage", "after")),  # uploaded, and not stored
    ("video", ("videoInference", "before")),  # stored, and not sent
    ("video", ("videoInference", "after")),  # accepted, and not stored
]


@pytest.mark.parametrize(("kind", "moment"), KILLS)
async def test_killed_in_the_usual_way_it_is_bought_once(room: Room, kind: str, moment: Moment) -> None:
    job = await room.buy(request=KINDS[kind](room))
    await killed_at(room, moment)
    assert (await room.job(job)).state is State.SENDING
    async with room.working():
        await room.until(job, SENT)
    assert len(await names(room, job, USUAL)) == (kind == "video")
    assert len(set(room.wire.sent("videoInference"))) == 1
    await is_bought_once(room, job)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "moment",
    [
        ("mediaStorage", "before"),
        ("mediaStorage", "after"),
        ("videoInference", "before"),
        ("videoInference", "after"),
    ],
)
async def test_killed_in_the_other_way_it_is_bought_once(room: Room, kind: str, moment: Moment) -> None:
    job = await room.buy(request=KINDS[kind](room))
    room.provider.faults.add("videoInference", NOT_TRANSFERRED)
    # the task in the usual way, and the upload for it
    room.wire.lets_pass = 1 if moment[0] == "videoInference" else int(kind == "video")
    await killed_at(room, moment)
    async with room.working():
        await room.until(job, SENT)
    _, *other = room.wire.sent("videoInference")
    assert len(set(other)) == 1
    assert len(await names(room, job, OTHER)) == 1
    await is_bought_once(room, job)


@pytest.mark.parametrize("kind", KINDS)
async def test_killed_as_the_way_was_changed_it_is_sent_in_the_other_way(room: Room, kind: str) -> None:
    """Stored as being sent, the way changed, nothing uploaded for it: it was not sent, and a 429 is clear."""
    job = await room.buy(request=KINDS[kind](room))
    async with room.database.transaction() as tx:
        await jobs.take(tx, job.id, SEND, at=room.clock.now())
        assert await transfers.change_way(tx, job.id)
    room.provider.faults.add("videoInference", Fault(status=429))
    async with room.working() as runner:
        await room.until(job, lambda job: job.tries == 1)
        room.clock.advance(timedelta(minutes=6))
        runner.wake()
        await room.until(job, SENT)
    assert len(await names(room, job, OTHER)) == 1
    await is_bought_once(room, job)


async def test_killed_while_uploading_and_found_late_leaves_no_doubt(room: Room) -> None:
    """Without its upload it was not sent: where the next upload fails, the job waits with its hold."""
    job = await room.buy(request=edit_request(room))
    await killed_at(room, ("mediaStorage", "after"))
    room.clock.advance(timedelta(minutes=11))
    room.provider.faults.add("mediaStorage", Fault(status=503))
    async with room.working() as runner:
        waiting = await room.until(job, lambda job: job.tries == 1)
        assert waiting.state is State.QUEUED
        room.clock.advance(timedelta(minutes=6))
        runner.wake()
        await room.until(job, SENT)
    await is_bought_once(room, job)


async def test_an_upload_takes_nothing_from_the_time_for_sending_again(room: Room) -> None:
    """The minutes count from when it can have been sent first, which is after its upload."""
    job = await room.buy(request=edit_request(room))
    await killed_at(room, ("mediaStorage", "after"))
    room.clock.advance(timedelta(minutes=11))
    room.provider.faults.add("videoInference", CUT)
    async with room.working():
        await room.until(job, is_in(State.RUNNING, State.DONE, State.UNRESOLVED), timeout=20)
    assert SENT(await room.job(job))
    await is_bought_once(room, job)


async def test_killed_at_any_time_every_job_is_bought_once(room: Room) -> None:
    """Again and again, a few milliseconds later each time, in both ways."""
    for milliseconds in range(0, 60, 4):
        room.provider.faults.add("videoInference", NOT_TRANSFERRED, times=milliseconds // 4 % 2)
        job = await room.buy(request=KINDS[("picture", "video")[milliseconds % 3 % 2]](room))
        async with room.working():
            await asyncio.sleep(milliseconds / 1_000)
        async with room.working():
            await room.until(job, SENT, timeout=20)
        room.provider.faults.clear()
        assert [each.verdict for each in room.provider.submissions if each.task_id == job.task_id].count(
            "accepted"
        ) == 1
