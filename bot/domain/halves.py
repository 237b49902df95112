"""A prompt in the two fields of a form, and back: Discord's fields take 4,000 characters, a prompt has up to 6,000.

Whether Discord counts characters or UTF-16's units, and whether it cuts spaces off a field's ends, is not
documented: what is split here fits either way where it can, and the spaces at the seam stand in neither field.
"""

import re
from typing import Final, NamedTuple

from bot.domain.values import MAX_PROMPT

FIRST: Final = 4_000  # characters, Discord's most
SECOND: Final = MAX_PROMPT - FIRST

_GAP: Final = re.compile(r"\s+")


class Halves(NamedTuple):
    """What the two fields show, and the spaces and line breaks between them, which the member does not see."""

    first: str
    gap: str
    second: str


def split(prompt: str) -> Halves:
    """In one field if it fits; else at the last gap between words that leaves no more than the second field takes.

    Where there is none, or the gap itself is too long, in the middle of a word, with nothing in between.
    """
    if _fits(prompt, FIRST):
        return Halves(prompt, "", "")
    gaps = [gap for gap in _GAP.finditer(prompt) if gap.start() <= FIRST and len(prompt) - gap.end() <= SECOND]
    for gap in reversed(gaps):
        first, second = prompt[: gap.start()], prompt[gap.end() :]
        if first and second and _fits(first, FIRST) and _fits(second, SECOND):
            return Halves(first, gap.group(), second)
    at = next((at for at in range(min(FIRST, len(prompt)), 0, -1) if _fits(prompt[:at], FIRST)), FIRST)
    if not _fits(prompt[at:], SECOND):
        at = FIRST  # more units than two fields have: it must be characters that Discord counts
    return Halves(prompt[:at], "", prompt[at:])


def join(first: str, second: str, *, was: str) -> str:
    """The prompt that the fields hold. `was`: the one that they were filled with, whose gap belongs between them.

    Where that one had no second field, a space parts the words that meet, unless the first field is full.
    """
    if not first or not second:
        return first or second
    filled = split(was)
    if filled.second:
        gap = filled.gap
    else:
        gap = "" if _units(first) >= FIRST or first[-1].isspace() or second[0].isspace() else " "
    return f"{first}{gap}{second}"


def _fits(text: str, most: int) -> bool:
    return _units(text) <= most


def _units(text: str) -> int:
    """UTF-16's, of which most emoji have two. Never fewer than characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
