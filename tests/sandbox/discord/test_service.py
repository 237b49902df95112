"""What holds for every request: rate limits, faults, records, the published description, registered commands."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from sandbox.clock import Clock
from sandbox.discord.ratelimit import too_many
from sandbox.discord.server import Discord
from sandbox.faults import Fault
from tests.sandbox.discord.wirebot import COMMAND, WireBot

BESIDE = Path(__file__).parents[4] / "shared/data/discord-openapi.json"
OPENAPI = Path(os.environ.get("DISCORD_OPENAPI") or BESIDE)
POST = "POST /channels/{channel}/messages"


@pytest.fixture
async def limited() -> AsyncIterator[WireBot]:
    """A bot without a gateway, in a Discord with rate limits."""
    async with Discord(clock=Clock()) as discord, aiohttp.ClientSession() as session:
        yield WireBot(discord, session)


async def test_a_dry_bucket_answers_429_and_fills_again(limited: WireBot) -> None:
    """Five posts per channel and 5 s; another channel has its own bucket."""
    discord = limited.discord
    general, videos = discord.channel("general"), discord.channel("videos")
    replies = [await limited.post(general.id, content="x") for _ in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["4", "3", "2", "1", "0", "0"]
    refused = replies[-1]
    assert 0 < refused.body["retry_after"] <= 5
    assert refused.body["global"] is False
    assert float(refused.headers["Retry-After"]) == refused.body["retry_after"]
    assert refused.headers["Via"]
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert (await limited.post(videos.id, content="x")).status == 200
    discord.clock.advance(timedelta(seconds=5))
    assert (await limited.post(general.id, content="x")).status == 200
    assert len(general.messages) == 6


async def test_fifty_requests_a_second_are_all(limited: WireBot) -> None:
    """The global limit says so in its body and scope."""
    replies = [await limited.request("GET", "/users/@me" if n % 2 else "/gateway") for n in range(51)]
    assert {reply.status for reply in replies[:50]} == {200}
    assert (replies[50].status, replies[50].body["global"]) == (429, True)
    assert replies[50].headers["X-RateLimit-Global"] == "true"


async def test_a_fault_can_take_effect_before_it_shows(discord: Discord, bot: WireBot) -> None:
    """502 after the post is there; a 429 to be tried again; then as always."""
    general = discord.channel("general")
    discord.faults.add(POST, Fault(status=502, takes_effect=True))
    discord.faults.add(POST, too_many(0.2))
    async with bot.session.post(
        f"{discord.url}/channels/{general.id}/messages",
        json={"content": "x"},
        headers={"Authorization": f"Bot {discord.token}"},
    ) as got:
        assert got.status == 502
    assert len(general.messages) == 1
    refused = await bot.post(general.id, content="x")
    assert (refused.status, refused.body["retry_after"]) == (429, 0.2)
    assert refused.headers["Via"]
    assert (await bot.post(general.id, content="x")).status == 200


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_a_connection_can_be_cut(discord: Discord, bot: WireBot, takes_effect: bool) -> None:
    """Before or after the request took effect; it is recorded without a status."""
    general = discord.channel("general")
    discord.faults.add(POST, Fault(takes_effect=takes_effect))
    with pytest.raises(aiohttp.ClientError):
        await bot.post(general.id, content="x")
    assert len(general.messages) == takes_effect
    assert [(each.operation, each.status) for each in discord.requests] == [(POST, None)]


async def test_requests_are_recorded(discord: Discord, bot: WireBot) -> None:
    """Method, route, path, status, body, time."""
    general = discord.channel("general")
    await bot.post(general.id, content="x")
    request = discord.requests[-1]
    assert (request.operation, request.status, request.body) == (POST, 200, {"content": "x"})
    assert request.path == f"/channels/{general.id}/messages"
    assert discord.clock.now() - request.when < timedelta(seconds=5)


async def test_commands_keep_their_ids_and_writes_are_counted(discord: Discord, bot: WireBot) -> None:
    """So that a test can say that a bot registers only what has changed."""
    first = (await bot.register()).body[0]
    assert await discord.registered(1) == [first]
    assert (await bot.register()).body[0] == first
    changed = (await bot.register({**COMMAND, "description": "Another."})).body[0]
    assert (changed["id"], discord.command_writes) == (first["id"], 3)
    assert changed["version"] != first["version"]
    read = await bot.request("GET", f"/applications/{bot.application}/commands")
    assert read.body == [changed]
    other = await bot.request("PUT", "/applications/1/commands", [])
    assert (other.status, other.code) == (403, 20012)


@pytest.mark.skipif(not OPENAPI.exists(), reason="Discord's OpenAPI description is not here")
async def test_requests_and_answers_are_held_against_the_description() -> None:
    """What it forbids is a problem, what it does not know went unvalidated, and our own answers fit it."""
    async with (
        Discord(clock=Clock(), openapi=OPENAPI, rate_limits=False) as discord,
        aiohttp.ClientSession() as session,
    ):
        bot, validation = WireBot(discord, session), discord.validation
        assert validation is not None
        general, ada = discord.channel("general"), discord.member("Ada")
        await bot.connect()
        await bot.identify()
        await bot.event("READY")
        await bot.register()
        for path in (
            "/users/@me",
            "/oauth2/applications/@me",
            "/applications/@me",
            "/gateway",
            "/gateway/bot",
            f"/users/{ada.id}",
            f"/guilds/{discord.world.server().id}",
            f"/channels/{general.id}",
            f"/channels/{discord.channel('storyboards').id}",
            f"/applications/{bot.application}/commands",
        ):
            assert (await bot.request("GET", path)).status == 200
        await bot.request("POST", "/users/@me/channels", {"recipient_id": str(ada.id)})
        embed = {"title": "x", "fields": [{"name": "a", "value": "b"}], "footer": {"text": "f"}}
        buttons = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"}]}]
        mentions = {"parse": [], "users": [ada.id]}
        await bot.post(general.id, content="x", embeds=[embed], components=buttons, allowed_mentions=mentions)
        gallery = {"type": 12, "items": [{"media": {"url": "https://x.example/a.mp4"}}]}
        picture = {"type": 11, "media": {"url": "https://x.example/a.png"}}
        section = {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": picture}
        picker = {"type": 1, "components": [{"type": 5, "custom_id": "who"}]}
        v2 = [{"type": 17, "components": [{"type": 10, "content": "x"}, gallery, {"type": 14}, section, picker]}]
        await bot.post(general.id, flags=1 << 15, components=v2)
        await bot.request("GET", f"/channels/{general.id}/messages?limit=10")
        await ada.command("generate", prompt="x")
        event = await bot.event("INTERACTION_CREATE")
        await bot.respond(event, 5, {"flags": 64})
        await bot.webhook(event, "PATCH", "/messages/@original", {"content": "y", "components": buttons})
        await bot.webhook(event, "POST", "?wait=true", {"content": "z"})
        assert (validation.problems, validation.unvalidated) == ([], set())
        assert POST in validation.validated
        assert validation.answer_problems == []
        await bot.post(general.id, content=["x"])
        await bot.request("GET", f"/channels/{general.id}/messages?limit=1000")
        assert [problem.split(":")[0] for problem in validation.problems] == [
            POST,
            "GET /channels/{channel}/messages ?limit",
        ]
        await bot.request("GET", "/voice/nothing")
        assert validation.unvalidated == {"GET /voice/nothing"}
        await bot.close()
