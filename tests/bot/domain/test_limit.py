"""Limits as people write them, as they are stored, and as they stand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.limit import Layer, Limit, Return, Standing, parse_amount, parse_limits, written
from bot.domain.money import ZERO, Usd
from bot.domain.window import AllTime, Calendar, Rolling, Window

DAY, WEEK, MONTH = Calendar("day"), Calendar("week"), Calendar("month")


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("5.00/day", [("5.00", DAY)]),
        ("50/month", [("50.00", MONTH)]),
        ("$7.5/week", [("7.50", WEEK)]),
        ("20/24h", [("20", Rolling(24))]),
        ("$20/24h", [("20", Rolling(24))]),
        ("20 in 24 hours", [("20", Rolling(24))]),
        ("20 / 1 hour", [("20", Rolling(1))]),
        ("20/9999h", [("20", Rolling(9999))]),
        ("100/total", [("100", AllTime())]),
        ("100 total", [("100", AllTime())]),
        ("100 in total", [("100", AllTime())]),
        ("100 in all", [("100", AllTime())]),
        ("0/day", [("0", DAY)]),
        ("0,00/day", [("0", DAY)]),
        ("5,00 a day", [("5", DAY)]),
        ("5 per day", [("5", DAY)]),
        ("5 / day", [("5", DAY)]),
        ("5 daily", [("5", DAY)]),
        ("5 weekly, 15 monthly", [("5", WEEK), ("15", MONTH)]),
        ("$ 5 a month", [("5", MONTH)]),
        ("5$/day", [("5", DAY)]),
        ("5 USD every day", [("5", DAY)]),
        ("5 dollars a day", [("5", DAY)]),
        (" 5/Day  AND 60/month ", [("5", DAY), ("60", MONTH)]),
        ("5,00/day; 60/month", [("5", DAY), ("60", MONTH)]),
        ("5,00/day, 60,50/month", [("5", DAY), ("60.50", MONTH)]),
        ("1000000/total", [("1000000", AllTime())]),
        ("0000005/day", [("5", DAY)]),
        ("5/day,60/month", [("5", DAY), ("60", MONTH)]),
        ("5,50/day,60,50/month", [("5.50", DAY), ("60.50", MONTH)]),
        ("20/24h,5 per day", [("20", Rolling(24)), ("5", DAY)]),
        ("5/day & 60/month + 9 total", [("5", DAY), ("60", MONTH), ("9", AllTime())]),
        ("$5 a day", [("5", DAY)]),
        (".50/day", [("0.50", DAY)]),
        ("$.5/day", [("0.50", DAY)]),
        (",50/day", [("0.50", DAY)]),
        ("50c/day", [("0.50", DAY)]),
        ("50¢ a day", [("0.50", DAY)]),
        ("150 cents per day", [("1.50", DAY)]),
        ("USD 5/day", [("5", DAY)]),
        ("US$5/day", [("5", DAY)]),
        ("5 usd per day", [("5", DAY)]),
        ("5 US dollars a day", [("5", DAY)]),
        ("unlimited", []),
        (" Unlimited ", []),
        ("5/days", [("5", DAY)]),
        ("60/mo", [("60", MONTH)]),
        ("5/day 60/month", [("5", DAY), ("60", MONTH)]),
        ("$5 a day $60 a month 90 total", [("5", DAY), ("60", MONTH), ("90", AllTime())]),
        ("20/24h 30/48 hours", [("20", Rolling(24)), ("30", Rolling(48))]),
        ("100/all time", [("100", AllTime())]),
        ("1 000/month", [("1000", MONTH)]),
        ("5 in any 24 hours", [("5", Rolling(24))]),
    ],
)
def test_a_limit_is_read_as_people_write_it(text: str, limits: list[tuple[str, Window]]) -> None:
    expected = tuple(Limit(Usd.of(amount), window) for amount, window in limits)
    assert parse_limits(text) == expected
    assert parse_limits(text, default=Rolling(3)) == expected


@pytest.mark.parametrize("text", ["5", "$5", "5.00", "5,00", "5 $", " 5 dollars ", "5.", "500c", "USD 5"])
def test_an_amount_without_a_window_takes_the_one_that_is_given_or_is_refused(text: str) -> None:
    assert parse_limits(text, default=DAY) == (Limit(Usd.of("5"), DAY),)
    with pytest.raises(ValueError, match=r"^write how often it begins anew, such as \$5\.00/day"):
        parse_limits(text)


def test_a_zero_alone_blocks_in_the_window_that_is_given() -> None:
    assert parse_limits("0", default=DAY) == (Limit(ZERO, DAY),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *[
            (text, r"^write it like 5\.00/day, .* or unlimited")
            for text in (
                "", " ", "/day", "5/year", "5/daysx", "5/day and", "and 5/day", "unlimited and 5/day", "0h",
                "1e3/day", "5/day or 60/month", "none", "nan", "NaN/day", "inf/day", "lots", "٥/day", ".",
                    ".c", "5 cday",
                "5/h", "5/-3h",
                "5//day", "5/day/week", "$/day", "five a day", "5 a", "5..0/day", "0x5/day", "5/day\x00",
            )
        ],
        *[(text, "^write it without a sign") for text in ("-5/day", "-5", "−5/day", "- 5/day", "+5/day", "-0/day")],
        *[(text, "^write whole cents") for text in ("5.001/day", "5,001", "1,000/day", "1.000/month", "0.5c/day")],
        *[
            (text, "^write at most 1000000, or unlimited if that is meant$")
            for text in ("1000000.01/day", "1000001/total", "9999999999/day", "9" * 5000 + "/day", "9" * 400)
        ],
        *[(text, "^write hours from 1 to 9999") for text in ("5/0h", "5/000h", "5/10000h", f"5/{'9' * 5000}h")],
        *[(text, "^write each window once") for text in ("5/day and 6/day", "5/24h, 6/24 hours", "0/day; 5 a day")],
    ],
)  # fmt: skip
def test_what_is_not_a_limit_is_refused_with_what_can_be_written(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        parse_limits(text, default=DAY)
    assert len(str(refused.value)) < 120


@given(st.text(max_size=40) | st.text("0123456789.,$/ daywekmonthtl-hun", max_size=20))
def test_whatever_is_written_is_a_limit_or_a_sentence(text: str) -> None:
    """Nothing else is raised, and what was read is not read otherwise when it comes back from storage."""
    try:
        limits = parse_limits(text, default=DAY)
    except ValueError as refused:
        says = str(refused)
    else:
        says = "write "
        assert parse_limits(written(limits)) == limits
        assert all(ZERO <= limit.amount <= Usd.of(1_000_000) for limit in limits)
    assert says.startswith("write ")


WINDOWS = st.sampled_from([DAY, WEEK, MONTH, AllTime()]) | st.integers(1, 9999).map(Rolling)
LIMITS = st.lists(
    st.builds(Limit, st.integers(0, 10**8).map(lambda cents: Usd(cents * 10**7)), WINDOWS),
    max_size=4,
    unique_by=lambda limit: limit.window,
).map(tuple)


@pytest.mark.parametrize(
    "text", ["5€", "€5/day", "5 EUR a day", "5 euros", "5£", "5 pounds/day", "CAD 5", "5/day and 9 yen"]
)
def test_other_money_than_dollars_is_refused_with_why(text: str) -> None:
    says = r"^write dollars, such as \$5 or 5 USD: the account is billed in US dollars$"
    for parse in (parse_limits, parse_amount):
        with pytest.raises(ValueError, match=says):
            parse(text)


SPELLINGS = (
    "{0}.{1:02}", "${0}.{1:02}", "{0},{1:02}", "US$ {0}.{1:02}", "usd {0}.{1:02}", "{0}.{1:02} USD",
    "{0}.{1:02} dollars", "{2}c", "{2} cents", "{2}¢",
)  # fmt: skip
TIMES = (("/day", DAY), (" a week", WEEK), (" per month", MONTH), ("/24h", Rolling(24)), (" in total", AllTime()))
PARTS = st.tuples(st.integers(0, 10**8), st.sampled_from(SPELLINGS), st.sampled_from(TIMES))


@given(
    st.lists(PARTS, min_size=1, max_size=4, unique_by=lambda part: part[2][1]),
    st.sampled_from((",", ", ", " and ", "; ", " & ")),
)
def test_however_an_amount_is_spelt_it_is_the_same_amount(
    parts: list[tuple[int, str, tuple[str, Window]]], between: str
) -> None:
    told = [spelling.format(cents // 100, cents % 100, cents) for cents, spelling, _ in parts]
    limits = tuple(Limit(Usd(cents * 10**7), window) for cents, _, (_, window) in parts)
    assert tuple(map(parse_amount, told)) == tuple(limit.amount for limit in limits)
    text = between.join(each + words for each, (_, _, (words, _)) in zip(told, parts, strict=True))
    assert parse_limits(text) == parse_limits(text.upper()) == limits


@given(LIMITS)
def test_limits_are_read_again_as_they_are_written_down(limits: tuple[Limit, ...]) -> None:
    assert parse_limits(written(limits)) == limits


def test_limits_are_written_for_people() -> None:
    assert written(parse_limits("5/day, 60 a month and 20/24h and 100 total")) == (
        "$5.00/day and $60.00/month and $20.00/24h and $100.00/total"
    )
    assert written(()) == "unlimited"


@pytest.mark.parametrize(
    ("text", "amount"),
    [("5", "5"), ("$5", "5"), ("5,25", "5.25"), ("0", "0"), (" 1 usd", "1"), (".50", "0.50"), ("50c", "0.50")],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: str) -> None:
    assert parse_amount(text) == Usd.of(amount)


@pytest.mark.parametrize("text", ["", "5/day", "-5", "nan", "5.001", "1000001", "unlimited", "five", "1 2"])
def test_what_is_no_amount_is_refused_with_what_can_be_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"^write "):
        parse_amount(text)


def test_a_limit_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Limit(Usd(-1), DAY)


def standing(
    amount: str, *, spent: str = "0", held: str = "0", granted: str = "0", window: Window = DAY
) -> Standing:
    resets = datetime(2026, 11, 21, tzinfo=UTC)
    limit = Limit(Usd.of(amount), window)
    return Standing(Layer.MEMBER, limit, Usd.of(spent), Usd.of(held), resets, granted=Usd.of(granted))


def test_a_price_is_admitted_up_to_the_last_nano_dollar() -> None:
    stands = standing("5.00", spent="4.00", held="0.40")
    assert stands.left == Usd.of("0.60")
    assert stands.admits(Usd.of("0.60"))
    assert not stands.admits(Usd.of("0.600000001"))


def test_a_limit_of_zero_blocks_even_what_costs_nothing() -> None:
    assert not standing("0").admits(ZERO)
    assert not standing("0").admits(Usd.of("0.06"))


ROLLING = Rolling(6)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@given(
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 20)), max_size=6),
    st.integers(0, 3),
    st.integers(1, 60),
)
@example(2, [(1, 1), (5, 1)], 3, 7)  # the grant has ended when the limit is whole again
def test_rolling_hours_admit_from_the_first_moment_on_at_which_the_rest_leaves_room(
    amount: int, held: list[tuple[int, int]], granted_until: int, price: int
) -> None:
    """Against the rule said once more: at each moment, what still counts and the price are no more than the limit,
    with a grant of 5 as long as it lasts."""
    held.sort()
    used = sum(each for _, each in held)
    returns = tuple(Return(NOON + timedelta(minutes=minute), Usd(each)) for minute, each in held)
    stands = Standing(Layer.MEMBER, Limit(Usd(amount), ROLLING), Usd(used), ZERO, None, returns=returns)

    def granted(at: datetime) -> Usd:
        return Usd(5) if at < NOON + timedelta(minutes=granted_until) else ZERO

    def own(minute: int) -> int:
        return max(amount - sum(each for later, each in held if later > minute), 0)

    moments = [NOON + timedelta(minutes=minute) for minute, _ in held]
    fits = [at for at, (minute, _) in zip(moments, held, strict=True) if price <= own(minute) + granted(at).nanos]
    found = stands.fits_at(Usd(price), granted)
    assert found == min(fits, default=None)


def test_waiting_is_not_enough_for_what_is_blocked_or_costs_more_than_the_limit() -> None:
    back = (Return(NOON, Usd.of("9")),)
    for limit, price in ((Limit(ZERO, ROLLING), "0.01"), (Limit(Usd.of("5"), ROLLING), "5.01")):
        assert Standing(Layer.MEMBER, limit, Usd.of("9"), ZERO, None, returns=back).fits_at(Usd.of(price)) is None
    assert standing("5.00", spent="5.00").fits_at(Usd.of("5.01")) is None
    assert standing("5.00", spent="5.00").fits_at(Usd.of("5.00")) == datetime(2026, 11, 21, tzinfo=UTC)


def test_a_limit_that_was_lowered_below_what_is_spent_leaves_nothing() -> None:
    stands = standing("1.00", spent="3.00", held="0.50")
    assert stands.left == ZERO
    assert not stands.admits(Usd(1))


def test_a_grant_extends_a_limit_and_nothing_else() -> None:
    """Not one that blocks; and what it was lowered by below what is spent is not made good."""
    stands = standing("5.00", spent="4.00", granted="2.00")
    assert (stands.own, stands.left) == (Usd.of("1.00"), Usd.of("3.00"))
    assert stands.admits(Usd.of("3.00"))
    assert stands.refuses(Usd.of("3.000000001"))
    assert stands.shortfall(Usd.of("2.50")) == Usd.of("1.50")
    assert stands.shortfall(Usd.of("0.50")) == ZERO
    lowered = standing("1.00", spent="3.00", granted="2.00")
    assert (lowered.own, lowered.left, lowered.shortfall(Usd.of("2.00"))) == (ZERO, Usd.of("2.00"), Usd.of("2.00"))
    blocked = standing("0", granted="2.00")
    assert blocked.left == ZERO
    assert blocked.refuses(Usd.of("0.01"))
