"""Which language a server speaks, by which what is posted there for everybody is said.

Only an interaction tells: without intents the library knows nothing of a server but its id.
"""

from typing import Final

from bot.words.english import ENGLISH
from bot.words.speech import catalogue_for
from storage import installation
from storage.database import Database, Tx

_NAME: Final = "language of {server_id}"


async def spoken_in(tx: Tx, server_id: int) -> str:
    """The locale of a catalogue that there is; English, where nothing else was heard."""
    return await installation.remembered(tx, _NAME.format(server_id=server_id)) or ENGLISH.locale


async def hear(database: Database, server_id: int, locale: str | None) -> None:
    """A server prefers this locale. Written down where that changes the language. Raises CannotWrite."""
    heard = (catalogue_for(locale) or ENGLISH).locale
    if heard == await spoken_in(database.read, server_id):
        return
    async with database.transaction() as tx:
        await installation.remember(tx, _NAME.format(server_id=server_id), heard)
