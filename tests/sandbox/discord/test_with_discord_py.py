"""The sandbox against an unmodified discord.py: what the library does with it, from login to a restart."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import timedelta

import discord
import pytest
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.discord.ratelimit import too_many
from sandbox.discord.server import Discord
from sandbox.faults import Fault

POST = "POST /channels/{channel}/messages"
CALLBACK = "POST /interactions/{interaction}/{token}/callback"


class Confirm(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"confirm:(?P<job>\w+)"):
    """A button that carries what it is about, and so outlives the process."""

    def __init__(self, job: str) -> None:
        super().__init__(discord.ui.Button(label="Confirm", custom_id=f"confirm:{job}"))
        self.job = job

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction, item: object, match: object) -> "Confirm":  # pyright: ignore
        """The button again, from its id."""
        return cls(match["job"])  # pyright: ignore

    async def callback(self, interaction: discord.Interaction) -> None:  # pyright: ignore
        """Update the card, then post in the channel, twice with one nonce."""
        await interaction.response.edit_message(content="Confirmed.", view=None)
        assert interaction.channel_id is not None
        channel = interaction.client.get_partial_messageable(interaction.channel_id)
        for _ in range(2):
            await channel.send("https://im.runware.ai/a.mp4", nonce=f"{self.job}.r1")


class Bot(commands.AutoShardedBot):
    """A bot as ours is built: no intent, one command, one dynamic button. `errors` are those its command met."""

    def __init__(self) -> None:
        super().__init__(command_prefix="!", intents=discord.Intents.none())
        self.errors: list[Exception] = []
        self.wait = 0.0
        self.late_answer: asyncio.Event | None = None
        self.tree.command(description="Make a video.")(self.generate)

    async def setup_hook(self) -> None:
        """Register."""
        self.add_dynamic_items(Confirm)
        await self.tree.sync()

    async def generate(self, interaction: discord.Interaction, prompt: str) -> None:
        """Defer, then show a card."""
        try:
            if self.late_answer is not None:
                await self.late_answer.wait()
            await interaction.response.defer(ephemeral=True)
            view = discord.ui.View(timeout=None)
            view.add_item(Confirm("j1"))
            await interaction.edit_original_response(content=f"{prompt}: $0.90", view=view)
            if prompt == "slow":
                assert self.late_answer is None
                self.late_answer = asyncio.Event()
                await self.late_answer.wait()
                await interaction.edit_original_response(content="too late")
        except Exception as error:
            self.errors.append(error)


@contextlib.asynccontextmanager
async def running(there: Discord) -> AsyncGenerator[Bot]:
    """A bot that is logged in and ready."""
    identifies = there.gateway.identifies + 1
    bot = Bot()
    task = asyncio.create_task(bot.start(there.token))
    try:
        await there.gateway.ready(10, identifies=identifies)
        yield bot
    finally:
        await bot.close()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture(autouse=True)
def pointed_at_the_sandbox(discord_: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attributes of discord.py, as the bot sets them from DISCORD_API_URL."""
    monkeypatch.setattr(Route, "BASE", discord_.url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord_.gateway_url))


@pytest.fixture
def discord_(request: pytest.FixtureRequest) -> Discord:
    """The sandbox, under a name that leaves discord.py its own."""
    return request.getfixturevalue("discord")


async def test_a_command_a_click_a_restart_and_another_click(discord_: Discord) -> None:
    """Login, sync, defer, edit, click, post once by nonce; then a new process answers the old button."""
    there, ada, general = discord_, discord_.member("Ada"), discord_.channel("general")
    async with running(there):
        assert [command["name"] for command in await there.registered(5)] == ["generate"]
        shown = await (await ada.command("generate", prompt="a fox")).answer()
        assert (shown.content, shown.ephemeral) == ("a fox: $0.90", True)
        again = await (await ada.command("generate", prompt="two foxes")).answer()
        click = await ada.click(shown, "Confirm")
        assert (await click.answer()).content == "Confirmed."
        post = await general.wait_for(lambda message: message.nonce == "j1.r1")
        await there.world.changes.until(lambda: _count(there, POST) == 2, 5, "two requests")
        assert (general.messages, post.links) == ([post], ["https://im.runware.ai/a.mp4"])
    async with running(there):
        assert (await (await ada.click(again, "Confirm")).answer()).content == "Confirmed."
    assert there.command_writes == 2


async def test_op_7_resumes_op_9_identifies_anew_and_a_cut_socket_comes_back(discord_: Discord) -> None:
    """After each, the bot answers, and it never leaves the sandbox's addresses."""
    there, ada = discord_, discord_.member("Ada")
    async with running(there):
        await there.registered(5)
        await there.gateway.reconnect()
        await there.gateway.resumed(10)
        await (await ada.command("generate", prompt="after op 7")).answer()
        await there.gateway.invalidate()
        await there.gateway.ready(10, identifies=2)
        await (await ada.command("generate", prompt="after op 9")).answer()
        await there.gateway.drop()
        use = await ada.command("generate", prompt="while away")
        await there.gateway.resumed(10, resumes=2)
        assert await use.settled() in ("deferred", "answered", "failed")
        await (await ada.command("generate", prompt="after a cut")).answer()
    assert {host for host, _ in there.gateway.peers} == {"127.0.0.1"}


async def test_late_acknowledgements_and_dead_tokens_are_errors_that_discord_py_knows(discord_: Discord) -> None:
    """10062 after 3 s, 50027 after 15 minutes."""
    there, ada = discord_, discord_.member("Ada")
    async with running(there) as bot:
        await there.registered(5)
        use = await ada.command("generate", prompt="slow")
        await use.answer()
        await there.world.changes.until(lambda: bot.late_answer, 5, "the bot to be slow")
        assert bot.late_answer is not None
        there.clock.advance(timedelta(minutes=15))
        bot.late_answer.set()
        await there.world.changes.until(lambda: bot.errors, 5, "an error")
        bot.late_answer.clear()
        late = await ada.command("generate", prompt="a fox")
        there.clock.advance(timedelta(seconds=3))
        assert late.state == "failed"
        bot.late_answer.set()
        await there.world.changes.until(lambda: len(bot.errors) == 2, 5, "a second error")
        dead, unknown = bot.errors
        assert isinstance(dead, discord.HTTPException)
        assert (dead.status, dead.code) == (401, 50027)
        assert isinstance(unknown, discord.NotFound)
        assert unknown.code == 10062


async def test_discord_py_waits_out_a_429_and_retries_a_502_without_a_second_post(discord_: Discord) -> None:
    """Its own retry repeats the nonce that it made up, so the post is there once."""
    there, general = discord_, discord_.channel("general")
    async with running(there) as bot:
        channel = bot.get_partial_messageable(general.id)
        there.faults.add(POST, too_many(0.05))
        await channel.send("after a 429")
        there.faults.add(POST, Fault(status=502, takes_effect=True))
        await channel.send("after a 502")
    assert [message.content for message in general.messages] == ["after a 429", "after a 502"]
    assert [each.status for each in there.requests if each.operation == POST] == [429, 200, 502, 200]


async def test_an_acknowledgement_lost_after_it_took_effect_is_acknowledged_already(discord_: Discord) -> None:
    """discord.py repeats the callback and meets 40060; the member sees the bot thinking."""
    there, ada = discord_, discord_.member("Ada")
    async with running(there) as bot:
        await there.registered(5)
        there.faults.add(CALLBACK, Fault(status=502, takes_effect=True))
        use = await ada.command("generate", prompt="a fox")
        await there.world.changes.until(lambda: bot.errors, 10, "an error")
        error = bot.errors[0]
        assert isinstance(error, discord.HTTPException)
        assert (error.code, use.state) == (40060, "deferred")


def _count(there: Discord, operation: str) -> int:
    return sum(request.operation == operation for request in there.requests)
