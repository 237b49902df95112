"""Videos that the provider's check flags: shown where staff want them shown, and lost nowhere."""

from collections.abc import AsyncIterator

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.runware.script import Flagged
from tests.cogs.ordering import ask
from tests.cogs.settling import settings, undo
from tests.house import Bought, House

WITHHELD = "The provider's check says that it is not for everybody, so I do not show it here."


@pytest.fixture
def after_dark(house: House) -> Channel:
    """An age-restricted channel with nothing in it."""
    return house.discord.world.add_channel(house.server, f"after-dark-{house.discord.world.snowflake()}", nsfw=True)


@pytest.fixture(autouse=True)
async def as_it_was(house: House) -> AsyncIterator[None]:
    yield
    await undo(house)


async def flagged(house: House, member: Member, channel: Channel) -> tuple[Bought, Message]:
    house.runware.script(Flagged())
    bought = await house.buy(member, channel, safety="fast")
    [post] = await house.results(bought.job_id)
    await house.quiet()
    return bought, post


def link_of(house: House, bought: Bought) -> str:
    [row] = house.rows("SELECT links ->> 0 AS link FROM results WHERE job_id = ?", bought.job_id)
    return str(row["link"])


async def jobs(member: Member, channel: Channel) -> str:
    return (await (await member.command("jobs", channel=channel)).answer()).text


async def test_a_flagged_video_is_withheld_and_opened_with_jobs_in_an_age_restricted_channel(
    house: House, ada: Member, room: Channel, after_dark: Channel
):
    bought, post = await flagged(house, ada, room)
    link = link_of(house, bought)
    assert WITHHELD in post.text
    assert (post.pings, post.attachments) == ({ada.name}, [])
    details = await house.press(ada, post, "Details")
    for shown in (*room.messages, details):
        assert link not in shown.text
        assert not any(link.encode() in each.data for each in shown.attachments)
    assert link not in await jobs(ada, room)
    assert link in await jobs(ada, after_dark)
    thread = house.discord.world.add_thread(after_dark, "later")
    assert link in await jobs(ada, thread)


async def test_an_age_restricted_channel_and_its_threads_show_it(house: House, ada: Member, after_dark: Channel):
    for place in (after_dark, house.discord.world.add_thread(after_dark, "a thread")):
        bought, post = await flagged(house, ada, place)
        assert link_of(house, bought) in post.text
        assert len(post.attachments) == 1


async def test_posting_again_shows_no_more_than_the_first_time(house: House, ada: Member, room: Channel):
    bought, _ = await flagged(house, ada, room)
    listed = await (await ada.command("jobs", channel=room)).answer()
    await house.press(ada, listed, f"Post {bought.job_id} again")
    again = room.messages[-1]
    assert "Video 1 is not for everybody, so I do not show it here." in again.text
    assert (again.attachments, link_of(house, bought) in again.text) == ([], False)


async def test_a_direct_message_does_not_show_it(house: House, ada: Member, room: Channel):
    house.runware.script(Flagged())
    house.runware.render_seconds, usual = 1.2, house.runware.render_seconds
    bought = await house.buy(ada, room, safety="fast")
    await house.progress(bought.job_id, "Rendering")
    room.deny(house.server.everyone, Permission.SEND_MESSAGES)
    [post] = await house.results(bought.job_id)
    house.runware.render_seconds = usual
    assert post.channel is ada.direct
    assert WITHHELD in post.text
    assert link_of(house, bought) not in post.text


async def test_a_spoiler_hides_the_file(house: House, ada: Member, mary: Member, room: Channel):
    await settings(mary, "safety", flagged="spoiler")
    bought, post = await flagged(house, ada, room)
    assert [each.filename for each in post.attachments] == [f"SPOILER_{bought.job_id}-1.mp4"]


async def test_shown_means_shown_and_a_video_that_is_not_flagged_is_as_ever(
    house: House, ada: Member, mary: Member, room: Channel
):
    bought = await house.buy(ada, room, safety="fast")
    [post] = await house.results(bought.job_id)
    assert [each.filename for each in post.attachments] == [f"{bought.job_id}-1.mp4"]
    await settings(mary, "safety", flagged="show")
    bought, post = await flagged(house, ada, room)
    assert [each.filename for each in post.attachments] == [f"{bought.job_id}-1.mp4"]


async def test_a_word_in_the_prompt_makes_the_sandbox_flag_what_is_checked(
    house: House, ada: Member, room: Channel
):
    checked = await house.buy(ada, room, prompt="an nsfw fox", safety="full")
    assert WITHHELD in (await house.results(checked.job_id))[0].text
    unchecked = await house.buy(ada, room, prompt="an nsfw fox")
    assert WITHHELD not in (await house.results(unchecked.job_id))[0].text


async def test_a_film_is_as_flagged_as_any_part_of_it(house: House, ada: Member, mary: Member, room: Channel):
    await settings(mary, "safety", flagged="spoiler")
    _, post = await flagged(house, ada, room)
    for _ in range(2):  # the second one goes on from a clip that is not flagged itself
        card = await house.press(ada, post, "Continue")
        await house.press(ada, card, "Confirm")
        [row] = house.rows("SELECT id FROM jobs WHERE member_id = ? ORDER BY held_at DESC LIMIT 1", ada.id)
        [post] = await house.results(row["id"], timeout=30)
        await house.quiet()
        assert "whole film" in post.text
        assert post.attachments[0].filename.startswith("SPOILER_")


async def test_a_command_takes_it_as_its_result_in_an_age_restricted_channel_alone(
    house: House, ada: Member, room: Channel, after_dark: Channel
):
    bought, _ = await flagged(house, ada, room)
    for command, given in (("edit", {}), ("reframe", {"aspect_ratio": "9:16"})):
        refused = await ask(house, ada, room, command, {"result": bought.job_id, **given})
        assert "result is flagged by the provider's check" in refused.text
        assert refused.buttons == []
        shown = await ask(house, ada, after_dark, command, {"result": bought.job_id, **given})
        assert "Confirm" in [button.label for button in shown.buttons]


async def test_what_a_channel_does_not_show_is_not_made_into_something_that_it_does(
    house: House, ada: Member, room: Channel, after_dark: Channel
):
    bought, post = await flagged(house, ada, room)
    answer = await house.press(ada, post, "Continue")
    assert "it is shown in age-restricted channels alone, and nothing was done" in answer.text
    opened = await ada.click(await house.press(ada, post, "More…"), "Edit")
    answer = await (await ada.submit(opened, {"first": "The same in rain"})).answer()
    assert f"take `{bought.job_id}.1` as their result" in answer.text
    _, shown = await flagged(house, ada, after_dark)
    assert "Confirm" in [button.label for button in (await house.press(ada, shown, "Continue")).buttons]
