"""One socket of the gateway, from HELLO to its end: what the client may say and how it is answered.

Source: Discord's documentation, "Gateway" and "Opcodes and Status Codes" (close codes).
"""

import asyncio
import contextlib
import json
import secrets
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from sandbox.discord import present
from sandbox.discord.session import PRIVILEGED, Intent, Op, Session
from sandbox.discord.wire import Object, is_list, is_object, is_whole
from sandbox.discord.world import World

if TYPE_CHECKING:
    from sandbox.discord.gateway import Gateway

HEARTBEAT_INTERVAL = 41.25  # seconds
FRAME_MOST = 4096  # bytes that a client may send at once
EVENTS_PER_MINUTE = 120  # that a client may send
_ALL_INTENTS = (1 << 26) - 1


class Close(IntEnum):
    """Close codes."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Closing(Exception):
    """The server closes this socket with `code`."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One socket, from HELLO to its end."""

    def __init__(
        self, gateway: "Gateway", socket: web.WebSocketResponse, world: World, token: str, url: Callable[[], str]
    ) -> None:
        self._gateway = gateway
        self._socket = socket
        self._world = world
        self._token = token
        self._url = url
        self._session: Session | None = None
        self._received: deque[float] = deque(maxlen=EVENTS_PER_MINUTE)

    async def serve(self) -> None:
        """Greet, then answer frames until either side closes."""
        with contextlib.suppress(ConnectionError):
            await self._send({"op": Op.HELLO, "d": {"heartbeat_interval": int(HEARTBEAT_INTERVAL * 1000)}})
            try:
                await self._read()
            except Closing as closing:
                await self._socket.close(code=closing.code, message=closing.reason.encode())
        self._leave()

    async def _read(self) -> None:
        while True:
            try:
                frame = await self._socket.receive(timeout=HEARTBEAT_INTERVAL * 2)
            except TimeoutError:
                raise Closing(Close.SESSION_TIMED_OUT, "No heartbeat.") from None
            if frame.type is not WSMsgType.TEXT:
                if frame.type is WSMsgType.BINARY:
                    raise Closing(Close.DECODE_ERROR, "Error while decoding payload.")
                return
            await self._receive(frame.data)

    async def _receive(self, text: str) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._received) == EVENTS_PER_MINUTE and now - self._received[0] < 60:
            raise Closing(Close.RATE_LIMITED, "You are being rate limited.")
        self._received.append(now)
        try:
            frame: object = json.loads(text) if len(text.encode()) <= FRAME_MOST else None
        except ValueError:
            frame = None
        if not is_object(frame) or not is_whole(frame.get("op")):
            raise Closing(Close.DECODE_ERROR, "Error while decoding payload.")
        await self._answer(frame["op"], frame.get("d"))

    async def _answer(self, op: int, data: object) -> None:
        if op == Op.HEARTBEAT:
            self._gateway.heartbeats += 1
            await self._send({"op": Op.HEARTBEAT_ACK})
        elif op in (Op.IDENTIFY, Op.RESUME):
            if self._session is not None:
                raise Closing(Close.ALREADY_AUTHENTICATED, "Already authenticated.")
            if not is_object(data) or not isinstance(data.get("token"), str):
                raise Closing(Close.DECODE_ERROR, "Error while decoding payload.")
            if data["token"].removeprefix("Bot ") != self._token:
                raise Closing(Close.AUTHENTICATION_FAILED, "Authentication failed.")
            await (self._identify(data) if op == Op.IDENTIFY else self._resume(data))
        elif op not in (Op.PRESENCE_UPDATE, Op.VOICE_STATE_UPDATE, Op.REQUEST_GUILD_MEMBERS):
            raise Closing(Close.UNKNOWN_OPCODE, "Unknown opcode.")
        elif self._session is None:
            raise Closing(Close.NOT_AUTHENTICATED, "Not authenticated.")

    async def _identify(self, data: Object) -> None:
        session = Session(id=secrets.token_hex(16), intents=_intents(data), shard=_shard(data))
        if not is_object(data.get("properties")):
            raise Closing(Close.DECODE_ERROR, "Error while decoding payload.")
        self._session = session
        session.socket = self._socket
        self._gateway.sessions[session.id] = session
        number, count = session.shard
        servers = [each for each in self._world.servers.values() if self._world.bot.id in each.members]
        servers = [each for each in servers if (each.id >> 22) % count == number]
        await session.send("READY", self._ready(session, [str(each.id) for each in servers]))
        self._gateway.identifies += 1
        self._world.changes.announce()
        if session.intents & Intent.GUILDS:
            for server in servers:
                await session.send("GUILD_CREATE", present.server_create(self._world, server))

    def _ready(self, session: Session, server_ids: list[str]) -> Object:
        return {
            "v": 10,
            "user": present.own_user(self._world.bot),
            "guilds": [{"id": server_id, "unavailable": True} for server_id in server_ids],
            "session_id": session.id,
            "resume_gateway_url": self._url(),
            "session_type": "normal",
            "shard": list(session.shard),
            "application": {"id": str(self._world.bot.id), "flags": 0},
            "private_channels": [],
            "_trace": [],
        }

    async def _resume(self, data: Object) -> None:
        session = self._gateway.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None:
            await self._send({"op": Op.INVALID_SESSION, "d": False})
            return
        if not is_whole(sequence) or not 0 <= sequence <= session.sequence:
            raise Closing(Close.INVALID_SEQ, "Invalid seq.")
        missed = [frame for number, frame in session.sent if number > sequence]
        self._session = session
        session.socket, session.left_at = self._socket, None
        for frame in missed:
            await session.write(frame)
        await session.send("RESUMED", {"_trace": []})
        self._gateway.resumes += 1
        self._world.changes.announce()

    def _leave(self) -> None:
        session = self._session
        if session is None or session.socket is not self._socket:
            return
        session.socket, session.left_at = None, self._world.clock.now()
        if self._socket.close_code in (1000, 1001):  # a client that closes so does not come back
            self._gateway.sessions.pop(session.id, None)

    async def _send(self, frame: Object) -> None:
        await self._socket.send_str(json.dumps(frame))


def _intents(data: Object) -> Intent:
    value = data.get("intents")
    if not is_whole(value) or not 0 <= value <= _ALL_INTENTS:
        raise Closing(Close.INVALID_INTENTS, "Invalid intents.")
    if Intent(value) & PRIVILEGED:
        raise Closing(Close.DISALLOWED_INTENTS, "Disallowed intents.")
    return Intent(value)


def _shard(data: Object) -> tuple[int, int]:
    value = data.get("shard", [0, 1])
    if is_list(value) and len(value) == 2 and all(map(is_whole, value)) and 0 <= value[0] < value[1]:
        return value[0], value[1]
    raise Closing(Close.INVALID_SHARD, "Invalid shard.")
