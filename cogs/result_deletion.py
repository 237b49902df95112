"""Delete: the messages that show a finished video go, for its requester or staff. It is asked for twice.

The intent is stored before the message goes, so that nothing links to it any more; books and files stay.
"""

import logging
from typing import Final

import aiohttp
import discord

from bot.domain.job import Job
from bot.domain.refusal import Refusal
from bot.refusals import NoSuchJob, NotYours
from cogs.button import replace_card
from cogs.gate import Interaction, acknowledge, admit
from cogs.result_buttons import danger
from cogs.staff import is_staff
from storage import deletions, jobs
from storage.deletions import Shown

log = logging.getLogger(__name__)

SURE: Final = (
    "This deletes {messages} for everybody. What it cost stays in the books, and /jobs can post the video again "
    "for as long as I have it. Delete?"
)
SURE_OF_ANOTHERS: Final = (
    "This deletes {messages} for everybody, and <@{member}> can no longer post the video again. What it cost "
    "stays in the books. Delete?"
)
DELETED: Final = "Deleted. The books stay as they are, and /jobs can post it again for as long as I have it."
ANOTHERS_DELETED: Final = "Deleted. The books stay as they are, and only staff can have it posted again."
NOT_DELETED: Final = (
    "Discord did not let me delete {messages}: I may not see the channel any more, or its thread is closed. "
    "Whoever manages messages there can delete it by hand."
)
LATER: Final = "Discord does not answer just now, and {messages} may still be there. Please try again in a minute."
NOWHERE: Final = "This video stands in no message of mine any more, so there is nothing to delete."


async def delete(interaction: Interaction, about: str) -> None:
    """Ask once more, in private."""
    await acknowledge(interaction, thinking=True)
    job, found = await _deletable(interaction, about)
    view = discord.ui.View(timeout=None)
    view.add_item(danger("erase", "Delete it", job.id, int(about.partition(".")[2])))
    sure = SURE if job.member_id == interaction.user.id else SURE_OF_ANOTHERS
    says = sure.format(messages=_messages(len(found)), member=job.member_id)
    await interaction.edit_original_response(content=says, view=view)


async def erase(interaction: Interaction, about: str) -> None:
    """Every message that shows the video goes; one that has gone already is none."""
    await acknowledge(interaction)
    job, found = await _deletable(interaction, about)
    bot = interaction.client
    async with bot.database.transaction() as tx:
        for shown in found:
            await deletions.ask(tx, shown.nonce, by=interaction.user.id, at=bot.now())
    says = DELETED if job.member_id == interaction.user.id else ANOTHERS_DELETED
    for shown in found:
        says = await _delete(interaction, shown) or says
    await replace_card(interaction, says.format(messages=_messages(len(found))))


async def _delete(interaction: Interaction, shown: Shown) -> str | None:
    """What to say where it did not go."""
    place = interaction.client.get_partial_messageable(shown.channel_id)
    try:
        await place.get_partial_message(shown.message_id).delete()
    except discord.NotFound:
        return None
    except discord.HTTPException as error:
        log.warning("%s cannot be deleted: %s", shown.nonce, error)
        return LATER if error.status >= 500 or error.status == 429 else NOT_DELETED
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("%s cannot be deleted now: %s", shown.nonce, error)
        return LATER
    return None


async def _deletable(interaction: Interaction, about: str) -> tuple[Job, list[Shown]]:
    """The job, and what shows its video. In direct messages for whoever asked for it. Raises a Refusal."""
    job_id, _, n = about.partition(".")
    bot = interaction.client
    job = await jobs.get(bot.database.read, job_id)
    if interaction.guild_id is None:
        if job is None or job.member_id != interaction.user.id:
            raise NoSuchJob
    else:
        requester = await admit(interaction)
        if job is None or job.server_id != requester.server_id:
            raise NoSuchJob
        if job.member_id != requester.member_id and not await is_staff(interaction, requester):
            raise NotYours("job")
    found = await deletions.showing(bot.database.read, job_id, int(n))
    if not found:
        raise Refusal(NOWHERE)
    return job, found


def _messages(number: int) -> str:
    return "the message with this video" if number == 1 else f"the {number} messages with this video"
