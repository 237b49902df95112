"""/presets."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "saved": "Saved: **{name}** is {choices}. Use it with /generate, /edit or /reframe and preset: {name}",
    "replaced": "Saved: **{name}** is {choices} now, in place of what it was.",
    "deleted": "**{name}** is deleted. What you have made with it stays.",
    "none_yet": "You have no presets here yet. /presets save keeps options under a name of yours.",
    "not_here": "⚠️ {option} {value} is not allowed in this server now.",
    "heading_list": "Your presets here",
    "on": "on",
    "off": "off",
}
