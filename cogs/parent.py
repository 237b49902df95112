"""Where the message stands that a job goes on from."""

from bot.domain.job import Job
from storage import lineage
from storage.database import Tx


async def parent_of(tx: Tx, job: Job) -> str | None:
    """Its address; None where the job goes on from nothing, or that message stands in no channel."""
    if job.origin is None:
        return None
    found = await lineage.message_of(tx, job.origin.job_id, job.origin.n)
    return None if found is None else "https://discord.com/channels/{}/{}/{}".format(*found)
