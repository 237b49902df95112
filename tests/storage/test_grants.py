"""Grants and what jobs draw from them: nothing is lost, nothing is spent twice, whatever becomes of the job."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.domain.grant import Draw
from bot.domain.job import CANCEL, LOSE, Arrival
from bot.domain.money import Usd
from storage import grants, jobs
from storage.database import Tx
from tests.storage.story import MEMBER, NOW, SERVER, STAFF, bought, everything, granted, lost, minutes, run, won


async def left(tx: Tx, *, days: float = 0, member: int = MEMBER, server: int = SERVER) -> dict[int, str]:
    found = await grants.of_member(tx, server, member, now=NOW + timedelta(days=days))
    return {each.grant.id: str(each.left) for each in found}


async def test_a_grant_is_its_members_until_it_expires(tx: Tx) -> None:
    grant = await granted(tx, "2.50", days=2)
    [found] = await grants.of_member(tx, SERVER, MEMBER, now=NOW)
    assert (found.grant, found.left) == (grant, Usd.of("2.50"))
    assert (grant.giver_id, grant.reason, grant.given_at) == (STAFF, "for the contest", NOW)
    assert await left(tx, member=MEMBER + 1) == await left(tx, server=SERVER + 1) == {}
    assert await left(tx, days=2 - 1e-9) == {grant.id: "$2.50"}
    assert await left(tx, days=2) == {}


async def test_the_grant_that_expires_first_comes_first(tx: Tx) -> None:
    made = [await granted(tx, days=days) for days in (9, 1, 5, 1)]
    assert list(await left(tx)) == [made[n].id for n in (1, 3, 2, 0)]


@pytest.mark.parametrize(
    ("amount", "days", "says"),
    [
        ("0", 1, "write an amount"),
        ("-1", 1, "write an amount"),
        ("1000000.01", 1, "write an amount"),
        ("1", 0, "choose a day to come"),
        ("1", -1, "choose a day to come"),
        ("1", 3661, "choose a day to come"),
    ],
)
async def test_what_cannot_be_given_is_refused_and_in_no_log(tx: Tx, amount: str, days: int, says: str) -> None:
    before = await everything(tx)
    with pytest.raises(ValueError, match=f"^{says}"):
        await granted(tx, amount, days=days)
    assert await everything(tx) == before


async def two_grants(tx: Tx, *, sooner_first: bool = False) -> tuple[int, int]:
    """One of a dollar, and one of five cents that expires sooner, given in this order or the other."""
    amounts = [("1.00", 9), ("0.05", 1)]
    ids = {
        days: (await granted(tx, amount, days=days)).id for amount, days in amounts[:: -1 if sooner_first else 1]
    }
    return ids[9], ids[1]


@pytest.mark.parametrize("sooner_first", [False, True])
@pytest.mark.parametrize(
    ("arrivals", "spent"),
    [
        # twelve cents are held: two of the limit, five of the one that expires first, five of the other
        ([won("a"), won("b")], ("0.05", "0.05")),
        ([won("a", Usd.of("0.03")), won("b", Usd.of("0.05"))], ("0.01", "0.05")),  # it pays before the other
        ([won("a", Usd.of("0.03")), lost()], ("0", "0.01")),  # the limit pays first
        ([won("a", Usd.of("0.02")), lost("b", Usd.of("0.06"))], ("0", "0")),  # an overrun is nobody's grant
        ([won("a", Usd.of("0.50")), won("b")], ("0.05", "0.05")),
        ([won("a", None), won("b", None)], ("0.05", "0.05")),  # settled at the quote
        ([lost(), lost("b", Usd.of("0.06"))], ("0", "0")),
    ],
)
async def test_the_limit_pays_first_and_the_rest_returns(
    tx: Tx, arrivals: Sequence[Arrival], spent: tuple[str, str], sooner_first: bool
) -> None:
    later, sooner = await two_grants(tx, sooner_first=sooner_first)
    draws = [Draw(sooner, Usd.of("0.05")), Draw(later, Usd.of("0.05"))]
    job_id = await bought(tx, 2, draws=draws)
    assert await left(tx) == {sooner: "$0.00", later: "$0.95"}
    assert await grants.paid(tx, [job_id, "nothing"]) == {job_id: Usd.of("0.10")}
    await run(tx, job_id)
    await jobs.arrive(tx, job_id, arrivals, at=minutes(5))
    of_later, of_sooner = (Usd.of(amount) for amount in spent)
    assert await left(tx) == {
        sooner: str(Usd.of("0.05") - of_sooner),
        later: str(Usd.of("1.00") - of_later),
    }
    paid = of_later + of_sooner
    assert await grants.paid(tx, [job_id]) == ({job_id: paid} if paid else {})


async def test_a_release_returns_everything(tx: Tx) -> None:
    later, _ = await two_grants(tx)
    job_id = await bought(tx, draws=[Draw(later, Usd.of("0.06"))])
    await jobs.take(tx, job_id, CANCEL, at=minutes(1))
    assert (await left(tx))[later] == "$1.00"
    assert await grants.paid(tx, [job_id]) == {}


async def test_a_hold_keeps_what_it_has_of_a_grant_that_expires_meanwhile(tx: Tx) -> None:
    """Also while nobody knows what became of the job; what returns then is worth nothing any more."""
    grant = await granted(tx, days=1)
    job_id = await bought(tx, 2, draws=[Draw(grant.id, Usd.of("0.08"))])
    await run(tx, job_id)
    await jobs.take(tx, job_id, LOSE, at=minutes(9))
    assert await grants.paid(tx, [job_id]) == {job_id: Usd.of("0.08")}
    assert await left(tx, days=2) == {}
