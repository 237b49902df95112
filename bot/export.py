"""The books as a CSV file, for a spreadsheet. Pure."""

import csv
import gzip
import io
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.domain.money import NANOS, Usd
from storage.receipts import Entry

COLUMNS: Final = (
    "entry",  # counts up over all servers
    "job",
    "member",  # as Discord writes a mention: a spreadsheet would round the bare number
    "kind",  # hold, settle (what was spent of it), release (all of it returned), overrun (more was billed)
    "amount_usd",
    "from_grants_usd",  # what grants pay of it; the rest is the member's limit's
    "estimated",  # yes: the provider named no cost, so the quote stands in
    "request",
    "resolution",
    "held_at",  # UTC; what decides in which day, week or month it counts
    "booked_at",  # UTC
    "prompt",  # its first 200 characters
)
"""The README lists them for whoever reads the file."""

MOST_PROMPT: Final = 200

_SIGN: Final = r"[=+\-@＝＋－＠]"
_BEGINS: Final = re.compile(rf"\s*{_SIGN}|[\t\r\n]")
"""What a spreadsheet takes for a formula where a cell begins."""

_INSIDE: Final = re.compile(rf"""([;,|"'\t\r\n]\s*)({_SIGN})""")
"""The same, behind the marks at which one may part cells."""


def as_csv(entries: Iterable[Entry]) -> bytes:
    """One line for each entry, in UTF-8 with a mark by which spreadsheets know that. No cell is a formula."""
    file = io.StringIO(newline="")
    lines = csv.writer(file)
    lines.writerow(COLUMNS)
    lines.writerows([harmless(cell) for cell in _cells(entry)] for entry in entries)
    return file.getvalue().encode("utf-8-sig", errors="replace")


def packed(content: bytes, most: int) -> tuple[str, bytes] | None:
    """The file's name and its bytes, compressed where it has more than `most`; None where that is not enough."""
    if len(content) <= most:
        return "entries.csv", content
    smaller = gzip.compress(content, mtime=0)
    return ("entries.csv.gz", smaller) if len(smaller) <= most else None


def harmless(cell: str) -> str:
    """The cell as text: with an apostrophe before what could begin a formula, in it too, since a spreadsheet may
    part cells at other marks than ours."""
    text = cell.lstrip()
    inert = cell[: len(cell) - len(text)] + _INSIDE.sub(r"\1'\2", text)
    return f"'{inert}" if _BEGINS.match(cell) else inert


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        str(entry.id),
        entry.job_id,
        f"<@{entry.member_id}>",
        entry.kind,
        _dollars(entry.amount),
        _dollars(entry.from_grants),
        "yes" if entry.estimated else "no",
        entry.request.replace("_", " "),
        entry.resolution,
        _utc(entry.held_at),
        _utc(entry.booked_at),
        entry.prompt[:MOST_PROMPT],
    )


def _dollars(amount: Usd) -> str:
    """Exactly: a dollar sign would make it a text."""
    return f"{Decimal(amount.nanos) / NANOS:f}"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
