"""What staff have decided: the last line of the log is in force, and every line stays."""

import sqlite3
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from bot.domain.limit import parse_limits
from bot.domain.money import Usd
from bot.domain.rules import FROZEN, Freeze, Kind, Rules
from storage import limits
from storage.database import Database, Tx
from tests.storage.story import MEMBER, NOW, SERVER, STAFF, granted, minutes

WEEK = parse_limits("5/week")
VALUES = {
    Kind.SERVER_LIMIT: "$20.00/month",
    Kind.MEMBER_LIMIT: "$5.00/day and $60.00/month",
    Kind.ROLE_LIMIT: "unlimited",
    Kind.REQUEST_CAP: "$1.00",
    Kind.JOBS_AT_ONCE: "2",
    Kind.TIME_ZONE: "Europe/Berlin",
    Kind.STAFF_ROLE: "77",
    Kind.ALERTS_CHANNEL: "88",
    Kind.FREEZE: FROZEN,
}
SUBJECTS = {Kind.MEMBER_LIMIT: MEMBER, Kind.ROLE_LIMIT: 5}


async def put(
    tx: Tx, kind: Kind, value: str | None, subject: int | None = None, *, server: int = SERVER, reason: str = ""
) -> bool:
    about = SUBJECTS.get(kind) if subject is None else subject
    return await limits.change(tx, server, kind, about, value, actor_id=STAFF, reason=reason, at=NOW)


async def rules(tx: Tx, *roles: int, member: int = MEMBER, server: int = SERVER) -> Rules:
    return await limits.in_force(tx, server, member, roles)


async def test_a_server_that_has_decided_nothing_inherits_everything(tx: Tx) -> None:
    assert await rules(tx, 5, 6) == Rules()
    assert await limits.all_in_force(tx, SERVER) == []
    assert await limits.log(tx, SERVER, most=10) == []


async def test_what_was_decided_last_is_in_force(tx: Tx) -> None:
    for kind, value in VALUES.items():
        assert await put(tx, kind, value, reason="because")
    assert await rules(tx, 5, 6) == Rules(
        server=parse_limits("20/month"),
        personal=parse_limits("5/day and 60/month"),
        roles={5: ()},
        zone=ZoneInfo("Europe/Berlin"),
        request_cap=Usd.of("1.00"),
        jobs_at_once=2,
        freeze=Freeze(STAFF, "because", NOW),
        staff_role=77,
        alerts_channel=88,
    )
    await put(tx, Kind.SERVER_LIMIT, "$5.00/week")
    await put(tx, Kind.JOBS_AT_ONCE, "0")
    found = await rules(tx)
    assert (found.server, found.jobs_at_once, found.roles) == (WEEK, 0, {})


@pytest.mark.parametrize("kind", VALUES)
async def test_what_is_unset_inherits_again(tx: Tx, kind: Kind) -> None:
    await put(tx, kind, VALUES[kind])
    assert await rules(tx, 5) != Rules()
    assert await put(tx, kind, None)
    assert await rules(tx, 5) == Rules()
    assert await limits.all_in_force(tx, SERVER) == []


@pytest.mark.parametrize("kind", VALUES)
async def test_nothing_changed_is_no_line_in_the_log(tx: Tx, kind: Kind) -> None:
    assert not await put(tx, kind, None)
    assert await put(tx, kind, VALUES[kind])
    assert not await put(tx, kind, VALUES[kind])
    assert await put(tx, kind, None)
    assert not await put(tx, kind, None)
    assert [(line.before, line.value) for line in await limits.log(tx, SERVER, most=9)] == [
        (VALUES[kind], None),
        (None, VALUES[kind]),
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.SERVER_LIMIT, "5"),
        (Kind.MEMBER_LIMIT, ""),
        (Kind.ROLE_LIMIT, "-1/day"),
        (Kind.REQUEST_CAP, "5/day"),
        (Kind.JOBS_AT_ONCE, "-1"),
        (Kind.JOBS_AT_ONCE, "1001"),
        (Kind.JOBS_AT_ONCE, "٢"),
        (Kind.TIME_ZONE, "Atlantis"),
        (Kind.STAFF_ROLE, "admin"),
        (Kind.ALERTS_CHANNEL, "9" * 30),
        (Kind.FREEZE, "yes"),
        (Kind.GRANT, "5"),
        (Kind.RESOLVE, "x"),
    ],
)
async def test_what_could_not_be_read_again_is_not_stored(tx: Tx, kind: Kind, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        await put(tx, kind, value)
    assert await limits.log(tx, SERVER, most=9) == []


async def test_each_member_role_and_server_has_its_own(tx: Tx) -> None:
    await put(tx, Kind.MEMBER_LIMIT, "$5.00/week", MEMBER)
    await put(tx, Kind.ROLE_LIMIT, "$5.00/week", 5)
    await put(tx, Kind.ROLE_LIMIT, "$0.00/day", 6)
    assert (await rules(tx, 5)).roles == {5: WEEK}
    assert set((await rules(tx, 6, 5)).roles) == {5, 6}
    assert (await rules(tx, 5)).personal == WEEK
    assert (await rules(tx, 5, member=MEMBER + 1)).personal is None
    assert await rules(tx, 5, server=SERVER + 1) == Rules()


async def test_the_role_with_the_servers_own_id_is_everybody(tx: Tx) -> None:
    """Discord's @everyone, which no payload lists among a member's roles."""
    await put(tx, Kind.ROLE_LIMIT, "$5.00/week", SERVER)
    for roles in ((), (5,), (SERVER,)):
        found = await rules(tx, *roles)
        assert (found.everyone, found.roles) == (WEEK, {})


async def test_the_zone_is_utc_until_it_is_set(tx: Tx) -> None:
    assert (await rules(tx)).zone is UTC


async def test_the_log_has_every_line_the_newest_first_page_by_page(tx: Tx) -> None:
    await put(tx, Kind.SERVER_LIMIT, "$5.00/week", reason="  too\n much ")
    await put(tx, Kind.SERVER_LIMIT, "$6.00/week", server=SERVER + 1)
    grant = await granted(tx, "2.50", days=2, at=minutes(1))
    await put(tx, Kind.SERVER_LIMIT, None, reason="x" * 400)
    found = await limits.log(tx, SERVER, most=9)
    assert [(line.kind, line.subject, line.before, line.value) for line in found] == [
        (Kind.SERVER_LIMIT, "", "$5.00/week", None),
        (Kind.GRANT, str(MEMBER), None, "$2.50 until 2026-11-22 12:00 UTC"),
        (Kind.SERVER_LIMIT, "", None, "$5.00/week"),
    ]
    assert [line.actor_id for line in found] == [STAFF] * 3
    assert [line.reason for line in found] == ["x" * 300, "for the contest", "too much"]
    assert [line.changed_at for line in found] == [NOW, minutes(1), NOW]
    assert found[1].id == grant.id
    assert await limits.log(tx, SERVER, most=2) == found[:2]
    assert await limits.log(tx, SERVER, most=2, before_id=found[1].id) == found[2:]


async def test_everything_that_is_in_force_is_listed_with_who_set_it(tx: Tx) -> None:
    await put(tx, Kind.ROLE_LIMIT, "$1.00/day", 20)
    await put(tx, Kind.ROLE_LIMIT, "$1.00/day", 3)
    await put(tx, Kind.MEMBER_LIMIT, "$1.00/day", 9)
    await put(tx, Kind.MEMBER_LIMIT, None, 9)
    await put(tx, Kind.SERVER_LIMIT, "$1.00/day")
    await put(tx, Kind.SERVER_LIMIT, "$2.00/day")
    await put(tx, Kind.SERVER_LIMIT, "$3.00/day", server=SERVER + 1)
    await granted(tx)
    found = await limits.all_in_force(tx, SERVER)
    assert [(each.kind, each.subject, each.value) for each in found] == [
        (Kind.SERVER_LIMIT, "", "$2.00/day"),
        (Kind.ROLE_LIMIT, "3", "$1.00/day"),
        (Kind.ROLE_LIMIT, "20", "$1.00/day"),
    ]
    assert {each.actor_id for each in found} == {STAFF}


async def test_a_change_that_is_rolled_back_is_in_no_log(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as tx:
            await put(tx, Kind.SERVER_LIMIT, "$2.00/day")
            await tx.execute("INSERT INTO installation (name, value) VALUES ('x', NULL)")

    with pytest.raises(sqlite3.IntegrityError):
        await fail()
    assert await rules(database.read) == Rules()
