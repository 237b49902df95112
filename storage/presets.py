"""Members' presets: by server, member and name."""

import json
import sqlite3
from datetime import datetime

from bot.domain.choices import choices_of
from bot.domain.preset import MOST_PRESETS, Preset, TooManyPresets, key
from storage.database import Tx, rows, to_micros


async def save(tx: Tx, server_id: int, member_id: int, preset: Preset, *, at: datetime) -> bool:
    """Save it under its name; whether there was none of that name. Raises TooManyPresets."""
    others = await of_member(tx, server_id, member_id)
    is_new = all(key(each.name) != key(preset.name) for each in others)
    if is_new and len(others) >= MOST_PRESETS:
        raise TooManyPresets
    await tx.execute(
        """INSERT INTO presets (server_id, member_id, key, name, choices, saved_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE
           SET name = excluded.name, choices = excluded.choices, saved_at = excluded.saved_at""",
        (server_id, member_id, key(preset.name), preset.name, json.dumps(preset.choices.chosen()), to_micros(at)),
    )
    return is_new


async def of_member(tx: Tx, server_id: int, member_id: int) -> list[Preset]:
    """Theirs in this server, by name."""
    found = await rows(
        tx, "SELECT * FROM presets WHERE server_id = ? AND member_id = ? ORDER BY key", (server_id, member_id)
    )
    return [_preset(row) for row in found]


async def get(tx: Tx, server_id: int, member_id: int, name: str) -> Preset | None:
    found = await rows(
        tx,
        "SELECT * FROM presets WHERE server_id = ? AND member_id = ? AND key = ?",
        (server_id, member_id, key(name)),
    )
    return _preset(found[0]) if found else None


async def delete(tx: Tx, server_id: int, member_id: int, name: str) -> bool:
    """Whether there was one."""
    cursor = await tx.execute(
        "DELETE FROM presets WHERE server_id = ? AND member_id = ? AND key = ?", (server_id, member_id, key(name))
    )
    return cursor.rowcount > 0


def _preset(row: sqlite3.Row) -> Preset:
    return Preset(row["name"], choices_of(json.loads(row["choices"])))
