"""Options that the commands share: their types, and what is said of them."""

from typing import Final, TypeAlias

from discord import app_commands

from bot.domain.values import MAX_PROMPT, MAX_QUALITY, MIN_QUALITY

Prompt: TypeAlias = app_commands.Range[str, 1, MAX_PROMPT]
Quality: TypeAlias = app_commands.Range[int, MIN_QUALITY, MAX_QUALITY]
Link: TypeAlias = app_commands.Range[str, 1, 2000]
ResultId: TypeAlias = app_commands.Range[str, 1, 40]
Share: TypeAlias = app_commands.Range[float, 0, 1]

RESOLUTION: Final = "Sharper costs more (default 720p)"

OUTPUT: Final = {
    "count": "How many takes, each priced and posted by itself (default 1)",
    "format": "The video file's kind (default MP4)",
    "quality": "Of the file's compression, 20 to 99 (default 95)",
    "safety": "How closely the provider checks the video's content (default none)",
}
"""What all videos have."""

SOURCE: Final = {
    "video_url": "A link to the video file instead (https)",
    "result": "A video that I made for you instead: its job's id, as in /jobs",
}
"""The other two ways to give a video."""
