"""What a message menu was used on: the pictures or videos of that message, until its form is sent.

Discord shows the bot a message when a menu is used on it, and never again: the bot asks for no intent to read
messages. So what the form needs is kept, for an hour and for one member; a form's custom id names it.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.database import Tx, rows, to_micros

KEPT_FOR: Final = timedelta(hours=1)
"""How long somebody may take to fill a form in. The links of attachments are good for about a day."""

MOST_OF_A_MEMBER: Final = 5
MOST_MEDIA: Final = 10
MOST_OF_A_LINK: Final = 2_000  # characters, as of the option video_url
MOST_OF_A_NAME: Final = 100  # characters, as of a choice


@dataclass(frozen=True)
class Medium:
    """A picture or a video of a message. `is_attachment`: it is on Discord's own hosts, else a link to anywhere.

    `width`, `height`: in pixels, 0 where Discord does not say.
    """

    url: str
    name: str
    is_attachment: bool
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Target:
    """`media`: in the order of the message. `entered`: what was sent last, by field; None: nothing yet."""

    id: str
    media: tuple[Medium, ...]
    entered: Mapping[str, str] | None = None


async def add(tx: Tx, server_id: int, member_id: int, media: Sequence[Medium], *, at: datetime) -> Target:
    """Keep what was found, at most MOST_MEDIA of it; what is old, and the member's sixth, goes."""
    target = Target(secrets.token_hex(8), tuple(media[:MOST_MEDIA]))
    await tx.execute("DELETE FROM targets WHERE used_at < ?", (to_micros(at - KEPT_FOR),))
    await tx.execute(
        """DELETE FROM targets WHERE id IN (
               SELECT id FROM targets WHERE member_id = ? ORDER BY used_at DESC LIMIT -1 OFFSET ?)""",
        (member_id, MOST_OF_A_MEMBER - 1),
    )
    await tx.execute(
        "INSERT INTO targets (id, server_id, member_id, media, used_at) VALUES (?, ?, ?, ?, ?)",
        (target.id, server_id, member_id, json.dumps([asdict(each) for each in target.media]), to_micros(at)),
    )
    return target


async def get(tx: Tx, target_id: str, server_id: int, member_id: int, *, now: datetime) -> Target | None:
    """What this member used a menu on in this server; None where that is too long ago, or was somebody else."""
    found = await rows(
        tx,
        "SELECT media, entered FROM targets WHERE id = ? AND server_id = ? AND member_id = ? AND used_at >= ?",
        (target_id, server_id, member_id, to_micros(now - KEPT_FOR)),
    )
    if not found:
        return None
    media = tuple(Medium(**each) for each in json.loads(found[0]["media"]))
    entered = found[0]["entered"]
    return Target(target_id, media, None if entered is None else json.loads(entered))


async def enter(tx: Tx, target_id: str, entered: Mapping[str, str]) -> None:
    """Keep what was sent, so that it can be changed and sent again."""
    await tx.execute("UPDATE targets SET entered = ? WHERE id = ?", (json.dumps(entered), target_id))
