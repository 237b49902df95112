"""Windows of time in which money counts, and the zones in which days begin. Pure: the caller brings the time."""

import difflib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Final, Literal, TypeAlias, assert_never
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.refusal import NotUnderstood
from bot.domain.values import choice
from bot.words.speech import say

MOST_HOURS: Final = 9_999


@dataclass(frozen=True)
class Calendar:
    """A calendar day, week (from Monday) or month, in the layer's own time zone."""

    unit: Literal["day", "week", "month"]

    def __str__(self) -> str:
        return self.unit


@dataclass(frozen=True)
class Rolling:
    """The last so many hours, 1 to 9999."""

    hours: int

    def __post_init__(self) -> None:
        if not 1 <= self.hours <= MOST_HOURS:
            raise NotUnderstood(say("written.hours", most=MOST_HOURS))

    def __str__(self) -> str:
        return f"{self.hours}h"


@dataclass(frozen=True)
class AllTime:
    """Since the books were opened; it never resets."""

    def __str__(self) -> str:
        return "total"


Window: TypeAlias = Calendar | Rolling | AllTime

EVER: Final = datetime.fromtimestamp(0, UTC)
"""Before the first entry of any ledger."""


def opens_at(window: Window, now: datetime, zone: tzinfo) -> datetime:
    """When the window that `now` lies in began, in UTC. What was held since then counts."""
    match window:
        case Calendar(unit):
            return _midnight(_first_day(unit, now.astimezone(zone)), zone)
        case Rolling(hours):
            return now.astimezone(UTC) - timedelta(hours=hours)
        case AllTime():
            return EVER
        case _:
            assert_never(window)


def resets_at(window: Window, now: datetime, zone: tzinfo) -> datetime | None:
    """When the next calendar window begins, in UTC; None for windows without such a moment."""
    match window:
        case Calendar(unit):
            first = _first_day(unit, now.astimezone(zone))
            longest = {"day": 1, "week": 7, "month": 31}[unit]
            return _midnight(_first_day(unit, first + timedelta(days=longest)), zone)
        case Rolling() | AllTime():
            return None
        case _:
            assert_never(window)


def leaves_at(window: Rolling, held_at: datetime) -> datetime:
    """The first moment at which what was held at `held_at` lies in the window no more, in UTC."""
    return held_at.astimezone(UTC) + timedelta(hours=window.hours, microseconds=1)


_NO_PLACES: Final = frozenset({"Factory", "localtime"})
"""Names in the database of zones that depend on the machine, or mean that nobody has set one."""


_OFFSETS: Final = ("etc/gmt+", "etc/gmt-")
"""Their signs are the other way round: Etc/GMT+2 is two hours behind UTC. Only the whole name means one."""

_OFFSET: Final = re.compile(r"(?:gmt|utc|z)?[_ ]?[-+−][0-9]{1,2}(?::?[0-9]{2})?")


def parse_zone(text: str) -> ZoneInfo:
    """A time zone by its IANA name, in any case, or by its city alone.

    Raises NotUnderstood.
    """
    asked = "_".join(text.split()).casefold()
    zones = _zones()
    if asked not in zones:
        cities = [key for key in zones if key.rpartition("/")[2] == asked and not key.startswith(_OFFSETS)]
        if _OFFSET.fullmatch(asked):
            raise NotUnderstood(say("written.zone_offset"))
        if len(cities) != 1:
            close = difflib.get_close_matches(asked[:64], zones, n=2, cutoff=0.7)
            like = [zones[key] for key in close] or ["Europe/Berlin", "America/New_York"]
            raise NotUnderstood(say("written.zone", zones=choice(like)))
        asked = cities[0]
    return ZoneInfo(zones[asked])


@cache
def _zones() -> dict[str, str]:
    """Every zone's name, by itself in lower case."""
    return {name.casefold(): name for name in sorted(available_timezones() - _NO_PLACES)}


def _first_day(unit: Literal["day", "week", "month"], local: datetime) -> datetime:
    match unit:
        case "day":
            return local
        case "week":
            return local - timedelta(days=local.weekday())
        case "month":
            return local.replace(day=1)


def _midnight(local: datetime, zone: tzinfo) -> datetime:
    """Where daylight saving skips midnight this is the moment at which the clocks jump."""
    return datetime.combine(local.date(), time(), zone).astimezone(UTC)
