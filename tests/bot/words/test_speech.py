"""Who reads a sentence in which language."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.words import speech
from bot.words.catalogue import Catalogue
from bot.words.english import ENGLISH
from bot.words.speech import say, speak, speaking

ENGLISH_TOO = {"tests.bought": "{member} bought it", "tests.videos": {"one": "{n} video", "other": "{n} videos"}}
GERMAN = {"tests.videos": {"one": "{n} Video", "other": "{n} Videos"}}


@pytest.fixture(autouse=True)
def two_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    english = replace(ENGLISH, sentences=ENGLISH_TOO)
    monkeypatch.setattr(speech, "ENGLISH", english)
    german = Catalogue("de", GERMAN, lambda number: "one" if number == 1 else "other")
    monkeypatch.setattr(speech, "CATALOGUES", {"en": english, "de": german})


def test_a_number_decides_between_the_forms() -> None:
    with speaking("de"):
        assert [say("tests.videos", n=n) for n in (0, 1, 2)] == ["0 Videos", "1 Video", "2 Videos"]


def test_what_a_language_lacks_is_said_in_english() -> None:
    with speaking("de"):
        assert say("tests.bought", member="Ada") == "Ada bought it"


@pytest.mark.parametrize(
    ("locale", "says"), [("de", "2 Videos"), ("en-GB", "2 videos"), ("xx", "2 videos"), (None, "2 videos")]
)
def test_a_locale_of_discords_finds_its_language(locale: str | None, says: str) -> None:
    with speaking(locale):
        assert say("tests.videos", n=2) == says


def test_what_a_member_wrote_is_no_placeholder() -> None:
    with speaking("en-US"):
        assert say("tests.bought", member="{member.__class__} {0}") == "{member.__class__} {0} bought it"


@pytest.mark.anyio
async def test_the_language_of_one_task_is_not_anothers() -> None:
    async def asked_in(locale: str) -> str:
        speak(locale)
        await asyncio.sleep(0)
        return await asyncio.to_thread(say, "tests.videos", n=1)

    assert await asyncio.gather(asked_in("de"), asked_in("en-US")) == ["1 Video", "1 video"]


@pytest.mark.parametrize("missing", [lambda: say("tests.nothing"), lambda: say("tests.bought")])
def test_a_sentence_that_cannot_be_said_is_a_bug(missing: Any) -> None:
    with pytest.raises(KeyError):
        missing()
