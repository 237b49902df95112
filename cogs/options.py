"""Options that the commands share: their types, and what is said of them."""

from typing import Final, TypeAlias

from discord import app_commands

from bot.domain.values import MAX_PROMPT, MAX_QUALITY, MIN_QUALITY
from cogs.translation import localized

Prompt: TypeAlias = app_commands.Range[str, 1, MAX_PROMPT]
Quality: TypeAlias = app_commands.Range[int, MIN_QUALITY, MAX_QUALITY]
Link: TypeAlias = app_commands.Range[str, 1, 2000]
ResultId: TypeAlias = app_commands.Range[str, 1, 40]
Share: TypeAlias = app_commands.Range[float, 0, 1]

RESOLUTION: Final = localized("commands.resolution")

OUTPUT: Final = {
    "count": localized("commands.output_count"),
    "format": localized("commands.output_format"),
    "quality": localized("commands.output_quality"),
    "safety": localized("commands.output_safety"),
}
"""What all videos have."""

SOURCE: Final = {
    "video_url": localized("commands.source_video_url"),
    "result": localized("commands.source_result"),
}
"""The other two ways to give a video."""
