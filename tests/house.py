"""The unmodified bot between the sandbox's two servers, and members to use it: what the tests of cogs/ stand in.

Every house is inspected after each test and when it closes: the books add up, each post stands once, every
acknowledgement came in time, nothing but loopback was spoken to, and no bug was logged. With DISCORD_OPENAPI set,
every request of the bot's is held against Discord's own description.
"""

import asyncio
import copy
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Final, TypeVar

from sandbox.discord.client import Value
from sandbox.discord.interaction import DEADLINE, Interaction
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel, Server
from sandbox.discord.server import Discord
from sandbox.process import BotProcess
from sandbox.runware.server import Runware
from sandbox.sandbox import Sandbox
from tests.audit import audit, change, described, quiet, rows

T = TypeVar("T")

POST: Final = "POST /channels/{channel}/messages"
EDIT: Final = "PATCH /channels/{channel}/messages/{message}"
ANSWER: Final = "POST /interactions/{interaction}/{token}/callback"
RENDER_SECONDS: Final = 0.1
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})

_number = count(1)


@dataclass(frozen=True)
class Bought:
    """A job that was confirmed, with the card that it was bought from and the answer to the press."""

    member: Member
    channel: Channel
    card: Message
    answer: Message
    job_id: str


class Raybot(BotProcess):
    """The bot's process, with what the system tells of it."""

    def sockets(self) -> set[tuple[str, str]]:
        """The kinds and remote addresses of the internet sockets that it has open now. Linux only."""
        inodes = {target[8:-1] for target in self._files() if target.startswith("socket:[")}
        return {
            (kind, _address(columns[2]))
            for kind in ("tcp", "tcp6", "udp", "udp6")
            for columns in map(str.split, Path(f"/proc/{self.pid}/net/{kind}").read_text().splitlines()[1:])
            if columns[9] in inodes
        }

    def _files(self) -> list[str]:
        found: list[str] = []
        for file in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                found.append(str(file.readlink()))
            except FileNotFoundError:
                continue  # closed meanwhile
        return found


class House:
    """A sandbox and a bot, which members use. `explained`: parts of audit problems that a test made on purpose."""

    def __init__(self, sandbox: Sandbox, bot: Raybot, database: Path) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self.database = database
        self.explained: set[str] = set()

    @property
    def discord(self) -> Discord:
        return self.sandbox.discord

    @property
    def runware(self) -> Runware:
        return self.sandbox.runware

    @property
    def server(self) -> Server:
        return self.discord.world.server()

    @property
    def bill(self) -> dict[str, str]:
        """What the provider billed, in dollars, by task."""
        bill: dict[str, str] = {}
        for charge in self.runware.bill:
            bill[charge.task_id] = f"{float(bill.get(charge.task_id, 0)) + float(charge.amount):.2f}"
        return bill

    def member(self) -> Member:
        """Somebody who has just joined, and has spent nothing."""
        return Member(self.discord, self.discord.world.add_member(self.server, f"Member {next(_number)}"))

    def channel(self) -> Channel:
        """A new channel, with nothing in it."""
        return self.discord.world.add_channel(self.server, f"channel-{next(_number)}")

    async def ask(
        self,
        member: Member,
        channel: Channel,
        options: Mapping[str, Value] | None = None,
        /,
        *,
        forged: bool = False,
        **more: Value,
    ) -> Message:
        """/generate, the cheapest video where nothing else is said; what is answered."""
        given = {"prompt": "A fox in the snow", "resolution": "360p", **(options or {}), **more}
        use = await member.command("generate", given, channel=channel, forged=forged)
        return await use.answer()

    async def press(
        self, member: Member, message: Message, label: str | None = None, /, *, custom_id: str | None = None
    ) -> Message:
        """Press a button; the last message that answers it. With `custom_id` as a modified client does it."""
        use = await member.click(message, label, custom_id=custom_id, forged=custom_id is not None)
        await use.answer()
        return use.messages[-1]

    async def buy(self, member: Member, channel: Channel, /, **options: Value) -> Bought:
        """/generate and Confirm."""
        card = await self.ask(member, channel, options)
        quote_id = id_of(card, "Confirm")
        answer = await self.press(member, card, "Confirm")
        found = self.rows("SELECT id FROM jobs WHERE quote_id = ?", quote_id)
        assert found, f"nothing was bought: {answer.text}"
        return Bought(member, channel, card, answer, found[0]["id"])

    def rows(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        """What a statement finds in the bot's database."""
        return rows(self.database, sql, *parameters)

    def change(self, sql: str, *parameters: object) -> None:
        """Change the bot's database behind its back."""
        change(self.database, sql, *parameters)

    def job(self, job_id: str) -> dict[str, Any]:
        return self.rows("SELECT * FROM jobs WHERE id = ?", job_id)[0]

    def books(self, job_id: str) -> dict[str, str]:
        """The ledger's entries of a job, in dollars, by kind."""
        entries = self.rows("SELECT kind, amount FROM ledger WHERE job_id = ?", job_id)
        return {entry["kind"]: f"{entry['amount'] / 1e9:.2f}" for entry in entries}

    def posts(self, job_id: str, kind: str = "") -> list[Message]:
        """The messages of a job's, wherever they stand; `kind` is p0 (progress), p1 (notice) or r (results)."""
        return [
            message
            for message in self.discord.world.messages.values()
            if str(message.nonce or "").startswith(f"{job_id}.{kind}") and not message.deleted
        ]

    async def progress(self, job_id: str, says: str = "", timeout: float = 10) -> Message:
        """The progress message, once its text has `says` in it."""

        def found() -> Message | None:
            return next((message for message in self.posts(job_id, "p0") if says in message.text), None)

        return await self.until(found, f"a progress message that says {says!r}", timeout)

    async def results(self, job_id: str, number: int = 1, timeout: float = 10) -> list[Message]:
        """The messages with a job's results, once there are so many."""

        def found() -> list[Message] | None:
            posts = self.posts(job_id, "r")
            return posts if len(posts) >= number else None

        return await self.until(found, f"{number} results", timeout)

    async def notice(self, job_id: str, timeout: float = 10) -> Message:
        """The message that says that there will be no video."""
        return await self.until(lambda: next(iter(self.posts(job_id, "p1")), None), "a notice", timeout)

    async def state(self, job_id: str, state: str, timeout: float = 10) -> None:
        """Wait until a job is in this state."""
        await self.until(lambda: self.job(job_id)["state"] == state, f"a job that is {state}", timeout)

    async def until(self, found: Callable[[], T | None], what: str, timeout: float = 10) -> T:
        """Wait until something is true, of the sandbox or of the database."""
        return await self.discord.world.changes.until(found, timeout, what)

    async def quiet(self, timeout: float = 15) -> None:
        """Wait until every job is over, and Discord shows all that there is to show."""
        await quiet(self.database, timeout=timeout)

    async def restart(self) -> None:
        """End the bot as operators do, and start it again."""
        identified = self.discord.gateway.identifies
        assert await self.bot.stop() == 0
        await self.bot.start()
        await self.discord.gateway.ready(15, identifies=identified + 1)

    async def inspect(self) -> None:
        """What must be so at the end of every test, whatever it was about."""
        self.discord.faults.clear()
        self.runware.faults.clear()
        await self.quiet()
        problems = audit(self.sandbox, self.database).problems
        problems += self._bugs()
        problems += [f"{one.data} {says}" for one in self.discord.interactions.values() if (says := _late(one))]
        problems += [
            f"{request.peer} is not loopback" for request in self.discord.requests if not _is_near(request.peer)
        ]
        unexplained = [one for one in problems if not any(part in one for part in self.explained)]
        assert not unexplained, "\n".join(unexplained)

    def _bugs(self) -> list[str]:
        """The log's exceptions, which nobody expected. Its lines are read once, and shown with what fails."""
        log = list(self.bot.log)
        self.bot.log.clear()
        print(*log, sep="\n")  # noqa: T201
        return [
            f"the bot logged a bug: {before}"
            for before, line in pairwise(log)
            if line.lstrip().startswith("Traceback")
        ]


@asynccontextmanager
async def open_house(
    folder: Path,
    *,
    render_seconds: float = RENDER_SECONDS,
    rate_limits: bool = False,
    allowed: Sequence[str] = (),
    one_clock: bool = False,
    **settings: str,
) -> AsyncGenerator[House]:
    """A sandbox with a bot that serves already, and that is inspected at the end. `settings`: the bot's own.

    `allowed`: the names of the servers that ALLOWED_SERVERS lists. `one_clock`: the bot's jumps with the sandbox's.
    Without `rate_limits`, since the library sleeps for seconds where a channel's bucket is empty.
    """
    database = folder / "raybot.db"
    sandbox = Sandbox(render_seconds=render_seconds, openapi=described(), rate_limits=rate_limits)
    async with sandbox:
        servers = {"ALLOWED_SERVERS": ", ".join(str(sandbox.discord.world.server(name).id) for name in allowed)}
        if one_clock:
            sandbox.clock.share(folder / "clock")
            settings["CLOCK_FILE"] = str(folder / "clock")
        given = sandbox.settings(database, **{"POLL_SECONDS": "0.05", **servers, **settings})
        async with Raybot(given, folder=folder) as bot:
            house = House(sandbox, bot, database)
            try:
                await sandbox.discord.gateway.ready(15)
                yield house
                await house.inspect()
            finally:
                print(*bot.log, sep="\n")  # noqa: T201 - shown with what fails


def id_of(message: Message, label: str) -> str:
    """The id in a button's custom id."""
    custom_id = next(button.custom_id for button in message.buttons if button.label == label)
    assert custom_id is not None
    return custom_id.partition(":")[2].partition(".")[0]


def as_it_was(message: Message, **replaced: str) -> Message:
    """A message as another device of the member's still shows it, with some of its texts replaced."""
    still = copy.copy(message)
    written = json.dumps(message.components)
    for old, new in replaced.items():
        assert old in written, f"{old} is not on this message"
        written = written.replace(old, new)
    still.components = json.loads(written)
    return still


def _late(one: Interaction) -> str | None:
    return (
        None if one.callback is not None else f"was not acknowledged within {DEADLINE / timedelta(seconds=1):g} s"
    )


def _is_near(peer: str) -> bool:
    return peer in LOOPBACK


def _address(column: str) -> str:
    """The address in a line of /proc/net: hexadecimal, in words of the machine's byte order."""
    written = column.partition(":")[0]
    words = [bytes.fromhex(word)[::-1] for word in re.findall(".{8}", written)]
    if len(words) == 1:
        return ".".join(map(str, words[0]))
    whole = b"".join(words)
    mapped = whole[:12] == bytes(10) + b"\xff\xff"
    return (
        ".".join(map(str, whole[12:]))
        if mapped
        else {bytes(15) + b"\1": "::1", bytes(16): "::"}.get(whole, whole.hex(":"))
    )


async def together(*coroutines: Any) -> list[Any]:
    """All of these at the same instant, as far as one machine can."""
    return list(await asyncio.gather(*coroutines))
