"""Who may use the bot, and where: the bot's permissions, servers, threads and direct messages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.discord.member import Member
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.house import POST, RENDER_SECONDS, House, as_it_was, open_house

NOT_POSTED = "I could not post in this channel, so nothing was bought and nothing is on hold."
MISSING = b'{"message": "Missing Permissions", "code": 50013}'
GONE = b'{"message": "Unknown Channel", "code": 10003}'
JSON = {"Content-Type": "application/json"}

NAMES = {
    Permission.SEND_MESSAGES: "Send Messages",
    Permission.EMBED_LINKS: "Embed Links",
    Permission.READ_MESSAGE_HISTORY: "Read Message History",
}


@pytest.mark.parametrize("missing", list(NAMES), ids=list(NAMES.values()))
async def test_a_missing_permission_is_named_in_discords_words_before_there_is_a_card(
    house: House, ada: Member, room: Channel, missing: Permission
):
    _deny(house, room, missing)
    answer = await house.ask(ada, room)
    assert answer.visible_to is ada.user
    assert NAMES[missing] in answer.text
    assert "Nothing was bought" in answer.text
    assert "use another channel" in answer.text
    assert house.rows("SELECT id FROM quotes WHERE member_id = ?", ada.id) == []


async def test_all_missing_permissions_are_named_at_once(house: House, ada: Member, room: Channel):
    _deny(house, room, Permission.VIEW_CHANNEL)
    answer = await house.ask(ada, room)
    assert "I lack View Channel, Send Messages, Embed Links and Read Message History here." in answer.text


async def test_a_permission_that_goes_before_confirm_is_named_and_the_card_works_once_it_is_back(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room)
    _deny(house, room, Permission.EMBED_LINKS)
    answer = await house.press(ada, card, "Confirm")
    assert answer.visible_to is ada.user
    assert "I lack Embed Links here. Nothing was bought." in answer.text
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []
    assert [button.label for button in card.buttons] == ["Confirm", "Edit", "Cancel"]
    room.overwrites.clear()
    assert "Confirmed" in (await house.press(ada, card, "Confirm")).text


@pytest.mark.parametrize(("status", "body"), [(403, MISSING), (404, GONE)])
async def test_a_progress_message_that_cannot_be_posted_releases_the_hold_and_the_card_says_so(
    house: House, ada: Member, room: Channel, status: int, body: bytes
):
    """What the payload promised need not hold a moment later."""
    card = await house.ask(ada, room)
    house.discord.faults.add(POST, Fault(status=status, body=body, headers=JSON))
    await house.press(ada, card, "Confirm")
    await house.until(lambda: card.text.startswith(NOT_POSTED), "a card that says so")
    [job] = house.rows("SELECT id, state, task_id FROM jobs WHERE member_id = ?", ada.id)
    assert job["state"] == "failed"
    assert house.books(job["id"]) == {"hold": "0.06", "release": "0.06"}
    assert [one for one in house.runware.submissions if one.task_id == job["task_id"]] == []
    notice = await house.notice(job["id"])
    assert f"I could not post in {room.mention}, so it was not sent. Please try another channel." in notice.text
    assert "Nothing was charged" in notice.text


async def test_a_channel_that_is_deleted_right_after_confirm_costs_nothing_and_the_member_hears_of_it(
    house: House, ada: Member, room: Channel
):
    card = await house.ask(ada, room)
    use = await ada.click(card, "Confirm")
    house.discord.world.delete_channel(room)
    await house.until(
        lambda: house.rows("SELECT id FROM jobs WHERE member_id = ? AND state = 'failed'", ada.id), "a release"
    )
    message = await ada.direct.wait_for(lambda message: "was not sent" in message.text)
    assert message.pings == {ada.name}
    assert "Nothing was charged" in message.text
    assert use.interaction.callback is not None


async def test_a_direct_message_is_answered_with_where_to_go(house: House, ada: Member):
    use = await ada.command("generate", prompt="A fox", dm=True, forged=True)
    answer = await use.answer()
    assert answer.text == "I work in servers only. Please use /generate in a channel of your server."
    use = await ada.command("jobs", dm=True, forged=True)
    assert (await use.answer()).text.startswith("I work in servers only.")


async def test_a_thread_gets_its_own_results(house: House, ada: Member, room: Channel):
    thread = house.discord.world.add_thread(room, "storyboard")
    bought = await house.buy(ada, thread)
    [post] = await house.results(bought.job_id)
    progress = await house.progress(bought.job_id, "✅")
    assert thread.messages == [progress, post]
    assert room.messages == []


async def test_in_a_thread_another_permission_counts(house: House, ada: Member, room: Channel):
    thread = house.discord.world.add_thread(room, "storyboard")
    _deny(house, room, Permission.SEND_MESSAGES_IN_THREADS)
    assert "I lack Send Messages in Threads, Embed Links here." in (await house.ask(ada, thread)).text.replace(
        " and ", ", "
    )
    assert (await house.ask(ada, room)).buttons, "the channel itself is not concerned"
    _deny(house, room, Permission.SEND_MESSAGES)
    assert (await house.ask(ada, thread)).buttons, "nor is the thread by the channel's own"


async def test_a_thread_that_is_archived_meanwhile_is_woken_by_the_result_and_its_progress_ends(
    house: House, ada: Member, room: Channel
):
    """Nothing can be edited in an archived thread until a post has woken it."""
    thread = house.discord.world.add_thread(room, "storyboard")
    house.runware.render_seconds = 1.2
    bought = await house.buy(ada, thread)
    await house.progress(bought.job_id, "Rendering")
    thread.archived = True
    [post] = await house.results(bought.job_id)
    assert post.channel is thread
    assert not thread.archived
    await house.progress(bought.job_id, "✅ The video is ready.")


async def test_a_thread_that_is_locked_meanwhile_sends_the_result_to_the_requester(
    house: House, ada: Member, room: Channel
):
    thread = house.discord.world.add_thread(room, "storyboard")
    house.runware.render_seconds = 1.2
    bought = await house.buy(ada, thread)
    await house.progress(bought.job_id, "Rendering")
    thread.archived = thread.locked = True
    [post] = await house.results(bought.job_id)
    assert post.channel is ada.direct
    assert f"I could not post it in {thread.mention}, so here it is:" in post.text
    assert len(post.links) == 1


@pytest.fixture(autouse=True)
def usual_speed(house: House) -> Iterator[None]:
    """A test may slow the provider down; the next one finds it as it was."""
    yield
    house.runware.render_seconds = RENDER_SECONDS


REFUSED = "I am not set up for this server, so nothing was done."


@pytest.fixture
async def zoe(house: House) -> Member:
    """A member of another server, in which the bot is as well."""
    return house.discord.member("Zoe", "Elsewhere")


async def test_without_a_list_the_first_server_is_remembered_and_others_are_told_whom_to_ask(
    house: House, ada: Member, zoe: Member, room: Channel
):
    assert (await house.ask(ada, room)).buttons
    for _ in range(2):
        lobby = house.discord.channel("lobby", "Elsewhere")
        answer = await house.ask(zoe, lobby)
        assert answer.visible_to is zoe.user
        assert answer.text.startswith(REFUSED)
        assert str(zoe.membership.server.id) in answer.text
        assert "whoever runs this bot" in answer.text
        assert (await (await zoe.command("jobs")).answer()).text.startswith(REFUSED)
        assert (await house.ask(ada, room)).buttons
        await house.restart()


async def test_the_servers_on_the_list_are_served_and_no_other(tmp_path: Path):
    async with open_house(tmp_path, allowed=["Elsewhere"]) as house:
        zoe, lobby = house.discord.member("Zoe", "Elsewhere"), house.discord.channel("lobby", "Elsewhere")
        ada, room = house.member(), house.channel()
        assert (await house.ask(ada, room)).text.startswith(REFUSED)
        card = await house.ask(zoe, lobby)
        assert card.buttons

        smuggled = as_it_was(card)
        smuggled.channel = room
        for button in card.buttons:
            answer = await house.press(ada, smuggled, custom_id=button.custom_id)
            assert answer.text.startswith(REFUSED)


async def test_a_list_may_name_several_servers(tmp_path: Path):
    async with open_house(tmp_path, allowed=["Elsewhere", "Foxglove"]) as house:
        assert (await house.ask(house.member(), house.channel())).buttons
        lobby = house.discord.channel("lobby", "Elsewhere")
        assert (await house.ask(house.discord.member("Zoe", "Elsewhere"), lobby)).buttons


async def test_a_star_admits_every_server(tmp_path: Path):
    async with open_house(tmp_path, ALLOWED_SERVERS="*") as house:
        zoe, lobby = house.discord.member("Zoe", "Elsewhere"), house.discord.channel("lobby", "Elsewhere")
        assert (await house.ask(house.member(), house.channel())).buttons
        assert (await house.ask(zoe, lobby)).buttons


def _deny(house: House, room: Channel, *permissions: Permission) -> None:
    """Let the bot do these no longer here."""
    room.deny(house.server.role(house.discord.world.bot.name), *permissions)
    room.deny(house.discord.world.bot, *permissions)
