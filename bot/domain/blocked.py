"""Blocked words: which of them a prompt has. Whole words, however they are written in Unicode; no patterns.

Both sides are made plain in the same way: compatibility forms become usual letters (NFKC), case is folded, and
characters without width are left out. A word is a run of letters, digits and marks, so that a language which writes
no spaces is matched between its punctuation only.
"""

from collections.abc import Iterable
from typing import Final
from unicodedata import category, normalize

from bot.domain.refusal import NotUnderstood
from bot.words.speech import say

MOST_WORDS: Final = 100
MOST_LETTERS: Final = 40  # of one of them


def plain(text: str) -> str:
    """Its words with one space between them: `Ｆｏｘ-TROT!` is `fox trot`; empty where there is none."""
    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    kept = (each for each in folded if category(each) != "Cf")
    return " ".join("".join(each if category(each)[0] in "LNM" else " " for each in kept).split())


def found(prompt: str, blocked: Iterable[str]) -> tuple[str, ...]:
    """Those of the blocked words, plain already, that a prompt has."""
    if not (blocked := tuple(blocked)):
        return ()
    said = f" {plain(prompt)} "
    return tuple(word for word in blocked if f" {word} " in said)


def parse_words(text: str) -> tuple[str, ...]:
    """Words with commas between them, made plain, each once and in order. Raises NotUnderstood."""
    words = sorted({word for part in text.replace("\n", ",").split(",") if (word := plain(part))})
    if not words:
        raise NotUnderstood(say("written.blocked_none"))
    if long := [word for word in words if len(word) > MOST_LETTERS]:
        begins, length = long[0][:MOST_LETTERS], len(long[0])
        raise NotUnderstood(say("written.blocked_long", most=MOST_LETTERS, begins=begins, length=length))
    if len(words) > MOST_WORDS:
        raise NotUnderstood(say("written.blocked_many", most=MOST_WORDS, number=len(words)))
    return tuple(words)
