"""The gateway: the bot's sessions, and the events that are sent to them. One socket is in connection.py.

Source: Discord's documentation, "Gateway".
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import timedelta

from aiohttp import web

from sandbox.discord.connection import Close, Connection
from sandbox.discord.session import NO_INTENT, Intent, Op, Session
from sandbox.discord.wire import Object
from sandbox.discord.world import World

RESUMABLE_FOR = timedelta(minutes=2)  # after its socket is gone; Discord does not say how long


class Gateway:
    """All sessions of the bot. `identifies`, `resumes` and `peers` (addresses of client sockets) only grow."""

    def __init__(self, world: World, token: str, url: Callable[[], str]) -> None:
        self._world = world
        self._token = token
        self._url = url
        self._sockets: set[web.WebSocketResponse] = set()
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0
        self.peers: list[tuple[str, int]] = []

    @property
    def connected(self) -> list[Session]:
        """The sessions that have a socket."""
        return [session for session in self.sessions.values() if session.socket is not None]

    async def ready(self, timeout: float = 30, *, identifies: int = 1) -> Session:
        """Wait until a session is connected and the bot has identified `identifies` times in all."""

        def found() -> Session | None:
            enough = self.identifies >= identifies
            return self.connected[-1] if enough and self.connected else None

        return await self._world.changes.until(found, timeout, "an identified bot")

    async def resumed(self, timeout: float = 30, *, resumes: int = 1) -> None:
        """Wait until sessions were resumed `resumes` times in all."""
        await self._world.changes.until(lambda: self.resumes >= resumes, timeout, "a resumed session")

    async def reconnect(self) -> None:
        """Ask the bot to reconnect and resume (op 7)."""
        await self._tell({"op": Op.RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell the bot that its session is invalid (op 9); without `resumable` it has to identify again."""
        told = self.connected
        if not resumable:
            for session in told:
                self.sessions.pop(session.id, None)
        for session in told:
            await session.write(json.dumps({"op": Op.INVALID_SESSION, "d": resumable}))

    async def drop(self) -> None:
        """Cut every socket without a close frame; the sessions can be resumed."""
        for socket in tuple(self._sockets):
            with contextlib.suppress(Exception):
                writer = socket._writer  # pyright: ignore[reportPrivateUsage]
                if writer is not None:
                    writer.transport.abort()
        await asyncio.sleep(0)

    async def end(self, code: Close) -> None:
        """Close every socket with this code; what it belongs to cannot be resumed."""
        for session in self.connected:
            self.sessions.pop(session.id, None)
        for socket in tuple(self._sockets):
            await socket.close(code=code, message=b"The sandbox says so.")

    async def say(self, frame: str) -> None:
        """Send a frame as it stands, whatever it is, to every connected session."""
        for session in self.connected:
            await session.write(frame)

    async def close(self) -> None:
        """Close every socket, at the end."""
        for socket in tuple(self._sockets):
            await socket.close(code=1001, message=b"the sandbox ends")

    async def dispatch(self, event: str, data: Object, *, server_id: int = 0, needs: Intent = NO_INTENT) -> None:
        """Send an event to every session of the right shard whose intents allow it; resumable ones get it later."""
        now = self._world.clock.now()
        for session in tuple(self.sessions.values()):
            if session.left_at is not None and now > session.left_at + RESUMABLE_FOR:
                del self.sessions[session.id]
                continue
            number, count = session.shard
            if (server_id >> 22) % count == number and (not needs or session.intents & needs):
                await session.send(event, data)

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one socket until it closes."""
        socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False)
        await socket.prepare(request)
        peer = request.transport.get_extra_info("peername") if request.transport else None
        self.peers.append((peer[0], peer[1]) if peer else ("", 0))
        self._sockets.add(socket)
        connection = Connection(self, socket, self._world, self._token, self._url)
        try:
            await connection.serve()
        finally:
            self._sockets.discard(socket)
            self._world.changes.announce()
        return socket

    async def _tell(self, frame: Object) -> None:
        for session in self.connected:
            await session.write(json.dumps(frame))
