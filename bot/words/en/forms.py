"""Forms, and the menus of a message that open them."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "title_prompt": "The prompt",
    "title_remix": "Remix: the prompt",
    "title_edit": "Edit: the prompt",
    "title_reframe": "Reframe: what fills the new part",
    "title_animate_image": "Animate this image",
    "title_edit_video": "Edit this video",
    "title_reframe_video": "Reframe this video",
    "label_what_it_shows": "What the video shows",
    "label_more": "More, where that is full",
    "hint_one_prompt": "Both fields are one prompt.",
    "label_prompt": "Prompt",
    "hint_cut": "Up to 4,000 characters; /generate, /edit and /reframe take 6,000",
    "hint_what_happens": "What happens in the video",
    "hint_what_becomes": "What should become of the video",
    "hint_new_part": "What the new part of the picture shows",
    "label_which_picture": "Which picture",
    "label_which_video": "Which video",
    "label_resolution": "Resolution",
    "hint_resolution": "Sharper costs more",
    "label_duration": "Duration",
    "hint_duration": "Seconds; 10 s costs three times 5 s",
    "label_aspect_ratio": "Aspect ratio",
    "hint_video_shape": "The video's shape",
    "hint_new_shape": "The new shape",
    "label_new_shape": "The new shape",
    "label_strength": "Strength",
    "hint_strength": "From adhere_1, closest to the video, to reimagine_3",
    "label_placement": "Placement",
    "hint_placement": "Where the video stands on the new canvas; fit: large, in the middle",
    "option_as_the_picture": "as the picture",
    "option_automatic": "automatic",
    "unnamed_file": "a file",
    "button_change_it": "Change it",
    "unknown": (
        "This form does not work any more, and nothing has changed. "
        "Please open it again from where you had it, or use /generate, /edit or /reframe."
    ),
    "gone": (
        "This form was opened more than an hour ago, or you have opened several others since, so nothing was done. "
        "Please open it again: on the message, under Apps."
    ),
    "busy": "I am busy just now, so nothing was done. Please try again in a moment.",
    "no_image_here": (
        "I see no picture in this message that I can take. Use this on a message with a PNG, JPEG or WebP, "
        "or give one to /generate as first_frame."
    ),
    "no_video_here": (
        "I see no video in this message that I can take. Use this on a message with an MP4, MOV or WebM or a link "
        "to one, or give one to /{command}."
    ),
}
