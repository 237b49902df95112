"""A queued job can be taken back, by its member or by staff; one that was sent cannot."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.job import ACCEPT, LOSE_SENT, REJECT, SEND, Job, State, Step
from bot.refusals import AlreadyConfirmed, NoSuchJob, NotYours, TooLateToCancel
from storage import jobs
from tests.bot.shop import ANN, CHEAP, STAFF, Shop, buy, each_outcome, rows


async def test_a_queued_job_that_is_cancelled_releases_its_hold(shop: Shop) -> None:
    checkout = shop.checkout(member="0.06")
    first, second = [await checkout.offer(CHEAP, ANN) for _ in range(2)]
    job = await checkout.confirm(first.stored.id, ANN)
    cancelled = await checkout.cancel_job(job.id, ANN)
    assert (cancelled.state, cancelled.settled) == (State.CANCELLED, None)
    found = await rows(shop.database.read, "SELECT kind, amount FROM ledger ORDER BY id")
    assert found == [("hold", 60_000_000), ("release", 60_000_000)]
    assert (await checkout.confirm(second.stored.id, ANN)).state is State.QUEUED  # there is room again
    with pytest.raises(AlreadyConfirmed):  # and the first quote has had its job
        await checkout.confirm(first.stored.id, ANN)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((SEND,), "sent already"),
        ((SEND, ACCEPT), "sent already"),
        ((SEND, LOSE_SENT), "sent already"),
        ((SEND, REJECT), "over already"),
    ],
)
async def test_a_job_that_was_sent_is_not_taken_back(shop: Shop, steps: tuple[Step, ...], says: str) -> None:
    [offer] = await shop.offers(ANN)
    job = await shop.checkout().confirm(offer.stored.id, ANN)
    await shop.bring(job, *steps)
    before = await shop.stored()
    with pytest.raises(TooLateToCancel, match=says):
        await shop.checkout().cancel_job(job.id, ANN)
    assert await shop.stored() == before


async def test_a_job_that_was_taken_back_is_over(shop: Shop) -> None:
    """Ten presses at once release once."""
    [offer] = await shop.offers(ANN)
    checkout = shop.checkout()
    job = await checkout.confirm(offer.stored.id, ANN)
    presses = (checkout.cancel_job(job.id, ANN) for _ in range(10))
    results = await asyncio.gather(*presses, return_exceptions=True)
    assert each_outcome(results) == {Job: 1, TooLateToCancel: 9}
    assert len(await rows(shop.database.read, "SELECT * FROM ledger WHERE kind = 'release'")) == 1


async def test_cancel_and_send_at_once_agree_on_one_winner(shop: Shop) -> None:
    """Never a job that runs without its hold."""
    checkout = shop.checkout()
    for turn in range(10):
        [offer] = await shop.offers(ANN)
        job = await checkout.confirm(offer.stored.id, ANN)
        presses = [checkout.cancel_job(job.id, ANN), shop.bring(job, SEND)]
        await asyncio.gather(*presses[:: 1 if turn % 2 else -1], return_exceptions=True)
        after = await jobs.existing(shop.database.read, job.id)
        released = await rows(
            shop.database.read, f"SELECT 1 FROM ledger WHERE job_id = '{job.id}' AND kind = 'release'"
        )
        assert (after.state, len(released)) in ((State.CANCELLED, 1), (State.SENDING, 0))


async def test_a_job_is_taken_back_by_its_member_only(shop: Shop) -> None:
    """Also from another channel of the server, since /jobs lists it there. In another server it is unknown."""
    first, second = await shop.offers(ANN, ANN)
    checkout = shop.checkout()
    job = await checkout.confirm(first.stored.id, ANN)
    other = await checkout.confirm(second.stored.id, ANN)
    before = await shop.stored()
    with pytest.raises(NotYours, match="This job is somebody else's"):
        await checkout.cancel_job(job.id, replace(ANN, member_id=101))
    for asked, requester in ((job.id, replace(ANN, server_id=2)), ("nothing", ANN)):
        with pytest.raises(NoSuchJob):
            await checkout.cancel_job(asked, requester)
    assert await shop.stored() == before
    assert (await checkout.cancel_job(job.id, replace(ANN, channel_id=11))).state is State.CANCELLED
    assert (await jobs.existing(shop.database.read, other.id)).state is State.QUEUED


# Staff


async def test_staff_cancel_anybodys_queued_job_of_their_own_server(shop: Shop) -> None:
    checkout = shop.checkout()
    job = await buy(shop, checkout)
    with pytest.raises(NotYours):
        await checkout.cancel_job(job.id, STAFF)
    with pytest.raises(NoSuchJob):
        await checkout.cancel_job(job.id, replace(STAFF, server_id=2), by_staff=True)
    assert (await checkout.cancel_job(job.id, STAFF, by_staff=True)).state is State.CANCELLED
    sent = await buy(shop, checkout)
    await shop.bring(sent, SEND)
    with pytest.raises(TooLateToCancel):
        await checkout.cancel_job(sent.id, STAFF, by_staff=True)
