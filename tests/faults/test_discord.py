"""Discord's faults, each switched on by its name and met by the unmodified bot.

    row    the names of the faults, whether they meet the purchase or the job that runs, and what must come of it
    audit  after each row: the provider's bill = settled + overrun, one post per result, no hold left open

What ends the process, and what meets its start, has no purchase: it stands below the table.
"""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.discord.switches import LONG, SWITCHES
from sandbox.discord.use import NoAnswer
from sandbox.process import BotProcess
from sandbox.sandbox import Sandbox
from tests.cogs import ordering
from tests.faults.row import Purchase, Row, without_a_row
from tests.house import EDIT, RENDER_SECONDS, Bought, House, id_of, open_house

SOON: Final = 20  # seconds, on a machine that is busy
EDITED: Final = {"hold": "0.54", "settle": "0.54"}
READY: Final = "✅ The video is ready."
KEPT: Final = "📦 It could not be posted here. Whoever asked finds it with /jobs."


@pytest.fixture(autouse=True)
def slow_enough(request: pytest.FixtureRequest) -> Iterator[None]:
    """Time for something to happen between the progress message and the result."""
    if "house" not in request.fixturenames:
        yield
        return
    house: House = request.getfixturevalue("house")
    house.runware.render_seconds = 0.8
    yield
    house.runware.render_seconds = RENDER_SECONDS


# What is bought, and where -------------------------------------------------------------------------------------


async def in_a_thread(house: House, member: Member, channel: Channel) -> Bought:
    return await house.buy(member, house.discord.world.add_thread(channel, "storyboard"))


async def with_sound(house: House, member: Member, channel: Channel) -> Bought:
    """54 cents, from a video whose sound goes back into the result."""
    clip = ordering.attached(member, ordering.clip(64, 64, 1_000_000, sound=True))
    return await ordering.buy(house, member, channel, "edit", {"video": clip})


async def closed_to_us(house: House, member: Member, channel: Channel) -> Bought:
    """By somebody who takes no direct messages."""
    member.user.dms_open = False
    return await house.buy(member, channel)


async def pressed_again(house: House, member: Member, channel: Channel) -> Bought:
    """The first press is not taken, and buys nothing; the next one does."""
    card = await house.ask(member, channel)
    house.sandbox.switch("answer 10062")
    first = await member.click(card, "Confirm")
    with pytest.raises(NoAnswer):
        await first.answer()
    house.explained.add(f"{first.interaction.data} was not acknowledged")
    assert house.rows("SELECT * FROM jobs WHERE member_id = ?", member.id) == []
    return await confirmed(house, member, channel, card)


def pressing(fault: str, times: int = 1) -> Purchase:
    """With a fault that meets the press of Confirm."""

    async def buy(house: House, member: Member, channel: Channel) -> Bought:
        card = await house.ask(member, channel)
        house.sandbox.switch(fault, times=times)
        return await confirmed(house, member, channel, card)

    return buy


async def taken_already(house: House, member: Member, channel: Channel) -> Bought:
    """Discord says that the press was acknowledged, which we take its word for."""
    bought = await pressing("answer 40060")(house, member, channel)
    house.explained.add(f"'custom_id': 'confirm:{house.job(bought.job_id)['quote_id']}'")
    return bought


async def confirmed(house: House, member: Member, channel: Channel, card: Message) -> Bought:
    """One press of Confirm, whatever the member is told of it."""
    quote_id = id_of(card, "Confirm")
    await member.click(card, "Confirm")
    jobs = await house.until(lambda: house.rows("SELECT id FROM jobs WHERE quote_id = ?", quote_id), "a job")
    return Bought(member, channel, card, card, jobs[0]["id"])


# What happens meanwhile ----------------------------------------------------------------------------------------


async def without_progress(house: House, bought: Bought) -> None:
    house.explained.add(f"{bought.job_id}.p0 is posted and stands 0 times")


async def kept(house: House, bought: Bought) -> None:
    house.explained.add(f"job {bought.job_id} (done): result 1 was posted 0 times")


async def gone_and_kept(house: House, bought: Bought) -> None:
    await without_progress(house, bought)
    await kept(house, bought)


async def forgotten(house: House, bought: Bought) -> None:
    """Discord takes a second message with the same nonce by now, so that only looking helps."""
    await house.results(bought.job_id)
    house.sandbox.clock.advance(timedelta(minutes=6))


async def resumed(house: House, bought: Bought) -> None:
    """The bot takes its session up where it was."""
    identified, before = house.discord.gateway.identifies, house.discord.gateway.resumes
    await house.discord.gateway.resumed(15, resumes=before + 1)
    assert house.discord.gateway.identifies == identified


async def identified(house: House, bought: Bought) -> None:
    """The bot begins another session. Its library takes five seconds over it."""
    await house.discord.gateway.ready(15, identifies=house.discord.gateway.identifies + 1)


async def waited_out(house: House, bought: Bought) -> None:
    """What is not to be tried again for long waits in the database, and not with a request open."""
    [post] = await house.until(
        lambda: house.rows("SELECT * FROM posts WHERE job_id = ? AND next_try_at IS NOT NULL", bought.job_id),
        "a post that waits",
    )
    waits = post["next_try_at"] / 1e6 - datetime.now(UTC).timestamp()
    assert LONG - 10 < waits <= LONG + 1, f"Discord says when it may be tried again; it waits {waits} s"
    assert await house.bot.stop() == 0
    house.change("UPDATE posts SET next_try_at = NULL WHERE job_id = ?", bought.job_id)
    await started_again(house)


async def the_clock_is_set_back(house: House, bought: Bought) -> None:
    """By a day: what was put off by seconds is then a day ahead, and waits for none of it."""
    waits = "SELECT * FROM posts WHERE job_id = ? AND next_try_at IS NOT NULL"
    await house.until(lambda: house.rows(waits, bought.job_id), "a post that waits")
    assert await house.bot.stop() == 0
    day = int(timedelta(days=1) / timedelta(microseconds=1))
    house.change("UPDATE posts SET next_try_at = next_try_at + ? WHERE job_id = ?", day, bought.job_id)
    await started_again(house)


async def started_again(house: House) -> None:
    identified = house.discord.gateway.identifies
    await house.bot.start()
    await house.discord.gateway.ready(15, identifies=identified + 1)


async def restarted(house: House, bought: Bought) -> None:
    await house.restart()


async def twenty_minutes_later(house: House, bought: Bought) -> None:
    """No token of an interaction works any more: everything goes by channel id."""
    house.sandbox.clock.advance(timedelta(minutes=20))


# What must have come of it -------------------------------------------------------------------------------------


async def in_place(house: House, bought: Bought) -> None:
    [post] = house.posts(bought.job_id, "r")
    assert post.pings == {bought.member.name}
    progress = house.posts(bought.job_id, "p0")[0]
    assert post.channel is progress.channel
    assert bought.member.direct.messages == []


async def woken(house: House, bought: Bought) -> None:
    """By the post, which comes first: no edit was tried while the thread slept."""
    await in_place(house, bought)
    [post] = house.posts(bought.job_id, "r")
    edits = [one for one in house.discord.requests if one.operation == EDIT and str(post.channel.id) in one.path]
    assert edits, "it never said that the video is there"
    assert {one.status for one in edits} == {200}


async def direct(house: House, bought: Bought) -> None:
    """To its requester alone; in no other channel."""
    [post] = house.posts(bought.job_id, "r")
    assert post.channel is bought.member.direct


async def in_jobs(house: House, bought: Bought) -> None:
    """Whoever asked finds it, and is asked for nothing more."""
    elsewhere = house.channel()
    listed = await (await bought.member.command("jobs", channel=elsewhere)).answer()
    [row] = house.rows("SELECT links FROM results WHERE job_id = ?", bought.job_id)
    assert row["links"].strip('[]"') in listed.text


async def old_buttons_work(house: House, bought: Bought) -> None:
    """The progress message came back to life, and a press on it is answered."""
    await in_place(house, bought)
    progress = house.posts(bought.job_id, "p0")[0]
    receipt = await house.press(bought.member, progress, "Details")
    assert f"Job {bought.job_id}" in receipt.text


async def still_served(house: House, bought: Bought) -> None:
    """The session goes on, or a new one has begun: the next one who asks is answered."""
    await in_place(house, bought)
    card = await house.ask(house.member(), house.channel())
    assert card.buttons


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
"""What ends the process, or meets its start: below. The first two meet a press, in rows of their own."""


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


@pytest.mark.parametrize(("fault", "status"), [("gateway 4004", 2), ("gateway malformed frame", 1)])
async def test_what_ends_the_process_is_said_in_a_line_and_loses_nothing(
    tmp_path: Path, fault: str, status: int
) -> None:
    """2 where a setting has to be looked at, 1 where starting it again helps; the job that ran is then finished."""
    async with open_house(tmp_path, render_seconds=2) as house:
        member, channel = house.member(), house.channel()
        bought = await house.buy(member, channel)
        await house.progress(bought.job_id, "Rendering")
        house.sandbox.switch(fault)
        async with asyncio.timeout(SOON):
            assert await house.bot.wait() == status
        last = house.bot.log[-1]
        assert last.startswith("DISCORD_TOKEN: " if status == 2 else "Discord's gateway said what cannot be read")
        assert not any("Traceback" in line for line in house.bot.log), "\n".join(house.bot.log)
        await started_again(house)
        await house.quiet(30)
        await in_place(house, bought)


@pytest.mark.parametrize("fault", ["gateway handshake 503", "gateway handshake cut"])
async def test_a_first_handshake_that_fails_is_made_again(tmp_path: Path, fault: str) -> None:
    async with Sandbox(rate_limits=False) as sandbox:
        sandbox.switch(fault)
        async with BotProcess(sandbox.settings(tmp_path / "raybot.db"), folder=tmp_path) as bot:
            await sandbox.discord.gateway.ready(SOON)
            assert await bot.stop() == 0


async def test_a_502_at_the_start_is_tried_again(tmp_path: Path) -> None:
    async with Sandbox(rate_limits=False) as sandbox:
        sandbox.switch("start 502", times=2)
        async with BotProcess(sandbox.settings(tmp_path / "raybot.db"), folder=tmp_path) as bot:
            await sandbox.discord.gateway.ready(SOON)
            assert await bot.stop() == 0


async def test_a_page_at_the_start_is_not_discord(tmp_path: Path) -> None:
    async with Sandbox(rate_limits=False) as sandbox:
        sandbox.switch("start page")
        async with BotProcess(sandbox.settings(tmp_path / "raybot.db"), folder=tmp_path) as bot:
            async with asyncio.timeout(SOON):
                assert await bot.wait() == 2
            [line] = bot.log
            assert line.startswith("DISCORD_API_URL: ")
