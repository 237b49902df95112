"""/spending: sums, receipts, the picture."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # what cannot be shown
    "one_at_a_time": "Choose either a member or the server, not both. Nothing was looked up.",
    "export_is_the_servers": ("The file holds the whole server's entries. Leave member out to export it."),
    # the file
    "field_export": "Export",
    "exported": "The attached file has every entry of this server's books, {entries} of them.",
    "compressed": "It is compressed: unpack it to open it.",
    "too_large": (
        "The entries do not fit a file that Discord takes here. "
        "Please ask whoever runs this bot for a copy of them."
    ),
    # each kind of request, as the picture and the sums call it
    "from_words": "from words",
    "from_pictures": "from pictures",
    "edits": "edits",
    "reframes": "reframes",
    # sums
    "heading_yours": "Your spending here",
    "heading_members": "A member's spending here",
    "heading_servers": "This server's spending",
    "spent": {
        "one": "Spent in the last {n} day: **{spent}**.",
        "other": "Spent in the last {n} days: **{spent}**.",
    },
    "nothing_spent": {
        "one": "Nothing was spent in the last {n} day, so there is no picture.",
        "other": "Nothing was spent in the last {n} days, so there is no picture.",
    },
    "overruns": "Of that, {overruns} was billed beyond the quotes and is the server's own.",
    "on_hold": "On hold now: **{held}**.",
    "field_limits": "Limits",
    "field_by_member": "By member",
    "field_by_kind": "By kind",
    "in_jobs": {"one": "{who}: **{spent}** in {n} job", "other": "{who}: **{spent}** in {n} jobs"},
    "others": {"one": "{n} other", "other": "{n} others"},
    "nobody": "nobody",
    # limits as they stand
    "you": "You",
    "this_member": "This member",
    "this_server": "This server",
    "everybody": "Everybody together",
    "limit": "**{whose}**, {limit}: spent {spent}, on hold {held}, left **{left}**",
    "limit_and_grants": "**{whose}**, {limit}: spent {spent}, on hold {held}, left **{left}**, grants included",
    "by_role": "{limit} by <@&{role}>",
    "personally": "{limit}, personally",
    "another_roles": "{limit} (another role's)",
    "unlimited": "**{whose}**: unlimited",
    "unlimited_by_role": "**{whose}** by <@&{role}>: unlimited",
    "unlimited_personally": "**{whose}**, personally: unlimited",
    "one_request": "**One request**: at most {amount}",
    "at_once": {
        "one": "**At once**: {under_way} of {n} videos under way",
        "other": "**At once**: {under_way} of {n} videos under way",
    },
    "out_of_credit": (
        "**The account at the provider** is out of credit for now. Whoever runs this bot can add some."
    ),
    "stopped": "**New videos are stopped** for now by this server's staff.",
    "grant": "**{left}** of {amount} left, until {until}",
    "grant_because": "**{left}** of {amount} left, until {until}: {reason}",
    # receipts
    "field_latest": "Latest videos",
    "no_jobs": "No videos here yet. /generate makes the first.",
    "no_jobs_of_theirs": "No videos here yet.",
    "field_job": "Job {id}",
    "quoted": "quoted and held {hold}",
    "settled": "settled {settled}",
    "settled_estimated": "settled {settled}, estimated",
    "settled_in_part": "settled {settled}, {returned} returned",
    "settled_in_part_estimated": "settled {settled}, estimated, {returned} returned",
    "failed": "failed, all of it returned",
    "cancelled": "cancelled, all of it returned",
    "unresolved": "unresolved, still on hold",
    "under_way": "under way, on hold",
    "overrun": "{overrun} more was billed, on the server",
    "paid_by_grants": "Paid by: grants {grants}",
    "paid_by_both": "Paid by: limit {limit} and grants {grants}",
}
