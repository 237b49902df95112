"""Say a sentence in the language of whoever reads it.

The language belongs to the task: an interaction's is its member's, from the first line of its handling on, and what
is posted for everybody is said in the server's. So the rules, which word their own refusals, need not be told.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from bot.words.catalogue import Catalogue
from bot.words.english import ENGLISH

CATALOGUES: Final[Mapping[str, Catalogue]] = {each.locale: each for each in (ENGLISH,)}
"""The languages that there are, by Discord's names for them."""

_language: ContextVar[Catalogue] = ContextVar("language", default=ENGLISH)


def say(key: str, /, **values: object) -> str:
    """The sentence of this name with its values, in the task's language; in English, where that has none.

    Raises KeyError for a name that no catalogue has, or a value that is missing: a bug, which tests/bot/words find.
    """
    language = _language.get()
    return (language if key in language.sentences else ENGLISH).worded(key, values)


def phrase(key: str, /) -> str:
    """The name of a sentence that is said later, by `say`: tests/bot/words reads it here."""
    return key


def catalogue_for(locale: str | None) -> Catalogue | None:
    """The catalogue of a locale of Discord's, `pt-BR`, or of its language, `pt`; None: there is none."""
    if locale is None:
        return None
    return CATALOGUES.get(locale) or CATALOGUES.get(locale.partition("-")[0])


def speak(locale: str | None) -> None:
    """From here on, this task and those that it starts say everything in this language."""
    _language.set(catalogue_for(locale) or ENGLISH)


@contextmanager
def speaking(locale: str | None) -> Generator[None]:
    """Within, everything is said in this language."""
    before = _language.set(catalogue_for(locale) or ENGLISH)
    try:
        yield
    finally:
        _language.reset(before)
