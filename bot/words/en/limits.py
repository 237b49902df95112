"""/limits, what it says and asks."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # what cannot be taken
    "unclear": "{option}: I cannot take “{given}”. Please {fix}. Nothing was changed.",
    "unclear_nothing": "{option} is empty. Please {fix}. Nothing was changed.",
    "not_a_member": "{user} is not in this server, so nothing was changed. Please choose a member who is.",
    "is_bot": "{user} is a bot, and bots cannot use me. Please choose a person; nothing was changed.",
    "everybody_as_staff": (
        "Everybody has @everyone, so it cannot be the staff role. Please choose another; nothing was changed."
    ),
    "not_writable": "I cannot write messages in {channel}. Please choose a text channel; nothing was changed.",
    "no_such_grant": (
        "<@{member}> has no such grant that is still open, so nothing was changed. "
        "/limits why shows the grants of a member with their numbers."
    ),
    "nobody_gone": (
        "Nobody with a limit of their own has left, and no role with one was deleted. Nothing was changed."
    ),
    "no_such_limit": "`{id}` has no limit here, so nothing was changed. /limits show lists those that are set.",
    "several_servers": (
        "Several servers share this bot's account, so its books are not this server's to see. "
        "Whoever runs the bot finds them in its log, once a day; /spending shows this server's."
    ),
    "no_account": (
        "The provider does not say now what it has billed. Please try again in some minutes; "
        "the books are compared once a day in any case."
    ),
    # what was changed
    "changed": "{what}: {before} before, {value} now.",
    "another_reason": "{what}: {value} as before, for another reason.",
    "unchanged": "{what}: {value} already. Nothing was changed.",
    "reason": "Reason: {reason}",
    "granted": (
        "Grant `#{id}`: <@{member}> may spend {amount} beyond their limit until {until}. "
        "What is left of their grants: {before} before, {after} now."
    ),
    "grant_extends": (
        "A grant extends the member's own limit, not the server's, and it does not open a limit of 0."
    ),
    "staff_see": (
        "Discord itself shows /limits only to members with Manage Server. To let {role} see it too, open Server "
        "Settings > Integrations, choose me, then /limits, and add the role. I check it again at each use."
    ),
    "member_limit_counts": "It counts instead of what their roles and this server say.",
    "role_limit_counts": (
        "Each member with the role has that much. Of several roles one is enough, and one at 0 blocks."
    ),
    "alerts_go_there": "I may write there, and have just said so in it.",
    "freeze_counts": "Videos that are under way go on. /limits unfreeze lets new ones in again.",
    # what a change is about
    "of_server": "This server's limit",
    "of_member": "The limit of <@{id}>",
    "of_everybody": "The limit of each member who has no limit of their own or of a role",
    "of_role": "The limit of each member with <@&{id}>",
    "of_request": "The most that one request may cost",
    "of_jobs": "The most jobs that a member may have under way",
    "of_time_zone": "The time zone in which days begin",
    "of_staff": "The staff role",
    "of_alerts": "The channel for alerts",
    "of_freeze": "New videos in this server",
    "of_grant": "A grant for <@{id}>",
    "of_revoke": "Grant `#{id}`",
    "of_resolve": "Job `{id}`",
    # what applies where nothing is set
    "the_default": "the default, {limits}",
    "by_roles": "what their roles and this server say",
    "not_set": "not set",
    "unlimited": "unlimited",
    "no_role": "none",
    "no_channel": "none",
    "open": "open",
    "nothing": "nothing",
    # what the log keeps of what happens once
    "frozen": "frozen",
    "log_grant": "{amount} until {until} UTC",
    "log_left": "{left} left of {amount} for <@{member}>",
    "log_revoked": "revoked",
    "log_held": "held {held}",
    "log_settled": "settled {settled}",
    "log_released": "released",
    "log_another_reason": "{value} as before, for another reason",
    "log_empty": "Nothing has been changed here yet. /limits show says what applies.",
    "log_at_its_end": "There is nothing older than that. /limits log shows the newest.",
    "log_older": "For what is older: /limits log before: {number}",
    "heading_log": "What staff have done",
    # grants and jobs
    "revoked": "Grant `#{id}` of <@{member}>: {left} of {amount} left before, revoked now.",
    "drawn_stays": "What their videos have drawn of it stays paid, those under way included.",
    "offered_grant": "#{id}: {left} of {amount} left, until {until}",
    "resolved_settled": "Job `{id}` of <@{member}>: {hold} was on hold, now {settled} settled.",
    "resolved_in_part": (
        "Job `{id}` of <@{member}>: {hold} was on hold, now {settled} settled, and {returned} returned."
    ),
    "resolved_released": "Job `{id}` of <@{member}>: {hold} was on hold, now all of it released.",
    "still_asked_for": (
        "I keep asking the provider for 7 days. What still comes is posted, and what it costs beyond this is paid "
        "by the server."
    ),
    "found": (
        "Job `{id}` of <@{member}> is found: the provider knows it after all. Nothing is left to "
        "decide, and nothing was settled or released by hand."
    ),
    # the books
    "booked": "{when}: {booked} booked, {billed} billed",
    "billed_more": "{when}: {booked} booked, {billed} billed, {difference} more",
    "billed_less": "{when}: {booked} booked, {billed} billed, {difference} less",
    "today": "Today (UTC)",
    "last_days": {"one": "The last {n} day", "other": "The last {n} days"},
    "books_agree": "The books are what the provider has billed.",
    "books_wait": "{held} is on hold for jobs under way, which may be billed and not booked yet.",
    "books_differ": (
        "What else differs was spent by something else with the same account, or before this bot's books began."
    ),
    # /limits show
    "heading_in_force": "Limits in this server",
    "now_account": "All servers together: {limits} (only whoever runs me can change that)",
    "now_server": "This server",
    "now_everybody": "Each member, where nothing else is set",
    "now_request": "One request at most",
    "now_jobs": "Jobs of a member at once",
    "now_time_zone": "Time zone",
    "now_staff": "Staff, beside Manage Server",
    "now_alerts": "Alerts",
    "now_freeze": "New videos",
    "now_default": "{what}: {limits} (the default)",
    "by_whom": "{what}, by <@{member}>",
    "field_roles": "Roles",
    "field_members": "Members",
    "field_gone": "No longer here",
    "named_member": "Member <@{id}> (`{id}`)",
    "named_role": "Role <@&{id}> (`{id}`)",
    "forget": "These count for nobody. /limits forget takes them away.",
    "forgotten": "{whose}: {limit} before, none now.",
    "and_more": {"one": "… and {n} more", "other": "… and {n} more"},
    # /limits why
    "heading_why": "Why",
    "why_admitted": "A request of {price} by <@{member}> is admitted.",
    "why_refused": "A request of {price} by <@{member}> is refused, by what is marked ⛔.",
    "why_from_grants": "Grants would pay {amount} of it.",
    "why_does_not_decide": "Does not decide: {what}",
    "why_frozen": "Frozen, {since}",
    "why_enough_credit": "Credit at the provider: enough as last read",
    "why_not_enough_credit": "Credit at the provider: not enough as last read",
    "why_credit": "Credit at the provider: {balance} as last read, {held} held, {left} left",
    "why_request": "One request: at most {amount}",
    "why_jobs": "Jobs at once: {under_way} of {most} under way",
    "why_unlimited": "{whose}: unlimited",
    "why_limit": "{whose}: {limit}, {spent} spent, {held} held, {left} left",
    "why_limit_and_grants": "{whose}: {limit}, {spent} spent, {held} held, {left} left with {granted} of grants",
    "why_enough_then": "{what}, which is enough",
    "why_enough_at": "{what}, enough for this {at}",
    "why_account": "All servers together",
    "why_server": "This server",
    "why_server_default": "This server (the default)",
    "why_member_default": "Member (the default)",
    "why_member_all": "Member (set for all)",
    "why_member_role": "Member (by <@&{role}>)",
    "why_member_own": "Member (their own limit)",
    "why_grant": "`#{id}` {left} of {amount} left, until {until}",
    "field_grants": "Grants",
}
