"""What the provider was seen to bill where that is not its list's: append-only, each with the job it was seen on.

The last one of a configuration is in force for a week, or until there is a new price list, which knows better.
"""

from datetime import date, datetime, timedelta
from typing import Final

from bot.domain.alert import PriceDrift
from bot.domain.drift import Observation, is_news, listed, observe
from bot.domain.job import Job
from bot.domain.money import Usd
from bot.domain.price import is_believed, price_list
from storage import alerts
from storage.database import Tx, rows, to_micros

BELIEVED_FOR: Final = timedelta(days=7)
"""A price that nobody buys at any more would otherwise never be seen again."""

REMEMBERED: Final = 50
"""Observations of a configuration, each another price than the one before; a price older than these is news."""


async def in_force(tx: Tx, effective: date, *, at: datetime) -> dict[str, Usd]:
    """What was observed until then, by configuration, since the price list of this first day is in force."""
    found = await rows(  # from one configuration to the next: GROUP BY would read every observation of each
        tx,
        """WITH RECURSIVE each(configuration) AS (
               SELECT min(configuration) FROM observed_prices WHERE price_list = :list
               UNION ALL
               SELECT (SELECT min(configuration) FROM observed_prices
                       WHERE price_list = :list AND configuration > each.configuration)
               FROM each WHERE each.configuration IS NOT NULL
           )
           SELECT each.configuration, (
               SELECT amount FROM observed_prices
               WHERE price_list = :list AND configuration = each.configuration
                 AND observed_at BETWEEN :since AND :at
               ORDER BY observed_at DESC, id DESC LIMIT 1
           ) AS amount
           FROM each WHERE each.configuration IS NOT NULL""",
        {"list": effective.isoformat(), "since": to_micros(at - BELIEVED_FOR), "at": to_micros(at)},
    )
    return {row["configuration"]: Usd(row["amount"]) for row in found if row["amount"] is not None}


async def note(tx: Tx, job: Job, *, at: datetime) -> Observation | None:
    """Store what a job that is done says about prices, and tell its server's staff of a price that is news.

    What it says; None where that is nothing new, or where its quote was made by an older price list.
    """
    seen = observe(job.request, job.hold, job.results)
    effective = price_list(at.date()).effective
    if seen is None or await _list_of(tx, job.id) != effective:
        return None
    if (await in_force(tx, effective, at=at)).get(seen.configuration) == seen.billed:
        return None
    earlier = await _earlier(tx, effective, seen.configuration)
    await tx.execute(
        """INSERT INTO observed_prices (price_list, configuration, amount, job_id, observed_at)
           VALUES (?, ?, ?, ?, ?)""",
        (effective.isoformat(), seen.configuration, seen.billed.nanos, job.id, to_micros(at)),
    )
    by_list = listed(job.request, effective)
    if is_news(seen.billed, by_list, earlier):
        from_now_on = seen.billed if is_believed(seen.billed, by_list) else by_list
        if job.server_id in await alerts.channels(tx):  # what another server was billed is not for others
            drift = PriceDrift(seen.configuration, seen.unit, seen.quoted, seen.billed, from_now_on, job.id)
            await alerts.add(tx, job.server_id, f"price of job {job.id}", drift, at=at)
    return seen


async def _earlier(tx: Tx, effective: date, configuration: str) -> list[Usd]:
    """The latest prices that were observed of a configuration, the latest first."""
    found = await rows(
        tx,
        """SELECT amount FROM observed_prices WHERE price_list = ? AND configuration = ?
           ORDER BY observed_at DESC, id DESC LIMIT ?""",
        (effective.isoformat(), configuration, REMEMBERED),
    )
    return [Usd(row["amount"]) for row in found]


async def _list_of(tx: Tx, job_id: str) -> date:
    """The price list that a job's quote was made by."""
    [row] = await rows(
        tx,
        "SELECT quotes.price_list FROM jobs CROSS JOIN quotes ON quotes.id = jobs.quote_id WHERE jobs.id = ?",
        (job_id,),
    )
    return date.fromisoformat(row["price_list"])
