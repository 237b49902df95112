"""Who may spend how much: windows, standings, what is refused and in which words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.limit import (
    EVER,
    AllTime,
    Calendar,
    Layer,
    Limit,
    OverLimit,
    Rolling,
    Standing,
    Window,
    admit,
    opens_at,
    parse_limits,
    resets_at,
)
from bot.domain.money import ZERO, Usd
from bot.domain.refusal import Refusal

DAY, WEEK, MONTH = Calendar("day"), Calendar("week"), Calendar("month")
BERLIN = ZoneInfo("Europe/Berlin")  # the clocks change at 01:00 UTC
NEW_YORK = ZoneInfo("America/New_York")
BEIRUT = ZoneInfo("Asia/Beirut")  # in spring there is no midnight
HAVANA = ZoneInfo("America/Havana")  # in autumn there are two
APIA = ZoneInfo("Pacific/Apia")  # it had no 30 December 2011


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "zone", "now", "opened", "resets"),
    [
        # UTC
        (DAY, UTC, "2026-11-20T15:30:00", "2026-11-20", "2026-11-21"),
        (DAY, UTC, "2026-11-20T00:00:00", "2026-11-20", "2026-11-21"),  # the first moment
        (DAY, UTC, "2026-11-20T23:59:59.999999", "2026-11-20", "2026-11-21"),  # the last
        (DAY, UTC, "2026-12-31T12:00:00", "2026-12-31", "2027-01-01"),
        (WEEK, UTC, "2026-11-20T15:30:00", "2026-11-16", "2026-11-23"),  # a Friday; weeks begin on Monday
        (WEEK, UTC, "2026-11-16T00:00:00", "2026-11-16", "2026-11-23"),
        (WEEK, UTC, "2026-11-22T23:59:59", "2026-11-16", "2026-11-23"),
        (WEEK, UTC, "2027-01-01T12:00:00", "2026-12-28", "2027-01-04"),  # across the year's end
        (MONTH, UTC, "2026-11-30T23:59:59", "2026-11-01", "2026-12-01"),
        (MONTH, UTC, "2026-12-31T23:59:59", "2026-12-01", "2027-01-01"),
        (MONTH, UTC, "2027-01-31T12:00:00", "2027-01-01", "2027-02-01"),  # January 31 has no twin in February
        (MONTH, UTC, "2027-02-28T12:00:00", "2027-02-01", "2027-03-01"),
        (MONTH, UTC, "2028-02-29T12:00:00", "2028-02-01", "2028-03-01"),
        # Berlin: UTC+1 in winter, UTC+2 in summer
        (DAY, BERLIN, "2026-11-20T23:30:00", "2026-11-20T23:00:00", "2026-11-21T23:00:00"),  # the 21st there
        (DAY, BERLIN, "2026-03-29T12:00:00", "2026-03-28T23:00:00", "2026-03-29T22:00:00"),  # 23 hours
        (DAY, BERLIN, "2026-10-25T12:00:00", "2026-10-24T22:00:00", "2026-10-25T23:00:00"),  # 25 hours
        (DAY, BERLIN, "2026-10-25T00:30:00", "2026-10-24T22:00:00", "2026-10-25T23:00:00"),  # 02:30, first time
        (DAY, BERLIN, "2026-10-25T01:30:00", "2026-10-24T22:00:00", "2026-10-25T23:00:00"),  # 02:30, second time
        (WEEK, BERLIN, "2026-03-30T12:00:00", "2026-03-29T22:00:00", "2026-04-05T22:00:00"),
        (WEEK, BERLIN, "2026-03-25T12:00:00", "2026-03-22T23:00:00", "2026-03-29T22:00:00"),  # a week less an hour
        (WEEK, BERLIN, "2026-10-25T22:30:00", "2026-10-18T22:00:00", "2026-10-25T23:00:00"),  # and more an hour
        (MONTH, BERLIN, "2026-03-31T22:30:00", "2026-03-31T22:00:00", "2026-04-30T22:00:00"),  # April there
        (MONTH, BERLIN, "2026-10-15T12:00:00", "2026-09-30T22:00:00", "2026-10-31T23:00:00"),
        # west of Greenwich
        (MONTH, NEW_YORK, "2026-12-01T04:59:59", "2026-11-01T04:00:00", "2026-12-01T05:00:00"),  # November there
        (DAY, NEW_YORK, "2026-11-01T12:00:00", "2026-11-01T04:00:00", "2026-11-02T05:00:00"),
        # where the clocks change at midnight, a day begins with the jump, or with the first of two midnights
        (DAY, BEIRUT, "2021-03-28T12:00:00", "2021-03-27T22:00:00", "2021-03-28T21:00:00"),
        (DAY, BEIRUT, "2021-03-27T12:00:00", "2021-03-26T22:00:00", "2021-03-27T22:00:00"),
        (DAY, HAVANA, "2021-11-07T05:30:00", "2021-11-07T04:00:00", "2021-11-08T05:00:00"),
        (DAY, APIA, "2011-12-30T09:59:59", "2011-12-29T10:00:00", "2011-12-30T10:00:00"),
    ],
)  # fmt: skip
def test_a_calendar_window_begins_and_resets_at_the_zones_midnight(
    window: Window, zone: ZoneInfo, now: str, opened: str, resets: str
) -> None:
    assert opens_at(window, at(now), zone) == at(opened)
    assert resets_at(window, at(now), zone) == at(resets)


@given(
    st.sampled_from([DAY, WEEK, MONTH]),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([UTC, BERLIN, NEW_YORK, BEIRUT, HAVANA, ZoneInfo("Australia/Lord_Howe")]),
)
def test_windows_follow_one_another_without_gap_or_overlap(window: Window, now: datetime, zone: ZoneInfo) -> None:
    """Every moment lies in one window, and all moments of a window agree on where it begins and ends."""
    opened, resets = opens_at(window, now, zone), resets_at(window, now, zone)
    assert resets is not None
    assert opened <= now < resets
    assert opened.tzinfo is UTC
    last = resets - timedelta(microseconds=1)
    for moment in (opened, last):
        assert (opens_at(window, moment, zone), resets_at(window, moment, zone)) == (opened, resets)
    assert opens_at(window, resets, zone) == resets


def test_the_time_zone_of_the_clock_does_not_matter() -> None:
    now = at("2026-11-20T23:30:00")
    for window in (DAY, Rolling(24)):
        assert opens_at(window, now.astimezone(NEW_YORK), BERLIN) == opens_at(window, now, BERLIN)


def test_rolling_hours_are_hours_even_where_the_clocks_change() -> None:
    assert opens_at(Rolling(24), at("2026-03-29T12:00:00"), BERLIN) == at("2026-03-28T12:00:00")
    assert resets_at(Rolling(24), at("2026-03-29T12:00:00"), BERLIN) is None


def test_all_time_has_neither_beginning_nor_reset() -> None:
    assert opens_at(AllTime(), at("2026-03-29"), UTC) == EVER == at("1970-01-01")
    assert resets_at(AllTime(), at("2026-03-29"), UTC) is None


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("5.00/day", [("5.00", DAY)]),
        ("50/month", [("50.00", MONTH)]),
        ("$7.5/week", [("7.50", WEEK)]),
        ("20/24h", [("20", Rolling(24))]),
        ("100/total", [("100", AllTime())]),
        ("0/day", [("0", DAY)]),
        (" 5/Day  AND 60/month ", [("5", DAY), ("60", MONTH)]),
        ("999999999/total", [("999999999", AllTime())]),
        ("unlimited", []),
        (" Unlimited ", []),
    ],
)
def test_a_limit_is_read(text: str, limits: list[tuple[str, Window]]) -> None:
    assert parse_limits(text) == tuple(Limit(Usd.of(amount), window) for amount, window in limits)


@pytest.mark.parametrize(
    "text",
    [
        "", "5", "5.00", "/day", "5/year", "5/days", "-5/day", "5,00/day", "5.001/day", "5/day, 60/month",
        "5/day and", "unlimited and 5/day", "0h", "5/0h", "5/000h", "5/99999h", "1e3/day", "9999999999/day",
        "5/day\n/month", "none",
    ],
)  # fmt: skip
def test_what_is_not_a_limit_is_refused_with_what_can_be_written(text: str) -> None:
    """A window of no hours among them: nothing would ever count in it."""
    with pytest.raises(ValueError, match=r"write it like 5\.00/day, .* or unlimited"):
        parse_limits(text)


def test_windows_read_as_they_are_written() -> None:
    assert [str(window) for window in (DAY, WEEK, MONTH, Rolling(24), AllTime())] == [
        "day", "week", "month", "24h", "total",
    ]  # fmt: skip


def test_a_limit_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Limit(Usd(-1), DAY)


def standing(
    amount: str, *, spent: str = "0", held: str = "0", layer: Layer = Layer.MEMBER, window: Window = DAY
) -> Standing:
    resets = at("2026-11-21") if isinstance(window, Calendar) else None
    return Standing(layer, Limit(Usd.of(amount), window), Usd.of(spent), Usd.of(held), resets)


def test_a_price_is_admitted_up_to_the_last_nano_dollar() -> None:
    stands = standing("5.00", spent="4.00", held="0.40")
    assert stands.left == Usd.of("0.60")
    assert stands.admits(Usd.of("0.60"))
    assert not stands.admits(Usd.of("0.600000001"))


def test_a_limit_of_zero_blocks_even_what_costs_nothing() -> None:
    assert not standing("0").admits(ZERO)
    assert not standing("0").admits(Usd.of("0.06"))


def test_a_limit_that_was_lowered_below_what_is_spent_leaves_nothing() -> None:
    stands = standing("1.00", spent="3.00", held="0.50")
    assert stands.left == ZERO
    assert not stands.admits(Usd(1))


def test_every_layer_has_to_admit_and_all_that_refuse_are_named() -> None:
    standings = [
        standing("50.00", spent="49.80", layer=Layer.ACCOUNT, window=MONTH),
        standing("20.00", spent="1.00", layer=Layer.SERVER, window=Rolling(24)),
        standing("0", layer=Layer.SERVER, window=WEEK),
        standing("5.00", spent="4.7248818", layer=Layer.MEMBER),
        standing("9.00", spent="9.00", window=AllTime()),
        standing("9.00", spent="9.00", window=Rolling(6)),
    ]
    with pytest.raises(OverLimit) as refused:
        admit(Usd.of("0.30"), standings)
    assert isinstance(refused.value, Refusal)
    assert refused.value.price == Usd.of("0.30")
    assert refused.value.standings == (standings[0], *standings[2:])


def test_nothing_is_refused_where_nothing_is_limited() -> None:
    admit(Usd.of("1000000"), [])


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), max_size=4), st.integers(1, 99)
)
def test_a_price_is_admitted_exactly_when_it_fits_into_every_layer(
    amounts: list[tuple[int, int, int]], price: int
) -> None:
    standings = [Standing(Layer.MEMBER, Limit(Usd(a), DAY), Usd(s), Usd(h), None) for a, s, h in amounts]
    refusing = tuple(each for each in standings if each.spent + each.held + Usd(price) > each.limit.amount)
    if refusing:
        with pytest.raises(OverLimit) as refused:
            admit(Usd(price), standings)
        assert refused.value.standings == refusing
    else:
        admit(Usd(price), standings)
