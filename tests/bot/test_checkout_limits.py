"""What staff have decided is in force at the next quote and at Confirm: limits, freezes, grants."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.checkout import Checkout
from bot.domain.admission import FrozenServer, OverLimit
from bot.domain.job import ACCEPT, SEND, Arrival, Job, State
from bot.domain.limit import Layer, Limit
from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from bot.domain.rules import FROZEN, Kind
from bot.domain.window import Calendar
from bot.runware.task import Storage
from storage import grants, jobs
from tests.bot.shop import (
    ANN,
    CHEAP,
    NOON,
    TEN_OF_THEM,
    Shop,
    buy,
    check_that_jobs_are_whole,
    decide,
    each_outcome,
    grant,
    held,
)

# What staff have decided


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
