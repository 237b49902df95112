"""English: the language in which everything is written first. Another language is a catalogue like this one."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Catalogue, Sentence
from bot.words.en import (
    alerts,
    asked,
    card,
    chart,
    commands,
    forms,
    limits,
    media,
    presets,
    progress,
    refusals,
    request,
    results,
    settings,
    sources,
    spending,
    standing,
    written,
)

_TOPICS: Final[Mapping[str, Mapping[str, Sentence]]] = {
    "alerts": alerts.WORDS,
    "asked": asked.WORDS,
    "card": card.WORDS,
    "chart": chart.WORDS,
    "commands": commands.WORDS,
    "forms": forms.WORDS,
    "limits": limits.WORDS,
    "media": media.WORDS,
    "presets": presets.WORDS,
    "progress": progress.WORDS,
    "refusals": refusals.WORDS,
    "request": request.WORDS,
    "results": results.WORDS,
    "settings": settings.WORDS,
    "sources": sources.WORDS,
    "spending": spending.WORDS,
    "standing": standing.WORDS,
    "written": written.WORDS,
}


def _category(number: int) -> str:
    return "one" if number == 1 else "other"


ENGLISH: Final = Catalogue(
    "en",
    {f"{topic}.{name}": sentence for topic, words in _TOPICS.items() for name, sentence in words.items()},
    _category,
)
