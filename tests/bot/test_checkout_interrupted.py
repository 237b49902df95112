"""A checkout that is cancelled at any await leaves the books whole."""

import asyncio
import itertools
import random

import pytest

from bot.domain.admission import OverLimit
from bot.domain.job import Job, State
from bot.domain.refusal import Refusal
from bot.refusals import AlreadyConfirmed
from storage import jobs
from tests.bot.shop import ANN, TEN_OF_THEM, Shop, check_that_jobs_are_whole, each_outcome, held
from tests.interrupt import interrupted, wait_at_statements


async def test_a_confirm_that_is_cancelled_at_any_await_leaves_the_books_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each of its awaits, once, twice and three times in a row. Pressed again, it buys if it had not bought."""
    wait_at_statements(monkeypatch)
    checkout = shop.checkout(account="1000")
    bought = {True: 0, False: 0}
    for more in ((), (1,), (1, 2)):
        for at in itertools.count(1):
            [offer] = await shop.offers(ANN)
            before = await check_that_jobs_are_whole(shop)
            try:
                await interrupted(checkout.confirm(offer.stored.id, ANN), at, *(at + n for n in more))
            except asyncio.CancelledError:
                async with shop.database.transaction():  # its end is behind whatever was being stored
                    pass
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
    assert bought[True] >= 3  # while it was put on the disk
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
