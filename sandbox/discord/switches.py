"""What can go wrong with Discord, by name: a closed list. Each has a row in tests/faults/."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sandbox.faults import Switch

if TYPE_CHECKING:
    from sandbox.discord.server import Discord

SWITCHES: Final[Mapping[str, "Switch[Discord]"]] = {}
