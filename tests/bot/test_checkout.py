"""Checkout: a quote buys at most once, never beyond a limit, and whatever is interrupted leaves the books whole."""

import asyncio
import itertools
import json
import random
import re
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.checkout import Checkout
from bot.domain import price
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.grant import Grant
from bot.domain.job import ACCEPT, LOSE_SENT, REJECT, SEND, Arrival, Job, Outcome, Reason, State, Step
from bot.domain.limit import Layer, Limit
from bot.domain.money import ZERO, Usd
from bot.domain.price import PRICE_LISTS
from bot.domain.problem import InvalidRequest
from bot.domain.refusal import Refusal
from bot.domain.request import Count, Request, TextToVideo
from bot.domain.rules import FROZEN, Kind
from bot.domain.size import Resolution
from bot.domain.stored import from_json, to_json
from bot.domain.window import AllTime, Calendar
from bot.offer import Offer, Requester
from bot.refusals import (
    AlreadyConfirmed,
    NoSuchJob,
    NoSuchQuote,
    NotUnresolved,
    NotYours,
    PriceChanged,
    QuoteCancelled,
    QuoteElsewhere,
    QuoteExpired,
    TooLateToCancel,
    WrongAmount,
)
from bot.runware.task import Storage
from sandbox.runware import rules
from storage import grants, jobs, limits, quotes
from storage.database import Database, Tx
from tests.interrupt import interrupted

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANN = Requester(server_id=1, channel_id=10, member_id=100)
CHEAP = TextToVideo(prompt="a lighthouse at dusk", resolution="360p")  # six cents
TEN_OF_THEM = Usd.of("0.60")


@dataclass
class Shop:
    """A checkout over a real database, with a clock that stands still until somebody moves it."""

    database: Database
    now: datetime = NOON

    def checkout(self, **limits: str) -> Checkout:
        """One with these limits since ever, in dollars by layer; what is not named is unlimited."""
        since_ever = {Layer(layer): (Limit(Usd.of(amount), AllTime()),) for layer, amount in limits.items()}
        return Checkout(self.database, since_ever, storage=Storage(), now=lambda: self.now)

    async def offers(self, *requesters: Requester, request: Request = CHEAP) -> list[Offer]:
        """A quote for each."""
        checkout = self.checkout()
        return [await checkout.offer(request, requester) for requester in requesters]

    async def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that a purchase would change."""
        return {
            table: await rows(self.database.read, f"SELECT * FROM {table} ORDER BY 1")
            for table in ("jobs", "ledger", "posts", "results", "cancelled_quotes")
        }

    async def bring(self, job: Job, *steps: Step) -> None:
        async with self.database.transaction() as tx:
            for step in steps:
                await jobs.take(tx, job.id, step, at=self.now, reason=Reason.LOST)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    async with Database.open(tmp_path / "raybot.db") as database:
        yield Shop(database)


async def rows(tx: Tx, sql: str) -> list[tuple[Any, ...]]:
    async with tx.execute(sql) as cursor:
        return [tuple(row) for row in await cursor.fetchall()]


async def held(shop: Shop) -> Usd:
    [(amount,)] = await rows(shop.database.read, "SELECT coalesce(sum(amount), 0) FROM ledger WHERE kind = 'hold'")
    return Usd(amount)


async def check_that_jobs_are_whole(shop: Shop) -> int:
    """How many jobs there are: each with its hold, to the nano-dollar, and its progress post, and none without."""
    found = await rows(
        shop.database.read,
        """SELECT jobs.id, quotes.total, hold.amount, posts.nonce FROM jobs JOIN quotes ON quotes.id = jobs.quote_id
           LEFT JOIN ledger AS hold ON hold.job_id = jobs.id AND hold.kind = 'hold'
           LEFT JOIN posts ON posts.job_id = jobs.id AND posts.kind = 'progress'""",
    )
    for job_id, total, hold, nonce in found:
        assert (hold, nonce) == (total, f"{job_id}.p0")
    for table in ("ledger", "posts"):
        [(number,)] = await rows(shop.database.read, f"SELECT count(*) FROM {table}")
        assert number == len(found)
    return len(found)


def each_outcome(results: Iterable[object]) -> Counter[type]:
    return Counter(type(result) for result in results)


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


# A price that changed


def raise_prices(monkeypatch: pytest.MonkeyPatch, *, on: date, times: int = 2) -> None:
    """Append a price list, as somebody does who reads that the provider charges more."""
    last = PRICE_LISTS[-1]
    dearer = {key: replace(figure, amount=figure.amount * times) for key, figure in last.generation.items()}
    monkeypatch.setattr(
        price, "PRICE_LISTS", (*PRICE_LISTS, replace(last, effective=on, checked=on, generation=dearer))
    )


async def test_a_changed_price_list_buys_nothing_and_brings_a_new_card(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same request at today's price, which buys when that card is confirmed. The old one never does."""
    checkout = shop.checkout()
    [old] = await shop.offers(ANN)
    raise_prices(monkeypatch, on=NOON.date())
    with pytest.raises(PriceChanged, match="nothing was bought") as changed:
        await checkout.confirm(old.stored.id, ANN)
    new = changed.value.offer
    stored = await shop.stored()
    assert [row[0] for row in stored.pop("cancelled_quotes")] == [old.stored.id]
    assert not any(stored.values())
    assert (new.stored.request, new.stored.total) == (CHEAP, Usd.of("0.12"))
    assert new.stored.id != old.stored.id
    assert (await checkout.confirm(new.stored.id, ANN)).hold == Usd.of("0.12")
    with pytest.raises(QuoteCancelled):
        await checkout.confirm(old.stored.id, ANN)
    assert await check_that_jobs_are_whole(shop) == 1


async def test_a_list_that_comes_into_force_between_quote_and_confirm_counts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At midnight, UTC: a quote of the minute before is honoured until then."""
    raise_prices(monkeypatch, on=date(2026, 11, 22))
    shop.now = datetime(2026, 11, 21, 23, 55, tzinfo=UTC)
    first, second = await shop.offers(ANN, ANN)
    shop.now = datetime(2026, 11, 21, 23, 59, 59, 999_999, tzinfo=UTC)
    assert (await shop.checkout().confirm(first.stored.id, ANN)).hold == Usd.of("0.06")
    shop.now = datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises(PriceChanged):
        await shop.checkout().confirm(second.stored.id, ANN)


async def test_a_cheaper_list_is_a_change_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bought is what was shown, also when that is to the member's advantage."""
    [offer] = await shop.offers(ANN)
    raise_prices(monkeypatch, on=NOON.date(), times=1)
    with pytest.raises(PriceChanged):
        await shop.checkout().confirm(offer.stored.id, ANN)


async def test_a_new_price_beyond_the_limit_is_refused_and_not_offered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    [offer] = await shop.offers(ANN)
    raise_prices(monkeypatch, on=NOON.date())
    with pytest.raises(OverLimit):
        await shop.checkout(member="0.10").confirm(offer.stored.id, ANN)
    assert len(await rows(shop.database.read, "SELECT * FROM quotes")) == 1
    assert not any((await shop.stored()).values())


async def test_a_request_that_todays_rules_refuse_buys_nothing(shop: Shop) -> None:
    """A quote from before an update that learned of a rule: shown then, refused now, and told why."""
    [offer] = await shop.offers(ANN)
    outdated = from_json(to_json(CHEAP) | {"loop": True, "duration": 10})
    async with shop.database.transaction() as tx:
        await quotes.add(tx, replace(offer.stored, id="outdated", request=outdated))
    with pytest.raises(InvalidRequest, match="not for 10 s"):
        await shop.checkout().confirm("outdated", ANN)
    assert not any((await shop.stored()).values())


# Taking a job back


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


# Interruption


async def test_a_confirm_that_is_cancelled_at_any_await_leaves_the_books_whole(shop: Shop) -> None:
    """At each of its awaits, once, twice and three times in a row. Pressed again, it buys if it had not bought."""
    checkout = shop.checkout(account="1000")
    bought = {True: 0, False: 0}
    for more in ((), (1,), (1, 2)):
        for at in itertools.count(1):
            [offer] = await shop.offers(ANN)
            before = await check_that_jobs_are_whole(shop)
            try:
                await interrupted(checkout.confirm(offer.stored.id, ANN), at, *(at + n for n in more))
            except asyncio.CancelledError:
                async with shop.database.transaction():  # whatever it had asked for is done
                    has_bought = await check_that_jobs_are_whole(shop) > before
            else:
                break
            bought[has_bought] += 1
            try:
                job_id = (await checkout.confirm(offer.stored.id, ANN)).id
                assert not has_bought
            except AlreadyConfirmed as already:
                job_id = already.job_id
                assert has_bought
            assert (await jobs.existing(shop.database.read, job_id)).state is State.QUEUED
            assert await check_that_jobs_are_whole(shop) == before + 1
    assert bought[True] >= 3  # after the commit
    assert bought[False] >= 10  # and before


async def test_presses_that_are_cancelled_at_random_leave_the_books_whole(shop: Shop) -> None:
    """Real tasks, many at once, on few quotes, near the limit; some are cancelled, whenever that is."""
    chance = random.Random(7)
    offered = await shop.offers(*[ANN] * 20)
    checkout = shop.checkout(member="0.60")
    tasks = [asyncio.create_task(checkout.confirm(offer.stored.id, ANN)) for offer in offered * 4]
    while pending := [task for task in tasks if not task.done()]:
        await asyncio.sleep(chance.choice((0, 0, 0.001)))
        if chance.random() < 0.3:
            chance.choice(pending).cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert set(map(type, ended)) <= {Job, AlreadyConfirmed, OverLimit, asyncio.CancelledError}
    assert asyncio.CancelledError in each_outcome(ended)
    assert await check_that_jobs_are_whole(shop) <= 10
    for offer in offered:  # and now everybody presses once more
        try:
            await checkout.confirm(offer.stored.id, ANN)
        except Refusal:
            continue
    assert await check_that_jobs_are_whole(shop) == 10
    assert await held(shop) == TEN_OF_THEM


# What staff have decided


STAFF = replace(ANN, member_id=900)


async def decide(
    shop: Shop, kind: Kind, value: str | None, subject: int | None = None, *, reason: str = "", server: int = 1
) -> None:
    async with shop.database.transaction() as tx:
        await limits.change(tx, server, kind, subject, value, actor_id=STAFF.member_id, reason=reason, at=shop.now)


async def grant(shop: Shop, amount: str, member: int = ANN.member_id, *, days: float = 1) -> Grant:
    async with shop.database.transaction() as tx:
        return await grants.give(
            tx,
            1,
            member,
            Usd.of(amount),
            expires_at=shop.now + timedelta(days=days),
            actor_id=STAFF.member_id,
            reason="",
            at=shop.now,
        )


async def buy(shop: Shop, checkout: Checkout, requester: Requester = ANN) -> Job:
    [offer] = await shop.offers(requester)
    return await checkout.confirm(offer.stored.id, requester)


DECISIONS: list[tuple[Kind, str, int | None]] = [
    (Kind.FREEZE, FROZEN, None),
    (Kind.SERVER_LIMIT, "$0.05/total", None),
    (Kind.MEMBER_LIMIT, "$0.00/day", ANN.member_id),
    (Kind.ROLE_LIMIT, "$0.05/24h", 5),
    (Kind.REQUEST_CAP, "$0.05", None),
    (Kind.JOBS_AT_ONCE, "0", None),
]


@pytest.mark.parametrize(("kind", "value", "subject"), DECISIONS)
async def test_what_staff_decide_between_card_and_confirm_holds(
    shop: Shop, kind: Kind, value: str, subject: int | None
) -> None:
    """Nothing is bought, the next card is refused too, and it all works again once that is taken back."""
    who = replace(ANN, roles=frozenset({5}))
    checkout = shop.checkout(member="1.00")
    offer = await checkout.offer(CHEAP, who)
    await decide(shop, kind, value, subject)
    before = await shop.stored()
    refusal = FrozenServer if kind is Kind.FREEZE else OverLimit
    with pytest.raises(refusal):
        await checkout.confirm(offer.stored.id, who)
    with pytest.raises(refusal):
        await checkout.offer(CHEAP, who)
    assert await shop.stored() == before
    await decide(shop, kind, None, subject)
    assert (await checkout.confirm(offer.stored.id, who)).state is State.QUEUED


async def test_a_freeze_stops_no_job_that_is_under_way(shop: Shop) -> None:
    job = await buy(shop, shop.checkout())
    await decide(shop, Kind.FREEZE, FROZEN, reason="we are moving")
    await shop.bring(job, SEND, ACCEPT)
    async with shop.database.transaction() as tx:
        arrival = Arrival("a", ("https://x.y/z",), Usd.of("0.06"), None)
        assert (await jobs.arrive(tx, job.id, [arrival], at=shop.now)).state is State.DONE
    with pytest.raises(FrozenServer, match="we are moving"):
        await shop.checkout().offer(CHEAP, ANN)


async def test_a_freeze_is_one_servers(shop: Shop) -> None:
    await decide(shop, Kind.FREEZE, FROZEN, server=2)
    await buy(shop, shop.checkout())


@pytest.mark.parametrize(
    ("personal", "roles", "everyone", "admits"),
    [
        (None, {}, None, True),  # the default: a dollar
        (None, {}, "$0.00/day", False),
        (None, {}, "$0.06/day", True),
        (None, {5: "$0.05/day"}, "$9.00/day", False),
        (None, {5: "$0.05/day", 6: "$0.06/day"}, None, True),  # one suffices
        (None, {5: "unlimited", 6: "$0.00/day"}, None, False),  # zero blocks regardless
        (None, {7: "$0.00/day"}, None, True),  # a role of others
        ("$0.06/day", {5: "$0.00/day"}, None, True),  # a personal limit overrides roles, also such
        ("$0.05/day", {5: "unlimited"}, None, False),
        ("$0.00/day", {}, None, False),
        ("unlimited", {}, "$0.00/day", True),
    ],
)
async def test_the_member_layer_is_the_personal_limit_else_the_roles_else_the_default(
    shop: Shop, personal: str | None, roles: dict[int, str], everyone: str | None, admits: bool
) -> None:
    who = replace(ANN, roles=frozenset({5, 6}))
    if personal:
        await decide(shop, Kind.MEMBER_LIMIT, personal, who.member_id)
    for role, value in roles.items():
        await decide(shop, Kind.ROLE_LIMIT, value, role)
    if everyone:
        await decide(shop, Kind.ROLE_LIMIT, everyone, who.server_id)
    asked = await shop.checkout(member="1.00").why(Usd.of("0.06"), who)
    assert (not asked.refusing) == admits
    if admits:
        assert (await shop.checkout(member="1.00").offer(CHEAP, who)).admission == asked


async def test_a_role_is_an_allowance_for_each_member_and_not_a_pool(shop: Shop) -> None:
    await decide(shop, Kind.ROLE_LIMIT, "$0.06/day", 5)
    for member in (1, 2, 3):
        who = replace(ANN, member_id=member, roles=frozenset({5}))
        await buy(shop, shop.checkout(), who)
        with pytest.raises(OverLimit):
            await buy(shop, shop.checkout(), who)


async def test_roles_count_as_they_are_at_confirm(shop: Shop) -> None:
    await decide(shop, Kind.ROLE_LIMIT, "$5.00/day", 5)
    checkout = shop.checkout(member="0.05")
    offer = await checkout.offer(CHEAP, replace(ANN, roles=frozenset({5})))
    with pytest.raises(OverLimit):
        await checkout.confirm(offer.stored.id, ANN)


async def test_jobs_at_once_are_counted_until_they_are_over(shop: Shop) -> None:
    await decide(shop, Kind.JOBS_AT_ONCE, "1")
    checkout = shop.checkout()
    first = await buy(shop, checkout)
    with pytest.raises(OverLimit, match="1 at once is the most") as refused:
        await checkout.offer(CHEAP, ANN)
    assert refused.value.standings == ()
    await buy(shop, checkout, replace(ANN, member_id=101))
    await checkout.cancel_job(first.id, ANN)
    await buy(shop, checkout)


async def test_why_says_where_each_limit_comes_from_and_when_it_resets(shop: Shop) -> None:
    """The account counts in UTC, the server and its members in the server's zone."""
    await decide(shop, Kind.TIME_ZONE, "Europe/Berlin")
    await decide(shop, Kind.SERVER_LIMIT, "$20.00/day")
    await decide(shop, Kind.ROLE_LIMIT, "$2.00/day", 5)
    await decide(shop, Kind.ROLE_LIMIT, "$1.00/week", 6)
    day = (Limit(Usd.of("50.00"), Calendar("day")),)
    defaults = {Layer.ACCOUNT: day, Layer.SERVER: day, Layer.MEMBER: day}
    checkout = Checkout(shop.database, defaults, storage=Storage(), now=lambda: shop.now)
    asked = await checkout.why(Usd.of("0.06"), replace(ANN, roles=frozenset({5, 6})))
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert [(each.layer, each.origin.source, each.origin.role_id, each.resets_at) for each in asked.standings] == [
        (Layer.ACCOUNT, "default", None, midnight),
        (Layer.SERVER, "server", None, midnight - timedelta(hours=1)),
        (Layer.MEMBER, "role", 5, midnight - timedelta(hours=1)),
    ]
    assert [(each.origin.role_id, each.resets_at) for each in asked.others] == [
        (6, datetime(2026, 11, 22, 23, tzinfo=UTC))
    ]


# Grants


async def test_a_grant_pays_what_the_limit_does_not_and_is_used_up(shop: Shop) -> None:
    checkout = shop.checkout(member="0.10")
    await grant(shop, "0.08")
    first = await buy(shop, checkout)
    second = await buy(shop, checkout)
    third = await buy(shop, checkout)
    assert await grants.paid(shop.database.read, [first.id, second.id, third.id]) == {
        second.id: Usd.of("0.02"),
        third.id: Usd.of("0.06"),
    }
    with pytest.raises(OverLimit):
        await buy(shop, checkout)
    await checkout.cancel_job(third.id, ANN)
    await buy(shop, checkout)


async def test_an_expired_grant_covers_no_new_hold(shop: Shop) -> None:
    checkout = shop.checkout(member="0.05")
    await grant(shop, "1.00", days=1 / 24)
    offer = await checkout.offer(CHEAP, ANN)
    shop.now += timedelta(minutes=9)
    await checkout.confirm(offer.stored.id, ANN)
    shop.now = NOON + timedelta(hours=1)
    with pytest.raises(OverLimit):
        await checkout.offer(CHEAP, ANN)


async def test_a_grant_is_one_members_in_one_server(shop: Shop) -> None:
    await grant(shop, "1.00", member=101)
    for who in (ANN, replace(ANN, member_id=101, server_id=2)):
        with pytest.raises(OverLimit):
            await shop.checkout(member="0.05").offer(CHEAP, who)
    await shop.checkout(member="0.05").offer(CHEAP, replace(ANN, member_id=101))


@pytest.mark.parametrize("members", [1, 50])
@pytest.mark.parametrize("way", ["role", "grant", "role and grant", "jobs", "server"])
async def test_two_hundred_at_once_hold_exactly_ten_whatever_the_room_is_made_of(
    shop: Shop, members: int, way: str
) -> None:
    """From one member room for ten; from fifty, a room for ten that they share, or one each that ends at ten."""
    requesters = [replace(ANN, member_id=100 + n % members, roles=frozenset({5, 6})) for n in range(200)]
    room = 10 if members == 1 else 1
    price = Usd.of("0.06")
    match way:
        case "role":
            await decide(shop, Kind.ROLE_LIMIT, f"{price * room}/day", 5)
        case "grant":
            await decide(shop, Kind.ROLE_LIMIT, "$0.01/day", 5)
        case "role and grant":
            await decide(shop, Kind.ROLE_LIMIT, f"{price * (room - 1) + Usd.of('0.03')}/day", 5)
        case "jobs":
            await decide(shop, Kind.JOBS_AT_ONCE, str(room))
        case _:
            await decide(shop, Kind.SERVER_LIMIT, f"{TEN_OF_THEM}/day")
    for member in {each.member_id for each in requesters}:
        if way == "grant":
            await grant(shop, str(price * room)[1:], member)
        elif way == "role and grant":
            await grant(shop, "0.03", member)
    offered = [await shop.checkout().offer(CHEAP, requester) for requester in requesters]
    if members > 1:
        await decide(shop, Kind.SERVER_LIMIT, f"{TEN_OF_THEM}/day")
    checkout = shop.checkout()
    presses = (checkout.confirm(offer.stored.id, who) for offer, who in zip(offered, requesters, strict=True))
    results = await asyncio.gather(*presses, return_exceptions=True)
    assert each_outcome(results) == {Job: 10, OverLimit: 190}
    assert await held(shop) == TEN_OF_THEM
    assert await check_that_jobs_are_whole(shop) == 10


# What would fit


HDR = TextToVideo(prompt="a lighthouse at dusk", resolution="1080p", hdr=True, exr=True, count=2)


async def test_the_nearest_requests_that_fit_are_offered_with_their_prices(shop: Shop) -> None:
    checkout = shop.checkout(member="3.60")
    found = await checkout.nearest(HDR, ANN)
    assert 0 < len(found) <= 4
    for near in found:
        assert near.price <= Usd.of("3.60")
        assert (await checkout.offer(near.request, ANN)).quote.total == near.price
        assert near.changes == tuple(
            name for name in near.changes if getattr(near.request, name) != getattr(HDR, name)
        )


async def test_nothing_is_offered_that_another_layer_refuses(shop: Shop) -> None:
    await decide(shop, Kind.REQUEST_CAP, "$0.15")
    ten = TextToVideo(prompt="a fox", resolution="720p", duration=10)
    assert {near.price <= Usd.of("0.15") for near in await shop.checkout(member="5").nearest(ten, ANN)} == {True}
    await decide(shop, Kind.FREEZE, FROZEN)
    assert await shop.checkout(member="5").nearest(ten, ANN) == []


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


@pytest.mark.parametrize(
    ("outcome", "amount", "booked", "says"),
    [
        (Outcome.SETTLE, None, {"hold": "0.06", "settle": "0.06"}, "settled $0.06"),
        (Outcome.SETTLE, "0.02", {"hold": "0.06", "settle": "0.02"}, "settled $0.02"),
        (Outcome.RELEASE, None, {"hold": "0.06", "release": "0.06"}, "released"),
    ],
)
async def test_staff_resolve_a_job_of_which_the_provider_says_nothing(
    shop: Shop, outcome: Outcome, amount: str | None, booked: dict[str, str], says: str
) -> None:
    """Once; and it is in the log, with the reason."""
    checkout = shop.checkout(member="0.06")
    job = await buy(shop, checkout)
    await shop.bring(job, SEND, LOSE_SENT)
    settle = None if amount is None else Usd.of(amount)
    after = await checkout.resolve(job.id, outcome, STAFF, reason="no video came", amount=settle)
    assert after.state is (State.DONE if outcome is Outcome.SETTLE else State.FAILED)
    found = await rows(shop.database.read, "SELECT kind, amount FROM ledger")
    assert {kind: Usd(nanos) for kind, nanos in found} == {kind: Usd.of(text) for kind, text in booked.items()}
    [line] = await limits.log(shop.database.read, 1, most=9)
    assert (line.kind, line.subject, line.before, line.value) == (Kind.RESOLVE, job.id, "held $0.06", says)
    assert (line.actor_id, line.reason) == (STAFF.member_id, "no video came")
    before = await shop.stored()
    with pytest.raises(NotUnresolved, match="over already"):
        await checkout.resolve(job.id, outcome, STAFF, reason="again")
    assert await shop.stored() == before


async def test_what_is_resolved_returns_to_the_grant_that_paid_for_it(shop: Shop) -> None:
    checkout = shop.checkout(member="0.05")
    made = await grant(shop, "0.01")
    job = await buy(shop, checkout)
    await shop.bring(job, SEND, LOSE_SENT)
    await checkout.resolve(job.id, Outcome.SETTLE, STAFF, reason="", amount=Usd.of("0.055"))
    [found] = await grants.of_member(shop.database.read, 1, ANN.member_id, now=shop.now)
    assert (found.grant, found.left) == (made, Usd.of("0.005"))


@pytest.mark.parametrize(
    ("outcome", "amount"),
    [
        (Outcome.SETTLE, "0"),
        (Outcome.SETTLE, "-0.01"),
        (Outcome.SETTLE, "0.060000001"),
        (Outcome.RELEASE, "0.01"),
    ],
)
async def test_a_resolution_that_does_not_fit_the_hold_changes_nothing(
    shop: Shop, outcome: Outcome, amount: str
) -> None:
    job = await buy(shop, shop.checkout())
    await shop.bring(job, SEND, LOSE_SENT)
    before = await shop.stored()
    with pytest.raises(WrongAmount, match=r"holds \$0\.06"):
        await shop.checkout().resolve(job.id, outcome, STAFF, reason="", amount=Usd.of(amount))
    assert await shop.stored() == before


async def test_only_unresolved_jobs_of_the_own_server_are_resolved(shop: Shop) -> None:
    job = await buy(shop, shop.checkout())
    for who, refusal in ((STAFF, NotUnresolved), (replace(STAFF, server_id=2), NoSuchJob)):
        with pytest.raises(refusal):
            await shop.checkout().resolve(job.id, Outcome.RELEASE, who, reason="")
    with pytest.raises(NoSuchJob):
        await shop.checkout().resolve("nothing", Outcome.RELEASE, STAFF, reason="")
