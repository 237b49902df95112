"""How large a file may be that the bot attaches: the server's boosts decide, in direct messages nothing does."""

import asyncio
import logging
import time
from datetime import timedelta
from typing import Final

import aiohttp
import discord

from bot.app import Raybot

log = logging.getLogger(__name__)

EVERYWHERE: Final = 10 * 2**20
"""Bytes that every server takes, and direct messages. Source: Discord's documentation, "Uploading Files"."""

FOR: Final = timedelta(hours=1).total_seconds()  # seconds for which an answer of Discord's counts
ANSWER_WITHIN: Final = 10.0  # seconds; no post waits longer for it
SILENT_FOR: Final = 120.0  # seconds for which a Discord that did not answer is not asked again


class UploadLimits:
    """Without intents no event tells of boosts, so Discord is asked, hourly for each server that makes videos."""

    def __init__(self, bot: Raybot) -> None:
        self._bot = bot
        self._known: dict[int, tuple[int, float]] = {}  # bytes, and until when on the loop's clock, by server

    async def of(self, server_id: int) -> int:
        """Bytes that one file may have in this server; what every server takes, where Discord does not say."""
        limit, until = self._known.get(server_id, (EVERYWHERE, 0.0))
        if time.monotonic() < until:
            return limit
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                limit = (await self._bot.fetch_guild(server_id, with_counts=False)).filesize_limit
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.info("server %d: its upload limit is not known: %s", server_id, error)
            self._known[server_id] = EVERYWHERE, time.monotonic() + SILENT_FOR
            return EVERYWHERE
        self._known[server_id] = limit, time.monotonic() + FOR
        return limit
