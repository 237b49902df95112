"""A preset: options that a member has saved under a name of their own, in one server."""

from dataclasses import dataclass
from typing import Final
from unicodedata import category, normalize

from bot.domain.choices import Choices
from bot.domain.refusal import Refusal
from bot.words.speech import say

MOST_PRESETS: Final = 20  # of a member in a server
MOST_LETTERS: Final = 32  # of a name


@dataclass(frozen=True)
class Preset:
    """`name`: as the member wrote it, cleaned. Two names that differ in case alone are one."""

    name: str
    choices: Choices


class BadName(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.bad_preset_name", most=MOST_LETTERS))


class EmptyPreset(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.empty_preset"))


class TooManyPresets(Refusal):
    def __init__(self) -> None:
        super().__init__(say("refusals.too_many_presets", most=MOST_PRESETS))


class NoSuchPreset(Refusal):
    """`name`: safe to show."""

    def __init__(self, name: str) -> None:
        super().__init__(say("refusals.no_such_preset", name=name))


def clean(name: object) -> str:
    """A name on one line, without characters that nobody sees. Raises BadName."""
    text = normalize("NFKC", str(name))
    shown = "".join(" " if category(each)[0] in "ZC" and category(each) != "Cf" else each for each in text)
    cleaned = " ".join("".join(each for each in shown if category(each) != "Cf").split())
    if not 0 < len(cleaned) <= MOST_LETTERS or not any(each.isalnum() for each in cleaned):
        raise BadName
    return cleaned


def key(name: str) -> str:
    """By which a cleaned name is found."""
    return normalize("NFKC", name.casefold())
