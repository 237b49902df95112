"""Every sentence that a member can read stands in a catalogue, is used, and fits where it is shown.

The files are read, not run: which sentences they say, with which values, and which text of their own they have.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from bot.words.catalogue import COUNT, Catalogue, Sentence, placeholders, texts
from bot.words.english import ENGLISH
from bot.words.speech import CATALOGUES

ROOT: Final = Path(__file__).parents[3]
SAYING: Final = frozenset({"say", "phrase", "localized"})
"""What takes a sentence's key: in the language of the task, for later, and for Discord's translations."""

MOST: Final = {
    "commands.": 100,  # descriptions, and names of choices
    "commands.menu_": 32,
    ".button_": 80,
    ".title_": 45,  # of a form
    ".label_": 45,  # of a form's field
    ".hint_": 100,  # a form's or a menu's placeholder; its description
    ".option_": 100,  # one of what a menu offers
    ".field_": 256,  # the name of an embed's field
}
"""The most characters that Discord takes, by what is in a key; anything else is a part of a message."""

MOST_OF_A_SENTENCE: Final = 600
"""Anything longer than this is no sentence for a phone."""

LONGEST_VALUE: Final = 24
"""Characters that each value is counted with."""


class Said(NamedTuple):
    """One place where a sentence is said. `values` None: they are not to be seen there."""

    where: str
    key: str
    values: frozenset[str] | None


FILES: Final = {
    str(file.relative_to(ROOT)): ast.parse(file.read_text("utf-8"))
    for package in ("bot", "cogs", "storage")
    for file in sorted((ROOT / package).rglob("*.py"))
    if ROOT / "bot" / "words" not in file.parents
}


def said() -> Iterator[Said]:
    """Raises AssertionError for a key that cannot be read off the file."""
    for path, tree in FILES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in SAYING:
                continue
            where, first = f"{path}:{node.lineno}", node.args[0]
            if isinstance(first, ast.Constant):
                assert isinstance(first.value, str), where
                values = frozenset(str(each.arg) for each in node.keywords)
                yield Said(where, first.value, None if node.func.id == "phrase" else values)
            else:  # one of several that `phrase` names
                assert node.func.id == "say", where
                assert not isinstance(first, ast.JoinedStr | ast.BinOp), f"{where}: a key must be seen whole"


def values_of(sentence: Sentence) -> frozenset[str]:
    counted = frozenset[str]() if isinstance(sentence, str) else frozenset({COUNT})
    return counted.union(*map(placeholders, texts(sentence)))


def test_every_sentence_that_is_said_is_there_and_gets_the_values_that_it_takes() -> None:
    wrong: list[str] = []
    for where, key, values in said():
        if key not in ENGLISH.sentences:
            wrong.append(f"{where}: there is no {key}")
        elif values is not None:
            wanted = values_of(ENGLISH.sentences[key])
            if values != wanted:
                wrong.append(f"{where}: {key} takes {sorted(wanted)}, and is given {sorted(values)}")
    assert wrong == []


def test_every_sentence_is_used() -> None:
    assert set(ENGLISH.sentences) - {each.key for each in said()} == set()


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=CATALOGUES)
def test_a_catalogue_breaks_no_placeholder(catalogue: Catalogue) -> None:
    """The same values as in English, by plain names; `n` alone may be left out, where a form says it in words."""
    for key, sentence in catalogue.sentences.items():
        english = values_of(ENGLISH.sentences[key])
        for text in texts(sentence):
            assert all(name.isidentifier() for name in placeholders(text)), (key, text)
            assert placeholders(text) - {COUNT} == english - {COUNT}, (key, text)
        assert isinstance(sentence, str) or "other" in sentence, key


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=CATALOGUES)
def test_a_catalogue_breaks_no_limit_of_discords(catalogue: Catalogue) -> None:
    for key, sentence in catalogue.sentences.items():
        most = min((most for part, most in MOST.items() if part in key), default=MOST_OF_A_SENTENCE)
        for text in texts(sentence):
            length = len(text.format_map(dict.fromkeys(placeholders(text), "x" * LONGEST_VALUE)))
            assert length <= most, (key, length)
            assert text == text.strip(), key


SPEAKS: Final = (
    "cogs/",
    "bot/domain/",
    "bot/refusals.py",
    "bot/taking.py",
    "bot/fetch.py",
    "bot/kept.py",
    "bot/chart.py",
    "bot/media/",
)
"""What has something to say to members. The rest speaks to operators, in a terminal or a log, or to nobody."""


@pytest.mark.parametrize("path", [path for path in FILES if path.startswith(SPEAKS)])
def test_no_file_has_sentences_of_its_own(path: str) -> None:
    assert list(sentences_in(FILES[path])) == []


def sentences_in(tree: ast.Module) -> Iterator[str]:
    """Text of two words or more: no docstring, no SQL, no pattern, and nothing for the log or a programmer."""
    hidden = {id(part) for node in ast.walk(tree) if _is_hidden(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) not in hidden and isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = [word for word in node.value.split() if word.strip(".,:;!?…“”()`*").isalpha()]
            if len(words) > 1:
                yield node.value


def _is_hidden(node: ast.AST) -> bool:
    match node:
        case ast.Expr(ast.Constant()):  # a docstring
            return True
        case ast.Call(ast.Attribute(_, "debug" | "info" | "warning" | "error" | "exception" | "critical" | "log")):
            return True
        case ast.MatchValue():  # what is told apart, not said
            return True
        case ast.Assert() | ast.Call(ast.Attribute(ast.Name("re"), _)):  # a regular expression
            return True
        case ast.Raise(ast.Call(ast.Name("ValueError" | "PermissionError"))):  # what a member reads is of our own
            return True
        case ast.keyword("source" | "loc" | "textcoords"):  # where a rule is from; for the library that draws
            return True
        case ast.ClassDef(bases=[ast.Name("StrEnum")]):  # as it is stored
            return True
        case _:
            return False
