"""One post in one place: what it says there, the files that go with it, and whom it calls."""

import asyncio
import io
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import discord

from bot import soundtrack
from bot.app import Raybot
from bot.domain.forecast import Usual
from bot.domain.job import Job, State
from cogs import text
from cogs.buttons import post_buttons
from cogs.looking import Place, Unreachable
from storage import posts
from storage.posts import Post

log = logging.getLogger(__name__)

SLOWEST_LINE: Final = 250_000  # bytes a second, on which a file is still attached
TRIES_FOR_SOUND: Final = 3
NO_REPLY: Final = 160002
"""Discord's code for a reply where the bot may not read what was said before. A post that is no reply is taken."""


class Posting:
    """Makes messages of posts. Where they go, and whether they are there already, is asked elsewhere."""

    def __init__(self, bot: Raybot) -> None:
        self._bot = bot
        self._without_sound: Counter[str] = Counter()  # how often it did not come, by nonce
        self._without_replies: set[int] = set()  # the channels in which a reply is not taken

    async def file(self, job: Job, post: Post) -> Path | None:
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

    def shown(self, job: Job, post: Post) -> list[str]:
        """The links of a result that may be shown: none, where the video's own may not."""
        links = job.results[post.n - 1].links
        admitted = [link for link in links if self._bot.settings.link_hosts.admit(link)]
        for link in set(links) - set(admitted):
            log.error("job %s: LINK_HOSTS does not admit this host: %r", job.id, urlsplit(link).netloc[:200])
        return admitted if links[0] in admitted else []

    async def send(self, place: Place, job: Job, post: Post, file: Path | None) -> discord.Message:
        """With its files where they may be attached here and are not too large, and else without."""
        if post.kind == "progress":
            shown = text.progress(job, wait=await self.wait(job))
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

    async def wait(self, job: Job) -> text.Wait:
        """What can be said now of when it may be ready."""
        if (forecast := await self._bot.queue.forecast(job)) is not None:
            now, ready_in = self._bot.now(), forecast.ready_in
            return text.Wait(forecast.ahead) if ready_in is None else _between(now, ready_in, ahead=forecast.ahead)
        usual = self._bot.queue.usual(job) if job.state is State.RUNNING else None
        return text.UNKNOWN if usual is None or job.accepted_at is None else _between(job.accepted_at, usual)

    def _result(
        self, place: Place, job: Job, post: Post, sound: text.Sound, *, attaches: bool = True
    ) -> tuple[str, Sequence[str]]:
        return text.result_post(
            job,
            job.results[post.n - 1],
            self.shown(job, post),
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
        try:
            return await place.send(
                says, view=buttons, nonce=post.nonce, allowed_mentions=requester, files=files, reference=progress
            )
        except discord.HTTPException as error:
            if error.code != NO_REPLY:
                raise
            self._without_replies.add(place.id)
            raise Unreachable(error) from error  # its files are used up: the next try begins with new ones

    async def _progress_in(self, place: Place, job: Job) -> discord.MessageReference | None:
        """The progress message as what is replied to, where it stands in this place and may be replied to."""
        if place.id in self._without_replies:
            return None
        for post in await posts.of_job(self._bot.database.read, job.id):
            if post.kind == "progress" and post.message_id is not None and post.channel_id == place.id:
                return discord.MessageReference(
                    message_id=post.message_id, channel_id=place.id, fail_if_not_exists=False
                )
        return None


def _between(since: datetime, usual: Usual, *, ahead: int | None = None) -> text.Wait:
    usually, slow = timedelta(seconds=usual.median), timedelta(seconds=usual.slow)
    return text.Wait(ahead, since + usually, since + slow)


def seconds_for(file: Path | None) -> float:
    """What a file adds to the time that a post may take."""
    return 0.0 if file is None else file.stat().st_size / SLOWEST_LINE


def _name(job: Job, post: Post) -> str:
    """What the file of a result is called."""
    return f"{job.id}-{post.n}.{job.request.format.lower()}"
