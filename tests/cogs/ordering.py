"""Asking for a video with any command, and what the provider, and the disk, then have of it."""

import asyncio
import base64
import copy
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx

from sandbox import clip as sandbox_clip
from sandbox.discord.attachment import Attachment
from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.runware.server import FOLDER
from tests.house import Bought, House, as_it_was, id_of, open_house

CHEAPEST: Final[Mapping[str, Mapping[str, Value]]] = {
    "generate": {"prompt": "A fox in the snow", "resolution": "360p"},
    "edit": {"prompt": "The same fox, in rain", "resolution": "360p"},
    "reframe": {"prompt": "More snow", "resolution": "360p", "aspect_ratio": "9:16"},
}
"""What each command is given where a test says nothing else."""

HEAD: Final = frozenset({"taskType", "taskUUID", "model", "outputType", "deliveryMethod", "includeCost"})
"""Fields that are the same in every task, or different in every one."""


def open_rich_house(folder: Path, **settings: str) -> AbstractAsyncContextManager[House]:
    """A house in which nobody meets a limit."""
    limits = ("ACCOUNT_LIMIT", "DEFAULT_SERVER_LIMIT", "DEFAULT_MEMBER_LIMIT")
    given: dict[str, Any] = dict.fromkeys(limits, "unlimited") | settings
    return open_house(folder, **given)


@cache
def clip(width: int, height: int, microseconds: int, *, sound: bool = False) -> bytes:
    """An MP4 of exactly this length, made once."""
    return sandbox_clip.clip(width, height, microseconds, sound=sound)


@cache
def photo(number: int = 1) -> bytes:
    """A small PNG, a different one for each number."""
    return sandbox_clip.photo(120 + number, 90, text=str(number))


def attached(member: Member, data: bytes, name: str = "source.mp4") -> Attachment:
    """A file, as the member attaches it."""
    return member.upload(name, data)


async def ask(
    house: House,
    member: Member,
    channel: Channel,
    command: str,
    options: Mapping[str, Value],
    *,
    forged: bool = False,
    timeout: float = 30,
) -> Message:
    """What is answered: a card, or a refusal."""
    use = await member.command(command, {**CHEAPEST[command], **options}, channel=channel, forged=forged)
    return await use.answer(timeout)


async def buy(house: House, member: Member, channel: Channel, command: str, options: Mapping[str, Value]) -> Bought:
    """Ask and press Confirm."""
    return await confirm(house, member, channel, await ask(house, member, channel, command, options))


async def confirm(house: House, member: Member, channel: Channel, card: Message) -> Bought:
    """Press Confirm on a card. `Bought.card` is the card as it was before."""
    assert card.buttons, card.text
    before = as_it_was(card)
    before.embeds = copy.deepcopy(card.embeds)
    quote_id = id_of(card, "Confirm")
    answer = await house.press(member, card, "Confirm")
    found = house.rows("SELECT id FROM jobs WHERE quote_id = ?", quote_id)
    assert found, f"nothing was bought: {answer.text}"
    return Bought(member, channel, before, answer, found[0]["id"])


async def task_of(house: House, job_id: str) -> dict[str, Any]:
    """The task that the provider accepted for a job, once it has."""
    task_id = house.job(job_id)["task_id"]
    task = await house.until(lambda: house.runware.tasks.get(task_id), "an accepted task")
    return dict(task.request)


async def parameters_of(house: House, job_id: str) -> dict[str, Any]:
    """All of that task but its head, with the bytes of each picture and video in its place."""
    task = await task_of(house, job_id)
    found = {name: value for name, value in task.items() if name not in HEAD}
    assert task.keys() >= HEAD
    if "inputs" in found:
        found["inputs"] = inputs = copy.deepcopy(found["inputs"])
        if "video" in inputs:
            inputs["video"] = await sent(house, inputs["video"])
        for frame in inputs.get("frameImages", []):
            frame["image"] = await sent(house, frame["image"])
    return found


async def sent(house: House, reference: str) -> bytes:
    """The bytes behind what a task says of a picture or a video: a data URI, or the id of an upload."""
    if reference.startswith("data:"):
        return base64.b64decode(reference.partition(";base64,")[2], validate=True)
    return await fetched(f"{house.runware.media_origin}{FOLDER}/{reference}")


async def fetched(link: str) -> bytes:
    """The file behind a link."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        return (await http.get(link)).raise_for_status().content


async def left_on_disk(house: House) -> list[str]:
    """The names of the files in MEDIA_DIR, of those that are kept and those that are on their way."""
    media = house.database.parent / "media"
    found = await asyncio.to_thread(lambda: [*media.glob("inputs/*"), *media.glob("incoming/*")])
    return [path.name for path in found]


def quotes_of(house: House, member: Member) -> list[dict[str, Any]]:
    """The member's quotes, the newest first."""
    return house.rows("SELECT * FROM quotes WHERE member_id = ? ORDER BY quoted_at DESC", member.id)
