"""What an installation remembers of itself."""

from storage.database import Database
from storage.installation import remember, remember_first, remembered


async def test_the_last_word_is_remembered(database: Database) -> None:
    async with database.transaction() as tx:
        await remember(tx, "name", "one")
        await remember(tx, "name", "two")
    assert await remembered(database.read, "name") == "two"
    assert await remembered(database.read, "another") is None


async def test_where_the_first_counts_the_first_is_remembered(database: Database) -> None:
    """Two servers that use a new bot at the same moment: one of them is its home, and both hear which."""
    async with database.transaction() as tx:
        assert await remember_first(tx, "home", "one") == "one"
        assert await remember_first(tx, "home", "two") == "one"
    assert await remembered(database.read, "home") == "one"
