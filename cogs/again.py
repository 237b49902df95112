"""Post again: a finished job's videos once more, where they were asked for, for its requester or staff.

What is to be posted is stored before it is posted, as everything is, so that each press is one message at most.
"""

import re
from datetime import datetime
from typing import Final, cast

import discord
from discord.utils import format_dt

from bot.app import Raybot
from bot.domain.job import Job
from bot.domain.refusal import Refusal
from bot.refusals import NoSuchJob, NotYours
from bot.words.speech import say
from cogs import errors
from cogs.button import Button
from cogs.delivery import Delivery
from cogs.gate import Interaction, acknowledge, admit
from cogs.original import edit_original
from cogs.posting import Posting
from cogs.staff import is_staff
from cogs.text import MOST_OF_A_MESSAGE
from storage import deletions, jobs, posts, reposts
from storage.posts import Post
from storage.reposts import Repost

AGAIN: Final = re.compile(r"(?P<action>again):(?P<id>[0-9a-z]{10})")


def again_button(job: Job) -> "AgainButton":
    """Post again, for one of several jobs of a list."""
    label = say("results.button_post_again", job=job.id)
    return AgainButton(discord.ui.Button(label=label, custom_id=f"again:{job.id}"))


class AgainButton(Button, template=AGAIN):
    """Post again, in the list of /jobs."""


async def post_again(interaction: Interaction, job_id: str) -> None:
    """One post for each press at most, and it says where; a press while one is under way joins it."""
    await acknowledge(interaction, thinking=True)
    job = await _admitted(interaction, job_id)
    bot = interaction.client
    posting = cast(Delivery, bot.deliver).posting  # which knows already what it has asked Discord
    if await reposts.waiting(bot.database.read, job.id) is None:
        await _check(interaction, job)
        files = await posting.videos(job, job.results)
        if not posting.can_be_shown(job, files):
            raise Refusal(say("results.gone", days=bot.settings.media_keep_days))
    async with bot.database.transaction() as tx:
        if await reposts.waiting(tx, job.id) is None:
            _check_not_too_soon(await reposts.next_at(tx, job.id, interaction.user.id, bot.now()))
        repost = await reposts.add(tx, job.id, by=interaction.user.id, at=bot.now())
    await bot.deliver(job.id)
    bot.runner.wake()
    await _tell(interaction, posting, job, await reposts.get(bot.database.read, repost.nonce))


async def _admitted(interaction: Interaction, job_id: str) -> Job:
    """The job, where whoever presses may have it posted. Raises a Refusal."""
    requester = await admit(interaction)
    job = await jobs.get(interaction.client.database.read, job_id)
    if job is None or job.server_id != requester.server_id:
        raise NoSuchJob
    if await is_staff(interaction, requester):
        return job
    if job.member_id != requester.member_id:
        raise NotYours("job")
    deleted = await deletions.deleted(interaction.client.database.read, job.id)
    if any(by != job.member_id for by in deleted.values()):
        raise Refusal(say("results.deleted_by_staff"))
    return job


async def _check(interaction: Interaction, job: Job) -> None:
    """Raises a Refusal where there is nothing to post, or not now: before anything is fetched."""
    read = interaction.client.database.read
    if not job.is_over or not any(result.succeeded for result in job.results):
        raise Refusal(say("results.not_finished"))
    if any(post.kind == "result" and post.state == "waiting" for post in await posts.of_job(read, job.id)):
        raise Refusal(say("results.on_its_way"))
    _check_not_too_soon(await reposts.next_at(read, job.id, interaction.user.id, interaction.client.now()))


def _check_not_too_soon(next_at: datetime | None) -> None:
    if next_at is not None:
        raise Refusal(say("results.again_too_often", at=format_dt(next_at, "R")))


async def _tell(interaction: Interaction, posting: Posting, job: Job, repost: Repost) -> None:
    """What became of it; and where no way was open, the videos themselves."""
    if repost.state == "waiting":
        await errors.tell(interaction, say("results.posted_later"))
    elif repost.state == "undelivered":
        await _hand_over(interaction, posting, job, repost)
    elif repost.channel_id != job.channel_id:
        says = say("results.sent_again", channel=job.channel_id, member=job.member_id)
        await errors.tell(interaction, says)
    else:
        link = f"https://discord.com/channels/{job.server_id}/{repost.channel_id}/{repost.message_id}"
        await errors.tell(interaction, say("results.posted_again", link=link))


async def _hand_over(interaction: Interaction, posting: Posting, job: Job, repost: Repost) -> None:
    """The videos in the answer to the press, which needs nobody's permission."""
    files = await posting.videos(job, job.results)
    post = Post(repost.nonce, job.id, "again", 0, "undelivered", job.channel_id, None, None, 0, 0, None)
    letter = await posting.letter(job, post, files, at=job.channel_id, most=interaction.filesize_limit)
    sorry = say("results.for_you_alone", channel=job.channel_id)
    says = f"{sorry}\n{letter.says}"
    attached = await letter.files()
    if len(says) > MOST_OF_A_MESSAGE:
        says = sorry
    await edit_original(
        interaction, content=says, attachments=attached, allowed_mentions=discord.AllowedMentions.none()
    )


AgainButton.actions = {"again": post_again}


async def setup(bot: Raybot) -> None:
    bot.add_dynamic_items(AgainButton)
