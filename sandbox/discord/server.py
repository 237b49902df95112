"""The loopback Discord: REST, gateway and CDN on one port of 127.0.0.1; members act through Python objects.

Start reading here; then rest.py (how a request is answered), gateway.py, world.py (the state) and member.py (the
people). To add an endpoint: a function and a line in the ROUTES of account, channels, interactions or webhooks.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.discord import interaction as interactions
from sandbox.discord import present
from sandbox.discord.attachment import Attachment
from sandbox.discord.call import Request
from sandbox.discord.commands import Commands
from sandbox.discord.gateway import Gateway, Intent
from sandbox.discord.interaction import Interaction, InteractionType
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel, Membership, Server, User
from sandbox.discord.ratelimit import RateLimits
from sandbox.discord.rest import BASE, application
from sandbox.discord.wire import Object
from sandbox.discord.world import World, populate
from sandbox.faults import Faults

if TYPE_CHECKING:
    from sandbox.discord.openapi import Validation

TOKEN = "sandbox-token"  # noqa: S105 - it opens nothing but the sandbox
REQUESTS_KEPT = 20_000


class Discord:
    """An async context manager: within it, the server listens.

    `openapi`: the path of Discord's published description; with it every request is validated, see `validation`.
    `port`: 0 takes a free one. `rate_limits`: whether requests are counted and refused with 429.
    `requests` are the last REQUESTS_KEPT requests, oldest first.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        token: str = TOKEN,
        openapi: Path | None = None,
        port: int = 0,
        rate_limits: bool = True,
    ) -> None:
        self.clock = clock
        self.token = token
        self.faults = Faults()
        self.world = populate(World(clock))
        self.commands = Commands(self.world)
        self.gateway = Gateway(self.world, token, lambda: self.gateway_url)
        self.limits = RateLimits(clock) if rate_limits else None
        self.validation = _validation(openapi)
        self.requests: deque[Request] = deque(maxlen=REQUESTS_KEPT)
        self.interactions: dict[str, Interaction] = {}
        self._kicked: dict[int, Membership] = {}
        self._happening: set[asyncio.Future[None]] = set()
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "Discord":
        self._runner = web.AppRunner(application(self), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def origin(self) -> str:
        """The server's address, without a path. The files' links begin with it."""
        return f"http://127.0.0.1:{self._port}"

    def link(self, attachment: Attachment) -> str:
        """Where a file can be read, for a day."""
        return attachment.link(self.origin, self.world.clock.now())

    @property
    def url(self) -> str:
        """The API's base: what DISCORD_API_URL gets."""
        return f"{self.origin}{BASE}"

    @property
    def gateway_url(self) -> str:
        """The gateway's address, also for resuming."""
        return f"ws://127.0.0.1:{self._port}/gateway/"

    @property
    def command_writes(self) -> int:
        """How often the bot has registered its commands."""
        return self.commands.writes

    async def registered(self, timeout: float = 30) -> list[Object]:
        """Wait until the bot has registered commands, and give the global ones."""

        def found() -> bool:
            return self.commands.writes > 0

        await self.world.changes.until(found, timeout, "registered commands")
        return self.commands.registered()

    def member(self, name: str, server: Server | str | None = None) -> Member:
        """The member called `name` of a server (by default the first); LookupError when there is none."""
        where = server if isinstance(server, Server) else self.world.server(server)
        for membership in where.members.values():
            if membership.user.name == name:
                return Member(self, membership)
        raise LookupError(f"nobody in {where.name} is called {name!r}")

    def channel(self, name: str, server: Server | str | None = None) -> Channel:
        """The channel or thread called `name` of a server (by default the first); LookupError if there is none."""
        return (server if isinstance(server, Server) else self.world.server(server)).channel(name)

    def note(self, request: Request) -> None:
        """Keep a record of a request."""
        self.requests.append(request)
        self.world.changes.announce()

    async def interact(
        self,
        kind: InteractionType,
        user: User,
        channel: Channel,
        data: Object,
        *,
        message: Message | None = None,
    ) -> Interaction:
        """Let the bot hear of an interaction. Its deadline begins now, whether or not a bot is connected."""
        one = Interaction(
            id=self.world.snowflake(),
            type=kind,
            user=user,
            channel=channel,
            data=data,
            created_at=self.clock.now(),
            clock=self.clock,
            message=message,
        )
        self.interactions[one.token] = one
        told = interactions.payload(self.world, self.origin, one)
        await self.gateway.dispatch("INTERACTION_CREATE", told, server_id=_server_id(channel))
        self.world.changes.announce()
        return one

    async def publish(self, message: Message) -> None:
        """Let a new message appear, and tell the bot when its intents ask for messages."""
        self.world.add_message(message)
        nonce: Object = {} if message.nonce is None else {"nonce": message.nonce}
        await self._tell_of("MESSAGE_CREATE", message, self._event(message) | nonce)

    async def tell_edited(self, message: Message) -> None:
        """Tell the bot of an edit."""
        await self._tell_of("MESSAGE_UPDATE", message, self._event(message))

    async def remove(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        self.world.changes.announce()
        gone: Object = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.server is not None:
            gone["guild_id"] = str(message.channel.server.id)
        await self._tell_of("MESSAGE_DELETE", message, gone)

    async def kick(self, server: Server) -> None:
        """Staff take the bot out of their server, and the gateway says so to those who ask for such news."""
        self._kicked[server.id] = server.members.pop(self.world.bot.id)
        gone: Object = {"id": str(server.id)}
        await self.gateway.dispatch("GUILD_DELETE", gone, server_id=server.id, needs=Intent.GUILDS)

    def mend(self) -> None:
        """Switch every fault off, and let the bot back into the servers that it was kicked from."""
        self.faults.clear()
        for server_id, membership in self._kicked.items():
            self.world.servers[server_id].members[self.world.bot.id] = membership
        self._kicked.clear()

    def soon(self, happens: Coroutine[Any, Any, None]) -> None:
        """Let something happen without waiting for it."""
        task = asyncio.ensure_future(happens)
        self._happening.add(task)
        task.add_done_callback(self._happening.discard)

    def _event(self, message: Message) -> Object:
        """A message as the gateway tells of it. The bot has no message content intent."""
        written = present.message(self.world, self.origin, message)
        server, bot = message.channel.server, self.world.bot
        if server is None:
            return written
        if message.author is not bot and bot not in message.mentions:
            written |= {"content": "", "embeds": [], "attachments": [], "components": []}
        written["guild_id"] = str(server.id)
        membership = server.members.get(message.author.id)
        if membership is not None:
            written["member"] = {k: v for k, v in present.member(membership).items() if k != "user"}
        return written

    async def _tell_of(self, event: str, message: Message, data: Object) -> None:
        if message.ephemeral:
            return
        needs = Intent.DIRECT_MESSAGES if message.channel.server is None else Intent.GUILD_MESSAGES
        await self.gateway.dispatch(event, data, server_id=_server_id(message.channel), needs=needs)


def _server_id(channel: Channel) -> int:
    return channel.server.id if channel.server else 0


def _validation(openapi: Path | None) -> "Validation | None":
    """jsonschema-rs is only there for development, so it is imported only when it is asked for."""
    if openapi is None:
        return None
    from sandbox.discord.openapi import Validation

    return Validation(openapi)
