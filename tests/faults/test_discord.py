"""Discord's faults, each switched on by its name and met by the unmodified bot.

    row    the names of the faults, whether they meet the purchase or the job that runs, and what must come of it
    audit  after each row: the provider's bill = settled + overrun, one post per result, no hold left open

What ends the process, and what meets its start, has no purchase: it stands in test_discord_ends.
"""

from collections.abc import Mapping
from typing import Final

import pytest

from sandbox.discord.switches import SWITCHES
from tests.faults.discord_rows import (
    closed_to_us,
    direct,
    forgotten,
    identified,
    in_a_thread,
    in_jobs,
    in_place,
    kept,
    old_buttons_work,
    pressed_again,
    pressing,
    restarted,
    resumed,
    still_served,
    taken_already,
    the_clock_is_set_back,
    twenty_minutes_later,
    waited_out,
    with_sound,
    without_progress,
    woken,
)
from tests.faults.row import Row, without_a_row
from tests.house import House

pytestmark = pytest.mark.usefixtures("slow_enough")

EDITED: Final = {"hold": "0.54", "settle": "0.54"}
READY: Final = "✅ The video is ready."
KEPT: Final = "📦 It could not be posted here. Whoever asked finds it with /jobs."

PRESSES: Final = frozenset(
    {"answer 429", "answer 502", "answer 502 accepted", "answer cut", "answer cut accepted"}
    | {"card 500", "card cut", "card 50027", "card 10008"}
)
"""What meets a press of Confirm and leaves it standing."""

ROWS: Final[Mapping[str, Row]] = {
    "the progress meets a 429": Row(faults={"post 429": 2}, progress=READY, also=in_place),
    "the progress meets a 429 of everything": Row(faults={"post 429 global": 1}, progress=READY, also=in_place),
    "a result meets a 429": Row(running={"post 429": 2}, progress=READY, also=in_place),
    "a result meets a 429 of everything": Row(running={"post 429 global": 2}, progress=READY, also=in_place),
    "a result is to wait": Row(running={"post 429 long": 1}, meanwhile=waited_out, progress=READY, also=in_place),
    "everything is to wait": Row(
        running={"post 429 long global": 1}, meanwhile=waited_out, progress=READY, also=in_place
    ),
    "a result is to wait, and the clock is set back": Row(
        running={"post 503": 1}, meanwhile=the_clock_is_set_back, progress=READY, also=in_place
    ),
    "an edit is to wait": Row(running={"edit 429 long": 1}, meanwhile=waited_out, progress=READY, also=in_place),
    "Cloudflare refuses": Row(running={"post 429 banned": 1}, meanwhile=waited_out, progress=READY, also=in_place),
    "the progress meets a 500": Row(faults={"post 500": 1}, progress=READY, also=in_place),
    "a result meets a 500": Row(running={"post 500": 1}, progress=READY, also=in_place),
    "a result meets a 503": Row(running={"post 503": 2}, progress=READY, also=in_place),
    "the progress is there in spite of a 502": Row(faults={"post 502 accepted": 1}, progress=READY, also=in_place),
    "a result is there in spite of a 502": Row(running={"post 502 accepted": 1}, progress=READY, also=in_place),
    "the progress is there in spite of a 503": Row(faults={"post 503 accepted": 1}, progress=READY, also=in_place),
    "a result is there in spite of a 503": Row(running={"post 503 accepted": 1}, progress=READY, also=in_place),
    "the progress is there in spite of a 502, and tried again it is refused": Row(
        faults={"post 502 accepted": 1, "direct 50007": 1}, progress=READY, also=in_place
    ),
    "a result is there in spite of a 502, and tried again it is refused": Row(
        running={"post 502 accepted": 1, "direct 50007": 1}, progress=READY, also=in_place
    ),
    "the progress is cut": Row(faults={"post cut": 1}, progress=READY, also=in_place),
    "a result is cut": Row(running={"post cut": 2}, progress=READY, also=in_place),
    "the progress is there, and the line is cut": Row(
        faults={"post cut accepted": 1}, progress=READY, also=in_place
    ),
    "a result is there, and the line is cut": Row(running={"post cut accepted": 1}, progress=READY, also=in_place),
    "a result is there, and its nonce is forgotten": Row(
        running={"post cut accepted": 1}, meanwhile=forgotten, progress=READY, also=in_place
    ),
    "a result may be there, and nobody can look": Row(
        running={"post cut accepted": 1, "look 503": 1}, progress=READY, also=in_place
    ),
    "edits meet a 429": Row(faults={"edit 429": 2}, progress=READY, also=in_place),
    "edits meet a 500": Row(faults={"edit 500": 1}, progress=READY, also=in_place),
    "edits are made in spite of a 502": Row(faults={"edit 502 accepted": 1}, progress=READY, also=in_place),
    "the last edit meets a 503": Row(running={"edit 503": 2}, progress=READY, also=in_place),
    "the last edit is cut": Row(running={"edit cut": 2}, progress=READY, also=in_place),
    "edits are made, and the line is cut": Row(faults={"edit cut accepted": 1}, progress=READY, also=in_place),
    **{
        f"a press meets: {name}": Row(buys=pressing(name), progress=READY, also=in_place)
        for name in sorted(PRESSES)
    },
    "a press is taken already": Row(buys=taken_already, progress=READY, also=in_place),
    "a press is answered too late": Row(buys=pressed_again, progress=READY, also=in_place),
    "twenty minutes pass": Row(
        running={"edit 500": 1}, meanwhile=twenty_minutes_later, progress=READY, also=old_buttons_work
    ),
    "the bot is started again": Row(
        running={"edit cut": 1}, meanwhile=restarted, progress=READY, also=old_buttons_work
    ),
    "the gateway drops": Row(running={"gateway drop": 1}, meanwhile=resumed, progress=READY, also=still_served),
    "the gateway asks to reconnect": Row(
        running={"gateway reconnect": 1}, meanwhile=resumed, progress=READY, also=still_served
    ),
    "the session is invalid": Row(
        running={"gateway invalid": 1}, meanwhile=identified, progress=READY, also=still_served
    ),
    "the session is invalid, but resumable": Row(
        running={"gateway invalid resumable": 1}, meanwhile=resumed, progress=READY, also=still_served
    ),
    "an event cannot be read": Row(running={"gateway unreadable event": 1}, progress=READY, also=still_served),
    "the progress message is deleted": Row(running={"progress deleted": 1}, meanwhile=without_progress),
    "the channel is deleted": Row(running={"channel deleted": 1}, meanwhile=without_progress, also=direct),
    "the channel is closed to us": Row(running={"permission view": 1}, also=direct),
    "we may not post any more": Row(running={"permission send": 1}, progress=READY, also=direct),
    "we may not embed any more": Row(running={"permission embed": 1}, progress=READY, also=in_place),
    "we may not attach any more": Row(
        buys=with_sound, running={"permission attach": 1}, books=EDITED, progress=READY, also=in_place
    ),
    "we may not read any more": Row(running={"permission history": 1}, progress=READY, also=in_place),
    "the thread is archived": Row(buys=in_a_thread, running={"thread archived": 1}, progress=READY, also=woken),
    "the thread is locked": Row(buys=in_a_thread, running={"thread locked": 1}, also=direct),
    "nobody lets us in": Row(
        buys=closed_to_us,
        running={"permission send": 1, "direct 50007": 1},
        meanwhile=kept,
        results=0,
        progress=KEPT,
        also=in_jobs,
    ),
    "direct messages do not open at once": Row(
        running={"permission send": 1, "direct 500": 1}, progress=READY, also=direct
    ),
}


@pytest.mark.parametrize("name", ROWS)
async def test_a_fault(house: House, name: str) -> None:
    await ROWS[name].run(house)


OTHER_TESTS: Final = frozenset(
    {"answer 10062", "answer 40060", "kicked", "start 502", "start page"}
    | {"gateway handshake 503", "gateway handshake cut", "gateway malformed frame", "gateway 4004"}
)
"""Tests of their own, here and in test_discord_ends. The first two meet a press, in rows of their own."""


def test_every_fault_of_discords_has_a_row() -> None:
    assert without_a_row(SWITCHES, ROWS) == OTHER_TESTS | PRESSES


async def test_taken_out_of_the_server_while_a_job_runs(house: House) -> None:
    """What is under way goes on and is paid; its requester finds it, when the bot is back, with /jobs."""
    member, channel = house.member(), house.channel()
    bought = await house.buy(member, channel)
    await house.progress(bought.job_id, "Rendering")
    house.sandbox.switch("kicked")
    await house.quiet(30)
    assert house.books(bought.job_id) == {"hold": "0.06", "settle": "0.06"}
    assert house.posts(bought.job_id, "r") == []
    house.explained.add(f"job {bought.job_id} (done): result 1 was posted 0 times")
    house.sandbox.mend()
    await in_jobs(house, bought)


async def test_taken_out_of_the_server_with_another_one_in_common(house: House) -> None:
    """A direct message still reaches its requester."""
    member, channel = house.member(), house.channel()
    house.discord.world.add_member(house.discord.world.server("Elsewhere"), member.user)
    bought = await house.buy(member, channel)
    await house.progress(bought.job_id, "Rendering")
    house.sandbox.switch("kicked")
    await house.quiet(30)
    await direct(house, bought)
