"""A member's prompt, as it is shown: it can do nothing, ping nobody, and pass for nobody's words but its author's.

The prompt that the provider gets is never touched; this is for cards and messages alone.
"""

import re
from typing import Final

import discord

MOST_OF_A_PROMPT: Final = 300  # characters on a card; Details has the rest

_TURNS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of what follows: a card's own words could be made to read otherwise."""

_MARKDOWN: Final = re.compile(r"[\\*_~|`\[\]]|^[#>-]")
_ACTIVE: Final = re.compile(r"(?<=\w)(?=://)|(?<=<)(?=[#:/@at])")
"""Within these places of a link, a channel, an emoji, a command or a time, a space without width undoes it."""


def shortened(prompt: str, most: int = MOST_OF_A_PROMPT) -> str:
    """A prompt for show: on one line, at most `most` characters, nothing in it that Discord would act on."""
    line = " ".join(_TURNS.sub("", prompt).split())
    shown, kept = _inert(line), len(line)
    while len(shown) > most:
        kept = min(kept - 1, kept - (len(shown) - most) // 2)  # what is made inert grows, so cut and look again
        shown = _inert(f"{line[:kept].rstrip()}…")
    return shown


def _inert(line: str) -> str:
    """No mention, no markdown, no link, no custom emoji: a prompt is shown as it was typed."""
    escaped = discord.utils.escape_mentions(_MARKDOWN.sub(r"\\\g<0>", line))
    return _ACTIVE.sub("\u200b", escaped)
