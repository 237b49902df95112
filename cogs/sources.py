"""Which pictures and videos a command is given: attachments, a link, or a video that the bot made."""

import asyncio
import re
from collections.abc import Mapping
from typing import Final

import discord

from bot.domain.job import Job, Result
from bot.domain.problem import Problem
from bot.domain.request import Duration
from bot.domain.source import Frame, Image, Position, Video, frame_at, parse_moments, spread
from bot.offer import Requester
from bot.taking import NO_VIDEO, Taking
from bot.words.speech import say
from cogs.flagged import veils
from cogs.gate import Interaction
from storage import jobs

RESULT: Final = re.compile(r"\s*([0-9a-z]{10})(?:[.\s]+r?([1-4]))?\s*", re.IGNORECASE)


async def video(
    interaction: Interaction,
    taking: Taking,
    requester: Requester,
    *,
    attachment: discord.Attachment | None,
    url: str | None,
    result: str | None,
) -> Video:
    """The one video of a command. What is wrong with it is noted, for `taking.build` to raise with the rest."""
    given = [name for name, each in (("video", attachment), ("video_url", url), ("result", result)) if each]
    if len(given) != 1:
        too_many = Problem(given[1], say("sources.only_one_video")) if given else None
        taking.note(too_many or Problem("video", say("sources.one_video")))
        return NO_VIDEO
    if attachment is not None:
        return await taking.video("video", attachment.url)
    settings = interaction.client.settings
    if url:
        return await taking.video("video_url", str(url).strip(), hosts=settings.link_hosts)
    found = await _finished(interaction, requester, str(result))
    if found is None:
        taking.note(Problem("result", say("sources.no_such_result")))
        return NO_VIDEO
    job, finished = found
    if (await veils(interaction.client, job, interaction.channel_id)).get(finished.n) == "withheld":
        taking.note(Problem("result", say("sources.withheld_here")))
        return NO_VIDEO
    kept = interaction.client.finished.kept(*found)
    if kept is not None:
        return await taking.made_here("result", kept.path)
    link, expired = finished.links[0], say("sources.no_longer_there")
    return await taking.video("result", link, hosts=settings.runware_media_hosts, expired=expired)


async def _finished(interaction: Interaction, requester: Requester, result: str) -> tuple[Job, Result] | None:
    """A finished video of the requester's own; None where there is no such."""
    match = RESULT.fullmatch(result)
    job = await jobs.get(interaction.client.database.read, match[1].lower()) if match else None
    if match is None or job is None:
        return None
    if (job.server_id, job.member_id) != (requester.server_id, requester.member_id):
        return None
    finished = [each for each in job.results if each.succeeded and int(match[2] or each.n) == each.n]
    return (job, finished[0]) if finished else None


async def frames(
    taking: Taking,
    *,
    first: discord.Attachment | None,
    last: discord.Attachment | None,
    keyframes: Mapping[str, discord.Attachment],
    moments: str | None,
    duration: Duration,
) -> tuple[Frame, ...]:
    """The pictures of a command, each where it belongs. What is wrong is noted, as in `video`."""
    given = {"first_frame": first, "last_frame": last, **keyframes}
    named = {name: each for name, each in given.items() if each is not None}
    images = await asyncio.gather(*(taking.image(name, each.url) for name, each in named.items()))
    ends: dict[str, Position] = {"first_frame": "first", "last_frame": "last"}
    at: list[Position] = [where for name, where in ends.items() if name in named]
    at += _moments(taking, moments, len(keyframes), duration)
    return tuple(Frame(image=image, at=where) for image, where in zip(images, at, strict=True))


async def guide(taking: Taking, attachment: discord.Attachment | None) -> Image | None:
    """The picture that guides an edit, if there is one."""
    return None if attachment is None else await taking.image("guide", attachment.url)


def _moments(taking: Taking, text: str | None, keyframes: int, duration: Duration) -> tuple[int, ...]:
    """The keyframes' places: where it is said, else evenly over the video."""
    evenly = spread(keyframes, duration)
    text = str(text or "")  # a modified client may send anything
    if not text.strip():
        return evenly
    if not keyframes:
        taking.note(Problem("moments", say("sources.moments_alone")))
        return evenly
    try:
        said = parse_moments(text)
    except ValueError:
        taking.note(Problem("moments", say("sources.moments_unreadable")))
        return evenly
    if len(said) != keyframes:
        differ = say("sources.moments_not_as_many", moments=len(said), keyframes=keyframes)
        taking.note(Problem("moments", differ))
        return evenly
    return tuple(frame_at(moment) for moment in said)
