"""What is wrong with what a request is made from. Each follows the name of its option."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "one_video": "is missing. Give one of video, video_url and result.",
    "only_one_video": "is one too many. Give only one of video, video_url and result.",
    "no_such_result": (
        "is none of your finished videos here. Give the id of a job of yours from /jobs, such as k3v9tq2m7d, or "
        "k3v9tq2m7d.2 for its second video."
    ),
    "no_longer_there": (
        "cannot be used: the provider no longer keeps this video. If you saved it, send the file as video."
    ),
    "withheld_here": (
        "is flagged by the provider's check, so it is shown in age-restricted channels alone. "
        "Please ask in one of those."
    ),
    "not_in_message": "is none of those that the message shows. Choose one of them.",
    "moments_alone": "are those of keyframes. Attach keyframe_1, or leave moments out.",
    "moments_unreadable": "cannot be read. Write seconds, one for each keyframe, such as 0, 2.5, 5.",
    "moments_not_as_many": (
        "are not as many as the keyframes: {moments}, and {keyframes}. Write one for each, or none."
    ),
    "unknown_placement": "is none of these: {placements}. Choose one of them.",
    "placement_and_fractions": "cannot be combined with {options}. Leave one or the other out.",
    "fractions_missing": "needs {options} too. Give all four, or a placement.",
    "from_preset": "It comes from your preset “{preset}”.",
}
