"""What cannot be done, and what can instead."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "not_in_a_server": "I work in servers only. Please use /generate in a channel of your server.",
    "server_not_allowed": (
        "I am not set up for this server, so nothing was done. Please ask whoever runs this bot to add the "
        "server's id, `{server}`, to ALLOWED_SERVERS."
    ),
    "cannot_post_here": (
        "I could not post your video in this channel: I lack {permissions} here. Nothing was bought. "
        "Please ask the server's staff to allow that, or use another channel."
    ),
    # permissions, as Discord's client names them
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
    "attach_files": "Attach Files",
    "interrupted": (
        "I am being restarted. What you have confirmed goes on by itself. "
        "For anything else, please ask again in a minute."
    ),
    "unknown_button": (
        "This button does not work any more, and nothing has changed. "
        "/jobs shows your videos, and /generate starts a new one."
    ),
    "outdated_command": (
        "Your Discord shows an older form of this command, so nothing was done. "
        "Please restart Discord (on a computer: Ctrl+R) and try again."
    ),
    "unreadable": (
        "What was chosen for `{option}` is not here any more, or cannot be read, so nothing was done. "
        "Please choose it again, or restart Discord (on a computer: Ctrl+R) if it is still offered."
    ),
    "cannot_write": (
        "I cannot write anything down just now, so nothing was bought or changed. "
        "Please try again in a few minutes."
    ),
    "answer_not_taken": (
        "Discord did not take my answer. /jobs shows whether anything was bought; for the rest, please ask again."
    ),
    "bug": (
        "Something went wrong on my side. /jobs shows whether anything was bought. "
        "If it happens again, tell whoever runs this bot: reference `{reference}`."
    ),
    # who is staff
    "staff_only": (
        "This is for this server's staff: whoever has Manage Server, or the role that they have named with "
        "/limits staff."
    ),
    "managers_only": "Only members with Manage Server may name this server's staff.",
    "see_spending": "Nothing was changed. /spending shows how you stand yourself.",
    # quotes and jobs
    "no_such_quote": "I do not know this quote. Please ask again with /generate.",
    "quote_of_another": "This quote is somebody else's. Make one of your own with /generate.",
    "job_of_another": "This job is somebody else's. Make one of your own with /generate.",
    "quote_elsewhere": "This quote was made in another channel. Please press Confirm there, or ask again here.",
    "quote_expired": "This quote is more than 10 minutes old, so nothing was bought. Please ask again.",
    "quote_cancelled": "This quote was cancelled, so nothing was bought. Please ask again.",
    "already_confirmed": "This was confirmed already, as job `{job}`, and it is bought once. See /jobs.",
    "price_changed": "The price has changed meanwhile, so nothing was bought. This is the price now:",
    "no_such_job": "I do not know this job. /jobs lists yours.",
    "over_already": "It is over already. Job `{job}` stays as it is; /jobs shows how it goes.",
    "sent_already": "It was sent already, and the provider takes no job back. Job `{job}` stays as it is; /jobs "
    "shows how it goes.",
    "nothing_to_resolve_over": "Job `{job}` is over already, so there is nothing to resolve, and nothing was "
    "changed.",
    "nothing_to_resolve_usual": "Job `{job}` goes its usual way, so there is nothing to resolve, and nothing was "
    "changed.",
    "wrong_amount": "This job holds {hold}. Settle an amount of more than $0.00 and at most that, or release all "
    "of it. Nothing was changed.",
    # limits
    "frozen": "This server's staff have stopped new videos for now, so nothing was bought. Those under way go on; "
    "please ask again later.",
    "frozen_why": "They say: {reason}",
    "no_credit": "This costs {price}, and the account at the provider has too little credit left for it. Please "
    "tell whoever runs this bot.",
    "over_limit": "This costs {price}, and that is more than what is left.",
    "no_new_requests": "No new requests are allowed here for now. Please ask this server's staff.",
    "over_cap": "This costs {price}, and one request may cost at most {cap} here. A smaller resolution, 5 s or "
    "fewer results cost less.",
    "over_cap_too": "One request may cost at most {cap} here. A smaller resolution, 5 s or fewer results cost "
    "less.",
    "no_new_jobs": "No new jobs are allowed here for now. Please ask this server's staff.",
    "too_many_jobs": {
        "one": "You have a video under way, and {most} at once is the most here. Please ask again when one is "
        "done.",
        "other": "You have {n} videos under way, and {most} at once is the most here. Please ask again when one is "
        "done.",
    },
    # how often somebody asks
    "too_fast": (
        "You may ask for {most} quotes a minute, where five changes on a card count as one, and these came faster, "
        "so nothing was done. You can ask for the next one <t:{until}:R>."
    ),
    "too_many_open": (
        "You have {most} quotes open, which is as many as one member may have, so nothing was done. "
        "Confirm or cancel one of them, or wait: the first lapses <t:{until}:R>."
    ),
    "too_many_bytes": (
        "The files of your open quotes have more than {megabytes} MB together, so nothing was done. "
        "Confirm or cancel one of them, or wait: the first lapses <t:{until}:R>."
    ),
    # where
    "other_channels": "This server's staff want videos made in other channels, so nothing was bought. Please use "
    "one of those.",
    # presets
    "bad_preset_name": "A preset needs a name of 1 to {most} letters, digits, spaces or signs, such as “cinema”. "
    "Nothing was saved.",
    "empty_preset": "A preset holds options, so please choose one at least, such as resolution. Nothing was saved.",
    "too_many_presets": "You have {most} presets here, and that is the most. Delete one with /presets delete, or "
    "save under a name that you have. Nothing was saved.",
    "no_such_preset": "You have no preset “{name}” in this server. /presets list shows yours; nothing was done.",
}
