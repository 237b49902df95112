"""Jobs with a picture or a video on their way to the provider, and what a test looks at of them."""

import json
from datetime import timedelta
from decimal import Decimal

from bot.domain.job import Job, State
from bot.domain.request import EditVideo, ImageToVideo
from bot.domain.source import Frame
from sandbox.faults import Fault
from storage import transfers
from storage.database import rows
from tests.bot.room import Room, is_in

SENT = is_in(State.RUNNING, State.DONE)


def refusal(code: str, status: int = 400) -> Fault:
    return Fault(status=status, body=json.dumps({"errors": [{"code": code, "message": "no"}]}).encode())


NOT_TRANSFERRED = refusal("failedToTransferImage")


def picture_request(room: Room) -> ImageToVideo:
    """A video from a picture, for 6 cents."""
    return ImageToVideo(
        prompt="a kite over the sea", resolution="360p", frames=(Frame(image=room.picture(), at="first"),)
    )


def edit_request(room: Room) -> EditVideo:
    """An edit of a second of video, for 54 cents."""
    return EditVideo(prompt="make it snow", resolution="360p", video=room.video())


KINDS = {"picture": picture_request, "video": edit_request}


async def ledger(room: Room, job: Job) -> list[str]:
    found = await rows(room.database.read, "SELECT kind FROM ledger WHERE job_id = ? ORDER BY id", (job.id,))
    return [row["kind"] for row in found]


async def names(room: Room, job: Job, way: transfers.Way) -> dict[str, str]:
    return await transfers.of_job(room.database.read, job.id, way)


async def is_bought_once(room: Room, job: Job) -> None:
    """The provider has the job once, and bills what was held for it."""
    assert room.attempts().count("accepted") == 1
    room.clock.advance(timedelta(seconds=30))
    assert [charge.amount for charge in room.provider.bill] == [Decimal(str(job.hold.nanos)) / 1_000_000_000]
