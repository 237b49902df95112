"""Delete: for the requester and staff, asked once before; what shows the video goes, and the books keep it all."""

from collections.abc import AsyncIterator

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.cogs.ordering import open_rich_house
from tests.house import Bought, House, as_it_was

DELETE = "DELETE /channels/{channel}/messages/{message}"


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house"), QUOTES_PER_MINUTE="600") as house:
        yield house


@pytest.fixture
async def bought(house: House, ada: Member, room: Channel) -> Bought:
    """A video of Ada's, whose messages are about to go."""
    bought = await house.buy(ada, room)
    await house.results(bought.job_id)
    await house.quiet()
    house.explained.add(f"{bought.job_id}.r1 is posted and stands 0 times")
    house.explained.add(f"{bought.job_id}.a1 is posted and stands 0 times")
    house.explained.add(f"job {bought.job_id} (done): result 1 was posted 0 times")
    return bought


async def test_it_asks_once_before_and_forgets_nothing(house: House, ada: Member, bought: Bought):
    books = house.books(bought.job_id)
    question = await _asked(house, ada, bought)
    assert "This deletes the message with this video for everybody." in question.text
    assert len(house.posts(bought.job_id, "r")) == 1, "nothing has happened yet"
    answer = await house.press(ada, question, "Delete it")
    assert answer.text.startswith("Deleted.")
    assert house.posts(bought.job_id, "r") == []
    assert house.books(bought.job_id) == books
    assert bought.job_id in (await (await ada.command("jobs", channel=bought.channel)).answer()).text
    [row] = house.rows("SELECT * FROM deletions WHERE nonce = ?", f"{bought.job_id}.r1")
    assert row["asked_by"] == ada.id


async def test_what_was_posted_again_goes_too(house: House, ada: Member, bought: Bought):
    listed = await (await ada.command("jobs", channel=bought.channel)).answer()
    await house.press(ada, listed, f"Post {bought.job_id} again")
    question = await _asked(house, ada, bought)
    assert "the 2 messages with this video" in question.text
    await house.press(ada, question, "Delete it")
    assert house.posts(bought.job_id, "r") + house.posts(bought.job_id, "a") == []


async def test_staff_may_and_others_are_not_even_asked(
    house: House, ada: Member, linus: Member, bought: Bought, room: Channel
):
    [post] = house.posts(bought.job_id, "r")
    offered = await house.press(linus, post, "More…")
    assert "Delete…" not in [button.label for button in offered.buttons]
    mine = await _rest(house, ada, bought)
    for action in ("delete", "erase"):
        smuggled = as_it_was(mine, delete=action)
        answer = await house.press(linus, smuggled, custom_id=f"{action}:{bought.job_id}.1")
        assert "somebody else's" in answer.text or "not yours" in answer.text, answer.text
    assert len(house.posts(bought.job_id, "r")) == 1
    await house.press(
        house.discord.member("Mary"), await _asked(house, house.discord.member("Mary"), bought), "Delete it"
    )
    assert house.posts(bought.job_id, "r") == []


async def test_pressed_twice_and_when_it_is_gone_already_it_is_deleted(house: House, ada: Member, bought: Bought):
    question = await _asked(house, ada, bought)
    for _ in range(2):
        answer = await house.press(ada, question, custom_id=f"erase:{bought.job_id}.1")
        assert "Deleted." in answer.text or "does not work any more" in answer.text
    assert house.posts(bought.job_id, "r") == []


async def test_a_child_no_longer_links_to_what_was_deleted(house: House, ada: Member, bought: Bought):
    [post] = house.posts(bought.job_id, "r")
    card = await house.press(ada, post, "Again")
    await house.press(ada, await _asked(house, ada, bought), "Delete it")
    await house.press(ada, card, "Confirm")
    [child] = house.rows("SELECT id FROM jobs WHERE member_id = ? AND id <> ?", ada.id, bought.job_id)
    progress = await house.progress(child["id"], "Another take of")
    assert f"video 1 of job `{bought.job_id}`" in progress.text


async def test_jobs_links_to_what_stands_and_not_to_what_was_deleted(house: House, ada: Member, bought: Bought):
    [post] = house.posts(bought.job_id, "r")
    assert f"/{post.id})" in (await _listed(ada, bought)).text
    await house.press(ada, await _asked(house, ada, bought), "Delete it")
    listed = await _listed(ada, bought)
    assert f"/{post.id})" not in listed.text
    assert "Video 1 is deleted." in listed.text
    await house.press(ada, listed, f"Post {bought.job_id} again")
    [again] = house.posts(bought.job_id, "a")
    assert (
        f"[Video 1](https://discord.com/channels/{house.server.id}/{again.channel.id}/{again.id})"
        in (await _listed(ada, bought)).text
    )


async def test_a_deleted_video_is_no_longer_had_from_details_nor_gone_on_from_but_by_its_requester_and_staff(
    house: House, ada: Member, linus: Member, bought: Bought
):
    mary = house.discord.member("Mary")
    [post] = house.posts(bought.job_id, "r")
    [link] = post.links
    still = {member: await house.press(member, post, "More…") for member in (ada, linus, mary)}
    await house.press(ada, await _asked(house, ada, bought), "Delete it")
    progress = await house.progress(bought.job_id)
    for member, may in ((ada, True), (linus, False), (mary, True)):
        details = await house.press(member, progress, "Details")
        assert any(link.encode() in each.data for each in details.attachments) is may
        edit = await (await member.submit(await member.click(still[member], "Edit"), {"first": "In rain"})).answer()
        smuggled = as_it_was(still[member], bigger="continue")
        goes_on = await house.press(member, smuggled, custom_id=f"continue:{bought.job_id}.1")
        for answer in (edit, goes_on):
            assert ("Confirm" in [button.label for button in answer.buttons]) is may, answer.text
            assert ("This video is deleted, so nothing was done." in answer.text) is not may


async def test_what_staff_have_deleted_is_posted_again_by_staff_alone(house: House, ada: Member, bought: Bought):
    mary = house.discord.member("Mary")
    question = await _asked(house, mary, bought)
    assert f"<@{ada.id}> can no longer post the video again" in question.text
    assert "only staff can have it posted again" in (await house.press(mary, question, "Delete it")).text
    listed = await _listed(ada, bought)
    answer = await house.press(ada, listed, f"Post {bought.job_id} again")
    assert answer.text.startswith("This server's staff have deleted this video")
    assert house.posts(bought.job_id, "a") == []
    await house.press(mary, listed, custom_id=f"again:{bought.job_id}")
    assert len(house.posts(bought.job_id, "a")) == 1


async def test_where_discord_does_not_take_it_that_is_said_and_it_can_be_tried_again(
    house: House, ada: Member, bought: Bought
):
    question = await _asked(house, ada, bought)
    house.discord.faults.add(DELETE, Fault(status=503), times=20)
    answer = await house.press(ada, question, "Delete it")
    assert "may still be there. Please try again in a minute." in answer.text
    house.discord.faults.clear()
    assert "Deleted." in (await house.press(ada, await _asked(house, ada, bought), "Delete it")).text
    assert house.posts(bought.job_id, "r") == []


async def test_a_channel_that_the_bot_no_longer_sees_is_said(house: House, ada: Member, bought: Bought):
    question = await _asked(house, ada, bought)
    for whom in (house.discord.world.bot, house.server.role(house.discord.world.bot.name)):
        bought.channel.deny(whom, Permission.VIEW_CHANNEL)
    answer = await house.press(ada, question, "Delete it")
    assert "Discord did not let me delete the message with this video" in answer.text
    assert len(house.posts(bought.job_id, "r")) == 1


async def _listed(member: Member, bought: Bought) -> Message:
    return await (await member.command("jobs", channel=bought.channel)).answer()


async def _rest(house: House, member: Member, bought: Bought) -> Message:
    [post] = house.posts(bought.job_id, "r")
    return await house.press(member, post, "More…")


async def _asked(house: House, member: Member, bought: Bought) -> Message:
    return await house.press(member, await _rest(house, member, bought), "Delete…")
