"""Money is exact, and written in one way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import NANOS, ZERO, Usd

AMOUNTS = st.integers(-(2**63), 2**63 - 1).map(Usd)  # what the database can hold


@pytest.mark.parametrize(
    ("dollars", "nanos"),
    [
        ("3.60", 3_600_000_000),
        ("2.1751182", 2_175_118_200),  # the provider bills seven decimals
        ("0.000000001", 1),
        ("0", 0),
        ("-0.06", -60_000_000),
        (5, 5_000_000_000),
        (Decimal("0.30"), 300_000_000),
        ("9223372036.854775807", 2**63 - 1),
    ],
)
def test_an_amount_is_read_to_the_nano_dollar(dollars: str | int | Decimal, nanos: int) -> None:
    assert Usd.of(dollars).nanos == nanos


@pytest.mark.parametrize(
    "dollars",
    [
        "", "free", "$5", "1,50", "NaN", "sNaN", "Infinity", "-Infinity",
        "0.0000000001",  # finer than a nano-dollar
        "99999999999999999999.0000000001",  # finer too, beyond the 28 digits to which Decimal rounds by itself
        "1e999999", "-1e999999",  # more than Decimal can hold, once in nano-dollars
        Decimal(0.1),  # noqa: RUF032 - a float that came in by the back door is not an amount
    ],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused(dollars: str | Decimal) -> None:
    with pytest.raises(ValueError, match="not a"):
        Usd.of(dollars)


@pytest.mark.parametrize(
    ("nanos", "exact", "cents"),
    [
        (3_600_000_000, "$3.60", "$3.60"),
        (2_175_118_200, "$2.1751182", "$2.18"),
        (60_000_000, "$0.06", "$0.06"),
        (0, "$0.00", "$0.00"),
        (1, "$0.000000001", "$0.01"),
        (-1, "-$0.000000001", "$0.00"),  # rounded up, as every amount is
        (-2_175_118_200, "-$2.1751182", "-$2.17"),
        (1_234_567_000_000_000, "$1234567.00", "$1234567.00"),
    ],
)
def test_an_amount_is_shown_exactly_or_in_cents_rounded_up(nanos: int, exact: str, cents: str) -> None:
    assert (str(Usd(nanos)), Usd(nanos).cents) == (exact, cents)


@given(AMOUNTS)
def test_what_is_shown_reads_as_the_same_amount(amount: Usd) -> None:
    """No amount loses anything in its exact form; in cents it never looks smaller, nor a cent larger."""
    assert Usd.of(str(amount).replace("$", "")) == amount
    shown = Usd.of(amount.cents.replace("$", ""))
    assert ZERO <= shown - amount < Usd.of("0.01")


@given(AMOUNTS, AMOUNTS, st.integers(1, 4))
def test_amounts_add_multiply_and_compare_as_whole_numbers(a: Usd, b: Usd, times: int) -> None:
    assert (a + b).nanos == a.nanos + b.nanos
    assert (a - b) + b == a
    assert (a * times).nanos == a.nanos * times
    assert (a < b) == (a.nanos < b.nanos)
    assert bool(a) == (a != ZERO)


@given(st.integers(0, 10**13).map(Usd), st.integers(1, 4))
def test_shares_cover_the_whole_and_waste_less_than_a_nano_dollar_each(whole: Usd, parts: int) -> None:
    together = whole.share(parts) * parts
    assert whole <= together < whole + Usd(parts)


def test_nothing_of_money_is_a_float() -> None:
    amount = Usd.of("2.1751182")
    made = (amount, amount + amount, amount - amount, amount * 3, amount.share(3))
    assert [type(each.nanos) for each in made] == [int] * 5
    assert NANOS == 10**9
