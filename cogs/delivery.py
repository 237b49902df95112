"""Brings Discord in line with what is stored of a job: posts what is to be posted, edits what has changed.

It may be killed at any await. The intent to post is stored before the post, and a post that may already be there is
looked for, by the nonce in its buttons, before it is made (cogs/looking.py). Where it goes: cogs/places.py; what it
says there: cogs/posting.py.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from datetime import datetime
from typing import Final
from weakref import WeakValueDictionary

import aiohttp
import discord

from bot.app import Raybot
from bot.cadence import is_due
from bot.domain.job import DROP, Job, Reason, State
from bot.words.speech import speaking
from cogs.job_cards import progress
from cogs.looking import OutOfSight, Place, Unreachable, find, is_closed, rest
from cogs.parent import parent_of
from cogs.places import places
from cogs.post_buttons import post_buttons
from cogs.posting import Files, Posting, seconds_for
from cogs.waiting import wait_of
from storage import jobs, languages, posts
from storage.posts import Post

log = logging.getLogger(__name__)

TOGETHER: Final = 0.25  # seconds; what changes in one burst, such as sent and accepted, is one edit
SOON: Final = 2.0  # seconds; where its file takes longer, the progress message says that a video is on its way
DISCORD_TIMEOUT: Final = 60.0  # seconds for one call; the library itself would wait for 300


class Delivery:
    """`await delivery(job_id)` may be called at any time, by anybody, and again: one at a time per job."""

    def __init__(self, bot: Raybot) -> None:
        self._bot = bot
        self.posting = Posting(bot)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, job_id: str) -> None:
        # weakly kept: a lock lives as long as somebody holds it or waits for it, and not longer
        lock = self._locks.setdefault(job_id, asyncio.Lock())
        async with lock:
            found = await posts.of_job(self._bot.database.read, job_id)
            job = await jobs.get(self._bot.database.read, job_id)  # after its posts: it has what they are about
            if job is None:
                return
            now = self._bot.now()
            due = [post for post in found if is_due(post.next_try_at, now)]
            due.sort(key=_in_turn)
            with speaking(await languages.spoken_in(self._bot.database.read, job.server_id)):  # whoever brought it
                await self._bring(job, due)

    async def _bring(self, job: Job, due: list[Post]) -> None:
        async with asyncio.TaskGroup() as group:  # all files at once: a silent host delays each post by as much
            coming = [group.create_task(self.posting.files(job, post)) for post in due]
            for post, files in zip(due, coming, strict=True):
                if not (await asyncio.wait([files], timeout=SOON))[0]:
                    await self._say_that_it_comes(job, due)
                await self._try(job, post, await files)

    async def _say_that_it_comes(self, job: Job, due: list[Post]) -> None:
        """The progress message, in between: it is edited again when there is a post."""
        for post in due:
            if post.kind == "progress" and post.state == "posted":
                await self._try(job, post, {})

    async def _try(self, job: Job, post: Post, files: Files) -> None:
        """What cannot be done now is done later."""
        try:
            async with asyncio.timeout(DISCORD_TIMEOUT + seconds_for(files)):
                await self._bring_in_line(job, post, files)
        except (Unreachable, TimeoutError) as error:
            until = self._bot.now() + rest(error, post.tries)
            log.warning("job %s: %s waits until %s: %s", job.id, post.nonce, until, error)
            async with self._bot.database.transaction() as tx:
                await posts.postpone(tx, post.nonce, until)

    async def _bring_in_line(self, job: Job, post: Post, files: Files) -> None:
        if post.state == "waiting":
            await self._post(job, post, files)
        elif post.kind == "progress" and post.message_id is not None and post.shown < job.version:
            await self._edit(job, post, post.message_id)

    async def _post(self, job: Job, post: Post, files: Files) -> None:
        """Make the post, by the first way that is open."""
        if self.posting.is_empty(job, post, files):
            await self._give_up(job, post)
            return
        with contextlib.suppress(OutOfSight):
            async for place in places(self._bot, job, post):
                message_id = await self._post_to(place, job, post, files)
                if message_id is not None:
                    async with self._bot.database.transaction() as tx:
                        await posts.posted(tx, post.nonce, message_id, shows=job.version)
                    return
        await self._give_up(job, post)

    async def _post_to(self, place: Place, job: Job, post: Post, files: Files) -> int | None:
        """The message's id; None where this place is closed to us. Raises Unreachable where it is not certain."""
        if post.attempted_at is not None and post.channel_id == place.id:
            found = await self._find(place, post, post.attempted_at)
            if found is not None:
                return found
        at = self._bot.now()
        try:
            async with self._bot.database.transaction() as tx:
                await posts.attempt(tx, post.nonce, place.id, at)
            message = await self.posting.send(place, job, post, files)
        except discord.HTTPException as error:
            if not is_closed(error, post.tries):
                raise Unreachable(error) from error
            if (found := await self._made_nevertheless(place, post, at)) is not None:
                return found
            log.warning("job %s: %s cannot be posted in %s: %s", job.id, post.nonce, place.id, error)
            async with self._bot.database.transaction() as tx:
                await posts.not_made(tx, post.nonce)
            return None
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise Unreachable(error) from error
        return message.id

    async def _made_nevertheless(self, place: Place, post: Post, attempted_at: datetime) -> int | None:
        """The message that was made although the last that we heard is a refusal: after a 500 or a 502 the library
        tries again by itself, and its first try may have been taken. Where nobody may look, it was not."""
        with contextlib.suppress(Unreachable, OutOfSight):
            return await self._find(place, post, attempted_at)
        return None

    async def _find(self, place: Place, post: Post, attempted_at: datetime) -> int | None:
        """The message that was made by an earlier attempt, known by its buttons."""

        def is_it(message: discord.Message) -> bool:
            return f":{post.nonce}'" in str([component.to_dict() for component in message.components])

        return await find(self._bot, place, post.nonce, attempted_at, is_it)

    async def _edit(self, job: Job, post: Post, message_id: int) -> None:
        await asyncio.sleep(TOGETHER)
        job = await jobs.existing(self._bot.database.read, job.id)
        place = self._bot.get_partial_messageable(post.channel_id)
        all_posts = await posts.of_job(self._bot.database.read, job.id)
        of = Counter(each.state for each in all_posts if each.kind == "result")
        wait = await wait_of(self._bot, job)
        parent = await parent_of(self._bot.database.read, job)
        shown = progress(job, kept=of["undelivered"], coming=of["waiting"], wait=wait, parent=parent)
        try:
            await place.get_partial_message(message_id).edit(embed=shown, view=post_buttons(job, post.nonce))
        except discord.HTTPException as error:
            if not is_closed(error, post.tries):
                raise Unreachable(error) from error
            log.info("job %s: its progress message cannot be edited: %s", job.id, error)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise Unreachable(error) from error
        async with self._bot.database.transaction() as tx:
            await posts.shows(tx, post.nonce, job.version)

    async def _give_up(self, job: Job, post: Post) -> None:
        """No way is open: the result is kept for /jobs; a job whose progress nobody would see is not sent."""
        log.error("job %s: %s cannot be delivered", job.id, post.nonce)
        async with self._bot.database.transaction() as tx:
            await posts.undelivered(tx, post.nonce)
            if post.kind == "progress" and (await jobs.existing(tx, job.id)).state is State.QUEUED:
                await jobs.take(tx, job.id, DROP, at=self._bot.now(), reason=Reason.NO_CHANNEL)


def _in_turn(post: Post) -> bool:
    """What is to be posted comes first: it wakes an archived thread, in which nothing can be edited."""
    return post.state != "waiting"


async def setup(bot: Raybot) -> None:
    bot.deliver = Delivery(bot)
