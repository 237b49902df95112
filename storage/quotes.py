"""Quotes as they were shown: immutable rows that buy at most once."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.lineage import Origin
from bot.domain.money import Usd
from bot.domain.request import Request
from bot.domain.stored import from_json, to_json
from storage import lineage
from storage.database import Tx, from_micros, rows, to_micros


@dataclass(frozen=True, kw_only=True)
class StoredQuote:
    """A quote that a member has seen. `price_list` names the list it was made from by its first day.

    `origin`: the finished video that it goes on from.
    """

    id: str
    server_id: int
    channel_id: int
    member_id: int
    request: Request
    price_list: date
    total: Usd
    quoted_at: datetime
    expires_at: datetime
    is_cancelled: bool = False
    job_id: str | None = None  # what it bought
    origin: Origin | None = None


@dataclass(frozen=True)
class OpenQuotes:
    """A member's quotes that may still be confirmed, and the files that they are made from."""

    number: int
    first_lapses: datetime | None  # None where there is none
    sha256s: frozenset[str]


async def open_of(tx: Tx, member_id: int, now: datetime) -> OpenQuotes:
    """In all servers together."""
    found = await rows(
        tx,
        """SELECT quotes.id, expires_at, sha256 FROM quotes INDEXED BY quotes_of_member
           LEFT JOIN sources ON sources.quote_id = quotes.id
           WHERE quotes.member_id = ? AND quotes.expires_at > ?
             AND NOT EXISTS (SELECT 1 FROM cancelled_quotes WHERE quote_id = quotes.id)
             AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.quote_id = quotes.id)""",
        (member_id, to_micros(now)),
    )
    first = min((row["expires_at"] for row in found), default=None)
    return OpenQuotes(
        len({row["id"] for row in found}),
        None if first is None else from_micros(first),
        frozenset(row["sha256"] for row in found if row["sha256"] is not None),
    )


async def add(tx: Tx, quote: StoredQuote) -> None:
    await tx.execute(
        """INSERT INTO quotes (id, server_id, channel_id, member_id, request, price_list, total, quoted_at,
                               expires_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            quote.id,
            quote.server_id,
            quote.channel_id,
            quote.member_id,
            json.dumps(to_json(quote.request)),
            quote.price_list.isoformat(),
            quote.total.nanos,
            to_micros(quote.quoted_at),
            to_micros(quote.expires_at),
        ),
    )
    if quote.origin is not None:
        await lineage.add(tx, quote.id, quote.origin)


async def get(tx: Tx, quote_id: str) -> StoredQuote | None:
    """The quote, and what became of it; None where no such quote was ever made."""
    found = await rows(
        tx,
        """SELECT quotes.*, cancelled_at, jobs.id AS job_id,
               lineage.parent_id, lineage.parent_n, lineage.way, lineage.film
           FROM quotes
           LEFT JOIN cancelled_quotes ON cancelled_quotes.quote_id = quotes.id
           LEFT JOIN jobs ON jobs.quote_id = quotes.id
           LEFT JOIN lineage ON lineage.quote_id = quotes.id
           WHERE quotes.id = ?""",
        (quote_id,),
    )
    if not found:
        return None
    row = found[0]
    return StoredQuote(
        id=row["id"],
        server_id=row["server_id"],
        channel_id=row["channel_id"],
        member_id=row["member_id"],
        request=from_json(json.loads(row["request"])),
        price_list=date.fromisoformat(row["price_list"]),
        total=Usd(row["total"]),
        quoted_at=from_micros(row["quoted_at"]),
        expires_at=from_micros(row["expires_at"]),
        is_cancelled=row["cancelled_at"] is not None,
        job_id=row["job_id"],
        origin=lineage.origin_of(row),
    )


async def cancel(tx: Tx, quote_id: str, at: datetime) -> None:
    """Withdraw the quote for good. The schema refuses it for one that has bought."""
    await tx.execute(
        "INSERT OR IGNORE INTO cancelled_quotes (quote_id, cancelled_at) VALUES (?, ?)",
        (quote_id, to_micros(at)),
    )
