"""What the rows of Discord's faults are made of: purchases, what happens meanwhile, what must have come of it."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from sandbox.discord.switches import LONG
from sandbox.discord.use import NoAnswer
from tests.cogs import ordering
from tests.faults.row import Purchase
from tests.house import EDIT, Bought, House, id_of

# What is bought, and where ------------------------------------------------------------------------------------


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


# What happens meanwhile ---------------------------------------------------------------------------------------


async def without_progress(house: House, bought: Bought) -> None:
    house.explained.add(f"{bought.job_id}.p0 is posted and stands 0 times")


async def kept(house: House, bought: Bought) -> None:
    house.explained.add(f"job {bought.job_id} (done): result 1 was posted 0 times")


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


# What must have come of it ------------------------------------------------------------------------------------


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
