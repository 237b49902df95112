"""Where a post may go, in order: where it may already stand, then where it was asked for, then where staff
want what cannot be posted there, then to its requester.

Never to any other channel. What finds no way is kept for /jobs (cogs/delivery.py).
"""

from collections.abc import AsyncIterator

import aiohttp
import discord

from bot.app import Raybot
from bot.domain.job import Job
from cogs.looking import Place, Unreachable, is_closed
from storage import policies
from storage.posts import Post


async def places(bot: Raybot, job: Job, post: Post) -> AsyncIterator[Place]:
    """The places to try, one after the other: each is asked for only where the one before is closed to us.

    The progress message belongs to the job's own channel alone. Raises Unreachable where it is not certain that a
    place is closed.
    """
    if post.attempted_at is not None and post.channel_id != job.channel_id:
        yield bot.get_partial_messageable(post.channel_id)
    yield bot.get_partial_messageable(job.channel_id, guild_id=job.server_id)
    if post.kind == "progress":
        return
    if post.kind == "result":
        policy = await policies.in_force(bot.database.read, job.server_id)
        if policy.results_channel not in (None, job.channel_id):
            yield bot.get_partial_messageable(policy.results_channel, guild_id=job.server_id)
    direct = await _direct_message(bot, job, post)
    if direct is not None:
        yield direct


async def _direct_message(bot: Raybot, job: Job, post: Post) -> Place | None:
    """The requester's direct messages; None where they are not open to us."""
    try:
        return await bot.create_dm(discord.Object(job.member_id))
    except discord.HTTPException as error:
        if not is_closed(error, post.tries):
            raise Unreachable(error) from error
        return None
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise Unreachable(error) from error
