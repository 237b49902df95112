"""Limits as they stand: on a quote card, and in a refusal."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "of_account": "Everybody together: {left} of {amount} {per}",
    "of_server": "This server: {left} of {amount} {per}",
    "of_member": "You: {left} of {amount} {per}",
    "with_reset": "{standing}, resets {when}",
    "with_return": "{standing}, {amount} comes back {when}",
    "amount_per": "{amount} {per}",
    "accounts": "Everybody's limit together",
    "servers": "This server's limit",
    "members": "Your limit",
    "zero": "{whose} is {amount}: nothing may be spent.",
    "left": "{whose} is {amount} {per}: {left} is left.",
    "left_and_resets": "{whose} is {amount} {per}: {left} is left, and it resets {when}.",
    "left_and_enough": "{whose} is {amount} {per}: {left} is left, and enough for this comes back {when}.",
    "left_and_returns": "{whose} is {amount} {per}: {left} is left, and {returns} comes back {when}.",
    "ask_operator": "Please ask whoever runs this bot.",
    "ask_staff": "Please ask this server's staff.",
    "cheaper": "A smaller resolution, 5 s or fewer results cost less.",
    "nothing_fits": "Nothing smaller or shorter fits now either.",
    "ask_operator_for_more": "Please ask whoever runs this bot for more.",
    "ask_staff_for_more": "Please ask this server's staff for more.",
    "wait_or_ask_operator": "Please ask again {when}, or ask whoever runs this bot for more.",
    "wait_or_ask_staff": "Please ask again {when}, or ask this server's staff for more.",
    "a_day": "a day",
    "a_week": "a week",
    "a_month": "a month",
    "in_any_hours": {"one": "in any {n} hour", "other": "in any {n} hours"},
    "in_all": "in all",
}
