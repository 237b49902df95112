"""Brings Discord in line with what is stored of a job: posts what is to be posted, edits what has changed.

It may be killed at any await. The intent to post is stored before the post, and a post that may already be there is
looked for, by the nonce in its buttons, before it is made (cogs/looking.py).
"""

import asyncio
import contextlib
import io
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import aiohttp
import discord

from bot import soundtrack
from bot.app import Raybot
from bot.cadence import backoff
from bot.domain.forecast import Usual
from bot.domain.job import DROP, Job, Reason, State
from cogs import text
from cogs.buttons import post_buttons
from cogs.looking import OutOfSight, Place, Unreachable, find, is_closed
from storage import jobs, posts
from storage.posts import Post

log = logging.getLogger(__name__)

TOGETHER: Final = 0.25  # seconds; what changes in one burst, such as sent and accepted, is one edit
DISCORD_TIMEOUT: Final = 60.0  # seconds for one call; the library itself would wait for 300


SLOWEST_LINE: Final = 250_000  # bytes a second, on which a file is still attached
TRIES_FOR_SOUND: Final = 3


class Delivery:
    """`await delivery(job_id)` may be called at any time, by anybody, and again: one at a time per job."""

    def __init__(self, bot: Raybot) -> None:
        self._bot = bot
        self._without_sound: Counter[str] = Counter()  # how often it did not come, by nonce
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, job_id: str) -> None:
        # weakly kept: a lock lives as long as somebody holds it or waits for it, and not longer
        lock = self._locks.setdefault(job_id, asyncio.Lock())
        async with lock:
            waiting = await posts.of_job(self._bot.database.read, job_id)
            job = await jobs.get(self._bot.database.read, job_id)  # after its posts: it has what they are about
            if job is None:
                return
            now = self._bot.now()
            for post in sorted(waiting, key=_in_turn):
                if post.next_try_at is not None and post.next_try_at > now:
                    continue
                try:
                    file = await self._with_sound(job, post)
                    async with asyncio.timeout(DISCORD_TIMEOUT + _seconds_for(file)):
                        await self._bring_in_line(job, post, file)
                except (Unreachable, TimeoutError) as error:
                    until = self._bot.now() + timedelta(seconds=backoff(post.tries))
                    log.warning("job %s: %s waits until %s: %s", job_id, post.nonce, until, error)
                    async with self._bot.database.transaction() as tx:
                        await posts.postpone(tx, post.nonce, until)

    async def _with_sound(self, job: Job, post: Post) -> Path | None:
        """The video to attach to an edit's result; None where there is none, or it has to go without.

        Raises Unreachable where it is worth another try.
        """
        if post.kind != "result" or post.state != "waiting" or not soundtrack.is_wanted(job):
            return None
        result = job.results[post.n - 1]
        if not result.succeeded:
            return None
        try:
            return await self._bot.soundtrack.of(job, result)
        except soundtrack.NoSound as error:
            self._without_sound[post.nonce] += 1
            if error.may_pass and self._without_sound[post.nonce] <= TRIES_FOR_SOUND:
                raise Unreachable(error) from error
            del self._without_sound[post.nonce]
            log.warning("job %s: %s goes without its sound: %s", job.id, post.nonce, error)
            return None

    async def _bring_in_line(self, job: Job, post: Post, file: Path | None) -> None:
        if post.state == "waiting":
            await self._post(job, post, file)
        elif post.kind == "progress" and post.message_id is not None and post.shown < job.version:
            await self._edit(job, post, post.message_id)

    async def _post(self, job: Job, post: Post, file: Path | None) -> None:
        """Make the post, by the first way that is open."""
        if post.kind == "result" and not self._shown(job, post):
            await self._give_up(job, post)
            return
        with contextlib.suppress(OutOfSight):
            async for place in self._ways(job, post):
                message_id = await self._post_to(place, job, post, file)
                if message_id is not None:
                    async with self._bot.database.transaction() as tx:
                        await posts.posted(tx, post.nonce, message_id, shows=job.version)
                    return
        await self._give_up(job, post)

    def _shown(self, job: Job, post: Post) -> list[str]:
        """The links of a result that may be shown: none, where the video's own may not."""
        links = job.results[post.n - 1].links
        admitted = [link for link in links if self._bot.settings.link_hosts.admit(link)]
        for link in set(links) - set(admitted):
            log.error("job %s: LINK_HOSTS does not admit this host: %r", job.id, urlsplit(link).netloc[:200])
        return admitted if links[0] in admitted else []

    async def _ways(self, job: Job, post: Post) -> AsyncIterator[Place]:
        """The places to try: where it may already be, the job's own channel, and a direct message.

        The progress message belongs to the channel alone.
        """
        if post.attempted_at is not None and post.channel_id != job.channel_id:
            yield self._bot.get_partial_messageable(post.channel_id)
        yield self._bot.get_partial_messageable(job.channel_id, guild_id=job.server_id)
        if post.kind != "progress":
            try:
                yield await self._bot.create_dm(discord.Object(job.member_id))
            except discord.HTTPException as error:
                if not is_closed(error, post.tries):
                    raise Unreachable(error) from error
            except (aiohttp.ClientError, OSError) as error:
                raise Unreachable(error) from error

    async def _post_to(self, place: Place, job: Job, post: Post, file: Path | None) -> int | None:
        """The message's id; None where this place is closed to us. Raises Unreachable where it is not certain."""
        if post.attempted_at is not None and post.channel_id == place.id:
            found = await self._find(place, post, post.attempted_at)
            if found is not None:
                return found
        try:
            async with self._bot.database.transaction() as tx:
                await posts.attempt(tx, post.nonce, place.id, self._bot.now())
            message = await self._send(place, job, post, file)
        except discord.HTTPException as error:
            if not is_closed(error, post.tries):
                raise Unreachable(error) from error
            log.warning("job %s: %s cannot be posted in %s: %s", job.id, post.nonce, place.id, error)
            async with self._bot.database.transaction() as tx:
                await posts.not_made(tx, post.nonce)
            return None
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise Unreachable(error) from error
        return message.id

    async def _send(self, place: Place, job: Job, post: Post, file: Path | None) -> discord.Message:
        """With its files where they may be attached here and are not too large, and else without."""
        if post.kind == "progress":
            shown = text.progress(job, wait=await self._wait(job))
            return await place.send(embed=shown, view=post_buttons(job, post.nonce), nonce=post.nonce)
        if post.kind == "notice":
            return await self._say(place, job, post, text.notice(job))
        says, more = self._result(place, job, post, "missing" if file is None else "attached")
        files = [] if file is None else [await asyncio.to_thread(discord.File, file, _name(job, post))]
        files += [discord.File(io.BytesIO("\n".join(more).encode()), "links.txt")] if more else []
        try:
            return await self._say(place, job, post, says, files)
        except discord.HTTPException as error:
            if not files or error.status not in (403, 413):
                raise
            log.warning("job %s: %s goes without files: %s", job.id, post.nonce, error)
            why = "missing" if file is None else "too large" if error.status == 413 else "forbidden"
        says, _ = self._result(place, job, post, why, attaches=False)
        return await self._say(place, job, post, says)

    def _result(
        self, place: Place, job: Job, post: Post, sound: text.Sound, *, attaches: bool = True
    ) -> tuple[str, Sequence[str]]:
        return text.result_post(
            job,
            job.results[post.n - 1],
            self._shown(job, post),
            elsewhere=place.id != job.channel_id,
            sound=sound if soundtrack.is_wanted(job) else None,
            attaches=attaches,
        )

    async def _say(
        self, place: Place, job: Job, post: Post, says: str, files: Sequence[discord.File] = ()
    ) -> discord.Message:
        """To the requester, and in reply to the progress message where it stands in this place."""
        buttons = post_buttons(job, post.nonce)
        requester = discord.AllowedMentions(
            everyone=False, roles=False, replied_user=False, users=[discord.Object(job.member_id)]
        )
        if (progress := await self._progress_in(place, job)) is None:
            return await place.send(says, view=buttons, nonce=post.nonce, allowed_mentions=requester, files=files)
        return await place.send(
            says, view=buttons, nonce=post.nonce, allowed_mentions=requester, files=files, reference=progress
        )

    async def _progress_in(self, place: Place, job: Job) -> discord.MessageReference | None:
        """The progress message as what is replied to, where it stands in this place."""
        for post in await posts.of_job(self._bot.database.read, job.id):
            if post.kind == "progress" and post.message_id is not None and post.channel_id == place.id:
                return discord.MessageReference(
                    message_id=post.message_id, channel_id=place.id, fail_if_not_exists=False
                )
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
        kept = sum(each.kind == "result" and each.state == "undelivered" for each in all_posts)
        shown = text.progress(job, kept, await self._wait(job))
        try:
            await place.get_partial_message(message_id).edit(embed=shown, view=post_buttons(job, post.nonce))
        except discord.HTTPException as error:
            if not is_closed(error, post.tries):
                raise Unreachable(error) from error
            log.info("job %s: its progress message cannot be edited: %s", job.id, error)
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(error) from error
        async with self._bot.database.transaction() as tx:
            await posts.shows(tx, post.nonce, job.version)

    async def _wait(self, job: Job) -> text.Wait:
        """What can be said now of when it may be ready."""
        if (forecast := await self._bot.queue.forecast(job)) is not None:
            now, ready_in = self._bot.now(), forecast.ready_in
            return text.Wait(forecast.ahead) if ready_in is None else _between(now, ready_in, ahead=forecast.ahead)
        usual = self._bot.queue.usual(job) if job.state is State.RUNNING else None
        return text.UNKNOWN if usual is None or job.accepted_at is None else _between(job.accepted_at, usual)

    async def _give_up(self, job: Job, post: Post) -> None:
        """No way is open: the result is kept for /jobs; a job whose progress nobody would see is not sent."""
        log.error("job %s: %s cannot be delivered", job.id, post.nonce)
        async with self._bot.database.transaction() as tx:
            await posts.undelivered(tx, post.nonce)
            if post.kind == "progress" and (await jobs.existing(tx, job.id)).state is State.QUEUED:
                await jobs.take(tx, job.id, DROP, at=self._bot.now(), reason=Reason.NO_CHANNEL)


def _between(since: datetime, usual: Usual, *, ahead: int | None = None) -> text.Wait:
    usually, slow = timedelta(seconds=usual.median), timedelta(seconds=usual.slow)
    return text.Wait(ahead, since + usually, since + slow)


def _seconds_for(file: Path | None) -> float:
    """What a file adds to the time that a post may take."""
    return 0.0 if file is None else file.stat().st_size / SLOWEST_LINE


def _name(job: Job, post: Post) -> str:
    """What the file of a result is called."""
    return f"{job.id}-{post.n}.{job.request.format.lower()}"


def _in_turn(post: Post) -> bool:
    """What is to be posted comes first: it wakes an archived thread, in which nothing can be edited."""
    return post.state != "waiting"


async def setup(bot: Raybot) -> None:
    bot.deliver = Delivery(bot)
