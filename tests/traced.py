"""What a running bot asks its database: every statement as SQLite carried it out, noted in the bot's own process.

The bot stays as it is. Python runs a `sitecustomize` that it finds on its path before anything else; ours has each
connection that is opened from then on tell us of its statements. They come with their values in the place of their
parameters, and those that differ in values alone are one: `form`.
"""

import ast
import json
import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent

ASKS: Final = ("SELECT", "WITH")
CHANGES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")

_VALUE: Final = re.compile(r"(?P<word>'[a-z ]{1,30}'(?!'))|[xX]?'(?:[^']|'')*'|(?<![\w.])\d+(?:\.\d+)?\b", re.ASCII)
"""Texts and numbers. Words stay: a state or a kind decides which index serves."""

_OF_A_TRIGGER: Final = "--"  # how SQLite marks what a trigger does; it is no statement of ours


def form(sql: str) -> str:
    """The statement without its values."""
    return _VALUE.sub(lambda value: value["word"] or "?", sql)


def listen(folder: Path) -> None:
    """In the bot's process: note what each connection carries out, from `Trace.begin` on.

    A line a statement: the process, the number of its form there, and with the first of a form the statement.
    """
    connect, numbers, one_at_a_time = sqlite3.connect, dict[str, int](), threading.Lock()

    def note(sql: str) -> None:
        if sql.startswith(_OF_A_TRIGGER) or not (folder / "begun").exists():
            return
        with one_at_a_time:
            before = len(numbers)
            number = numbers.setdefault(form(sql), before)
            is_new = number == before
            with (folder / "statements").open("a", encoding="utf-8") as file:
                file.write(json.dumps([os.getpid(), number, sql if is_new else None]) + "\n")

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(note)
        return connection

    sqlite3.connect = traced


class Trace:
    """Give `settings` to the bot, and `begin` once it is ready: what migrations do is done once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(
            "from pathlib import Path\n\nfrom tests.traced import listen\n\nlisten(Path(__file__).parent)\n"
        )
        self._folder = folder
        self.settings: Final[dict[str, Any]] = {"PYTHONPATH": f"{folder}:{ROOT}"}

    def begin(self) -> None:
        """Note what is carried out from now on, also by a bot that is started again."""
        (self._folder / "begun").touch()

    def executed(self) -> list[str]:
        """Every statement, in order; for each of those of one form the first of them."""
        file = self._folder / "statements"
        known: dict[tuple[int, int], str] = {}
        found: list[str] = []
        for line in file.read_text("utf-8").splitlines() if file.exists() else []:
            process, number, sql = json.loads(line)
            if sql is not None:
                known[process, number] = sql
            found.append(known[process, number])
        return found


def one_of_each(executed: Sequence[str]) -> list[str]:
    """The first of each form, of those that ask for something or change it."""
    found = {form(sql): sql for sql in reversed(executed)}
    return [sql for sql in reversed(found.values()) if sql.lstrip().upper().startswith(ASKS + CHANGES)]


_BEGINS: Final = re.compile(rf"\s*({'|'.join((*ASKS, *CHANGES))}|WHERE)\b")
_PARAMETER: Final = re.compile(r"\\\?|:\w+")


def written(folder: Path) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The SQL in a folder's sources: where it stands, and what matches it as it is carried out.

    What is filled in by code matches anything, and so does a parameter.
    """
    for file in sorted(folder.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            text = _text(node) if id(node) not in parts else None
            if text is not None and _BEGINS.match(text):
                where = f"{file.name}:{getattr(node, 'lineno', 0)} {' '.join(text.split())[:70]}"
                yield where, _pattern(text)


_HOLE: Final = "\0"


def _text(node: ast.AST) -> str | None:
    """A literal string, with a hole for each thing that is filled in."""
    match node:
        case ast.Constant(str(text)):
            return re.sub(r"\{\w+\}", _HOLE, text)  # also by str.format
        case ast.JoinedStr(parts):
            return "".join(_text(part) or _HOLE for part in parts)
        case _:
            return None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(".+?", re.escape(text)).replace(re.escape(_HOLE), ".*?"), re.DOTALL)
