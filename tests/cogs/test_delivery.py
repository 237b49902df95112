"""From a finished video to one message, whatever Discord does meanwhile, and nowhere that was not asked for."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.discord.member import Member
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.house import EDIT, POST, RENDER_SECONDS, House, open_house

ANSWER_LOST = {
    "bad gateway": Fault(takes_effect=True, status=502),
    "cut": Fault(takes_effect=True),
}
JSON = {"Content-Type": "application/json"}
EDIT_CARD = "PATCH /webhooks/{application}/{token}/messages/@original"


@pytest.fixture(autouse=True)
def slow_enough(house: House) -> Iterator[None]:
    """Time to do something between the progress message and the result."""
    house.runware.render_seconds = 1.2
    yield
    house.runware.render_seconds = RENDER_SECONDS


@pytest.mark.parametrize("fault", ANSWER_LOST)
async def test_a_progress_message_whose_answer_was_lost_stands_once(
    house: House, ada: Member, room: Channel, fault: str
):
    card = await house.ask(ada, room)
    house.discord.faults.add(POST, ANSWER_LOST[fault])
    await ada.click(card, "Confirm")
    job_id = await _job_of(house, ada)
    await house.results(job_id)
    await house.quiet()
    assert [len(house.posts(job_id, kind)) for kind in ("p0", "r")] == [1, 1]
    assert len(room.messages) == 2


async def test_a_result_whose_answer_was_lost_stands_once_and_pings_once(house: House, ada: Member, room: Channel):
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    house.discord.faults.add(POST, ANSWER_LOST["bad gateway"])
    await house.results(bought.job_id)
    await house.quiet()
    assert len(house.posts(bought.job_id, "r")) == 1
    assert [message.pings for message in room.messages] == [frozenset(), {ada.name}]


async def test_a_result_that_may_be_there_is_posted_nowhere_else_while_one_cannot_look(
    house: House, ada: Member, room: Channel
):
    """Its answer was lost, and then the history is closed to us: a second post would be a guess."""
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    house.discord.faults.add(POST, ANSWER_LOST["cut"])
    denied = Fault(status=403, body=b'{"code": 50001, "message": "Missing Access"}', headers=JSON)
    house.discord.faults.add("GET /channels/{channel}/messages", denied)
    await house.results(bought.job_id)
    await house.quiet()
    assert len(house.posts(bought.job_id, "r")) == 1
    assert ada.direct.messages == []


async def test_a_certain_no_is_not_taken_for_a_perhaps(house: House, ada: Member, room: Channel):
    """Refused in the channel, and then the direct message cannot be opened at once: the next try goes on to it."""
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    denied = Fault(status=403, body=b'{"code": 50001, "message": "Missing Access"}', headers=JSON)
    house.discord.faults.add(POST, denied, times=2)
    house.discord.faults.add("POST /users/@me/channels", Fault())
    house.discord.faults.add("GET /channels/{channel}/messages", denied, times=20)
    [post] = await house.results(bought.job_id)
    assert post.channel is ada.direct


async def test_a_result_whose_answer_was_lost_is_found_after_discord_has_forgotten_its_nonce(
    house: House, ada: Member, room: Channel
):
    """Minutes later Discord would take a second message with the same nonce, so the bot looks before it posts."""
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    house.discord.faults.add(POST, ANSWER_LOST["cut"])
    await house.results(bought.job_id)
    house.sandbox.clock.advance(timedelta(minutes=6))
    await house.quiet()
    assert len(house.posts(bought.job_id, "r")) == 1
    assert [message.pings for message in room.messages] == [frozenset(), {ada.name}]


async def test_a_post_and_an_edit_that_discord_did_not_take_are_made_later(
    house: House, ada: Member, room: Channel
):
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    for operation in (POST, EDIT):
        house.discord.faults.add(operation, Fault(status=503))
    [post] = await house.results(bought.job_id)
    assert post.pings == {ada.name}
    await house.progress(bought.job_id, "✅ The video is ready. It cost $0.06.")
    assert len(room.messages) == 2


async def test_a_card_that_is_dismissed_or_cannot_be_changed_holds_nothing_up(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room)
    house.discord.faults.add(EDIT_CARD, Fault(), times=2)  # a cut edit is said once more
    use = await ada.click(card, "Confirm")
    job_id = await _job_of(house, ada)
    await house.results(job_id)
    assert use.messages == [], "nothing is said to have gone wrong, since nothing has"


async def test_a_deleted_progress_message_does_not_keep_the_result_away(house: House, ada: Member, room: Channel):
    bought = await house.buy(ada, room)
    progress = await house.progress(bought.job_id, "Rendering")
    await house.discord.remove(progress)
    house.explained.add(f"{bought.job_id}.p0 is posted and stands 0 times")
    [post] = await house.results(bought.job_id)
    await house.quiet()
    assert room.messages == [post]
    assert post.reference is None


async def test_a_channel_that_is_closed_meanwhile_sends_the_result_to_the_requester(
    house: House, ada: Member, room: Channel
):
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    room.deny(house.discord.world.bot, Permission.VIEW_CHANNEL)
    [post] = await house.results(bought.job_id)
    assert post.channel is ada.direct
    assert post.pings == {ada.name}
    assert f"I could not post it in {room.mention}, so here it is:" in post.text
    assert len(post.links) == 1
    receipt = await house.press(ada, post, "Details")
    assert f"Job {bought.job_id}" in receipt.text, "its button works there as well"


async def test_a_channel_that_is_deleted_meanwhile_sends_the_result_to_the_requester(
    house: House, ada: Member, room: Channel
):
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    house.discord.world.delete_channel(room)
    house.explained.add(f"{bought.job_id}.p0 is posted and stands 0 times")
    [post] = await house.results(bought.job_id)
    assert post.channel is ada.direct
    await house.quiet()
    assert house.books(bought.job_id) == {"hold": "0.06", "settle": "0.06"}


async def test_a_result_that_nobody_lets_in_is_kept_in_jobs_and_paid(house: House, ada: Member, room: Channel):
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    ada.user.dms_open = False
    role = house.server.role(house.discord.world.bot.name)
    room.deny(role, Permission.SEND_MESSAGES)
    room.deny(house.discord.world.bot, Permission.SEND_MESSAGES)
    house.explained.add(f"job {bought.job_id} (done): result 1 was posted 0 times")
    progress = await house.progress(
        bought.job_id, "📦 It could not be posted here. Whoever asked finds it with /jobs."
    )
    assert "✅ The video is ready. It cost $0.06." in progress.text
    assert house.posts(bought.job_id, "r") == []

    use = await ada.command("jobs", channel=house.channel())
    [row] = house.rows("SELECT links FROM results WHERE job_id = ?", bought.job_id)
    listed = await use.answer()
    assert row["links"].strip('[]"') in listed.text
    assert house.books(bought.job_id) == {"hold": "0.06", "settle": "0.06"}


async def test_a_link_to_a_host_that_is_not_admitted_is_never_shown_and_waits_in_jobs(tmp_path: Path):
    async with open_house(tmp_path, LINK_HOSTS="*.runware.ai") as house:
        ada, room = house.member(), house.channel()
        bought = await house.buy(ada, room)
        house.explained.add(f"job {bought.job_id} (done): result 1 was posted 0 times")
        progress = await house.progress(bought.job_id, "📦 It could not be posted here.")
        assert room.messages == [progress]
        listed = await (await ada.command("jobs", channel=room)).answer()
        assert "Video 1 is kept, but its link leads to a host that I may not show." in listed.text
        assert "Please ask whoever runs this bot to look at LINK_HOSTS." in listed.text
        shown = [message.text for message in house.discord.world.messages.values()]
        assert not any(house.runware.media_origin in text for text in shown)
        assert ada.direct.messages == []


async def test_a_busy_channel_gets_everything_once_within_discords_rate_limits(tmp_path: Path):
    """Three jobs are eight posts, and a channel takes five in five seconds. An upload that begins in one window and
    ends in the next counts there, which the library cannot know: it may be told to wait once, and waits."""
    async with open_house(tmp_path, rate_limits=True) as house:
        ada, room = house.member(), house.channel()
        bought = [await house.buy(ada, room, count=count) for count in (2, 2, 1)]
        await house.quiet(30)
        assert sorted(len(house.posts(each.job_id, "r")) for each in bought) == [1, 2, 2]
        assert len(room.messages) == 8
        assert len([request for request in house.discord.requests if request.status == 429]) <= 1


async def _job_of(house: House, member: Member) -> str:
    """The only job of a member, once there is one."""
    find = "SELECT id FROM jobs WHERE member_id = ?"
    return str((await house.until(lambda: house.rows(find, member.id), "a job"))[0]["id"])
