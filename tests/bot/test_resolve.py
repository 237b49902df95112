"""Staff resolve a job of which the provider says nothing: once, within its hold, and in the log."""

from dataclasses import replace

import pytest

from bot.domain.job import LOSE_SENT, SEND, Outcome, State
from bot.domain.money import Usd
from bot.domain.rules import Kind
from bot.refusals import NoSuchJob, NotUnresolved, WrongAmount
from storage import grants, limits
from tests.bot.shop import ANN, STAFF, Shop, buy, grant, rows


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
