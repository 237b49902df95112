"""What is offered while somebody types into `result`: their own finished videos, found by prompt, id and date.

An offer and nothing more: whose video it is, and whether it is still there, is asked when the command is used.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

from discord.app_commands import Choice

from cogs.gate import Interaction
from cogs.prompt import plain
from storage import jobs, limits
from storage.jobs import Finished

OFFERED: Final = 25  # choices; as many as Discord takes
MOST_OF_A_CHOICE: Final = 100  # characters; as many as Discord takes
LOOKED_THROUGH: Final = 1_000  # of the member's videos, the latest
PATIENCE: Final = 2.0
"""Seconds for the database, of the three that Discord waits. Nothing offered is better than an error."""


async def offered(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """At most 25, the newest first. Whatever is typed, there is an answer in time."""
    if interaction.guild_id is None:
        return []
    database, server_id, member_id = interaction.client.database, interaction.guild_id, interaction.user.id
    try:
        async with asyncio.timeout(PATIENCE):
            found = await jobs.finished(database.history, server_id, member_id, most=LOOKED_THROUGH)
            zone = (await limits.in_force(database.read, server_id, member_id, ())).zone
    except TimeoutError:
        return []
    here = (replace(each, at=each.at.astimezone(zone)) for each in found)  # dates as the server counts its days
    return [Choice(name=_name(each), value=_value(each)) for each in here if _fits(each, str(typed))][:OFFERED]


def _fits(finished: Finished, typed: str) -> bool:
    """Whether each word is in its prompt, its id or its date, whatever the case."""
    about = f"{_value(finished)} {_moment(finished.at)} {_in_words(finished.at)} {finished.prompt}".casefold()
    return all(word in about for word in typed.replace("·", " ").replace("…", " ").casefold().split())


def _name(finished: Finished) -> str:
    """`2026-11-21 14:03 · A fox in the snow…`"""
    moment = f"{_moment(finished.at)} · "
    return moment + plain(finished.prompt, MOST_OF_A_CHOICE - len(moment))


def _value(finished: Finished) -> str:
    return f"{finished.job_id}.{finished.n}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _in_words(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
