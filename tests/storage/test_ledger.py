"""Sums over the books: what was spent and is held, of whom, since when."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from bot.domain.grant import Draw
from bot.domain.job import CANCEL, State
from bot.domain.limit import Layer
from bot.domain.money import Usd
from bot.domain.window import EVER, AllTime, Calendar, Rolling, Window, opens_at
from storage import jobs, ledger
from storage.database import Tx
from tests.storage.story import MEMBER, NOW, SERVER, bought, brought_to, granted, lost, minutes, run, shown, won


async def sums(tx: Tx, server: int = SERVER, member: int = MEMBER) -> dict[str, tuple[str, str]]:
    """Spent and held of each layer, since ever."""
    found: dict[str, tuple[str, str]] = {}
    for layer in Layer:
        counted = await ledger.sums(tx, layer, server_id=server, member_id=member, since=EVER)
        found[str(layer)] = str(counted.spent), str(counted.held)
    return found


async def within(tx: Tx, window: Window, now: datetime, zone: tzinfo = UTC) -> tuple[str, str]:
    """What a member has spent and holds in the window in which `now` lies."""
    since = opens_at(window, now, zone)
    found = await ledger.sums(tx, Layer.MEMBER, server_id=SERVER, member_id=MEMBER, since=since)
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


async def test_what_grants_pay_is_not_the_members(tx: Tx) -> None:
    """It is the server's and the account's all the same: held, and when it settles for less than the hold."""
    grant = await granted(tx)
    job_id = await bought(tx, 2, draws=[Draw(grant.id, Usd.of("0.10"))])
    outer = dict.fromkeys(("account", "server"), ("$0.00", "$0.12"))
    assert await sums(tx) == outer | {"member": ("$0.00", "$0.02")}
    await run(tx, job_id)
    await jobs.arrive(tx, job_id, [won("a"), lost()], at=NOW)
    outer = dict.fromkeys(("account", "server"), ("$0.06", "$0.00"))
    assert await sums(tx) == outer | {"member": ("$0.02", "$0.00")}


async def test_sums_beyond_any_budget_are_exact(tx: Tx) -> None:
    """A hundred jobs of 90 million dollars, each with a nano-dollar."""
    price = Usd.of("90000000.000000001")
    for _ in range(100):
        await bought(tx, total=price)
    for layer in Layer:
        found = await ledger.sums(tx, layer, server_id=SERVER, member_id=MEMBER, since=EVER)
        assert found.held == price * 100
