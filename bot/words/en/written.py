"""What to write instead, where something cannot be read. Each is an imperative that goes on another sentence."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "or_word": "{fix}, or {word}",
    # limits and amounts
    "limits": "write it like 5.00/day, 50/month, 5/day and 60/month, 20/24h, 100 total or unlimited",
    "windows_once": "write each window once, as in 5/day and 60/month",
    "amount": "write an amount like 5, $5 or 5.00",
    "amount_of_nothing": "write an amount of more than 0",
    "amount_signed": "write it without a sign, such as 5",
    "amount_large": "write at most {most}",
    "limit_signed": "write it without a sign: 5 allows $5.00, and 0 blocks",
    "limit_large": "write at most {most}, or unlimited if that is meant",
    "limit_window": "write how often it begins anew, such as {amount}/day, {amount}/month or {amount} total",
    "cents": "write whole cents, such as 5.25, and thousands without a mark, such as 1000",
    "dollars": "write dollars, such as $5 or 5 USD: the account is billed in US dollars",
    "hours": "write hours from 1 to {most}, as in 20/24h",
    "grant_amount": "write an amount of more than 0 and at most 1000000",
    "grant_end": "choose a day to come, within ten years, for its end",
    # time zones
    "zone": "write the name of a time zone, such as {zones}",
    "zone_offset": "write the name of a time zone, such as Europe/Berlin, not how far it is from UTC",
    # settings
    "id": "copy the number from /limits show",
    "whole_number": "write a whole number from {least} to {most}",
    "one_of": "choose {allowed}",
    "some_of": "name one or several of {allowed}",
    "channel": "choose a channel",
    "channels": "name from 1 to {most} channels",
    "blocked_none": "write words of letters or digits, with commas between them",
    "blocked_long": "keep each to {most} characters; “{begins}…” has {length}",
    "blocked_many": "keep it to {most} words; these are {number}",
}
