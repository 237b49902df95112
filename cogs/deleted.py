"""Videos that somebody had deleted: who may still have them. What deletes them: cogs/result_deletion.py."""

from collections.abc import Collection

from bot.domain.job import Job
from cogs.gate import Interaction, admit
from cogs.staff import is_staff
from storage import deletions


async def hidden_from(interaction: Interaction, job: Job) -> Collection[int]:
    """The numbers of a job's videos that stand nowhere any more, since somebody had them deleted.

    None for whoever asked for them, and for staff.
    """
    if interaction.user.id == job.member_id:
        return ()
    deleted = await deletions.deleted(interaction.client.database.read, job.id)
    if not deleted or await is_staff(interaction, await admit(interaction)):
        return ()
    return deleted.keys()
