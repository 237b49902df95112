"""What all windows of the page share."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.discord.attachment import Attachment
from sandbox.page.frame import Unclear
from sandbox.page.mischief import Mischief
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox


@dataclass(eq=False, kw_only=True)
class Stage:
    """Both sides of the sandbox, the bot, its database, and files that are not sent yet."""

    sandbox: Sandbox
    bot: BotProcess
    database: Path
    files: dict[str, Attachment] = field(default_factory=dict[str, Attachment])
    mischief: Mischief = field(init=False)
    _restarting: asyncio.Task[None] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.mischief = Mischief(self.sandbox)

    def keep(self, filename: str, data: bytes) -> Attachment:
        """Keep a file that a member has chosen, until they send it."""
        attachment = self.sandbox.discord.world.add_file(filename, data, ephemeral=True)
        self.files[str(attachment.id)] = attachment
        return attachment

    async def restart(self, *, kill: bool) -> None:
        """End the bot as operators do, or at once, and start it again. Unclear while that is under way.

        Whoever asked for it may go meanwhile: half of it would leave the others without a bot.
        """
        if self._restarting is not None and not self._restarting.done():
            raise Unclear("Raybot is being restarted already.")
        self._restarting = asyncio.create_task(self._restart(kill=kill))
        await asyncio.shield(self._restarting)

    async def close(self) -> None:
        """Leave off what is under way: nothing starts the bot any more."""
        if self._restarting is not None:
            self._restarting.cancel()
            await asyncio.gather(self._restarting, return_exceptions=True)

    async def _restart(self, *, kill: bool) -> None:
        discord = self.sandbox.discord
        identified = discord.gateway.identifies
        await (self.bot.kill() if kill else self.bot.stop())
        discord.world.changes.announce()
        await self.bot.start()
        await discord.gateway.ready(20, identifies=identified + 1)
