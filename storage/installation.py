"""What this installation remembers of itself, beside its jobs."""

from typing import Final

from storage.database import Tx, rows

HOME_SERVER: Final = "home server"  # the first server that used the bot, where ALLOWED_SERVERS is unset
IDENTITY: Final = "identity"  # a name that no other database has
BALANCE_WAS_FINE: Final = "balance was fine"  # when it was last read and gave no reason to tell anybody
BALANCE: Final = "balance"  # as it was last read, in nano-dollars
TOPPED_UP: Final = "topped up"  # when more was read than before
RECONCILED: Final = "reconciled"  # the day, UTC, on which the books were last compared with the provider's
SUBMISSIONS_PAUSED: Final = "submissions are paused"  # since when, until when, after how many refusals; JSON
POLLS_PAUSED: Final = "polls are paused"  # the same
COMMANDS: Final = "registered commands"  # a digest of the command tree that Discord was last given

COMMAND_NAMES: Final = "names of registered commands"
WRITTEN: Final = "written"  # when it was last tried whether the disk takes anything; microseconds since 1970


async def remembered(tx: Tx, name: str) -> str | None:
    found = await rows(tx, "SELECT value FROM installation WHERE name = ?", (name,))
    return str(found[0]["value"]) if found else None


async def remember(tx: Tx, name: str, value: str) -> None:
    await tx.execute(
        """INSERT INTO installation (name, value) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
        (name, value),
    )


async def forget(tx: Tx, name: str) -> None:
    await tx.execute("DELETE FROM installation WHERE name = ?", (name,))


async def remember_first(tx: Tx, name: str, value: str) -> str:
    """Remember `value`, unless something is remembered by this name already; what is remembered then."""
    await tx.execute("INSERT OR IGNORE INTO installation (name, value) VALUES (?, ?)", (name, value))
    return await remembered(tx, name) or value
