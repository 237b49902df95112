"""Alerts to staff: written in the transaction with what they are about, posted once, to the channel they chose.

A server without an alerts channel is not told: nothing is written for it.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, assert_never

from bot.domain.alert import (
    Alert,
    BooksDiffer,
    LimitReached,
    LowBalance,
    PriceDrift,
    QueueWaits,
    Unit,
    limit_reached,
    lowness,
)
from bot.domain.job import Reason
from bot.domain.limit import Layer, Limits, parse_limits
from bot.domain.money import Usd
from bot.domain.window import EVER, opens_at
from storage import installation, limits, standing
from storage.database import Tx, from_micros, rows, to_micros

QUIET: Final = timedelta(hours=6)
"""Staff who have read that the account is out of credit need not read it again sooner."""


@dataclass(frozen=True)
class StoredAlert:
    """An alert that waits to be posted. `attempted_at`: since then it may already be in `channel_id`."""

    id: int
    nonce: str
    server_id: int
    alert: Alert
    channel_id: int | None
    attempted_at: datetime | None
    tries: int
    next_try_at: datetime | None


async def channels(tx: Tx) -> dict[int, int]:
    """The alerts channel of every server that has one."""
    found = await rows(  # from one server to the next: GROUP BY would read every change that there ever was
        tx,
        """WITH RECURSIVE each(server_id) AS (
               SELECT min(server_id) FROM changes WHERE kind = 'alerts channel'
               UNION ALL
               SELECT (SELECT min(server_id) FROM changes INDEXED BY alerts_channels
                       WHERE kind = 'alerts channel' AND server_id > each.server_id)
               FROM each WHERE each.server_id IS NOT NULL
           )
           SELECT each.server_id, (
               SELECT value FROM changes INDEXED BY alerts_channels
               WHERE kind = 'alerts channel' AND server_id = each.server_id ORDER BY id DESC LIMIT 1
           ) AS value
           FROM each WHERE each.server_id IS NOT NULL""",
    )
    return {row["server_id"]: int(row["value"]) for row in found if row["value"] is not None}


async def limits_reached(tx: Tx, defaults: Mapping[Layer, Limits], *, server_id: int, now: datetime) -> None:
    """Write down which limits of the account and of this server have reached a threshold that nobody was told of in
    their present window. Call it with every change that makes a sum grow. `defaults`: the operator's limits.
    """
    told = await channels(tx)
    if not told:
        return
    zone = (await limits.in_force(tx, server_id, standing.NOBODY, ())).zone
    for each in await standing.of_server(tx, defaults, server_id=server_id, now=now):
        alert = limit_reached(each)
        if alert is None:
            continue
        if each.layer is Layer.ACCOUNT:
            servers, since = list(told), opens_at(each.limit.window, now, UTC)
        else:
            servers, since = [server_id] if server_id in told else [], opens_at(each.limit.window, now, zone)
        for server in servers:
            subject = f"{each.layer} {each.limit}"
            await add(tx, server, subject, alert, level=alert.percent, since=since, at=now)


async def balance_read(tx: Tx, alert: LowBalance, servers: Iterable[int], *, at: datetime) -> None:
    """Tell these servers that the balance is low, once until it has been fine again."""
    last = await installation.remembered(tx, installation.BALANCE)
    if last is not None and alert.balance.nanos > int(last):
        await installation.remember(tx, installation.TOPPED_UP, str(to_micros(at)))
    await installation.remember(tx, installation.BALANCE, str(alert.balance.nanos))
    level = lowness(alert)
    if not level:
        await installation.remember(tx, installation.BALANCE_WAS_FINE, str(to_micros(at)))
        return
    fine_at = int(await installation.remembered(tx, installation.BALANCE_WAS_FINE) or 0)
    for server_id in servers:
        await add(tx, server_id, "balance", alert, level=level, since=from_micros(fine_at), at=at)


async def queue_waits(tx: Tx, alert: QueueWaits, *, since: datetime, at: datetime) -> None:
    """Tell every server with a channel that the queue waits, which it has done `since` then.

    Of credit at most once in QUIET, however often the queue moves in between, unless there was more of it: a cheap
    job that is accepted ends the wait, and the next dear one begins another.
    """
    if alert.reason is Reason.OUT_OF_CREDIT:
        topped_up_at = int(await installation.remembered(tx, installation.TOPPED_UP) or 0)
        since = max(min(since, at - QUIET), from_micros(topped_up_at))
    for server_id in await channels(tx):
        await add(tx, server_id, f"queue {alert.reason}", alert, since=since, at=at)


async def add(
    tx: Tx, server_id: int, subject: str, alert: Alert, *, at: datetime, level: int = 0, since: datetime = EVER
) -> None:
    """Write an alert, unless there is one about the same, of this level or a higher one, since then."""
    await tx.execute(
        """INSERT INTO alerts (server_id, subject, level, facts, written_at)
           SELECT :server, :subject, :level, :facts, :at WHERE NOT EXISTS (
               SELECT 1 FROM alerts
               WHERE server_id = :server AND subject = :subject AND written_at >= :since AND level >= :level
           )""",
        {
            "server": server_id,
            "subject": subject,
            "level": level,
            "facts": json.dumps(_to_json(alert)),
            "at": to_micros(at),
            "since": to_micros(since),
        },
    )


async def waiting(tx: Tx) -> list[StoredAlert]:
    """Every alert that is not posted yet, the oldest first."""
    found = await rows(tx, "SELECT * FROM alerts INDEXED BY alerts_waiting WHERE state = 'waiting' ORDER BY id")
    return [_stored(row) for row in found]


async def attempt(tx: Tx, alert_id: int, channel_id: int, at: datetime) -> None:
    """Store that the alert is about to be sent to this channel."""
    await tx.execute(
        "UPDATE alerts SET attempted_at = ?, channel_id = ? WHERE id = ?", (to_micros(at), channel_id, alert_id)
    )


async def posted(tx: Tx, alert_id: int, message_id: int) -> None:
    """The alert stands in the channel in which it was attempted."""
    await tx.execute(
        "UPDATE alerts SET state = 'posted', message_id = ?, next_try_at = NULL WHERE id = ?",
        (message_id, alert_id),
    )


async def undelivered(tx: Tx, alert_id: int) -> None:
    """There is no channel that takes it."""
    await tx.execute("UPDATE alerts SET state = 'undelivered', next_try_at = NULL WHERE id = ?", (alert_id,))


async def postpone(tx: Tx, alert_id: int, until: datetime) -> None:
    """It could not be posted now, for a reason that may pass."""
    await tx.execute(
        "UPDATE alerts SET tries = tries + 1, next_try_at = ? WHERE id = ?", (to_micros(until), alert_id)
    )


def _stored(row: sqlite3.Row) -> StoredAlert:
    return StoredAlert(
        id=row["id"],
        nonce=row["nonce"],
        server_id=row["server_id"],
        alert=_from_json(json.loads(row["facts"])),
        channel_id=row["channel_id"],
        attempted_at=_moment(row["attempted_at"]),
        tries=row["tries"],
        next_try_at=_moment(row["next_try_at"]),
    )


def _to_json(alert: Alert) -> dict[str, Any]:
    """The alert as plain values."""
    match alert:
        case LimitReached(layer, limit, spent, held, resets_at, percent):
            resets = None if resets_at is None else to_micros(resets_at)
            return {
                "kind": "limit",
                "layer": layer,
                "limit": str(limit),
                "spent": spent.nanos,
                "held": held.nanos,
                "resets_at": resets,
                "percent": percent,
            }
        case LowBalance(balance, held, floor):
            return {"kind": "balance", "balance": balance.nanos, "held": held.nanos, "floor": floor.nanos}
        case PriceDrift(configuration, unit, quoted, billed, from_now_on, job_id):
            return {
                "kind": "price",
                "configuration": configuration,
                "unit": unit,
                "quoted": quoted.nanos,
                "billed": billed.nanos,
                "from_now_on": from_now_on.nanos,
                "job_id": job_id,
            }
        case BooksDiffer(days, booked, billed):
            return {"kind": "books", "days": days, "booked": booked.nanos, "billed": billed.nanos}
        case QueueWaits(reason):
            return {"kind": "queue", "reason": reason}
        case _:
            assert_never(alert)


def _from_json(facts: Mapping[str, Any]) -> Alert:
    match facts["kind"]:
        case "limit":
            [limit] = parse_limits(facts["limit"])
            resets = _moment(facts["resets_at"])
            spent, held = Usd(facts["spent"]), Usd(facts["held"])
            return LimitReached(Layer(facts["layer"]), limit, spent, held, resets, facts["percent"])
        case "balance":
            return LowBalance(Usd(facts["balance"]), Usd(facts["held"]), Usd(facts["floor"]))
        case "price":
            quoted, billed = Usd(facts["quoted"]), Usd(facts["billed"])
            from_now_on = Usd(facts.get("from_now_on", facts["billed"]))  # older alerts do not say
            unit: Unit = "second" if "second" in facts["unit"] else "result"  # older alerts say “a second”
            return PriceDrift(facts["configuration"], unit, quoted, billed, from_now_on, facts["job_id"])
        case "queue":
            return QueueWaits(Reason(facts["reason"]))
        case _:
            return BooksDiffer(facts["days"], Usd(facts["booked"]), Usd(facts["billed"]))


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
