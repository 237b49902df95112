"""What an interaction shows, once it is acknowledged: `@original`, which is edited until the token ends."""

from collections.abc import Sequence
from typing import Final

import aiohttp
import discord
from discord.utils import MISSING

from cogs.gate import Interaction

_CUT: Final = (aiohttp.ClientError, OSError)
"""The connection ended before there was an answer. 5xx and rate limits are tried again by the library itself."""


async def edit_original(
    interaction: Interaction,
    *,
    content: str | None = MISSING,
    embed: discord.Embed | None = MISSING,
    view: discord.ui.View | None = MISSING,
    attachments: Sequence[discord.File] = MISSING,
    allowed_mentions: discord.AllowedMentions | None = MISSING,
) -> None:
    """Change what the interaction shows. What is not given stays as it is.

    Where the connection is cut it is said once more: to make the same edit twice does no harm. Raises what
    discord.py and aiohttp raise.
    """
    files: Sequence[discord.File] = () if attachments is MISSING else attachments
    for is_last in (False, True):
        try:
            await interaction.edit_original_response(
                content=content,
                embed=embed,
                view=view,
                attachments=attachments,
                allowed_mentions=allowed_mentions,
            )
        except _CUT:
            if is_last or any(file.fp.closed for file in files):
                raise
            for file in files:
                file.reset()
            continue
        return
