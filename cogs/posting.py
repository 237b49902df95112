"""One post in one place: what it says there, the files that go with it, and whom it calls."""

import asyncio
import io
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import discord

from bot.app import Raybot
from bot.domain.job import Job, Result
from bot.finished import Join, Missing, NoFile, VideoFile
from cogs.flagged import veils
from cogs.job_cards import progress
from cogs.job_text import notice
from cogs.looking import Place, Unreachable
from cogs.parent import parent_of
from cogs.post_buttons import post_buttons
from cogs.result_text import Attached, again, result_post, result_withheld, spoilered
from cogs.uploads import EVERYWHERE, UploadLimits
from cogs.waiting import wait_of
from storage import jobs, posts
from storage.posts import Post

log = logging.getLogger(__name__)

SLOWEST_LINE: Final = 250_000  # bytes a second, on which a file is still attached
NO_REPLY: Final = 160002
"""Discord's code for a reply where the bot may not read what was said before. A post that is no reply is taken."""
CANNOT_SEE: Final = 50001  # Discord's code for a channel that is closed to us, with files or without
ONCE_MORE_WITHIN: Final = 15.0  # seconds for a file that did not come the first time, or that somebody waits for

Files: TypeAlias = Mapping[int, VideoFile | Missing]
"""Of a post's videos by number: the file, or why there is none."""


@dataclass(frozen=True)
class Letter:
    """What a message says, and the files of videos and others that go with it."""

    says: str
    videos: Sequence[tuple[str, VideoFile]] = ()  # with the name of each
    links: Sequence[str] = ()  # those for which the text has no room

    async def files(self) -> list[discord.File]:
        """What is attached, from its beginning. Raises OSError where a file has gone meanwhile."""
        made = [await asyncio.to_thread(discord.File, video.path, name) for name, video in self.videos]
        links = io.BytesIO("\n".join(self.links).encode())
        return [*made, discord.File(links, "links.txt")] if self.links else made


class Posting:
    """Makes messages of posts. Where they go, and whether they are there already, is asked elsewhere."""

    def __init__(self, bot: Raybot) -> None:
        self._bot = bot
        self._uploads = UploadLimits(bot)
        self._without_replies: set[int] = set()  # the channels in which a reply is not taken

    async def files(self, job: Job, post: Post) -> Files:
        """The videos of a post that is to be made, fetched where they are not kept. Takes a minute at most."""
        if post.state != "waiting" or post.kind not in ("result", "again"):
            return {}
        of = [job.results[post.n - 1]] if post.kind == "result" else job.results
        is_first = post.kind == "result" and post.attempted_at is None and not post.tries
        return await self.videos(job, of, once_more=not is_first)

    async def videos(self, job: Job, results: Iterable[Result], *, once_more: bool = True) -> Files:
        """The files of those that have succeeded, or why there is none. `once_more`: not for long."""
        most = await self._uploads.of(job.server_id)
        found = [result for result in results if result.succeeded]
        files = await asyncio.gather(*(self._video(job, result, most, once_more) for result in found))
        return {result.n: file for result, file in zip(found, files, strict=True)}

    async def _video(self, job: Job, result: Result, most: int, once_more: bool) -> VideoFile | Missing:
        for link in set(result.links):
            if not self._bot.settings.link_hosts.admit(link):
                log.error("job %s: LINK_HOSTS does not admit this host: %r", job.id, urlsplit(link).netloc[:200])
        try:
            if once_more:
                clip = await self._bot.finished.of(job, result, most=most, seconds=ONCE_MORE_WITHIN, pauses=())
            else:
                clip = await self._bot.finished.of(job, result, most=most)
        except NoFile as error:
            log.warning("job %s: video %d goes as a link: %s", job.id, result.n, error)
            return error.reason
        film = await self._bot.films.of(job, result, clip)
        return film if film is clip or film.size <= most else replace(clip, join="large")

    def shown(self, job: Job, n: int) -> list[str]:
        """The links of a result that may be shown: none, where the video's own may not."""
        links = job.results[n - 1].links
        admitted = [link for link in links if self._bot.settings.link_hosts.admit(link)]
        return admitted if links and links[0] in admitted else []

    def is_empty(self, job: Job, post: Post, files: Files) -> bool:
        """Whether it is a post of videos with none that can be shown."""
        if post.kind == "result":
            return not self.shown(job, post.n)
        return post.kind == "again" and not self.can_be_shown(job, files)

    def can_be_shown(self, job: Job, files: Files) -> bool:
        """Whether any of these videos is there, as a file or as a link that may be shown."""
        return any(isinstance(file, VideoFile) or self._link(job, n, file) for n, file in files.items())

    async def send(self, place: Place, job: Job, post: Post, files: Files) -> discord.Message:
        """With its files where they may be attached here and are not too large, and else without."""
        if post.kind == "progress":
            parent = await parent_of(self._bot.database.read, job)
            shown = progress(job, wait=await wait_of(self._bot, job), parent=parent)
            return await place.send(embed=shown, view=post_buttons(job, post.nonce), nonce=post.nonce)
        if post.kind == "notice":
            return await self._say(place, job, post, notice(job))
        letter = await self.letter(job, post, files, at=place.id, most=await self._most(place, job))
        attached = await letter.files()
        try:
            return await self._say(place, job, post, letter.says, attached)
        except discord.HTTPException as error:
            if not attached or error.status not in (403, 413) or error.code == CANNOT_SEE:
                raise
            log.warning("job %s: %s goes without files: %s", job.id, post.nonce, error)
            why: Attached = "large" if error.status == 413 else "forbidden"
        letter = await self.letter(job, post, files, at=place.id, most=0, instead=why)
        return await self._say(place, job, post, letter.says)

    async def letter(
        self, job: Job, post: Post, files: Files, *, at: int, most: int, instead: Attached | None = None
    ) -> Letter:
        """What a post of videos says in this place, which takes files of `most` bytes.

        `instead`: no file may go with it at all, and why.
        """
        veiled = await veils(self._bot, job, at)
        withheld = [n for n in files if veiled.get(n) == "withheld"]
        spoilers = {n for n in files if veiled.get(n) == "spoiler"}
        if post.kind == "result" and withheld:
            return Letter(result_withheld(job, job.results[post.n - 1], elsewhere=at != job.channel_id))
        files = {n: file for n, file in files.items() if n not in withheld}
        kept = {n: file for n, file in files.items() if isinstance(file, VideoFile)}
        attached = {n: file for n, file in kept.items() if file.size <= most} if instead is None else {}
        videos = [(_name(job, n, spoiler=n in spoilers), file) for n, file in sorted(attached.items())]
        until = job.links_until(await jobs.ttl(self._bot.database.read, job.id))
        until = until if until is not None and until > self._bot.now() else None
        if post.kind == "again":
            left = {n: self._link(job, n, file) for n, file in files.items() if n not in attached}
            left = {n: spoilered(link) if link and n in spoilers else link for n, link in left.items()}
            says, more = again(job, left, until=until, attaches=instead is None, withheld=withheld)
        else:
            [(n, file)] = files.items()
            says, more = result_post(
                job,
                job.results[n - 1],
                self.shown(job, n),
                file=_attached(file, is_attached=n in attached, instead=instead),
                join=_join(job, file, is_attached=n in attached, instead=instead),
                until=until,
                elsewhere=at != job.channel_id,
                spoiler=n in spoilers,
                attaches=instead is None,
            )
        return Letter(says, videos, more if instead is None else ())

    def _link(self, job: Job, n: int, file: VideoFile | Missing) -> str | None:
        """The link to a video that is posted again; None where that leads nowhere, or may not be shown."""
        return None if file == "expired" else next(iter(self.shown(job, n)), None)

    async def _most(self, place: Place, job: Job) -> int:
        """Bytes that a file may have in this place."""
        return await self._uploads.of(job.server_id) if place.id == job.channel_id else EVERYWHERE

    async def _say(
        self, place: Place, job: Job, post: Post, says: str, files: Sequence[discord.File] = ()
    ) -> discord.Message:
        """To the requester, unless they have it already; in reply to the progress message where that is here."""
        buttons = post_buttons(job, post.nonce)
        called = [] if post.kind == "again" else [discord.Object(job.member_id)]
        requester = discord.AllowedMentions(everyone=False, roles=False, replied_user=False, users=called)
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


def seconds_for(files: Files) -> float:
    """What files add to the time that a post may take."""
    return sum(file.size for file in files.values() if isinstance(file, VideoFile)) / SLOWEST_LINE


def _name(job: Job, n: int, *, spoiler: bool) -> str:
    """What the file of a video is called; by its beginning Discord knows a spoiler."""
    return f"{'SPOILER_' if spoiler else ''}{job.id}-{n}.{job.request.format.lower()}"


def _attached(file: VideoFile | Missing, *, is_attached: bool, instead: Attached | None) -> Attached:
    """What became of the file of a video."""
    if not isinstance(file, VideoFile):
        return "large" if file == "large" else "missing"
    if not is_attached:
        return instead or "large"
    if file.join == "joined":
        return "joined"
    return "silent" if file.is_silent else "attached"


def _join(job: Job, file: VideoFile | Missing, *, is_attached: bool, instead: Attached | None) -> Join | None:
    """What became of the film that ends with a video; None where it is no continuation, or goes as a link alone."""
    if job.origin is None or job.origin.film is None:
        return None
    if not isinstance(file, VideoFile):
        return "failed"
    if file.join == "joined" and not is_attached:
        return "large" if instead in (None, "large") else None
    return file.join
