"""Jobs with pictures and videos on their way to the provider: sent, refused, given in the other way.

Whatever happens, a job is accepted once at most, and each send of it is the same to the letter until the provider
has said no to it.
"""

import json
from datetime import timedelta

import pytest

from bot.domain.job import Reason, State
from bot.domain.request import Request
from bot.runner import Runner
from sandbox.faults import Fault
from storage import transfers
from storage.transfers import OTHER, USUAL
from tests.bot.room import CUT, CUT_AFTER_ACCEPTANCE, Room, is_in
from tests.bot.sending import KINDS, NOT_TRANSFERRED, SENT, is_bought_once, ledger, names, picture_request

NOTHING_KNOWN = Fault(status=200, body=b'{"data": []}')


def inputs(body: bytes) -> str:
    return json.dumps(json.loads(body)[0]["inputs"])


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
