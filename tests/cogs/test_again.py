"""Post again: one post for each press at most, by its requester or staff, for as long as the video can be had."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.discord.ratelimit import too_many
from sandbox.faults import Fault
from tests.cogs.ordering import fetched, open_rich_house
from tests.house import POST, RENDER_SECONDS, Bought, House, together

GONE = "I am sorry: this video is not here any more. I keep videos for 7 days while there is room"
TOO_OFTEN = "Enough was posted again for now, so nothing was done. The next one can be <t:"
TEN_MINUTES = int(timedelta(minutes=10) / timedelta(microseconds=1))


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


async def test_a_kept_video_is_posted_again_where_it_was_asked_for_and_calls_nobody(
    house: House, ada: Member, room: Channel
):
    bought, theirs = await _finished(house, ada, room, 2)
    house.sandbox.clock.advance(timedelta(days=8))  # the provider's links are gone
    answer = await house.press(ada, await _list(ada, house.channel()), f"Post {bought.job_id} again")
    [post] = _again(house, bought)
    assert post.channel is room
    assert answer.visible_to is ada.user
    where = f"https://discord.com/channels/{house.server.id}/{room.id}/{post.id}"
    assert answer.text == f"Posted again: {where}"
    assert [file.data for file in post.attachments] == theirs
    assert [file.filename for file in post.attachments] == [f"{bought.job_id}-1.mp4", f"{bought.job_id}-2.mp4"]
    assert post.content == f"The videos of <@{ada.id}>, once more: 360p · 16:9 · 5 s · 2 videos"
    assert post.pings == frozenset()
    assert f"Job {bought.job_id}" in (await house.press(ada, post, "Details")).text


async def test_however_often_it_is_pressed_at_once_it_is_posted_once(house: House, ada: Member, room: Channel):
    bought, _ = await _finished(house, ada, room)
    listed = await _list(ada, room)
    answers = await together(*(house.press(ada, listed, f"Post {bought.job_id} again") for _ in range(5)))
    await house.quiet()
    [post] = _again(house, bought)
    for answer in answers:
        assert answer.text.endswith(f"/{post.id}") or answer.text.startswith(TOO_OFTEN)
    assert sum(answer.text.endswith(f"/{post.id}") for answer in answers) >= 1


async def test_a_job_is_posted_again_once_in_ten_minutes_and_a_member_posts_five(
    house: House, ada: Member, room: Channel
):
    jobs = [(await _finished(house, ada, room))[0] for _ in range(6)]
    listed = await _list(ada, room)
    for bought in jobs[:5]:
        assert "Posted again" in (await house.press(ada, listed, f"Post {bought.job_id} again")).text
    for bought in (jobs[0], jobs[5]):
        answer = await house.press(ada, listed, f"Post {bought.job_id} again")
        assert answer.text.startswith(TOO_OFTEN)
    assert _again(house, jobs[5]) == []
    await _ten_minutes_pass(house)
    for bought in (jobs[0], jobs[5]):
        assert "Posted again" in (await house.press(ada, listed, f"Post {bought.job_id} again")).text
    assert [len(_again(house, bought)) for bought in jobs] == [2, 1, 1, 1, 1, 1]


async def test_a_long_rate_limit_on_looking_at_the_server_holds_no_video_up_and_is_not_met_by_each(tmp_path: Path):
    """How large a file may be is not known then; what every server takes is attached."""
    async with open_rich_house(tmp_path) as house:
        ada, room = house.member(), house.channel()
        look = "GET /guilds/{guild}"
        house.discord.faults.add(look, too_many(45.0), times=20)
        bought, theirs = await _finished(house, ada, room)
        answer = await house.press(ada, await _list(ada, room), f"Post {bought.job_id} again")
        assert "Posted again" in answer.text
        [post] = _again(house, bought)
        assert [file.data for file in post.attachments] == theirs
        looks = [each for each in house.discord.requests if f"{each.method} {each.route}" == look]
        assert [each.status for each in looks] == [429], "one for the result, none for the press"


async def test_a_link_that_still_works_is_posted_where_the_file_is_gone(house: House, ada: Member, room: Channel):
    """It is fetched once more; and where that cannot be done, its link is posted."""
    bought, [theirs] = await _finished(house, ada, room)
    [link] = house.posts(bought.job_id, "r")[0].links
    _forget(house, bought)
    house.runware.faults.add("media", Fault(status=503), times=6)
    await house.press(ada, await _list(ada, room), f"Post {bought.job_id} again")
    [post] = _again(house, bought)
    assert (post.attachments, post.links) == ([], [link])
    house.runware.faults.clear()
    await _ten_minutes_pass(house)
    await house.press(ada, await _list(ada, room), f"Post {bought.job_id} again")
    assert _again(house, bought)[-1].attachments[0].data == theirs


async def test_when_file_and_link_are_gone_it_says_so_and_posts_nothing(house: House, ada: Member, room: Channel):
    bought, _ = await _finished(house, ada, room)
    _forget(house, bought)
    house.sandbox.clock.advance(timedelta(days=8))
    answer = await house.press(ada, await _list(ada, room), f"Post {bought.job_id} again")
    assert answer.text.startswith(GONE)
    assert house.rows("SELECT nonce FROM reposts WHERE job_id = ?", bought.job_id) == []


async def test_of_two_videos_the_one_that_is_left_is_posted(house: House, ada: Member, room: Channel):
    bought, theirs = await _finished(house, ada, room, 2)
    _forget(house, bought, n=2)
    house.sandbox.clock.advance(timedelta(days=8))
    await house.press(ada, await _list(ada, room), f"Post {bought.job_id} again")
    [post] = _again(house, bought)
    assert [file.data for file in post.attachments] == theirs[:1]
    assert "Video 2 is not here any more, and the provider's link to it has expired." in post.content


@pytest.mark.parametrize("takes_effect", [False, True], ids=["before Discord has it", "after"])
async def test_killed_over_it_the_bot_posts_it_once(house: House, ada: Member, room: Channel, takes_effect: bool):
    bought, theirs = await _finished(house, ada, room)
    listed = await _list(ada, room)
    house.discord.faults.add(POST, Fault(delay=0 if takes_effect else 30, takes_effect=takes_effect), times=20)
    await ada.click(listed, f"Post {bought.job_id} again")
    attempted = "SELECT nonce FROM reposts WHERE job_id = ? AND attempted_at IS NOT NULL"
    await house.until(lambda: house.rows(attempted, bought.job_id), "an attempt")
    if takes_effect:
        await house.until(lambda: _again(house, bought), "a post")
    await house.bot.kill()
    house.discord.faults.clear()
    identified = house.discord.gateway.identifies
    await house.bot.start()
    await house.discord.gateway.ready(15, identifies=identified + 1)
    await house.quiet(30)
    [post] = _again(house, bought)
    assert [file.data for file in post.attachments] == theirs


async def test_a_result_that_nobody_let_in_is_opened_by_whoever_asked_for_it(
    house: House, ada: Member, room: Channel
):
    """First the doors are still closed, and it comes in the answer itself; then one is open."""
    bought = await _undelivered(house, ada, room)
    elsewhere = house.channel()
    answer = await house.press(ada, await _list(ada, elsewhere), f"Post {bought.job_id} again")
    assert answer.text.startswith(f"I could neither post it in <#{room.id}> nor send it as a direct message.")
    assert answer.visible_to is ada.user
    [file] = answer.attachments
    assert file.data == await fetched(_links(house, bought)[0])
    ada.user.dms_open = True
    await _ten_minutes_pass(house)
    answer = await house.press(ada, await _list(ada, elsewhere), f"Post {bought.job_id} again")
    assert answer.text == f"I could not post it in <#{room.id}>, so <@{ada.id}> has it as a direct message."
    [post] = ada.direct.messages
    assert [each.data for each in post.attachments] == [file.data]


async def test_what_discord_does_not_take_now_comes_by_itself(house: House, ada: Member, room: Channel):
    bought, _ = await _finished(house, ada, room)
    listed = await _list(ada, room)
    house.discord.faults.add(POST, Fault())
    answer = await house.press(ada, listed, f"Post {bought.job_id} again")
    assert answer.text.startswith("Discord does not take it just now. It is posted as soon as Discord does")
    await house.quiet()
    assert len(_again(house, bought)) == 1


async def test_without_attach_files_or_room_it_is_a_link(house: House, ada: Member, room: Channel):
    bought, _ = await _finished(house, ada, room)
    room.deny(house.server.role(house.discord.world.bot.name), Permission.ATTACH_FILES)
    await house.press(ada, await _list(ada, room), f"Post {bought.job_id} again")
    [post] = _again(house, bought)
    assert (post.attachments, post.links) == ([], _links(house, bought))


async def test_what_is_not_finished_has_nothing_to_be_posted_again(house: House, ada: Member, room: Channel):
    done, _ = await _finished(house, ada, room)
    listed = await _list(ada, room)
    house.runware.render_seconds = 2.0
    try:
        running = await house.buy(ada, room)
        assert f"Post {running.job_id} again" not in [button.label for button in (await _list(ada, room)).buttons]
        forged = await house.press(ada, listed, custom_id=f"again:{running.job_id}")
        assert "does not work any more" in forged.text
        await house.results(running.job_id)
    finally:
        house.runware.render_seconds = RENDER_SECONDS
    assert _again(house, running) + _again(house, done) == []


async def _finished(house: House, member: Member, channel: Channel, count: int = 1) -> tuple[Bought, list[bytes]]:
    """A job whose videos are posted, and their bytes."""
    bought = await house.buy(member, channel, count=count)
    posts = sorted(await house.results(bought.job_id, count), key=lambda post: str(post.nonce))
    theirs = [post.attachments[0].data for post in posts]
    await house.quiet()
    return bought, theirs


async def _undelivered(house: House, member: Member, channel: Channel) -> Bought:
    """A job whose video could be posted nowhere."""
    house.runware.render_seconds = 1.0
    bought = await house.buy(member, channel)
    await house.progress(bought.job_id, "Rendering")
    house.runware.render_seconds = RENDER_SECONDS
    member.user.dms_open = False
    channel.deny(house.discord.world.bot, Permission.SEND_MESSAGES)
    channel.deny(house.server.role(house.discord.world.bot.name), Permission.SEND_MESSAGES)
    house.explained.add(f"job {bought.job_id} (done): result 1 was posted 0 times")
    await house.progress(bought.job_id, "📦 It could not be posted here.")
    return bought


async def _list(member: Member, channel: Channel) -> Message:
    return await (await member.command("jobs", channel=channel)).answer()


async def _ten_minutes_pass(house: House) -> None:
    """For the bot's own clock: what was asked for lies further back. What is stored of it is never changed."""
    house.change("DROP TRIGGER IF EXISTS reposts_are_made_once")
    house.change("DROP TRIGGER IF EXISTS reposts_keep_their_name")
    house.change("UPDATE reposts SET asked_at = asked_at - ?", TEN_MINUTES)


def _again(house: House, bought: Bought) -> list[Message]:
    return house.posts(bought.job_id, "a")


def _links(house: House, bought: Bought) -> list[str]:
    [row] = house.rows("SELECT links FROM results WHERE job_id = ?", bought.job_id)
    return [str(row["links"]).strip('[]"')]


def _forget(house: House, bought: Bought, n: int | None = None) -> None:
    """The kept files are gone, as after MEDIA_KEEP_DAYS."""
    for path in (house.database.parent / "media" / "results").glob(f"{bought.job_id}.r{n or '[1-4]'}*"):
        path.unlink()
