"""One session of the gateway: what identifies it, what was sent in it, and the socket it has or has not."""

import contextlib
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag

from aiohttp import web

from sandbox.discord.wire import Object

REPLAY_MOST = 1000  # events kept for a resume


class Op(IntEnum):
    """Opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Intent(IntFlag):
    """The intents that decide what the sandbox sends. Interactions need none."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


NO_INTENT = Intent(0)
PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


@dataclass(eq=False, kw_only=True)
class Session:
    """One identified session. It outlives its socket for a while, and keeps its events for a resume."""

    id: str
    intents: Intent
    shard: tuple[int, int]
    socket: web.WebSocketResponse | None = None
    sequence: int = 0
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque[tuple[int, str]](maxlen=REPLAY_MOST))
    left_at: datetime | None = None

    async def send(self, event: str, data: Object) -> None:
        """Send one event, or keep it for the resume when there is no socket."""
        self.sequence += 1
        frame = json.dumps({"op": Op.DISPATCH, "t": event, "s": self.sequence, "d": data})
        self.sent.append((self.sequence, frame))
        await self.write(frame)

    async def write(self, frame: str) -> None:
        """Send one frame when there is a socket."""
        if self.socket is not None:
            with contextlib.suppress(ConnectionError):
                await self.socket.send_str(frame)
