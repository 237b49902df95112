"""The books as a file for a spreadsheet: exact, complete, and nothing in it is a formula."""

import csv
import gzip
import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Usd
from bot.export import COLUMNS, MOST_PROMPT, as_csv, harmless, packed
from storage.receipts import Entry

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def entry(**more: object) -> Entry:
    facts: dict[str, object] = {
        "id": 7,
        "job_id": "k3v9tq2m7d",
        "member_id": 1573568863080022019,
        "kind": "settle",
        "amount": Usd.of("2.1751182"),
        "from_grants": Usd.of("0.04"),
        "estimated": False,
        "request": "reframe_video",
        "resolution": "1080p",
        "prompt": "a fox",
        "held_at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        "booked_at": datetime(2026, 11, 21, 9, 32, 5, tzinfo=UTC),
        **more,
    }
    return Entry(**facts)  # pyright: ignore[reportArgumentType]


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_line_for_each_entry_below_the_names_of_the_columns() -> None:
    assert read(as_csv([entry(), entry(id=8, kind="overrun", estimated=True)])) == [
        list(COLUMNS),
        [
            "7", "k3v9tq2m7d", "<@1573568863080022019>", "settle", "2.1751182", "0.04", "no", "reframe video",
            "1080p", "2026-11-21 09:30:00", "2026-11-21 09:32:05", "a fox",
        ],
        [
            "8", "k3v9tq2m7d", "<@1573568863080022019>", "overrun", "2.1751182", "0.04", "yes", "reframe video",
            "1080p", "2026-11-21 09:30:00", "2026-11-21 09:32:05", "a fox",
        ],
    ]  # fmt: skip


@pytest.mark.parametrize("begins", [*FORMULAS, " =", "  @", "\t="])
def test_a_cell_that_begins_like_a_formula_is_made_a_text(begins: str) -> None:
    prompt = f"{begins}SUM(A1)"
    [_, line] = read(as_csv([entry(prompt=prompt)]))
    assert line[-1] == f"'{prompt}"


@given(st.text())
def test_no_cell_is_a_formula_and_nothing_of_it_is_lost(text: str) -> None:
    cell = harmless(text)
    assert not cell.lstrip().startswith(FORMULAS)
    assert not cell.startswith(FORMULAS)
    assert cell.replace("'", "") == text.replace("'", "")


@given(st.text(max_size=300))
def test_any_prompt_stays_in_its_cell(prompt: str) -> None:
    lines = read(as_csv([entry(prompt=prompt), entry(prompt="after it")]))
    assert [len(line) for line in lines] == [len(COLUMNS)] * 3
    assert lines[2][-1] == "after it"


def test_a_long_prompt_is_cut() -> None:
    [_, line] = read(as_csv([entry(prompt="x" * 6000)]))
    assert line[-1] == "x" * MOST_PROMPT


@pytest.mark.parametrize(
    ("amount", "written"), [("0.06", "0.06"), ("0", "0"), ("0.000000001", "0.000000001"), ("1000000", "1000000")]
)
def test_amounts_are_exact_and_plain(amount: str, written: str) -> None:
    [_, line] = read(as_csv([entry(amount=Usd.of(amount))]))
    assert line[4] == written


def test_a_file_that_is_too_large_is_compressed_and_one_that_still_is_is_none() -> None:
    content = as_csv([entry(id=n) for n in range(1_000)])
    assert packed(content, len(content)) == ("entries.csv", content)
    file = packed(content, len(content) - 1)
    assert file is not None
    name, smaller = file
    assert name == "entries.csv.gz"
    assert gzip.decompress(smaller) == content
    assert packed(content, len(smaller) - 1) is None


@pytest.mark.parametrize("cell", ["fox;=1+1", 'fox;=HYPERLINK("x")', "a\n=1+1", "a, +1", "a|@b", "＝1+1"])
def test_no_part_of_a_cell_begins_a_formula_wherever_a_spreadsheet_parts_cells(cell: str) -> None:
    """Where commas part decimals, semicolons part cells."""
    for part in re.split(r"[;,|\n]", harmless(cell)):
        assert not part.strip().startswith(("=", "+", "-", "@", "＝")), part
