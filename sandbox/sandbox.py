"""Both sides of the outside world together, and the settings by which the bot is led to them."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Final, Self

from sandbox.clock import Clock
from sandbox.discord.server import Discord
from sandbox.discord.switches import SWITCHES as OF_DISCORD
from sandbox.runware.server import Runware
from sandbox.runware.switches import SWITCHES as OF_RUNWARE

FAULTS: Final[Mapping[str, str]] = {
    name: switch.says for switches in (OF_RUNWARE, OF_DISCORD) for name, switch in switches.items()
}
"""Everything that can go wrong here, by its name, with what happens then."""

AT_ONCE: Final = frozenset(
    name for switches in (OF_RUNWARE, OF_DISCORD) for name, switch in switches.items() if switch.at_once
)
"""Those of them that happen there and then, and not to what comes next."""


class Sandbox:
    """An async context manager: a Discord and a Runware on loopback, with one clock.

    `render_seconds`: how long the provider takes for a video. `openapi`: see sandbox/discord/server.py.
    """

    def __init__(
        self,
        *,
        render_seconds: float = 0.2,
        balance: Decimal = Decimal(1000),
        openapi: Path | None = None,
        rate_limits: bool = True,
    ) -> None:
        self.clock = Clock()
        self.discord = Discord(clock=self.clock, openapi=openapi, rate_limits=rate_limits)
        self.runware = Runware(clock=self.clock, render_seconds=render_seconds, balance=balance)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.discord)
        await self._stack.enter_async_context(self.runware)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def switch(self, name: str, *, times: int = 1) -> None:
        """Make a fault happen, one of `FAULTS`, to the next `times` that it can happen to."""
        if name in OF_RUNWARE:
            OF_RUNWARE[name].turn_on(self.runware, times)
        else:
            OF_DISCORD[name].turn_on(self.discord, times)

    def mend(self) -> None:
        """Switch everything off again. What has happened by then has happened."""
        self.discord.mend()
        self.runware.mend()

    def settings(self, database: Path, **more: str) -> dict[str, str]:
        """The bot's settings for this sandbox; `more` are further ones, or other values."""
        return {
            "DISCORD_TOKEN": self.discord.token,
            "RUNWARE_API_KEY": self.runware.key,
            "DISCORD_API_URL": self.discord.url,
            "RUNWARE_API_URL": self.runware.url,
            "RUNWARE_CONTENT_URL": self.runware.media_origin,
            "DISCORD_MEDIA_HOSTS": self.discord.origin,
            "RUNWARE_MEDIA_HOSTS": self.runware.media_origin,
            "LINK_HOSTS": self.runware.media_origin,
            "MEDIA_DIR": str(database.parent / "media"),
            "QUOTES_PER_MINUTE": "600",  # one person plays all members, and tests type fast
            "DATABASE_URL": f"sqlite:///{database}",
            **more,
        }
