"""Everybody is acknowledged within Discord's 3 s, however much is done with files meanwhile.

Discord counts for us: what comes too late is refused with 10062, and a member reads that nothing has responded.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import pytest

from sandbox.discord.interaction import DEADLINE
from sandbox.discord.use import Use
from sandbox.faults import Fault
from tests.cogs import ordering
from tests.house import ANSWER, House, together

pytestmark = pytest.mark.usefixtures("slow_enough")

SLOW: Final = Fault(delay=3.5, takes_effect=True, alter=bytes)
"""A file that begins to come after more than the deadline."""

FILES: Final = 6
OTHERS: Final = 5
ROUNDS: Final = 8


async def test_others_are_acknowledged_in_time_while_slow_files_are_fetched_and_probed(house: House) -> None:
    """Six videos of several megabytes come slowly and are looked at, and forty commands arrive meanwhile."""
    video = ordering.clip(1280, 720, 5_000_000, sound=True)
    room, people = house.channel(), [house.member() for _ in range(FILES)]
    house.discord.faults.add("GET /cdn", SLOW, times=FILES)
    editing = await together(
        *(
            each.command(
                "edit",
                {**ordering.CHEAPEST["edit"], "video": ordering.attached(each, video)},
                channel=room,
            )
            for each in people
        )
    )
    others: list[Use] = []
    while not all(use.messages for use in editing):
        others += await together(*(house.member().command("jobs", channel=room) for _ in range(OTHERS)))
        await asyncio.sleep(0.5)
        assert len(others) < 40 * OTHERS, "the videos never came"
    assert len(others) >= ROUNDS * OTHERS, "too little was asked meanwhile to say anything"
    await together(*(use.settled() for use in others))
    assert [use.interaction.callback is None for use in [*editing, *others]] == [False] * (FILES + len(others))
    assert too_late(house, [*editing, *others]) == 0
    assert all(use.messages[0].buttons for use in editing), [use.messages[0].text for use in editing]


def too_late(house: House, uses: Sequence[Use]) -> int:
    """How many of these were acknowledged when it was too late: refused with a 404, or never tried."""
    tokens = {use.interaction.token for use in uses}
    answers = [
        one for one in house.discord.requests if one.operation == ANSWER and one.path.split("/")[3] in tokens
    ]
    in_time = [one for one in answers if one.status == 200]
    began = {use.interaction.token: use.interaction.created_at for use in uses}
    assert all(one.when - began[one.path.split("/")[3]] < DEADLINE for one in in_time)
    return len([one for one in answers if one.status == 404]) + len(tokens) - len(in_time)
