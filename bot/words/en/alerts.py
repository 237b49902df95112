"""What staff are told unasked."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "low_for_holds": (
        "**The provider's account is running low:** {balance} is left, less than the {held} held for videos under "
        "way. Whoever runs this bot can add credit at Runware; until then requests may be refused, and "
        "confirmed ones wait."
    ),
    "low": (
        "**The provider's account is running low:** {balance} is left, less than {floor}. Whoever runs this bot "
        "can add credit at Runware; until then requests may be refused, and confirmed ones wait."
    ),
    "price_of_result": (
        "**A price has changed:** for {configuration} the provider billed {billed} a result instead of {quoted}."
    ),
    "price_of_result_seen": (
        "**A price has changed:** for {configuration} the provider billed {billed} a result instead of {quoted} "
        "(job `{job}`)."
    ),
    "price_of_second": (
        "**A price has changed:** for {configuration} the provider billed {billed} a second instead of {quoted}."
    ),
    "price_of_second_seen": (
        "**A price has changed:** for {configuration} the provider billed {billed} a second instead of {quoted} "
        "(job `{job}`)."
    ),
    "price_used": "New quotes for that use {price}; please tell whoever runs this bot.",
    "price_kept": "New quotes for that stay at {price}; please tell whoever runs this bot.",
    "billed_more_today": (
        "**The books differ:** the provider says that it billed {billed} today (UTC), and {booked} is booked "
        "here: that is {difference} more."
    ),
    "billed_more": {
        "one": (
            "**The books differ:** the provider says that it billed {billed} in the last {n} day, and {booked} "
            "is booked here: that is {difference} more."
        ),
        "other": (
            "**The books differ:** the provider says that it billed {billed} in the last {n} days, and {booked} "
            "is booked here: that is {difference} more."
        ),
    },
    "billed_less_today": (
        "**The books differ:** the provider says that it billed {billed} today (UTC), and {booked} is booked "
        "here: that is {difference} less."
    ),
    "billed_less": {
        "one": (
            "**The books differ:** the provider says that it billed {billed} in the last {n} day, and {booked} "
            "is booked here: that is {difference} less."
        ),
        "other": (
            "**The books differ:** the provider says that it billed {billed} in the last {n} days, and {booked} "
            "is booked here: that is {difference} less."
        ),
    },
    "look_at_books": "Whoever runs this bot should look whether something else uses the same account.",
    "out_of_credit": (
        "**Videos wait: the provider's account is out of credit.** Whoever runs this bot can add credit at "
        "Runware; what was confirmed is kept, and goes on by itself a few minutes later."
    ),
    "key_refused": (
        "**Videos wait: the provider does not accept the bot's key.** Whoever runs this bot has to look at "
        "it at Runware; what was confirmed is kept, and goes on by itself once a key is accepted."
    ),
    "account_used": "**All of everybody's limit together is used:** new requests are refused.",
    "account_nearly": "**{percent}% of everybody's limit together is used.**",
    "server_used": "**All of this server's limit is used:** new requests are refused.",
    "server_nearly": "**{percent}% of this server's limit is used.**",
    "limit": "Of {limit}, {spent} is spent and {held} is held for videos under way.",
    "resets": "It resets {at}.",
    "nonce": "Alert {nonce}",
    "chosen": (
        "<@{member}> has chosen this channel for my alerts: limits, credit and prices. Nothing is wrong now."
    ),
    "cannot_write": (
        "I may not write in {channel}, so nothing was changed. Please let me View Channel and Send "
        "Messages there (in a thread, Send Messages in Threads) under Edit Channel > Permissions, and choose "
        "it again; or choose another channel."
    ),
}
