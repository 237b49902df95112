"""A job's messages: how it goes, receipts, the list of /jobs."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {}
