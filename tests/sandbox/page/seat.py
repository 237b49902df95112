"""A window of the page without a browser: its WebSocket, spoken as the page's own script speaks it."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from sandbox.page.server import Page

PATIENCE: Final = 10.0  # seconds

Frame = dict[str, Any]


class Seat:
    """Somebody at a window. `told`: every frame that came, oldest first."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.told: list[Frame] = []

    async def listen(self) -> None:
        """Take what comes until the window closes."""
        async for frame in self._socket:
            self.told.append(json.loads(frame.data))

    async def send(self, text: str) -> None:
        """Send anything at all."""
        await self._socket.send_str(text)

    async def act(self, what: str, **frame: Any) -> Frame:
        """Do something; the answer that ends it."""
        number = str(next(self._numbers))
        await self.send(json.dumps({"do": what, "re": number, **frame}))
        return await self.hear(lambda told: told.get("re") == number and told.get("state") != "pending")

    async def hear(self, wanted: Callable[[Frame], bool]) -> Frame:
        """The first frame that `wanted` accepts, now or later; TimeoutError when none comes."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = next((told for told in self.told if wanted(told)), None)
                if found is not None:
                    return found
                await asyncio.sleep(0.01)

    async def message(self, text: str) -> Frame:
        """The first message in which `text` stands, as it is when it does."""
        told = await self.hear(lambda told: told["type"] == "message" and text in json.dumps(told["message"]))
        return told["message"]

    @property
    def world(self) -> Frame:
        """The world as it was told last."""
        return [told["world"] for told in self.told if told["type"] == "world"][-1]

    def channel(self, name: str) -> Frame:
        """A channel of it, by name."""
        return next(one for one in self.world["channels"] if one["name"] == name)


def custom_id(message: Frame, label: str) -> str:
    """The custom id of a message's button with this label."""
    inner = (one for row in message["components"] for one in row["components"])
    return next(one["custom_id"] for one in inner if one.get("label") == label)


@asynccontextmanager
async def seated(page: Page, name: str = "Ada") -> AsyncGenerator[Seat]:
    """A window at which `name` sits."""
    headers = {"Origin": page.address.rstrip("/")}
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{page.address}window", headers=headers, max_msg_size=1 << 26) as socket,
    ):
        seat = Seat(socket)
        listening = asyncio.create_task(seat.listen())
        try:
            await seat.hear(lambda told: told["type"] == "world")
            if name != "Ada":
                assert (await seat.act("become", name=name)) == {"type": "answer", "re": "1", "done": True}
                seat.told.clear()
                await seat.hear(lambda told: told["type"] == "world")
            yield seat
        finally:
            listening.cancel()
