"""/settings."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # what cannot be taken
    "cannot_post_there": (
        "I cannot post in <#{channel}>, so nothing was changed. Please allow me View Channel and "
        "Send Messages there, or choose another channel."
    ),
    "nothing_named": "Please name what to change with /settings {command}: {options}. Nothing was changed.",
    "not_of_this_server": "That is no channel of this server. Please choose one that is; nothing was changed.",
    "channel_not_listed": ("<#{channel}> is not in the list, so nothing was changed. /settings show has the list."),
    "word_not_listed": "“{word}” is not in the list, so nothing was changed. /settings show has the list.",
    "too_many_channels": (
        "{most} channels are the most that can be named. Take one out with remove, or choose "
        "everywhere. Nothing was changed."
    ),
    # what a setting is called
    "of_resolution": "The resolution where none is chosen",
    "of_aspect_ratio": "The shape where none is chosen",
    "of_duration": "The duration where none is chosen",
    "of_format": "The file format where none is chosen",
    "of_quality": "The quality where none is chosen",
    "of_resolutions": "The resolutions that may be asked for",
    "of_kinds": "The kinds of request that may be made",
    "of_safety": "The content check that every video gets at least",
    "of_flagged": "Videos that the content check flags",
    "of_channels": "The channels in which videos are made",
    "of_results": "The channel for videos whose own channel is closed",
    "of_words": "The blocked words",
    # what applies where nothing is set
    "usual_quality": "the provider's, 95",
    "all": "all",
    "everywhere": "everywhere",
    "no_words": "none",
    # what was changed
    "hello": (
        "Videos whose own channel is closed by the time that they are ready are posted here from now on. "
        "<@{member}> has set that with /settings results."
    ),
    "resolution_not_allowed": "{resolution} is not allowed, so who chooses nothing gets {usual}.",
    "ten_seconds": "10 s costs three times 5 s. Loop, HDR and pictures exist at 5 s only, and get that.",
    "stricter": "A member may choose a stricter one.",
    "withhold": (
        "A flagged video is shown in age-restricted channels only. Elsewhere its member is told so, and opens "
        "it with /jobs in an age-restricted channel."
    ),
    "spoiler": "A flagged video is posted behind a spoiler, in any channel.",
    "show": "A flagged video is posted like any other.",
    "nothing_is_checked": (
        "Nothing is checked unless a member asks for it; /settings safety mode: fast checks all."
    ),
    "threads_count": ("A thread counts as its channel does. Quotes that are open elsewhere buy nothing any more."),
    "have_posted_there": (
        "I have just posted there, so that works. Whoever may read that channel sees those videos."
    ),
    "whole_words": ("They are whole words, however they are written: capitals and look-alike forms count too."),
    # what a member reads
    "elsewhere": ("This server's staff want videos made elsewhere, so nothing was bought. Please use {channels}."),
    # /settings show
    "heading_in_force": "Settings of this server",
    "section_defaults": "Where nothing is chosen",
    "section_allowed": "What may be asked for",
    "section_content": "Content",
    "section_where": "Where",
    "now_resolution": "Resolution",
    "now_aspect_ratio": "Shape (videos from words)",
    "now_duration": "Duration",
    "now_format": "Format",
    "now_quality": "Quality",
    "now_resolutions": "Resolutions",
    "now_kinds": "Kinds",
    "now_words": "Blocked words",
    "now_safety": "Check, at least",
    "now_flagged": "Flagged videos",
    "now_channels": "Videos are made in",
    "now_results": "Else posted in",
    "now_not_allowed": "{resolution} is not allowed now: who chooses nothing gets {usual}.",
    "see_log": "/limits log says who changed what, and why.",
}
