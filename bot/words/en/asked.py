"""What was asked for, in words: on cards, in the channel, in lists."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "videos": {"one": "{n} video", "other": "{n} videos"},
    "pixels": "{width}×{height} pixels",
    "source_video": "a video of {width}×{height} pixels and {length}",
    "seconds": "{seconds} s",
    "in_the_middle": "in the middle",
    "place": "at {x} across, {y} down, {width} × {height} of the canvas",
    "keeps_sound": "keeps its sound",
    "pictures_shape": "your picture's shape",
    "edit": "edit of {length}",
    "reframe": "reframe of {length}",
    "first_frame": "with a first frame",
    "last_frame": "with a last frame",
    "first_and_last_frame": "with a first and a last frame",
    "keyframes": {"one": "keyframe at {moments} s", "other": "keyframes at {moments} s"},
    "automatic": "automatic",
    "with_guide": "with a guide",
    "not_set": "not set",
    "on": "on",
    "off": "off",
    "unseen_prompt": "(nothing that can be shown)",
}
