"""Windows: when they open and reset, wherever the clocks change; and zones as people name them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.window import EVER, AllTime, Calendar, Rolling, Window, leaves_at, opens_at, parse_zone, resets_at

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


@given(
    st.integers(1, 9999),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_was_held_leaves_rolling_hours_at_the_first_moment_at_which_it_does_not_count(
    hours: int, held_at: datetime
) -> None:
    left_at = leaves_at(Rolling(hours), held_at)
    assert opens_at(Rolling(hours), left_at, UTC) > held_at
    assert opens_at(Rolling(hours), left_at - timedelta(microseconds=1), UTC) == held_at


def test_all_time_has_neither_beginning_nor_reset() -> None:
    assert opens_at(AllTime(), at("2026-03-29"), UTC) == EVER == at("1970-01-01")
    assert resets_at(AllTime(), at("2026-03-29"), UTC) is None


def test_windows_read_as_they_are_written() -> None:
    assert [str(window) for window in (DAY, WEEK, MONTH, Rolling(24), AllTime())] == [
        "day", "week", "month", "24h", "total",
    ]  # fmt: skip


@given(
    st.sampled_from(["day", "week", "month"]),
    st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(sorted(available_timezones())),
)
@example("day", datetime(2032, 3, 28, 1, tzinfo=UTC), "America/Nuuk")  # the clocks jump onto midnight
def test_a_window_begins_on_its_first_day_by_the_zones_own_calendar(unit: str, now: datetime, name: str) -> None:
    """In any zone there is: the day itself, its Monday, or the first of its month; and nothing before it."""
    zone = ZoneInfo(name)
    window = {"day": DAY, "week": WEEK, "month": MONTH}[unit]
    opened = opens_at(window, now, zone)
    today = now.astimezone(zone).date()
    first = {"day": today, "week": today - timedelta(today.weekday()), "month": today.replace(day=1)}[unit]
    assert opened.astimezone(zone).date() == first
    assert (opened - timedelta(microseconds=1)).astimezone(
        zone
    ).date() < first  # reckoned in UTC, which never jumps


@pytest.mark.parametrize("hours", [0, -1, 10_000])
def test_rolling_hours_are_from_1_to_9999(hours: int) -> None:
    with pytest.raises(ValueError, match="write hours from 1 to 9999"):
        Rolling(hours)
    assert (Rolling(1).hours, Rolling(9_999).hours) == (1, 9_999)


# Zones


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" europe/berlin ", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
        ("Kathmandu", "Asia/Kathmandu"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_a_zone_is_found_by_its_name_in_any_case_or_by_its_city(text: str, key: str) -> None:
    assert parse_zone(text).key == key


@pytest.mark.parametrize(
    "text",
    [
        "", "Atlantis", "../../etc/passwd", "/etc/localtime", "posix/Europe/Berlin", "localtime", "Factory",
        "Europe",
        "Europe/", "UTC+25", "\x00", "Europe/Berlin\x00", "zone" * 1000, "Europe/Bérlin", "5",
    ],
)  # fmt: skip
def test_what_is_no_zone_is_refused_with_what_can_be_written(text: str) -> None:
    """Names that lead out of the database of zones, and names that mean another zone on another machine, too."""
    with pytest.raises(ValueError, match=r"^write the name of a time zone, such as \w+(/\w+)?"):
        parse_zone(text)


@pytest.mark.parametrize("text", ["GMT+2", "gmt-5", "GMT +2", "UTC+2", "utc-05:30", "+02:00", "-8"])
def test_an_offset_is_no_zone_since_the_one_that_is_called_so_is_on_the_other_side(text: str) -> None:
    with pytest.raises(ValueError, match="not how far it is from UTC"):
        parse_zone(text)


def test_a_mistyped_zone_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(ValueError, match="such as Europe/Berlin"):
        parse_zone("Europa/Berlin")


def test_every_zone_is_read_again_as_it_is_stored() -> None:
    for name in available_timezones() - {"localtime", "Factory"}:
        assert parse_zone(parse_zone(name).key).key == name
