"""Staff and members at their settings: /settings and /presets in tests."""

from collections.abc import Mapping
from typing import Final

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from tests.house import House

UNDO: Final[Mapping[str, tuple[str, Mapping[str, Value]]]] = {
    "default resolution": ("defaults", {"resolution": "inherit"}),
    "default aspect ratio": ("defaults", {"aspect_ratio": "inherit"}),
    "default duration": ("defaults", {"duration": "inherit"}),
    "default format": ("defaults", {"format": "inherit"}),
    "default quality": ("defaults", {"quality": "inherit"}),
    "allowed resolutions": ("allow", {"resolutions": "all"}),
    "allowed kinds": ("allow", {"kinds": "all"}),
    "safety": ("safety", {"mode": "none"}),
    "flagged videos": ("safety", {"flagged": "withhold"}),
    "channels": ("channels", {"everywhere": True}),
    "results channel": ("results", {}),
    "blocked words": ("words", {"allow": "all"}),
}


async def settings(
    member: Member, what: str, options: Mapping[str, Value] | None = None, /, *, forged: bool = False, **more: Value
) -> Message:
    """/settings, in the server's first channel; what is answered."""
    use = await member.command(f"settings {what}", {**(options or {}), **more}, forged=forged)
    return await use.answer()


async def presets(member: Member, what: str, channel: Channel | None = None, /, **options: Value) -> Message:
    """/presets; what is answered."""
    return await (await member.command(f"presets {what}", options, channel=channel)).answer()


async def undo(house: House) -> None:
    """Let every setting be as if nothing had been set."""
    mary = house.discord.member("Mary")
    found = house.rows("SELECT kind, value FROM changes WHERE server_id = ? ORDER BY id", house.server.id)
    last = {row["kind"]: row["value"] for row in found}
    for kind, (what, options) in UNDO.items():
        if last.get(kind) is not None:
            await settings(mary, what, options)
