"""Checkout: a quote buys at most once, never beyond a limit, and not from anybody else."""

import asyncio
import itertools
import json
import random
import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.checkout import Checkout
from bot.domain.admission import OverLimit
from bot.domain.job import ACCEPT, REJECT, SEND, Arrival, Job, State
from bot.domain.limit import Layer, Limit
from bot.domain.money import ZERO, Usd
from bot.domain.refusal import Refusal
from bot.domain.request import Count
from bot.domain.size import Resolution
from bot.domain.window import Calendar
from bot.refusals import AlreadyConfirmed, NoSuchQuote, NotYours, QuoteCancelled, QuoteElsewhere, QuoteExpired
from bot.runware.task import Storage
from sandbox.runware import rules
from storage import jobs, quotes
from tests.bot.shop import ANN, CHEAP, NOON, TEN_OF_THEM, Shop, check_that_jobs_are_whole, each_outcome, held, rows

# A quote


async def test_a_quote_is_stored_and_holds_nothing(shop: Shop) -> None:
    request = replace(CHEAP, count=2)
    offer = await shop.checkout(member="1.00").offer(request, ANN)
    stored = offer.stored
    assert await quotes.get(shop.database.read, stored.id) == stored
    assert (stored.request, stored.total, stored.price_list) == (request, Usd.of("0.12"), date(2026, 11, 20))
    assert (stored.quoted_at, stored.expires_at) == (NOON, NOON + timedelta(minutes=10))
    assert (stored.server_id, stored.channel_id, stored.member_id) == (1, 10, 100)
    assert offer.quote.total == stored.total
    [standing] = offer.standings
    assert (standing.layer, standing.left) == (Layer.MEMBER, Usd.of("1.00"))
    assert not any((await shop.stored()).values())


async def test_every_quote_is_another_one(shop: Shop) -> None:
    """Ids that fit into buttons and nonces, and that nobody guesses."""
    ids = {offer.stored.id for offer in await shop.offers(*[ANN] * 30)}
    assert len(ids) == 30
    assert all(re.fullmatch(r"[0-9a-z]{10}", each) for each in ids)


async def test_what_no_limit_would_admit_is_not_offered(shop: Shop) -> None:
    with pytest.raises(OverLimit):
        await shop.checkout(server="0.05").offer(CHEAP, ANN)
    assert await rows(shop.database.read, "SELECT * FROM quotes") == []


# Confirming


async def test_a_confirmed_quote_is_a_queued_job_with_its_hold(shop: Shop) -> None:
    checkout = shop.checkout(member="0.06")
    offer = await checkout.offer(CHEAP, ANN)
    shop.now += timedelta(minutes=3)
    job = await checkout.confirm(offer.stored.id, ANN)
    assert (job.state, job.hold, job.request, job.held_at) == (State.QUEUED, Usd.of("0.06"), CHEAP, shop.now)
    assert (job.server_id, job.channel_id, job.member_id) == (1, 10, 100)
    assert await jobs.get(shop.database.read, job.id) == job
    assert await check_that_jobs_are_whole(shop) == 1
    stored = await quotes.get(shop.database.read, offer.stored.id)
    assert stored is not None
    assert stored.job_id == job.id


async def test_what_will_be_sent_is_stored_before_it_is_sent(shop: Shop) -> None:
    """The body is made once, under an id of ours, and is one that the provider accepts."""
    [offer] = await shop.offers(ANN)
    checkout = Checkout(shop.database, {}, storage=Storage(3600, "https://example.org/put"), now=lambda: shop.now)
    job = await checkout.confirm(offer.stored.id, ANN)
    task = json.loads(await jobs.body(shop.database.read, job.id))
    assert task["taskUUID"] == job.task_id == str(uuid.UUID(job.task_id, version=4))
    assert (task["ttl"], task["uploadEndpoint"]) == (3600, "https://example.org/put")
    assert rules.violations(task) == []


async def test_one_quote_buys_one_job_whoever_presses_how_often(shop: Shop) -> None:
    """A hundred presses at once, from any number of devices; then one more, an hour later."""
    [offer] = await shop.offers(ANN)
    checkout = shop.checkout()
    presses = (checkout.confirm(offer.stored.id, ANN) for _ in range(100))
    results = await asyncio.gather(*presses, return_exceptions=True)
    assert each_outcome(results) == {Job: 1, AlreadyConfirmed: 99}
    [job] = [result for result in results if isinstance(result, Job)]
    assert {result.job_id for result in results if isinstance(result, AlreadyConfirmed)} == {job.id}
    shop.now += timedelta(hours=1)
    with pytest.raises(AlreadyConfirmed, match=job.id):
        await checkout.confirm(offer.stored.id, ANN)
    assert await check_that_jobs_are_whole(shop) == 1


@pytest.mark.parametrize("layer", list(Layer))
async def test_two_hundred_at_once_hold_exactly_what_there_is_room_for(shop: Shop, layer: Layer) -> None:
    """One member with many cards, one server with many members, one account with many servers."""
    match layer:
        case Layer.MEMBER:
            requesters = [ANN] * 200
        case Layer.SERVER:
            requesters = [replace(ANN, member_id=n) for n in range(200)]
        case Layer.ACCOUNT:
            requesters = [replace(ANN, server_id=n) for n in range(200)]
    offered = await shop.offers(*requesters)
    checkout = shop.checkout(**{layer: "0.60"})
    presses = (
        checkout.confirm(offer.stored.id, requester) for offer, requester in zip(offered, requesters, strict=True)
    )
    results = await asyncio.gather(*presses, return_exceptions=True)
    assert each_outcome(results) == {Job: 10, OverLimit: 190}
    assert await held(shop) == TEN_OF_THEM
    assert await check_that_jobs_are_whole(shop) == 10


async def test_prices_of_all_sizes_fill_a_limit_and_never_exceed_it(shop: Shop) -> None:
    """What was refused does not fit at the end, either: nobody is turned away for want of room that is there."""
    chance = random.Random(3)
    sizes: list[tuple[Resolution, Count]] = list(itertools.product(("360p", "540p", "720p"), (1, 2, 3, 4)))
    chosen = chance.choices(sizes, k=60)
    requests = [replace(CHEAP, resolution=resolution, count=count) for resolution, count in chosen]
    offered = [(await shop.offers(ANN, request=request))[0] for request in requests]
    checkout = shop.checkout(account="50.00", server="5.00", member="4.99")
    presses = (checkout.confirm(offer.stored.id, ANN) for offer in offered)
    results = await asyncio.gather(*presses, return_exceptions=True)
    left = Usd.of("4.99") - await held(shop)
    assert left >= ZERO
    refused = [offer for offer, result in zip(offered, results, strict=True) if isinstance(result, OverLimit)]
    assert refused
    assert len(refused) + await check_that_jobs_are_whole(shop) == 60
    assert all(offer.stored.total > left for offer in refused)


async def test_limits_are_read_again_at_confirm(shop: Shop) -> None:
    """Two cards that each fitted when they were shown."""
    checkout = shop.checkout(member="0.10")
    first, second = [await checkout.offer(CHEAP, ANN) for _ in range(2)]
    await checkout.confirm(first.stored.id, ANN)
    before = await shop.stored()
    with pytest.raises(OverLimit, match="more than what is left"):
        await checkout.confirm(second.stored.id, ANN)
    assert await shop.stored() == before


async def test_what_comes_back_can_be_spent_again(shop: Shop) -> None:
    """The rest of a hold that settled for less, and the whole of one that was released."""
    checkout = shop.checkout(member="0.07")
    first, second, third = await shop.offers(ANN, ANN, ANN)
    refused = await checkout.confirm(first.stored.id, ANN)
    await shop.bring(refused, SEND, REJECT)
    cheaper = await checkout.confirm(second.stored.id, ANN)
    await shop.bring(cheaper, SEND, ACCEPT)
    with pytest.raises(OverLimit):
        await checkout.confirm(third.stored.id, ANN)
    async with shop.database.transaction() as tx:
        await jobs.arrive(tx, cheaper.id, [Arrival("a", ("https://x.y/z",), Usd.of("0.01"), None)], at=shop.now)
    assert (await checkout.confirm(third.stored.id, ANN)).state is State.QUEUED


async def test_a_window_that_has_reset_has_room_again(shop: Shop) -> None:
    limits = {Layer.MEMBER: (Limit(Usd.of("0.06"), Calendar("day")),)}
    checkout = Checkout(shop.database, limits, storage=Storage(), now=lambda: shop.now)
    shop.now = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
    today, tomorrow = await shop.offers(ANN, ANN)
    await checkout.confirm(today.stored.id, ANN)
    with pytest.raises(OverLimit):
        await checkout.confirm(tomorrow.stored.id, ANN)
    shop.now += timedelta(minutes=1)
    assert (await checkout.confirm(tomorrow.stored.id, ANN)).held_at == shop.now


async def test_a_quote_is_honoured_for_ten_minutes_and_not_a_microsecond_longer(shop: Shop) -> None:
    late, in_time = await shop.offers(ANN, ANN)
    shop.now = NOON + timedelta(minutes=10) - timedelta(microseconds=1)
    await shop.checkout().confirm(in_time.stored.id, ANN)
    before = await shop.stored()
    shop.now = NOON + timedelta(minutes=10)
    with pytest.raises(QuoteExpired, match="nothing was bought"):
        await shop.checkout().confirm(late.stored.id, ANN)
    assert await shop.stored() == before


@pytest.mark.parametrize("asked", ["", "nothing", "0000000000", "' OR 1=1 --", "q" * 5000, "\x00"])
async def test_a_quote_that_was_never_given_out_buys_nothing(shop: Shop, asked: str) -> None:
    await shop.offers(ANN)
    for act in (shop.checkout().confirm, shop.checkout().cancel_quote):
        with pytest.raises(NoSuchQuote, match="do not know this quote"):
            await act(asked, ANN)
    assert not any((await shop.stored()).values())


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"member_id": 101}, NotYours),
        ({"server_id": 2}, NotYours),
        ({"channel_id": 11}, QuoteElsewhere),
        ({"member_id": 101, "channel_id": 11}, NotYours),
    ],
)
async def test_somebody_elses_quote_buys_and_cancels_nothing(
    shop: Shop, other: dict[str, int], refusal: type[Refusal]
) -> None:
    """A forged custom id: right quote, wrong person or place."""
    [offer] = await shop.offers(ANN)
    for act in (shop.checkout().confirm, shop.checkout().cancel_quote):
        with pytest.raises(refusal, match=r"This quote (is somebody else's|was made in another channel)"):
            await act(offer.stored.id, replace(ANN, **other))
    assert not any((await shop.stored()).values())
    assert (await shop.checkout().confirm(offer.stored.id, ANN)).state is State.QUEUED


async def test_a_cancelled_quote_buys_nothing(shop: Shop) -> None:
    [offer] = await shop.offers(ANN)
    for _ in range(2):  # twice does no harm
        await shop.checkout().cancel_quote(offer.stored.id, ANN)
    with pytest.raises(QuoteCancelled, match="nothing was bought"):
        await shop.checkout().confirm(offer.stored.id, ANN)
    assert await check_that_jobs_are_whole(shop) == 0


async def test_a_quote_that_has_bought_cannot_be_cancelled(shop: Shop) -> None:
    [offer] = await shop.offers(ANN)
    job = await shop.checkout().confirm(offer.stored.id, ANN)
    before = await shop.stored()
    with pytest.raises(AlreadyConfirmed, match=job.id):
        await shop.checkout().cancel_quote(offer.stored.id, ANN)
    assert await shop.stored() == before


async def test_confirm_and_cancel_at_once_agree_on_one_winner(shop: Shop) -> None:
    checkout = shop.checkout()
    for turn in range(10):
        [offer] = await shop.offers(ANN)
        presses = [checkout.confirm(offer.stored.id, ANN), checkout.cancel_quote(offer.stored.id, ANN)]
        results = await asyncio.gather(*presses[:: 1 if turn % 2 else -1], return_exceptions=True)
        stored = await quotes.get(shop.database.read, offer.stored.id)
        assert stored is not None
        assert each_outcome(results) in ({Job: 1, AlreadyConfirmed: 1}, {type(None): 1, QuoteCancelled: 1})
        assert stored.is_cancelled == (stored.job_id is None)
