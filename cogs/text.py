"""What all that is shown shares: colours, how much Discord takes, lines that fit, texts as files. Pure."""

import io
from collections.abc import Sequence
from typing import Final

import discord

from bot.words.speech import say
from cogs.prompt import shortened

COLOUR: Final = discord.Colour(0x5B5BD6)
GOOD: Final = discord.Colour(0x2E9E5B)
BAD: Final = discord.Colour(0xC2483D)

MOST_OF_A_MESSAGE: Final = 2_000  # characters, as the others
MOST_OF_A_FIELD: Final = 1_024
MOST_OF_A_DESCRIPTION: Final = 4_096
MOST_OF_AN_EMBED: Final = 6_000


def fitting(lines: Sequence[str], most: int) -> str:
    """The lines from the first on that fit, whole: half a link leads nowhere."""
    fitting = lines[0]
    for line in lines[1:]:
        if len(fitting) + 1 + len(line) > most:
            break
        fitting += f"\n{line}"
    return fitting


def fitting_with_rest(lines: Sequence[str], most: int) -> str:
    """As many lines from the first on as fit, and how many do not."""
    shown = len(lines)
    while True:
        left_out = [say("limits.and_more", n=len(lines) - shown)] if shown < len(lines) else []
        text = "\n".join([*lines[:shown], *left_out])
        if len(text) <= most:
            return text
        shown -= 1


def reason(why: str) -> list[str]:
    """The reason as a line of its own, where there is one."""
    return [say("limits.reason", reason=shortened(why))] if why else []


def file_of(content: str, name: str) -> discord.File:
    """A text, as a file."""
    return discord.File(io.BytesIO(content.encode(errors="replace")), name)
