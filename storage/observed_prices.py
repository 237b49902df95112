"""What the provider was seen to bill where that is not its list's: append-only, each with the job it was seen on.

The last one of a configuration is in force for a week, or until there is a new price list, which knows better.
"""

from datetime import date, datetime, timedelta
from typing import Final

from bot.domain.alert import PriceDrift
from bot.domain.drift import Observation, observe
from bot.domain.job import Job
from bot.domain.money import Usd
from bot.domain.price import price_list
from storage import alerts
from storage.database import Tx, rows, to_micros

BELIEVED_FOR: Final = timedelta(days=7)
"""A price that nobody buys at any more would otherwise never be seen again."""


async def in_force(tx: Tx, effective: date, *, at: datetime) -> dict[str, Usd]:
    """What was observed until then, by configuration, since the price list of this first day is in force."""
    found = await rows(
        tx,
        """SELECT observed_prices.configuration, observed_prices.amount FROM (
               SELECT max(id) AS last FROM observed_prices
               WHERE price_list = ? AND observed_at BETWEEN ? AND ? GROUP BY configuration
           ) CROSS JOIN observed_prices ON observed_prices.id = last""",
        (effective.isoformat(), to_micros(at - BELIEVED_FOR), to_micros(at)),
    )
    return {row["configuration"]: Usd(row["amount"]) for row in found}


async def note(tx: Tx, job: Job, *, at: datetime) -> Observation | None:
    """Store what a job that is done says about prices, and tell staff of a configuration the first time.

    What it says; None where that is nothing new, or where its quote was made by an older price list.
    """
    seen = observe(job.request, job.hold, job.results)
    effective = price_list(at.date()).effective
    if seen is None or await _list_of(tx, job.id) != effective:
        return None
    if (await in_force(tx, effective, at=at)).get(seen.configuration) == seen.billed:
        return None
    await tx.execute(
        """INSERT INTO observed_prices (price_list, configuration, amount, job_id, observed_at)
           VALUES (?, ?, ?, ?, ?)""",
        (effective.isoformat(), seen.configuration, seen.billed.nanos, job.id, to_micros(at)),
    )
    for server_id in await alerts.channels(tx):
        job_id = job.id if server_id == job.server_id else None
        drift = PriceDrift(seen.configuration, seen.unit, seen.quoted, seen.billed, job_id)
        await alerts.add(tx, server_id, f"price {effective} {seen.configuration}", drift, at=at)
    return seen


async def _list_of(tx: Tx, job_id: str) -> date:
    """The price list that a job's quote was made by."""
    [row] = await rows(
        tx,
        "SELECT quotes.price_list FROM jobs CROSS JOIN quotes ON quotes.id = jobs.quote_id WHERE jobs.id = ?",
        (job_id,),
    )
    return date.fromisoformat(row["price_list"])
