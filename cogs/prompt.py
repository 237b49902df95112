"""A member's prompt, as it is shown: it can do nothing, ping nobody, and pass for nobody's words but its author's.

The prompt that the provider gets is never touched; this is for cards and messages alone.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import discord

from bot.words.speech import say

MOST_OF_A_PROMPT: Final = 300  # characters on a card; Details has the rest

_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
"""Unicode's categories of what is not seen: it turns the direction of what follows, so that a card's own words read
otherwise, hides words from whoever reads, or moves a cursor."""

_JOINERS: Final = "\u200c\u200d"  # without them neither Persian nor a family of emoji is what was typed
_BLANKS: Final = "\u034f\u115f\u1160\u2800\u3164\uffa0"  # letters and marks, by their category, that are not seen
_SKINS: Final = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_PILE: Final = 4  # marks on one letter; a pile of them reaches over a card's own lines

_MARKDOWN: Final = re.compile(r"[\\*_~|`\[\]]|^[#>-]")
_ACTIVE: Final = re.compile(r"(?<=\w)(?=://)|(?<=<)(?=\S)")
"""Within these places of a link, and of all that Discord writes in angle brackets (channels, emoji, commands,
times, guides, addresses), a space without width undoes it."""


def shortened(prompt: str, most: int = MOST_OF_A_PROMPT) -> str:
    """A prompt for show: on one line, at most `most` characters, nothing in it that Discord would act on."""
    line = " ".join(_seen(prompt).split()) or say("asked.unseen_prompt")
    shown, kept = _inert(line), len(line)
    while len(shown) > most:
        kept = min(kept - 1, kept - (len(shown) - most) // 2)  # what is made inert grows, so cut and look again
        shown = _inert(f"{line[:kept].rstrip()}…")
    return shown


def plain(prompt: str, most: int) -> str:
    """A prompt for show where Discord marks nothing up, as in a list of choices: at most `most` of UTF-16's units,
    by which clients measure, and cut between what a reader takes for characters."""
    line = " ".join(_seen(prompt).split()) or say("asked.unseen_prompt")
    if _units(line) <= most:
        return line
    kept, left = "", most - 1  # for the ellipsis
    for cluster in _clusters(line):
        left -= _units(cluster)
        if left < 0:
            break
        kept += cluster
    return f"{kept.rstrip()}…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _clusters(line: str) -> Iterator[str]:
    """What a reader takes for one character each: a letter with its marks, an emoji with all that it is made of.

    After Unicode's annex 29, as far as its tables are in the standard library.
    """
    cluster = ""
    for character in line:
        if cluster and not _continues(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _continues(cluster: str, character: str) -> bool:
    last = cluster[-1]
    if unicodedata.category(character) in ("Mn", "Me", "Mc") or character in _JOINERS or character in _SKINS:
        return True
    if _is_half_flag(character):
        return _is_half_flag(last) and len(cluster) % 2 == 1
    if "\u1160" <= character <= "\u11ff":  # vowels and finals of Korean, each letter by itself
        return "\u1100" <= last <= "\u11ff" or "\uac00" <= last <= "\ud7a3"
    return last == "\u200d" and unicodedata.category(character) == "So"


def _is_half_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _seen(prompt: str) -> str:
    """What of it is seen by whoever reads it. Spaces of every kind are for the caller."""
    kept: list[str] = []
    pile = 0
    for character in prompt:
        category = unicodedata.category(character)
        pile = pile + 1 if category in ("Mn", "Me") else 0
        if character in _BLANKS or (character.isspace() and category == "Cc"):
            kept.append(" ")
        elif pile <= _PILE and (category not in _UNSEEN or character in _JOINERS):
            kept.append(character)
    return "".join(kept)


def _inert(line: str) -> str:
    """No mention, no markdown, no link, no custom emoji: a prompt is shown as it was typed."""
    escaped = discord.utils.escape_mentions(_MARKDOWN.sub(r"\\\g<0>", line))
    return _ACTIVE.sub("\u200b", escaped)
