"""A catalogue: every sentence that a member can read, in one language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final, TypeAlias

COUNT: Final = "n"
"""The value that decides between a sentence's forms."""

Forms: TypeAlias = Mapping[str, str]
"""A sentence that depends on a number `n`: its text for each plural category (CLDR) that the language has, such as
`one` and `other`; `other` is always there."""

Sentence: TypeAlias = str | Forms
"""Text with values in braces, `{price}`: names alone, so that a catalogue can reach nothing else of a value."""


@dataclass(frozen=True)
class Catalogue:
    """`locale`: Discord's name of the language. `category`: which plural category (CLDR) a whole number has."""

    locale: str
    sentences: Mapping[str, Sentence]
    category: Callable[[int], str]

    def worded(self, key: str, values: Mapping[str, object]) -> str:
        """The sentence with its values. Raises KeyError for a key, or a value, that there is not."""
        sentence = self.sentences[key]
        if not isinstance(sentence, str):
            count = values[COUNT]
            assert isinstance(count, int)
            sentence = sentence.get(self.category(count), sentence["other"])
        return sentence.format_map(values)


def texts(sentence: Sentence) -> tuple[str, ...]:
    """Each form of a sentence."""
    return (sentence,) if isinstance(sentence, str) else tuple(sentence.values())


def placeholders(text: str) -> frozenset[str]:
    """The names of the values that a text takes. Raises ValueError where its braces cannot be read."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
