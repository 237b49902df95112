"""A quote whose price has changed buys nothing, and brings a new card at today's price."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.domain import price
from bot.domain.admission import OverLimit
from bot.domain.money import Usd
from bot.domain.price import PRICE_LISTS
from bot.domain.problem import InvalidRequest
from bot.domain.stored import from_json, to_json
from bot.refusals import PriceChanged, QuoteCancelled
from storage import quotes
from tests.bot.shop import ANN, CHEAP, NOON, Shop, check_that_jobs_are_whole, rows


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
