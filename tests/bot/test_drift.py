"""Price drift from end to end: the provider bills another price, and the next quotes say so."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain import price
from bot.domain.alert import PriceDrift
from bot.domain.job import State
from bot.domain.money import Usd
from bot.domain.price import PRICE_LISTS, Basis
from bot.domain.request import TextToVideo
from bot.domain.rules import Kind
from bot.offer import Requester
from bot.refusals import PriceChanged
from sandbox.runware.script import Costs, NoCost
from storage import alerts, limits
from storage.database import rows
from tests.bot.room import Room, is_in, open_room

FOX = TextToVideo(prompt="a fox", resolution="360p")
WHO = Requester(server_id=1, channel_id=2, member_id=3)
CONFIGURATION = "360p video, 5 s"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with open_room(tmp_path) as room:
        for server in (1, 5):
            async with room.database.transaction() as tx:
                await limits.change(
                    tx, server, Kind.ALERTS_CHANNEL, None, "77", actor_id=9, reason="", at=room.clock.now()
                )
        yield room


async def render(room: Room, *costs: str) -> list[str]:
    """Jobs that cost so much, one after another; their ids."""
    made: list[str] = []
    async with room.working() as runner:
        for cost in costs:
            room.provider.script(Costs(Decimal(cost)))
            job = await room.buy(request=FOX)
            runner.wake()
            made.append((await room.until(job, is_in(State.DONE))).id)
    return made


async def told(room: Room) -> list[tuple[int, PriceDrift]]:
    found = await alerts.waiting(room.database.read)
    return [(each.server_id, each.alert) for each in found if isinstance(each.alert, PriceDrift)]


async def test_the_next_quote_is_what_was_billed_the_last_time_and_says_so(room: Room) -> None:
    before = await room.checkout.offer(FOX, WHO)
    [job_id] = await render(room, "0.10")
    offer = await room.checkout.offer(FOX, WHO)
    assert (before.stored.total, offer.stored.total) == (Usd.of("0.06"), Usd.of("0.10"))
    assert offer.quote.lines[0].figure.basis is Basis.OBSERVED
    seen = Usd.of("0.06"), Usd.of("0.10"), Usd.of("0.10")
    alert = PriceDrift(CONFIGURATION, "result", *seen, job_id)
    assert await told(room) == [(1, alert)], "what one server was billed is not for the other"


@pytest.mark.parametrize("cost", ["0.03", "0.10", "0.18", "0.19", "0.50"])
async def test_staff_are_told_what_the_next_quotes_use(room: Room, cost: str) -> None:
    """Less than the list says is not quoted, nor is so much that one bill is not believed."""
    await render(room, cost)
    next_price = (await room.checkout.offer(FOX, WHO)).stored.total
    assert [(seen.billed, seen.from_now_on) for _, seen in await told(room)] == [(Usd.of(cost), next_price)]


async def test_a_card_from_before_the_drift_buys_nothing_and_shows_the_new_price(room: Room) -> None:
    old = await room.checkout.offer(FOX, WHO)
    await render(room, "0.10")
    with pytest.raises(PriceChanged) as changed:
        await room.checkout.confirm(old.stored.id, WHO)
    assert changed.value.offer.stored.total == Usd.of("0.10")
    assert (await room.checkout.confirm(changed.value.offer.stored.id, WHO)).hold == Usd.of("0.10")


async def test_a_card_that_is_opened_again_shows_the_price_that_it_was_made_with(room: Room) -> None:
    old = await room.checkout.offer(FOX, WHO)
    await render(room, "0.10")
    again = await room.checkout.reopen(old.stored.id, WHO)
    assert again.quote.total == again.stored.total == Usd.of("0.06")


async def test_a_price_that_stays_is_told_once_and_so_is_its_return_to_the_list(room: Room) -> None:
    await render(room, "0.10", "0.10", "0.06", "0.06")
    assert [(server, seen.billed) for server, seen in await told(room)] == [
        (1, Usd.of("0.10")),
        (1, Usd.of("0.06")),
    ]
    found = await rows(room.database.read, "SELECT amount FROM observed_prices ORDER BY id")
    assert [Usd(row[0]) for row in found] == [Usd.of("0.10"), Usd.of("0.06")]
    figure = (await room.checkout.offer(FOX, WHO)).quote.lines[0].figure
    assert (figure.amount, figure.basis) == (Usd.of("0.06"), Basis.STATED)


async def test_each_new_price_is_told_and_after_the_lists_own_the_same_one_again(room: Room) -> None:
    await render(room, "0.10", "0.14", "0.10", "0.06", "0.10")
    found = [seen.billed for _, seen in await told(room)]
    assert found == [Usd.of(each) for each in ("0.10", "0.14", "0.06", "0.10")]


async def test_a_price_that_is_seen_again_after_a_week_is_told_no_second_time(room: Room) -> None:
    """The quotes went back to the list; the provider did not."""
    await render(room, "0.10")
    room.clock.advance(timedelta(days=8))
    assert (await room.checkout.offer(FOX, WHO)).stored.total == Usd.of("0.06")
    await render(room, "0.10")
    assert (await room.checkout.offer(FOX, WHO)).stored.total == Usd.of("0.10")
    assert [server for server, _ in await told(room)] == [1]


async def test_a_cent_or_a_cost_that_is_not_named_is_no_drift(room: Room) -> None:
    room.provider.script(NoCost(), Costs(Decimal("0.50")))
    job = await room.buy(request=FOX)
    async with room.working():
        await room.until(job, is_in(State.DONE))
    await render(room, "0.07")
    assert await told(room) == await rows(room.database.read, "SELECT * FROM observed_prices") == []


async def test_a_new_price_list_knows_better(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await render(room, "0.10")
    today = room.clock.now().date()
    newer = replace(PRICE_LISTS[-1], effective=today)
    assert today > PRICE_LISTS[-1].effective >= date(2026, 11, 20)
    monkeypatch.setattr(price, "PRICE_LISTS", (*PRICE_LISTS, newer))
    offer = await room.checkout.offer(FOX, WHO)
    assert (offer.stored.total, offer.quote.price_list) == (Usd.of("0.06"), today)


async def test_a_job_of_an_older_price_list_says_nothing_of_the_new_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.provider.script(Costs(Decimal("0.10")))
    job = await room.buy(request=FOX)
    newer = replace(PRICE_LISTS[-1], effective=room.clock.now().date())
    monkeypatch.setattr(price, "PRICE_LISTS", (*PRICE_LISTS, newer))
    async with room.working():
        await room.until(job, is_in(State.DONE))
    assert await told(room) == await rows(room.database.read, "SELECT * FROM observed_prices") == []


async def test_what_fits_is_offered_at_the_observed_price(room: Room) -> None:
    await render(room, "0.10")
    near = await room.checkout.nearest(TextToVideo(prompt="a fox", resolution="540p"), WHO)
    assert [(each.request.resolution, each.price) for each in near] == [("360p", Usd.of("0.10"))]
