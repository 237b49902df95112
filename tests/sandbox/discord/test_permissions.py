"""What the bot may do where, and that the payload's app_permissions say the same."""

import pytest

from sandbox.discord.permission import Permission
from sandbox.discord.server import Discord
from tests.sandbox.discord.wirebot import WireBot


@pytest.mark.parametrize(
    ("denied", "code"),
    [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013)],
)
async def test_a_denied_permission_refuses_the_post_and_is_missing_from_the_payload(
    discord: Discord, bot: WireBot, denied: Permission, code: int
) -> None:
    """A bot that looks at app_permissions before it takes money sees what will happen."""
    general = discord.channel("general")
    general.deny(discord.world.bot, denied)
    assert (await bot.post(general.id, content="x")).code == code
    await bot.register()
    await discord.member("Ada").command("generate", prompt="x", channel=general)
    event = await bot.event("INTERACTION_CREATE")
    assert not int(event["app_permissions"]) & denied
    assert not int(event["app_permissions"]) & Permission.EMBED_LINKS


async def test_the_default_world_has_a_channel_where_the_bot_may_not_post(discord: Discord, bot: WireBot) -> None:
    """And an age-restricted one, and a second server."""
    assert (await bot.post(discord.channel("notices").id, content="x")).code == 50013
    assert discord.channel("after-dark").nsfw
    assert discord.member("Ada", "Elsewhere").user is discord.member("Ada").user


async def test_threads_need_their_own_permission(discord: Discord, bot: WireBot) -> None:
    """SEND_MESSAGES_IN_THREADS, on the parent; SEND_MESSAGES does not matter there."""
    general, thread = discord.channel("general"), discord.channel("storyboards")
    general.deny(discord.world.bot, Permission.SEND_MESSAGES)
    assert (await bot.post(thread.id, content="x")).status == 200
    general.deny(discord.world.bot, Permission.SEND_MESSAGES_IN_THREADS)
    assert (await bot.post(thread.id, content="x")).code == 50013


async def test_archived_threads_wake_and_locked_ones_do_not(discord: Discord, bot: WireBot) -> None:
    """Posting wakes an archived thread; locked: 160005; archived and locked: 50083, and no edits while archived."""
    thread = discord.channel("storyboards")
    posted = await bot.post(thread.id, content="x")
    thread.archived = True
    path = f"/channels/{thread.id}/messages/{posted.body['id']}"
    assert (await bot.request("PATCH", path, {"content": "y"})).code == 50083
    assert (await bot.post(thread.id, content="x")).status == 200
    assert not thread.archived
    thread.locked = True
    assert (await bot.post(thread.id, content="x")).code == 160005
    thread.archived = True
    assert (await bot.post(thread.id, content="x")).code == 50083


async def test_embeds_and_files_need_their_permissions(discord: Discord, bot: WireBot) -> None:
    """Without EMBED_LINKS an embed is refused, not dropped."""
    general = discord.channel("general")
    general.deny(discord.world.bot, Permission.EMBED_LINKS)
    assert (await bot.post(general.id, embeds=[{"title": "x"}])).code == 50013
    assert (await bot.post(general.id, content="x")).status == 200


async def test_direct_messages_arrive_unless_they_are_closed(discord: Discord, bot: WireBot) -> None:
    """50007; and 50033 for nobody."""
    ada = discord.member("Ada")
    opened = await bot.request("POST", "/users/@me/channels", {"recipient_id": str(ada.id)})
    channel_id = int(opened.body["id"])
    assert (await bot.post(channel_id, content="hello")).status == 200
    assert [message.content for message in ada.direct.messages] == ["hello"]
    ada.user.dms_open = False
    assert (await bot.post(channel_id, content="hello")).code == 50007
    assert (await bot.request("POST", "/users/@me/channels", {"recipient_id": "1"})).code == 50033


async def test_what_does_not_exist_has_its_own_code(discord: Discord, bot: WireBot) -> None:
    """10003 for channels (also deleted ones), 10008 for messages, 0 for routes."""
    videos = discord.channel("videos")
    assert (await bot.post(1, content="x")).code == 10003
    assert (await bot.request("GET", f"/channels/{videos.id}/messages/1")).code == 10008
    discord.world.delete_channel(videos)
    assert (await bot.post(videos.id, content="x")).code == 10003
    missing = await bot.request("GET", "/voice/regions")
    assert (missing.status, missing.code) == (404, 0)


async def test_a_wrong_token_is_unauthorized(bot: WireBot) -> None:
    """401 everywhere but where an interaction's token is in the path."""
    reply = await bot.request("GET", "/users/@me", token="wrong")
    assert (reply.status, reply.code) == (401, 0)
