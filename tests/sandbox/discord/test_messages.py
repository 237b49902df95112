"""Channel messages: posts, nonces, replies, mentions, links, history."""

from datetime import timedelta

import aiohttp
import pytest

from sandbox.discord.message import urls
from sandbox.discord.place import Channel
from sandbox.discord.server import Discord
from sandbox.discord.wire import Object
from tests.sandbox.discord.wirebot import WireBot


@pytest.fixture
def general(discord: Discord) -> Channel:
    """A channel where the bot may post."""
    return discord.channel("general")


async def test_a_nonce_posts_once(discord: Discord, bot: WireBot, general: Channel) -> None:
    """The second request with the same nonce gives the first message, for some minutes."""
    first = await bot.post(general.id, content="one", nonce="job.r1", enforce_nonce=True)
    again = await bot.post(general.id, content="two", nonce="job.r1", enforce_nonce=True)
    assert first.body["nonce"] == "job.r1"
    assert again.body["id"] == first.body["id"]
    assert [message.content for message in general.messages] == ["one"]
    await bot.post(general.id, content="not enforced", nonce="job.r1")
    discord.clock.advance(timedelta(minutes=6))
    await bot.post(general.id, content="later", nonce="job.r1", enforce_nonce=True)
    assert [message.content for message in general.messages] == ["one", "not enforced", "later"]
    listed = await bot.request("GET", f"/channels/{general.id}/messages")
    assert not any("nonce" in message for message in listed.body)


async def test_allowed_mentions_decide_who_is_pinged(discord: Discord, bot: WireBot, general: Channel) -> None:
    """A mention that is not allowed is text; @everyone and roles also need the permission or a mentionable role."""
    ada, linus = discord.member("Ada"), discord.member("Linus")
    server = discord.world.server()
    patrons, staff = server.role("Patrons"), server.role("Staff")
    content = f"{ada.mention} {linus.mention} {patrons.mention} {staff.mention} @everyone"
    expectations: list[tuple[Object | None, set[str]]] = [
        ({"parse": []}, set()),
        ({"parse": [], "users": [str(ada.id)]}, {"Ada"}),
        ({"parse": ["roles"]}, {"@Patrons"}),
        (None, {"Ada", "Linus", "@Patrons"}),
    ]
    for allowed, expected in expectations:
        await bot.post(general.id, content=content, allowed_mentions=allowed)
        assert general.messages[-1].pings == expected
    reply = await bot.post(general.id, content="x", allowed_mentions={"parse": ["users"], "users": [str(ada.id)]})
    assert reply.code == 50035


async def test_an_edit_pings_nobody(discord: Discord, bot: WireBot, general: Channel) -> None:
    """Discord notifies when a message comes, not when it changes."""
    posted = await bot.post(general.id, content="x")
    ada = discord.member("Ada")
    await bot.request("PATCH", f"/channels/{general.id}/messages/{posted.body['id']}", {"content": ada.mention})
    message = general.messages[0]
    assert (message.content, message.pings, message.mentions) == (ada.mention, frozenset(), [ada.user])


async def test_bare_links_unfurl(discord: Discord, bot: WireBot, general: Channel) -> None:
    """Where the bot may embed links, unless they are wrapped or suppressed."""
    link = "https://im.runware.ai/video/a.mp4"
    await bot.post(general.id, content=f"Here: {link}")
    await bot.post(general.id, content=f"<{link}>")
    await bot.post(general.id, content=link, flags=4)
    general.deny(discord.world.bot, discord.world.permissions(discord.world.bot, general).EMBED_LINKS)
    await bot.post(general.id, content=link)
    assert [message.links for message in general.messages] == [[link]] * 4
    assert [message.unfurls for message in general.messages] == [(link,), (), (), ()]


def test_urls_end_where_a_person_would_end_them() -> None:
    """Markdown and punctuation around a link are no part of it."""
    content = "||https://a.example/x.mp4|| (https://b.example/y), <https://c.example/z>."
    assert urls(content) == [
        ("https://a.example/x.mp4", True),
        ("https://b.example/y", True),
        ("https://c.example/z", False),
    ]


async def test_history_pages_newest_first(discord: Discord, bot: WireBot, general: Channel) -> None:
    """limit, before, after, around; and empty without READ_MESSAGE_HISTORY."""
    ids = [(await bot.post(general.id, content=str(number))).body["id"] for number in range(6)]

    async def page(query: str) -> list[str]:
        reply = await bot.request("GET", f"/channels/{general.id}/messages?{query}")
        return [message["content"] for message in reply.body]

    assert await page("limit=2") == ["5", "4"]
    assert await page(f"limit=2&before={ids[3]}") == ["2", "1"]
    assert await page(f"limit=2&after={ids[1]}") == ["3", "2"]
    assert await page(f"limit=3&around={ids[2]}") == ["3", "2", "1"]
    for query in ("limit=0", "limit=101", "limit=x", f"before={ids[1]}&after={ids[0]}", "before=x"):
        assert (await bot.request("GET", f"/channels/{general.id}/messages?{query}")).code == 50035
    general.deny(discord.world.bot, discord.world.permissions(discord.world.bot, general).READ_MESSAGE_HISTORY)
    assert await page("limit=2") == []
    single = await bot.request("GET", f"/channels/{general.id}/messages/{ids[0]}")
    assert (single.status, single.code) == (403, 50013)


async def test_others_messages_come_without_content(discord: Discord, bot: WireBot, general: Channel) -> None:
    """Reading them would take the privileged message content intent; one that mentions the bot can be read."""
    ada = discord.member("Ada")
    await ada.say(general, "secret")
    await ada.say(general, f"{discord.world.bot.mention} hello")
    listed = await bot.request("GET", f"/channels/{general.id}/messages")
    assert [message["content"] for message in listed.body] == [f"{discord.world.bot.mention} hello", ""]


async def test_a_reply_to_nothing_fails_unless_it_may(discord: Discord, bot: WireBot, general: Channel) -> None:
    """message_reference with fail_if_not_exists."""
    said = await discord.member("Ada").say(general, "hello")
    await bot.post(general.id, content="yes", message_reference={"message_id": str(said.id)})
    assert general.messages[-1].reference is said
    gone = {"message_id": "1"}
    refused = await bot.post(general.id, content="?", message_reference=gone)
    assert refused.body["errors"]["message_reference"]["_errors"][0]["code"] == "REPLIES_UNKNOWN_MESSAGE"
    await bot.post(general.id, content="!", message_reference=gone | {"fail_if_not_exists": False})
    assert (general.messages[-1].content, general.messages[-1].reference) == ("!", None)


async def test_only_own_messages_can_be_edited(discord: Discord, bot: WireBot, general: Channel) -> None:
    """50005; and those of others are deleted only with MANAGE_MESSAGES, 50013."""
    said = await discord.member("Ada").say(general, "hello")
    path = f"/channels/{general.id}/messages/{said.id}"
    assert (await bot.request("PATCH", path, {"content": "x"})).code == 50005
    assert (await bot.request("DELETE", path)).code == 50013
    own = (await bot.post(general.id, content="mine")).body["id"]
    message = general.messages[-1]
    assert (await bot.request("DELETE", f"/channels/{general.id}/messages/{own}")).status == 204
    assert message.deleted
    assert message not in general.messages
    assert (await bot.request("GET", f"/channels/{general.id}/messages/{own}")).code == 10008


async def test_an_uploaded_file_can_be_read_for_a_day(discord: Discord, bot: WireBot, general: Channel) -> None:
    """Multipart in; a signed link out, dead after its day or with another signature."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"content": "see", "attachments": [{"id": 0, "description": "a cut"}]}')
    form.add_field("files[0]", b"1,2\n", filename="cost.csv", content_type="application/octet-stream")
    headers = {"Authorization": f"Bot {discord.token}"}
    path = f"{discord.url}/channels/{general.id}/messages"
    async with bot.session.post(path, data=form, headers=headers) as got:
        written = (await got.json())["attachments"][0]
    assert (written["filename"], written["size"], written["description"]) == ("cost.csv", 4, "a cut")
    async with bot.session.get(written["url"]) as got:
        assert (got.status, got.content_type, await got.read()) == (200, "text/csv", b"1,2\n")
    async with bot.session.get(written["url"][:-1] + "-") as got:
        assert got.status == 404
    discord.clock.advance(timedelta(hours=25))
    async with bot.session.get(written["url"]) as got:
        assert got.status == 404


async def test_the_content_type_must_be_json(discord: Discord, bot: WireBot, general: Channel) -> None:
    """Anything else is refused; broken JSON is 50109."""
    path = f"{discord.url}/channels/{general.id}/messages"
    headers = {"Authorization": f"Bot {discord.token}"}
    async with bot.session.post(path, data=b"content=x", headers=headers) as got:
        assert (await got.json())["errors"]["_errors"][0]["code"] == "CONTENT_TYPE_INVALID"
    async with bot.session.post(path, data=b"{", headers=headers | {"Content-Type": "application/json"}) as got:
        assert (await got.json())["code"] == 50109
        assert got.headers["Content-Type"] == "application/json"
