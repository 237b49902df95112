"""Alerts: written once per window and threshold, with what they are about, for servers with a channel for them."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.checkout import Checkout
from bot.domain.alert import Alert, BooksDiffer, LimitReached, LowBalance, PriceDrift
from bot.domain.job import CANCEL, LOSE, Outcome, State
from bot.domain.limit import Layer, Limits, parse_limits
from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from bot.domain.rules import Kind
from bot.offer import Requester
from bot.runware.report import Report
from bot.runware.task import Storage
from bot.steps import Steps
from storage import alerts, jobs, limits
from storage.database import Database, Tx
from tests.interrupt import interrupted, wait_at_statements
from tests.storage.story import NOW, SERVER, STAFF, bought, brought_to, run, won

CHANNEL = 77
TEN_JOBS: Mapping[Layer, Limits] = {Layer.SERVER: parse_limits("0.60/month")}


async def name_channel(tx: Tx, server: int = SERVER, channel: int | None = CHANNEL) -> None:
    value = None if channel is None else str(channel)
    await limits.change(tx, server, Kind.ALERTS_CHANNEL, None, value, actor_id=STAFF, reason="", at=NOW)


async def buy(tx: Tx, number: int, defaults: Mapping[Layer, Limits] = TEN_JOBS, *, at: datetime = NOW) -> None:
    """So many jobs of six cents, one after another."""
    for _ in range(number):
        await bought(tx, at=at)
        await alerts.limits_reached(tx, defaults, server_id=SERVER, now=at)


async def told(tx: Tx, server: int = SERVER) -> list[str]:
    """What waits to be posted in a server."""
    found = [each.alert for each in await alerts.waiting(tx) if each.server_id == server]
    return [f"{a.layer} {a.limit} {a.percent}" for a in found if isinstance(a, LimitReached)]


async def test_each_threshold_is_told_once_and_when_it_is_reached(tx: Tx) -> None:
    await name_channel(tx)
    counts: list[int] = []
    for _ in range(10):
        await buy(tx, 1)
        counts.append(len(await told(tx)))
    assert counts == [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]
    assert await told(tx) == [f"server $0.60/month {percent}" for percent in (50, 80, 100)]


async def test_of_thresholds_passed_at_once_the_highest_is_told_and_the_others_never(tx: Tx) -> None:
    await name_channel(tx)
    job_id = await bought(tx, 4)
    await bought(tx, 4)
    await alerts.limits_reached(tx, TEN_JOBS, server_id=SERVER, now=NOW)
    await jobs.take(tx, job_id, CANCEL, at=NOW)
    await buy(tx, 2)
    assert await told(tx) == ["server $0.60/month 80"]


async def test_without_a_channel_nothing_is_written_and_with_one_the_next_job_tells(tx: Tx) -> None:
    await buy(tx, 9)
    assert await told(tx) == []
    await name_channel(tx)
    await buy(tx, 1)
    assert await told(tx) == ["server $0.60/month 100"]
    await name_channel(tx, channel=None)
    assert await alerts.channels(tx) == {}


async def test_the_next_window_tells_again(tx: Tx) -> None:
    await name_channel(tx)
    await buy(tx, 5)
    await buy(tx, 5, at=NOW + timedelta(days=11))
    assert await told(tx) == ["server $0.60/month 50"] * 2


async def test_a_rolling_window_tells_again_after_its_hours(tx: Tx) -> None:
    await name_channel(tx)
    rolling = {Layer.SERVER: parse_limits("0.12/3h")}
    await buy(tx, 1, rolling)
    await buy(tx, 1, rolling, at=NOW + timedelta(hours=3, microseconds=1))
    await buy(tx, 1, {Layer.SERVER: parse_limits("100/total")}, at=NOW)
    assert await told(tx) == ["server $0.12/3h 50"] * 2


async def test_the_servers_own_zone_says_when_a_window_begins(tx: Tx) -> None:
    """In Auckland it is the 21st already an hour before noon, UTC, and not yet two hours before."""
    await name_channel(tx)
    await limits.change(tx, SERVER, Kind.TIME_ZONE, None, "Pacific/Auckland", actor_id=STAFF, reason="", at=NOW)
    daily = {Layer.SERVER: parse_limits("0.06/day")}
    await buy(tx, 1, daily, at=NOW - timedelta(hours=2))
    await buy(tx, 1, daily, at=NOW - timedelta(hours=1, minutes=-1))
    assert await told(tx) == ["server $0.06/day 100"] * 2


async def test_a_limit_that_staff_raise_begins_anew(tx: Tx) -> None:
    await name_channel(tx)
    await buy(tx, 5)
    await limits.change(tx, SERVER, Kind.SERVER_LIMIT, None, "$0.70/month", actor_id=STAFF, reason="", at=NOW)
    await buy(tx, 1)
    assert await told(tx) == ["server $0.60/month 50", "server $0.70/month 50"]


async def test_the_accounts_limit_is_told_to_every_server_with_a_channel_and_a_servers_to_itself(tx: Tx) -> None:
    for server in (SERVER, SERVER + 1):
        await name_channel(tx, server)
    await name_channel(tx, SERVER + 2)
    await name_channel(tx, SERVER + 2, channel=None)
    await buy(tx, 1, {Layer.ACCOUNT: parse_limits("0.12/month"), Layer.SERVER: parse_limits("0.07/day")})
    assert await told(tx) == ["account $0.12/month 50", "server $0.07/day 80"]
    assert await told(tx, SERVER + 1) == ["account $0.12/month 50"]
    assert await told(tx, SERVER + 2) == []


@pytest.mark.parametrize(
    "alert",
    [
        LimitReached(Layer.ACCOUNT, parse_limits("5/24h")[0], Usd(1), Usd(2), None, 50),
        LimitReached(Layer.SERVER, parse_limits("5/week")[0], Usd(1), Usd(2), NOW, 100),
        LowBalance(Usd(-3), Usd(4), Usd(5)),
        PriceDrift("720p video, 5 s", "result", Usd(3), Usd(4), Usd(4), "j1"),
        BooksDiffer(7, Usd(3), Usd(4)),
    ],
    ids=lambda alert: type(alert).__name__,
)
async def test_what_is_stored_is_what_was_written(tx: Tx, alert: Alert) -> None:
    await alerts.add(tx, SERVER, "it", alert, at=NOW)
    await alerts.add(tx, SERVER, "it", alert, at=NOW)
    [stored] = await alerts.waiting(tx)
    assert (stored.server_id, stored.alert, stored.tries, stored.attempted_at) == (SERVER, alert, 0, None)
    assert 0 < len(stored.nonce) <= 25


async def test_an_alert_is_posted_once_and_kept(tx: Tx) -> None:
    alert = BooksDiffer(7, Usd(3), Usd(4))
    await alerts.add(tx, SERVER, "it", alert, at=NOW)
    [stored] = await alerts.waiting(tx)
    await alerts.attempt(tx, stored.id, CHANNEL, NOW)
    await alerts.postpone(tx, stored.id, NOW)
    [tried] = await alerts.waiting(tx)
    assert (tried.channel_id, tried.attempted_at, tried.tries, tried.next_try_at) == (CHANNEL, NOW, 1, NOW)
    await alerts.posted(tx, stored.id, 5)
    assert await alerts.waiting(tx) == []
    for sql in (
        "UPDATE alerts SET state = 'waiting', message_id = NULL",
        "UPDATE alerts SET message_id = 6",
        "UPDATE alerts SET facts = '{}'",
        "DELETE FROM alerts",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            await tx.execute(sql)


def checkout(database: Database, defaults: Mapping[Layer, Limits]) -> Checkout:
    return Checkout(database, defaults, storage=Storage(), now=lambda: NOW)


WHO = Requester(SERVER, 10, 100)
FOX = TextToVideo(prompt="a fox", resolution="360p")


async def test_a_hold_and_its_alert_are_stored_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off at every await in turn."""
    wait_at_statements(monkeypatch)
    cut = 0
    for nth in range(1, 500):
        path = tmp_path / f"{nth}.db"
        async with Database.open(path) as database:
            desk = checkout(database, {Layer.SERVER: parse_limits("0.06/day")})
            async with database.transaction() as tx:
                await name_channel(tx)
            offer = await desk.offer(FOX, WHO)
            try:
                await interrupted(desk.confirm(offer.stored.id, WHO), nth)
                finished = True
            except BaseException as error:
                assert type(error).__name__ == "CancelledError"  # noqa: PT017
                finished = False
            async with database.transaction():  # its end is behind whatever was being stored
                pass
            held = await jobs.under_way(database.read)
            assert len(held) == len(await told(database.read))
            cut += not finished
        if finished:
            break
    assert cut > 10


async def test_what_staff_charge_beyond_the_hold_is_told(database: Database) -> None:
    """A job of four: two results came and were dearer than all four, then it was lost."""
    defaults = {Layer.SERVER: parse_limits("0.60/month")}
    async with database.transaction() as tx:
        await name_channel(tx)
        job = await brought_to(tx, State.RUNNING, 4)
        await jobs.arrive(tx, job.id, [won("a", Usd.of("0.30")), won("b", Usd.of("0.20"))], at=NOW)
        await jobs.take(tx, job.id, LOSE, at=NOW)
    await checkout(database, defaults).resolve(job.id, Outcome.SETTLE, WHO, reason="")
    assert await told(database.read) == ["server $0.60/month 80"]


async def test_what_the_provider_bills_beyond_the_hold_is_told(database: Database) -> None:
    async with database.transaction() as tx:
        await name_channel(tx)
        job_id = await bought(tx)
        await run(tx, job_id)
    steps = Steps(database, limits=TEN_JOBS, now=lambda: NOW, changed=lambda: None)
    job = await jobs.existing(database.read, job_id)
    report = Report([won(cost=Usd.of("0.50"))])
    await steps.arrive(job, report)
    assert await told(database.read) == ["server $0.60/month 80"]
