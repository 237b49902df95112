"""Delete: the messages that show a finished video go, for its requester or staff. It is asked for twice.

The intent is stored before the message goes, so that nothing links to it any more; books and files stay.
"""

import logging

import aiohttp
import discord

from bot.domain.job import Job
from bot.domain.refusal import Refusal
from bot.refusals import NoSuchJob, NotYours
from bot.words.speech import phrase, say
from cogs.button import replace_card
from cogs.gate import Interaction, acknowledge, admit
from cogs.result_buttons import danger
from cogs.staff import is_staff
from storage import deletions, jobs
from storage.deletions import Shown

log = logging.getLogger(__name__)


async def delete(interaction: Interaction, about: str) -> None:
    """Ask once more, in private."""
    await acknowledge(interaction, thinking=True)
    job, found = await _deletable(interaction, about)
    view = discord.ui.View(timeout=None)
    view.add_item(danger("erase", say("results.button_delete_it"), job.id, int(about.partition(".")[2])))
    if job.member_id == interaction.user.id:
        sure = say("results.sure_to_delete", n=len(found))
    else:
        sure = say("results.sure_to_delete_anothers", n=len(found), member=job.member_id)
    await interaction.edit_original_response(content=sure, view=view)


async def erase(interaction: Interaction, about: str) -> None:
    """Every message that shows the video goes; one that has gone already is none."""
    await acknowledge(interaction)
    job, found = await _deletable(interaction, about)
    bot = interaction.client
    async with bot.database.transaction() as tx:
        for shown in found:
            await deletions.ask(tx, shown.nonce, by=interaction.user.id, at=bot.now())
    is_own = job.member_id == interaction.user.id
    says = phrase("results.deleted") if is_own else phrase("results.deleted_anothers")
    for shown in found:
        says = await _delete(interaction, shown) or says
    await replace_card(interaction, say(says, n=len(found)))


async def _delete(interaction: Interaction, shown: Shown) -> str | None:
    """The name of what to say where it did not go."""
    place = interaction.client.get_partial_messageable(shown.channel_id)
    try:
        await place.get_partial_message(shown.message_id).delete()
    except discord.NotFound:
        return None
    except discord.HTTPException as error:
        log.warning("%s cannot be deleted: %s", shown.nonce, error)
        may_pass = error.status >= 500 or error.status == 429
        return phrase("results.deleted_later") if may_pass else phrase("results.not_deleted")
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("%s cannot be deleted now: %s", shown.nonce, error)
        return phrase("results.deleted_later")
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
        raise Refusal(say("results.nothing_to_delete"))
    return job, found
