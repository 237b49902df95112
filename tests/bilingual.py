"""A house whose bot speaks a second language: the bot as it is, and a catalogue more, as somebody would add it."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bot.words.catalogue import Sentence
from tests.house import RENDER_SECONDS, House, open_house

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("bot", "cogs", "storage")
CATALOGUE: Final = '''"""German."""

from typing import Any, Final

from bot.words.catalogue import Catalogue

GERMAN: Final = Catalogue("de", {sentences!r}, lambda number: "one" if number == 1 else "other")
'''
NAMED: Final = (
    ("import ENGLISH\n", "import ENGLISH\nfrom bot.words.german import GERMAN\n"),
    ("(ENGLISH,)", "(ENGLISH, GERMAN)"),
)
"""What changes where the languages stand."""


@asynccontextmanager
async def open_bilingual_house(
    folder: Path, sentences: dict[str, Sentence], *, render_seconds: float = RENDER_SECONDS, **settings: str
) -> AsyncGenerator[House]:
    """With a copy of the bot in `folder` that has these sentences in German; the sandbox is the usual one."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    words = folder / "bot" / "words"
    (words / "german.py").write_text(CATALOGUE.format(sentences=sentences), "utf-8")
    speech = (words / "speech.py").read_text("utf-8")
    for before, after in NAMED:
        assert speech.count(before) == 1
        speech = speech.replace(before, after)
    (words / "speech.py").write_text(speech, "utf-8")
    environment: Any = {"PYTHONPATH": str(folder), **settings}
    async with open_house(folder, render_seconds=render_seconds, **environment) as house:
        yield house
