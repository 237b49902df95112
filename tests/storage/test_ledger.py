"""Sums over the books: what was spent and is held, of whom, since when."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from bot.domain.job import CANCEL, State
from bot.domain.limit import AllTime, Calendar, Layer, Limit, Rolling, Window, opens_at
from bot.domain.money import Usd
from storage import jobs, ledger
from storage.database import Database, Tx
from tests.storage.story import MEMBER, NOW, SERVER, bought, brought_to, lost, minutes, shown, won

TEN = Usd.of("10.00")
EVER: Mapping[Layer, tuple[Limit, ...]] = {layer: (Limit(TEN, AllTime()),) for layer in Layer}


@pytest.fixture
async def tx(database: Database) -> AsyncGenerator[Tx]:
    async with database.transaction() as tx:
        yield tx


async def sums(tx: Tx, server: int = SERVER, member: int = MEMBER) -> dict[str, tuple[str, str]]:
    """Spent and held of each layer, since ever."""
    found = await ledger.standings(tx, EVER, server_id=server, member_id=member, now=NOW)
    return {str(standing.layer): (str(standing.spent), str(standing.held)) for standing in found}


async def within(tx: Tx, window: Window, now: datetime, zone: tzinfo = UTC) -> tuple[str, str]:
    """What a member has spent and holds in the window in which `now` lies."""
    limits = {Layer.MEMBER: (Limit(TEN, window),)}
    [found] = await ledger.standings(tx, limits, server_id=SERVER, member_id=MEMBER, now=now, zone=zone)
    return str(found.spent), str(found.held)


async def test_an_empty_ledger_sums_to_nothing(tx: Tx) -> None:
    assert await sums(tx) == dict.fromkeys(("account", "server", "member"), ("$0.00", "$0.00"))


@pytest.mark.parametrize("state", list(State))
async def test_a_job_is_held_until_it_is_over_and_then_spent_or_returned(tx: Tx, state: State) -> None:
    """An unresolved job stays held: it may yet be billed."""
    await brought_to(tx, state, 2)
    expected = {
        State.DONE: ("$0.12", "$0.00"),
        State.FAILED: ("$0.00", "$0.00"),
        State.CANCELLED: ("$0.00", "$0.00"),
    }.get(state, ("$0.00", "$0.12"))
    assert await sums(tx) == dict.fromkeys(("account", "server", "member"), expected)


async def test_each_layer_counts_its_own(tx: Tx) -> None:
    """A member in another server is another member: their limits are that server's."""
    await bought(tx)
    await bought(tx, member_id=MEMBER + 1)
    await bought(tx, server_id=SERVER + 1)
    await brought_to(tx, State.DONE, member_id=MEMBER + 1)
    await brought_to(tx, State.DONE, server_id=SERVER + 1, member_id=MEMBER + 1)
    assert await sums(tx) == {
        "account": ("$0.12", "$0.18"),
        "server": ("$0.06", "$0.12"),
        "member": ("$0.00", "$0.06"),
    }
    assert await sums(tx, SERVER + 1, MEMBER + 1) == {
        "account": ("$0.12", "$0.18"),
        "server": ("$0.06", "$0.06"),
        "member": ("$0.06", "$0.00"),
    }
    assert (await sums(tx, SERVER + 2))["server"] == ("$0.00", "$0.00")


async def test_a_settlement_below_the_hold_returns_the_rest(tx: Tx) -> None:
    job = await brought_to(tx, State.RUNNING)
    await jobs.arrive(tx, job.id, [won(cost=Usd.of("0.0411111"))], at=NOW)
    assert (await sums(tx))["member"] == ("$0.0411111", "$0.00")


async def test_an_overrun_is_the_servers_and_never_the_members(tx: Tx) -> None:
    """Neither what a success cost beyond its hold, nor what a failure cost."""
    dear = await brought_to(tx, State.RUNNING)
    await jobs.arrive(tx, dear.id, [won(cost=Usd.of("0.10"))], at=NOW)
    failed = await brought_to(tx, State.RUNNING)
    await jobs.arrive(tx, failed.id, [lost(cost=Usd.of("0.06"))], at=NOW)
    assert await sums(tx) == {
        "account": ("$0.16", "$0.00"),
        "server": ("$0.16", "$0.00"),
        "member": ("$0.06", "$0.00"),
    }


async def test_a_quote_holds_nothing(tx: Tx) -> None:
    await shown(tx)
    assert (await sums(tx))["account"] == ("$0.00", "$0.00")


@pytest.mark.parametrize(
    ("window", "zone"),
    [
        (Calendar("day"), UTC),
        (Calendar("week"), UTC),
        (Calendar("month"), UTC),
        (Calendar("day"), ZoneInfo("Pacific/Auckland")),
        (Calendar("month"), ZoneInfo("America/New_York")),
        (Rolling(24), UTC),
    ],
)
async def test_a_job_counts_from_the_first_moment_of_the_window_it_was_held_in(
    tx: Tx, window: Window, zone: tzinfo
) -> None:
    opened = opens_at(window, NOW, zone)
    await bought(tx, at=opened)
    assert await within(tx, window, NOW, zone) == ("$0.00", "$0.06")
    await bought(tx, at=opened - timedelta(microseconds=1))
    assert await within(tx, window, NOW, zone) == ("$0.00", "$0.06")
    assert await within(tx, AllTime(), NOW, zone) == ("$0.00", "$0.12")


async def test_a_job_counts_where_it_was_held_and_not_where_it_ended(tx: Tx) -> None:
    """Held before midnight, settled after: yesterday's money."""
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    job = await brought_to(tx, State.RUNNING, at=midnight - timedelta(minutes=5))
    await jobs.arrive(tx, job.id, [won()], at=midnight + timedelta(minutes=5))
    assert await within(tx, Calendar("day"), midnight - timedelta(minutes=1)) == ("$0.06", "$0.00")
    assert await within(tx, Calendar("day"), midnight + timedelta(minutes=9)) == ("$0.00", "$0.00")
    assert await within(tx, Calendar("month"), midnight + timedelta(minutes=9)) == ("$0.06", "$0.00")


async def test_a_hold_of_yesterday_does_not_weigh_on_today(tx: Tx) -> None:
    await bought(tx, at=NOW - timedelta(days=1))
    assert await within(tx, Calendar("day"), NOW) == ("$0.00", "$0.00")
    assert await within(tx, Rolling(25), NOW) == ("$0.00", "$0.06")


async def test_rolling_hours_forget_hour_by_hour(tx: Tx) -> None:
    await bought(tx, at=NOW)
    await bought(tx, at=minutes(60))
    held = [(await within(tx, Rolling(2), minutes(after)))[1] for after in (90, 120, 121, 180, 181)]
    assert held == ["$0.12", "$0.12", "$0.06", "$0.06", "$0.00"]


async def test_a_cancelled_job_releases_its_hold(tx: Tx) -> None:
    job_id = await bought(tx)
    await jobs.take(tx, job_id, CANCEL, at=minutes(1))
    assert (await sums(tx))["account"] == ("$0.00", "$0.00")


async def test_every_limit_stands_in_its_order_with_the_time_of_its_reset(tx: Tx) -> None:
    """The account's first, the member's last; a layer without limits is not named."""
    limits = {
        Layer.MEMBER: (Limit(TEN, Calendar("day")), Limit(TEN, Rolling(6)), Limit(TEN, AllTime())),
        Layer.ACCOUNT: (Limit(TEN, Calendar("month")),),
        Layer.SERVER: (),
    }
    found = await ledger.standings(tx, limits, server_id=SERVER, member_id=MEMBER, now=NOW)
    assert [(each.layer, each.limit.window, each.resets_at) for each in found] == [
        (Layer.ACCOUNT, Calendar("month"), datetime(2026, 12, 1, tzinfo=UTC)),
        (Layer.MEMBER, Calendar("day"), datetime(2026, 11, 21, tzinfo=UTC)),
        (Layer.MEMBER, Rolling(6), None),
        (Layer.MEMBER, AllTime(), None),
    ]
    assert await ledger.standings(tx, {}, server_id=SERVER, member_id=MEMBER, now=NOW) == []


async def test_sums_beyond_any_budget_are_exact(tx: Tx) -> None:
    """A hundred jobs of 90 million dollars, each with a nano-dollar."""
    price = Usd.of("90000000.000000001")
    for _ in range(100):
        await bought(tx, total=price)
    found = await ledger.standings(tx, EVER, server_id=SERVER, member_id=MEMBER, now=NOW)
    assert {standing.held for standing in found} == {price * 100}
