"""The gateway, frame by frame."""

import aiohttp
import pytest

from sandbox.discord.server import Discord
from tests.sandbox.discord.wirebot import WireBot


async def test_hello_comes_first_and_heartbeats_are_acknowledged(discord: Discord, bot: WireBot) -> None:
    """A client waits for HELLO before it identifies, and closes when a heartbeat is not acknowledged."""
    async with aiohttp.ClientSession() as session:
        other = WireBot(discord, session)
        hello = await other.connect()
        assert hello["op"] == 10
        assert hello["d"]["heartbeat_interval"] == 41250
        await other.send(1, None)
        assert (await other.frame())["op"] == 11
        await other.close()


async def test_ready_names_a_loopback_address_to_resume_at(discord: Discord) -> None:
    """A bot that reconnects must stay in the sandbox."""
    async with aiohttp.ClientSession() as session:
        bot = WireBot(discord, session)
        await bot.connect()
        await bot.identify(intents=1)
        ready = await bot.event("READY")
        assert ready["resume_gateway_url"] == discord.gateway_url
        assert discord.gateway_url.startswith("ws://127.0.0.1:")
        assert [guild["id"] for guild in ready["guilds"]] == [str(each) for each in discord.world.servers]
        created = await bot.event("GUILD_CREATE")
        assert created["name"] == "Foxglove"
        assert "storyboards" in [thread["name"] for thread in created["threads"]]
        await bot.close()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": None}, 4002),
        ({"properties": None}, 4002),
        ({"shard": [1, 1]}, 4010),
        ({"intents": 1 << 30}, 4013),
        ({"intents": 1 << 15}, 4014),
    ],
)
async def test_a_bad_identify_is_closed_with_its_code(
    discord: Discord, changes: dict[str, object], code: int
) -> None:
    """Each is fatal or not for a client, by its code."""
    async with aiohttp.ClientSession() as session:
        bot = WireBot(discord, session)
        await bot.connect()
        await bot.identify(**changes)
        assert await bot.close_code() == code
        await bot.close()


async def test_a_frame_over_4096_bytes_is_refused(bot: WireBot) -> None:
    """Discord reads no larger ones."""
    await bot.send(3, {"status": "x" * 4096})
    assert await bot.close_code() == 4002


async def test_a_second_identify_and_an_unknown_opcode_are_refused(discord: Discord, bot: WireBot) -> None:
    """4005 and 4001."""
    await bot.identify()
    assert await bot.close_code() == 4005
    await bot.connect()
    await bot.send(42, None)
    assert await bot.close_code() == 4001


async def test_a_resume_replays_what_was_missed(discord: Discord, bot: WireBot) -> None:
    """An interaction that came while the socket was gone arrives after RESUME, with its number."""
    await bot.register()
    ada = discord.member("Ada")
    await ada.command("generate", prompt="before")
    await bot.event("INTERACTION_CREATE")
    await discord.gateway.drop()
    await discord.world.changes.until(lambda: not discord.gateway.connected, 5, "no socket")
    await ada.command("generate", prompt="while away")
    await bot.connect()
    await bot.resume()
    missed = await bot.event("INTERACTION_CREATE")
    assert missed["data"]["options"][0]["value"] == "while away"
    await bot.event("RESUMED")
    assert discord.gateway.resumes == 1


async def test_an_unknown_session_cannot_be_resumed(discord: Discord, bot: WireBot) -> None:
    """Op 9, not resumable; and 4007 for a number that was never sent."""
    await discord.gateway.drop()
    await bot.connect()
    await bot.resume(session_id="never was")
    assert await bot.frame() == {"op": 9, "d": False}
    await bot.connect()
    await bot.resume(seq=999)
    assert await bot.close_code() == 4007


async def test_a_session_that_was_closed_with_1000_is_gone(discord: Discord, bot: WireBot) -> None:
    """A client that means to come back closes with another code."""
    await bot.socket.close(code=1000)
    await discord.world.changes.until(lambda: not discord.gateway.sessions, 5, "no session")


async def test_op_7_and_op_9_reach_the_bot(discord: Discord, bot: WireBot) -> None:
    """Reconnect, and invalid sessions of both kinds."""
    await discord.gateway.reconnect()
    assert (await bot.frame())["op"] == 7
    await discord.gateway.invalidate(resumable=True)
    assert await bot.frame() == {"op": 9, "d": True}
    assert discord.gateway.sessions
    await discord.gateway.invalidate()
    assert await bot.frame() == {"op": 9, "d": False}
    assert not discord.gateway.sessions


async def test_every_socket_s_peer_is_known(discord: Discord, bot: WireBot) -> None:
    """A test of the bot asserts with this that it stays on loopback."""
    assert [host for host, _ in discord.gateway.peers] == ["127.0.0.1"]
    await bot.request("GET", "/users/@me")
    assert {request.peer for request in discord.requests} == {"127.0.0.1"}


async def test_messages_are_only_told_to_those_whose_intents_ask(discord: Discord, bot: WireBot) -> None:
    """Without intents a bot hears of interactions and of nothing else."""
    async with aiohttp.ClientSession() as session:
        other = WireBot(discord, session)
        await other.connect()
        await other.identify(intents=1 << 9)
        await other.event("READY")
        await discord.member("Ada").say(discord.channel("general"), "hello")
        heard = await other.event("MESSAGE_CREATE")
        assert heard["content"] == ""  # the message content intent is privileged
        await other.close()
    await bot.send(1, None)
    assert (await bot.frame())["op"] == 11
