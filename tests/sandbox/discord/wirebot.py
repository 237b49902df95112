"""A bot without a library: sends frames and requests as a test says, however wrong, and shows what comes back."""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from sandbox.discord.server import Discord
from sandbox.discord.wire import Object

COMMAND: Object = {
    "name": "generate",
    "description": "Make a video.",
    "options": [
        {"type": 3, "name": "prompt", "description": "What to show.", "required": True, "max_length": 20},
        {"type": 4, "name": "duration", "description": "Seconds.", "min_value": 5, "max_value": 10},
        {"type": 3, "name": "size", "description": "Size.", "choices": [{"name": "720p", "value": "720p"}]},
    ],
}


@dataclass(frozen=True)
class Reply:
    """What a request was answered."""

    status: int
    body: Any
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> int | None:
        """Discord's error code."""
        return self.body.get("code") if isinstance(self.body, dict) else None  # pyright: ignore


class WireBot:
    """One bot: `request` speaks REST, the rest the gateway."""

    def __init__(self, discord: Discord, session: aiohttp.ClientSession) -> None:
        self.discord = discord
        self.session = session
        self.application = discord.world.bot.id
        self.sequence: int | None = None
        self.session_id = ""
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def socket(self) -> aiohttp.ClientWebSocketResponse:
        """The gateway's socket."""
        assert self._socket is not None
        return self._socket

    async def connect(self) -> Object:
        """Open a socket, and give the HELLO."""
        self._socket = await self.session.ws_connect(self.discord.gateway_url)
        return await self.frame()

    async def identify(self, **changes: Any) -> None:
        """Identify; `changes` replace parts of the payload."""
        data: Object = {"token": self.discord.token, "intents": 0, "properties": {}, "shard": [0, 1], **changes}
        await self.send(2, data)

    async def resume(self, **changes: Any) -> None:
        """Resume the session that READY named."""
        data = {"token": self.discord.token, "session_id": self.session_id, "seq": self.sequence, **changes}
        await self.send(6, data)

    async def send(self, op: int, data: Any) -> None:
        """Send one frame."""
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def frame(self) -> Object:
        """The next frame."""
        message = await self.socket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return json.loads(message.data)

    async def close_code(self) -> int | None:
        """Read until the server closes, and give its code."""
        async for _ in self.socket:
            pass
        return self.socket.close_code

    async def event(self, name: str) -> Object:
        """The data of the next event, which must be `name`."""
        frame = await self.frame()
        assert frame.get("t") == name, frame
        self.sequence = frame["s"]
        if name == "READY":
            self.session_id = frame["d"]["session_id"]
        return frame["d"]

    async def close(self) -> None:
        """Close the socket."""
        await self.socket.close()

    async def request(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Reply:
        """One REST request with the bot's token; `body` as JSON."""
        authorization = {"Authorization": f"Bot {token or self.discord.token}"}
        async with self.session.request(method, self.discord.url + path, json=body, headers=authorization) as got:
            raw = await got.read()
            return Reply(got.status, json.loads(raw) if raw else None, got.headers)

    async def register(self, *commands: Object) -> Reply:
        """Register commands; the example without any."""
        return await self.request("PUT", f"/applications/{self.application}/commands", list(commands) or [COMMAND])

    async def respond(self, event: Object, kind: int, data: Object | None = None) -> Reply:
        """Answer an interaction for the first time."""
        path = f"/interactions/{event['id']}/{event['token']}/callback?with_response=1"
        return await self.request("POST", path, {"type": kind, **({} if data is None else {"data": data})})

    async def webhook(self, event: Object, method: str, rest: str = "", body: Any = None) -> Reply:
        """Use an interaction's token: `rest` is what follows it in the path."""
        return await self.request(method, f"/webhooks/{self.application}/{event['token']}{rest}", body)

    async def post(self, channel_id: int, **payload: Any) -> Reply:
        """Post a message."""
        return await self.request("POST", f"/channels/{channel_id}/messages", payload)
