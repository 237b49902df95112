"""A job's messages: how it goes, receipts, the list of /jobs."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # The message in the channel, and how it goes
    "asked_for": {"one": "<@{member}> asked for a video", "other": "<@{member}> asked for {n} videos"},
    "footer": "Job {job}",
    "not_posted": {
        "one": "📦 It could not be posted here. Whoever asked finds it with /jobs.",
        "other": "📦 {n} of them could not be posted here. Whoever asked finds them with /jobs.",
    },
    "on_its_way": {
        "one": "📥 I am fetching the file, and post it here in a moment…",
        "other": "📥 I am fetching the files of {n} videos, and post them here in a moment…",
    },
    "sending": "⏳ Sending it to the provider…",
    "rendering": "🎬 Rendering; this usually takes a few minutes…",
    "rendering_since": "🎬 Rendering since {since}; this usually takes a few minutes…",
    "rendering_half": "🎬 Rendering; half of such videos take {half} at most, nine of ten {nine}…",
    "rendering_half_since": (
        "🎬 Rendering since {since}; half of such videos take {half} at most, nine of ten {nine}…"
    ),
    "rendering_nine": "🎬 Rendering; nine of ten such videos take {nine} at most…",
    "rendering_nine_since": "🎬 Rendering since {since}; nine of ten such videos take {nine} at most…",
    "ready_so_far": {"one": "{n} of {count} is ready…", "other": "{n} of {count} are ready…"},
    "minutes": "{minutes} min",
    "cancelled": "🚫 Cancelled before it was sent. Nothing was charged.",
    "unresolved": "❓ The provider does not say what became of it. {hold} stays on hold, and I keep asking…",
    "waits_for_credit": (
        "⏸️ Waiting: the shared account is out of credit. It goes on by itself once that is topped up…"
    ),
    "waits_for_key": (
        "⏸️ Waiting: the provider does not accept the bot's key. Whoever runs this bot has to mend that…"
    ),
    "waits_for_provider": "⏳ Waiting: the provider is busy. I try again shortly…",
    "waits": "⏳ Waiting for its turn…",
    "is_next": "⏳ Next in the queue…",
    "is_next_ready_by": "⏳ Next in the queue; usually ready by {usually}, nine times of ten by {latest}…",
    "has_place": "⏳ Number {place} in the queue…",
    "has_place_ready_by": (
        "⏳ Number {place} in the queue; usually ready by {usually}, nine times of ten by {latest}…"
    ),
    # How it ended
    "ready": {"one": "The video is ready.", "other": "All {n} videos are ready."},
    "both_ready": "Both videos are ready.",
    "some_ready": {"one": "{n} of {count} videos is ready.", "other": "{n} of {count} videos are ready."},
    "cost": "It cost {cost}.",
    "cost_estimated": "It cost {cost}, estimated.",
    "billed_more": "The provider billed {overrun} more, which is the server's.",
    "rest_failed": "The rest did not work out.",
    "resolved": "The provider never said what became of it, so this server's staff have settled it.",
    "rest_resolved": (
        "The provider never said what became of the rest, so this server's staff have ended the job."
    ),
    "released": "This server's staff had released it before it came.",
    "not_charged": "Nothing was charged.",
    "not_charged_billed": "You were not charged; the provider billed the server {overrun} for it.",
    "no_channel": "I could not post in <#{channel}>, so it was not sent. Please try another channel.",
    "moderated": "The provider's moderation refused it. Rewording the prompt usually helps.",
    "refused": "The provider refused this request as it is. Another resolution, duration or prompt may work.",
    "broken": "It went wrong at the provider. Asking for it again often works.",
    "timed_out": "The provider took too long and gave up. Asking for it again often works.",
    "expired": "It waited for 24 hours and could not be sent. Please ask again later.",
    "not_transferred": (
        "The provider could not read your picture or video. Saving it anew and sending that may help."
    ),
    "source_gone": "I no longer have the picture or video that it is made from. Please ask again, with the file.",
    "not_sent": "It could not be sent. Please ask again in a while.",
    "lost": "The provider never said what became of it, so this server's staff have released it.",
    "did_not_work": "It did not work. Asking for it again may help.",
    "notice": "<@{member}> Your video did not work out.",
    "notice_job": "(job `{job}`)",
    # What it goes on from
    "again": "🔗 Another take of video {n} of job `{job}`",
    "again_linked": "🔗 Another take of [this video]({link})",
    "remix": "🔗 A remix of video {n} of job `{job}`",
    "remix_linked": "🔗 A remix of [this video]({link})",
    "bigger": "🔗 A larger take of video {n} of job `{job}`",
    "bigger_linked": "🔗 A larger take of [this video]({link})",
    "continue": "🔗 It goes on from video {n} of job `{job}`",
    "continue_linked": "🔗 It goes on from [this video]({link})",
    "edit": "🔗 An edit of video {n} of job `{job}`",
    "edit_linked": "🔗 An edit of [this video]({link})",
    "reframe": "🔗 A reframe of video {n} of job `{job}`",
    "reframe_linked": "🔗 A reframe of [this video]({link})",
    # Details, and the list of /jobs
    "heading_receipt": "Job {job}",
    "field_asked_for": "Asked for",
    "field_parameters": "Every parameter",
    "field_origin": "Comes from",
    "field_by": "By",
    "field_how_it_goes": "How it goes",
    "field_books": "Books",
    "field_job": "Job {job}",
    "held": "held {amount}",
    "settled": "settled {amount}",
    "settled_estimated": "settled {amount}, estimated",
    "returned": "returned {amount}",
    "overrun": "{amount} more, on the server",
    "heading_yours": "Your latest jobs here",
    "heading_everybodys": "Under way in this server",
    "for_member": "For <@{member}>",
    "video_link": "[Video {n}]({link})",
    "more_under_way": {
        "one": "{n} more is under way. It is listed once these are over, or cancelled.",
        "other": "{n} more are under way. They are listed once these are over, or cancelled.",
    },
    "no_jobs": "You have no jobs here yet. /generate makes your first video.",
    "nothing_under_way": "Nothing is under way in this server. /limits show says who may spend how much.",
    "not_admitted": (
        "Video {n} is kept, but its link leads to a host that I may not show. "
        "Please ask whoever runs this bot to look at LINK_HOSTS."
    ),
    "deleted": "Video {n} is deleted.",
    # Buttons
    "button_cancel": "Cancel",
    "button_details": "Details",
    "button_cancel_job": "Cancel {job}",
    "job_cancelled": "Job `{job}` is cancelled, and {price} is yours to spend again.",
    "job_cancelled_by_staff": (
        "Job `{job}` of <@{member}> is cancelled, and {price} is theirs to spend again. "
        "Its message in the channel says that it is cancelled."
    ),
}
