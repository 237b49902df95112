"""The picture of spending, and the same in words."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "heading": {
        "one": "Spent by day: {total} in {n} day",
        "other": "Spent by day: {total} in {n} days",
    },
    "kind": "{kind} {amount}",
    "described": "Spending by day, {first} to {last}: {total} in all.",
    "described_by_kind": "Spending by day, {first} to {last}: {total} in all ({kinds}).",
    "by_day": "By day: {days}.",
    "on_day": "{day} {amount}",
    "january": "{day} Jan",
    "february": "{day} Feb",
    "march": "{day} Mar",
    "april": "{day} Apr",
    "may": "{day} May",
    "june": "{day} Jun",
    "july": "{day} Jul",
    "august": "{day} Aug",
    "september": "{day} Sep",
    "october": "{day} Oct",
    "november": "{day} Nov",
    "december": "{day} Dec",
}
