"""Descriptions of commands and options, and the menus' names, in each language that there is a catalogue for.

Discord shows them in the language of each member's own app. They are registered with the commands.
"""

from typing import Final

import discord
from discord import app_commands

from bot.app import Raybot
from bot.words.english import ENGLISH
from bot.words.speech import CATALOGUES, catalogue_for

KEY: Final = "key"
VALUES: Final = "values"


def localized(key: str, /, **values: object) -> app_commands.locale_str:
    """The English sentence of this name, which Discord is given in every other language too."""
    return app_commands.locale_str(ENGLISH.worded(key, values), **{KEY: key, VALUES: values})


class Translations(app_commands.Translator):
    """Looks a sentence up in the catalogue of a language of Discord's."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """None: it is shown in English, where the language has no such sentence or the text is a name."""
        catalogue, key = catalogue_for(locale.value), str(string.extras.get(KEY))
        if catalogue is None or catalogue is ENGLISH or key not in catalogue.sentences:
            return None
        return catalogue.worded(key, string.extras[VALUES])


async def setup(bot: Raybot) -> None:
    if len(CATALOGUES) > 1:
        await bot.tree.set_translator(Translations())
