"""Promise 3: nothing lost, nothing bought twice. The real process is killed, in every state and at any instant.

After each kill the bot is started again; when all is quiet the provider's bill, the ledger and the channels are
held against each other. The report says in which states jobs were killed; a state without a kill fails the test.
RAYBOT_KILLS sets the number of random kills (12).
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from sandbox.clip import clip, photo
from sandbox.discord.client import Value
from sandbox.discord.use import NoAnswer
from sandbox.faults import Fault
from sandbox.process import BotProcess
from sandbox.runware.script import Fails, Forgotten, Takes
from sandbox.sandbox import Sandbox
from tests.audit import audit, change, described, quiet, rows
from tests.report import LINES

STATES = ("queued", "sending", "running", "done", "failed", "cancelled", "unresolved")
RANDOM_KILLS = int(os.environ.get("RAYBOT_KILLS", "8"))
POST = "POST /channels/{channel}/messages"
EDIT = "PATCH /channels/{channel}/messages/{message}"
HOURS_AGO = int(timedelta(hours=2) / timedelta(microseconds=1))

Kind: TypeAlias = Literal["text", "picture", "edit"]
KINDS: tuple[Kind, ...] = ("text", "text", "picture", "edit")
PICTURE = photo(64, 64)
CLIP = clip(64, 64, 1_000_000, sound=True)

kills: Counter[str] = Counter()
"""The states in which jobs were when their process was killed, over all tests of this file."""


class House:
    """A sandbox with a bot that can be killed and started again."""

    def __init__(self, sandbox: Sandbox, bot: BotProcess, database: Path) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self.database = database

    async def buy(self, member: str = "Ada", count: int = 1, kind: Kind = "text") -> None:
        """A member asks and confirms; returns when the press is on its way to the bot."""
        person = self.sandbox.discord.member(member)
        command, options = "generate", dict[str, Value]()
        if kind == "picture":
            options = {"first_frame": person.upload("kite.png", PICTURE)}
        elif kind == "edit":
            command, options = "edit", {"video": person.upload("kite.mp4", CLIP)}
        options |= {"prompt": "a kite over the sea", "resolution": "360p", "count": count}
        use = await person.command(command, options)
        await person.click(await use.answer(), "Confirm")

    async def until(self, state: str, also: str = "1") -> None:
        """Wait until a job is in this state, and `also` (SQL over jobs) holds."""
        async with asyncio.timeout(15):
            while not rows(self.database, f"SELECT id FROM jobs WHERE state = ? AND {also}", state):
                await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """SIGKILL, counting the states of the jobs that were not settled with the world."""
        await self.bot.kill()
        kills.update(self.unfinished())

    def unfinished(self) -> list[str]:
        """The states of the jobs that still have something to do or to show."""
        return [
            row["state"]
            for row in rows(
                self.database,
                """SELECT DISTINCT jobs.id, jobs.state FROM jobs LEFT JOIN posts ON posts.job_id = jobs.id
                   WHERE jobs.state NOT IN ('done', 'failed', 'cancelled')
                      OR posts.state = 'waiting' OR (posts.kind = 'progress' AND posts.shown < posts.latest)""",
            )
        ]

    async def restart(self) -> None:
        """Start it again, with the world in order."""
        self.sandbox.discord.faults.clear()
        self.sandbox.runware.faults.clear()
        await self.bot.start()
        await self.sandbox.discord.gateway.ready()

    async def account_for(self, *states: str) -> None:
        """When all is quiet, everything adds up and the jobs are in these states."""
        await quiet(self.database)
        found = audit(self.sandbox, self.database)
        assert not found.problems, "\n".join([*found.problems, *self.bot.log])
        assert found.jobs == Counter(states)


@asynccontextmanager
async def house(folder: Path, *, render_seconds: float = 0.3) -> AsyncGenerator[House]:
    async with Sandbox(render_seconds=render_seconds, rate_limits=False, openapi=described()) as sandbox:
        database = folder / "raybot.db"
        settings = sandbox.settings(database, POLL_SECONDS="0.1", DEFAULT_MEMBER_LIMIT="unlimited", MAX_JOBS="3")
        async with BotProcess(settings, folder=folder) as bot:
            await sandbox.discord.registered()
            await sandbox.discord.gateway.ready()
            yield House(sandbox, bot, database)


@pytest.mark.parametrize("answer_lost", [False, True], ids=["before Discord has the progress", "after"])
async def test_killed_while_queued(tmp_path: Path, answer_lost: bool) -> None:
    """The hold is stored and the progress message is on its way: it is posted once, and the job goes on."""
    async with house(tmp_path) as it:
        it.sandbox.discord.faults.add(POST, Fault(takes_effect=answer_lost, status=500), times=20)
        await it.buy()
        await it.until("queued")
        await asyncio.sleep(0.1)
        await it.kill()
        await it.restart()
        await it.account_for("done")


@pytest.mark.parametrize("accepted", [False, True], ids=["not accepted", "accepted"])
async def test_killed_while_sending(tmp_path: Path, accepted: bool) -> None:
    """The intent is stored, the answer never came: the provider is asked, and gets it once."""
    async with house(tmp_path) as it:
        it.sandbox.runware.faults.add("videoInference", Fault(takes_effect=accepted, status=None))
        it.sandbox.runware.faults.add("getResponse", Fault(delay=5))
        await it.buy()
        await it.until("sending")
        await asyncio.sleep(0.2)
        await it.kill()
        assert bool(it.sandbox.runware.tasks) is accepted
        await it.restart()
        await it.account_for("done")


async def test_killed_while_a_send_is_on_the_wire(tmp_path: Path) -> None:
    """The provider takes the job after we are dead; the restarted bot meets it, and does not buy it again."""
    async with house(tmp_path) as it:
        it.sandbox.runware.faults.add("videoInference", Fault(delay=1, takes_effect=True, status=None))
        await it.buy()
        await it.until("sending")
        await it.kill()
        await it.restart()
        await it.account_for("done")


@pytest.mark.parametrize("stored", [False, True], ids=["before the provider has the file", "after"])
async def test_killed_while_a_video_is_uploaded(tmp_path: Path, stored: bool) -> None:
    """An upload buys nothing: it is made again, unless it was recorded, and the job is sent once."""
    async with house(tmp_path) as it:
        it.sandbox.runware.faults.add("mediaStorage", Fault(delay=0.5, takes_effect=stored, status=None))
        await it.buy(kind="edit")
        await it.until("sending")
        await asyncio.sleep(0.2)
        await it.kill()
        assert not it.sandbox.runware.tasks
        await it.restart()
        await it.account_for("done")


@pytest.mark.parametrize("kind", ["picture", "edit"])
@pytest.mark.parametrize("accepted", [False, True], ids=["not accepted", "accepted"])
async def test_killed_while_sending_what_is_made_from_files(tmp_path: Path, kind: Kind, accepted: bool) -> None:
    """The resend is made of the kept file or the recorded upload, and is the same request."""
    async with house(tmp_path) as it:
        it.sandbox.runware.faults.add("videoInference", Fault(takes_effect=accepted, status=None))
        it.sandbox.runware.faults.add("getResponse", Fault(delay=5))
        await it.buy(kind=kind)
        await it.until("sending")
        async with asyncio.timeout(5):
            while kind == "edit" and not rows(it.database, "SELECT * FROM transfers"):
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        await it.kill()
        assert bool(it.sandbox.runware.tasks) is accepted
        await it.restart()
        await it.account_for("done")


async def test_killed_while_running(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        it.sandbox.runware.script(Takes(1.0))
        await it.buy(count=2)
        await it.until("running")
        await it.kill()
        await it.restart()
        await it.account_for("done")


@pytest.mark.parametrize("posted", [False, True], ids=["before the result is posted", "after"])
async def test_killed_when_done_and_not_yet_posted(tmp_path: Path, posted: bool) -> None:
    """The result is stored; whether Discord has the post is not known. It is there once in the end."""
    async with house(tmp_path) as it:
        it.sandbox.runware.script(Takes(0.8))
        await it.buy()
        await it.until("running")
        it.sandbox.discord.faults.add(POST, Fault(takes_effect=posted, status=500), times=20)
        await it.until("done")
        await asyncio.sleep(0.15)
        await it.kill()
        await it.restart()
        await it.account_for("done")


async def test_a_post_is_found_when_discord_has_long_forgotten_its_nonce(tmp_path: Path) -> None:
    """The look before posting, without Discord's own help: its memory for nonces lasts minutes only."""
    async with house(tmp_path) as it:
        it.sandbox.runware.script(Takes(0.8))
        await it.buy()
        await it.until("running")
        it.sandbox.discord.faults.add(POST, Fault(takes_effect=True, status=500), times=20)
        await it.until("done")
        await asyncio.sleep(0.15)
        await it.kill()
        it.sandbox.clock.advance(timedelta(hours=1))
        await it.restart()
        await it.account_for("done")


async def test_killed_when_failed_and_not_yet_told(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        it.sandbox.runware.script(Takes(0.8), Fails(code="timeoutProvider", message="too slow"))
        await it.buy()
        await it.until("running")
        it.sandbox.discord.faults.add(POST, Fault(status=500), times=20)
        await it.until("failed")
        await it.kill()
        await it.restart()
        await it.account_for("failed")


async def test_killed_when_cancelled_and_not_yet_shown(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        it.sandbox.runware.faults.add("videoInference", Fault(status=429, headers={"Retry-After": "60"}))
        await it.buy()
        await it.until("queued", "tries > 0")
        it.sandbox.discord.faults.add(EDIT, Fault(status=500), times=50)
        ada = it.sandbox.discord.member("Ada")
        listed = await (await ada.command("jobs")).answer()
        await ada.click(listed, next(b.label for b in listed.buttons if b.label and b.label.startswith("Cancel")))
        await it.until("cancelled")
        await it.kill()
        await it.restart()
        await it.account_for("cancelled")


async def test_killed_while_unresolved(tmp_path: Path) -> None:
    """The provider has forgotten a job: it is looked for, kept on hold, and finished when it is known again."""
    async with house(tmp_path) as it:
        it.sandbox.runware.script(Forgotten())
        await it.buy()
        await it.until("running")
        await it.kill()
        change(it.database, "UPDATE jobs SET accepted_at = accepted_at - ?", HOURS_AGO)
        await it.restart()
        await it.until("unresolved")
        await it.kill()
        (task,) = it.sandbox.runware.tasks.values()
        task.forgotten = None
        task.items = tuple(replace(item, ready_at=it.sandbox.clock.now()) for item in task.items)
        await it.restart()
        await it.account_for("done")


async def test_killed_at_random_instants(tmp_path: Path) -> None:
    """Several members press at once, answers get lost on both sides, and the process dies whenever it likes."""
    dice = random.Random(os.environ.get("RAYBOT_SEED", "first light"))
    lost: tuple[Callable[[House], None], ...] = (
        lambda it: it.sandbox.runware.faults.add("videoInference", Fault(takes_effect=True, status=None)),
        lambda it: it.sandbox.runware.faults.add("videoInference", Fault(status=503)),
        lambda it: it.sandbox.runware.faults.add("getResponse", Fault(takes_effect=True, status=None)),
        lambda it: it.sandbox.discord.faults.add(POST, Fault(takes_effect=True, status=None)),
        lambda it: it.sandbox.discord.faults.add(EDIT, Fault(takes_effect=True, status=502)),
        lambda it: None,
    )
    async with house(tmp_path, render_seconds=0.4) as it:
        for _ in range(RANDOM_KILLS):
            dice.choice(lost)(it)
            buyers = asyncio.gather(
                *(it.buy(name, dice.choice((1, 1, 3)), dice.choice(KINDS)) for name in ("Ada", "Linus", "Mary")),
                return_exceptions=True,
            )
            await asyncio.sleep(dice.uniform(0.05, 1.2))
            await it.kill()
            _none_of_ours(await buyers)
            await it.restart()
        await quiet(it.database)
        found = audit(it.sandbox, it.database)
        assert not found.problems, "\n".join([*found.problems, *it.bot.log])
        assert found.jobs["done"] > RANDOM_KILLS / 2, f"too little was bought to say anything: {found.jobs}"


def _none_of_ours(ended: list[BaseException | None]) -> None:
    """A member whose bot is dead gets no answer; anything else is a fault of the test."""
    for error in ended:
        assert error is None or isinstance(error, NoAnswer | TimeoutError), repr(error)


def test_every_state_had_a_kill() -> None:
    """Last in this file: what the others did, as a report."""
    LINES.append("kills per state: " + ", ".join(f"{state} {kills[state]}" for state in STATES))
    if sum(kills.values()) == 0:
        pytest.fail("run the whole file: the kills of the other tests are counted here")
    assert [state for state in STATES if not kills[state]] == []
