"""One window of the page: who sits at it, what they are told as it happens, and what they do."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from aiohttp import WSMsgType, web

from sandbox.discord.use import Use
from sandbox.discord.wire import Object
from sandbox.page import books, shown
from sandbox.page.stage import Stage

TOGETHER: Final = 0.03  # seconds: what happens within them is told at once
LOOK_AGAIN: Final = 0.5  # seconds between two looks at what changes without a word: the database, the clock

Obey: TypeAlias = Callable[["Window", str], Awaitable[None]]


class Window:
    """One browser window. Its member is `Ada` until it says otherwise; two windows are two people.

    What it is told: `world` (who and where), `message` and `gone`, `panel`, and for each thing that it does, under
    the number `re` that it gave, an answer. Everything is told as a difference to what it was told before.
    """

    def __init__(self, stage: Stage, socket: web.WebSocketResponse) -> None:
        self.stage = stage
        self.member = stage.sandbox.discord.member("Ada")
        self.opened: dict[str, Use] = {}  # modals, by the number of what opened them
        self.watches_panel = False
        self._socket = socket
        self._changed = asyncio.Event()
        self._told: dict[str, str] = {}
        self._following: set[asyncio.Task[None]] = set()

    async def serve(self, obey: Obey) -> None:
        """Tell and listen until the window is closed. `obey`: does what one frame asks for."""
        changes = self.stage.sandbox.discord.world.changes
        changes.listeners.append(self._changed.set)
        telling = asyncio.create_task(self._keep_telling())
        try:
            async for frame in self._socket:
                if frame.type is WSMsgType.TEXT:
                    self._follow(frame.data, obey)
        finally:
            changes.listeners.remove(self._changed.set)
            for task in (telling, *self._following):
                task.cancel()
            await asyncio.gather(telling, *self._following, return_exceptions=True)

    async def close(self) -> None:
        """Say goodbye, at the end."""
        await self._socket.close(code=1001, message=b"the sandbox ends")

    def become(self, name: str) -> None:
        """Be the member called `name` from now on. LookupError when there is none."""
        self.member = self.stage.sandbox.discord.member(name)
        self._told = {}  # a new one: what is being told still goes by the old
        self.opened.clear()
        self._changed.set()

    async def answer(self, number: object, **says: Any) -> None:
        """Answer what the window did under `number`."""
        await self._send({"type": "answer", "re": number, **says})

    def _follow(self, sent: str, obey: Obey) -> None:
        async def follow() -> None:
            await obey(self, sent)
            self._changed.set()

        task = asyncio.create_task(follow())
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _keep_telling(self) -> None:
        with contextlib.suppress(ConnectionError):
            while not self._socket.closed:
                await self._tell()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN):
                        await self._changed.wait()
                await asyncio.sleep(TOGETHER)
                self._changed.clear()

    async def _tell(self) -> None:
        """Whatever is new since the last time. The member may change at any await: then the rest is theirs."""
        discord, member, told = self.stage.sandbox.discord, self.member, self._told
        stage = self.stage
        world = shown.world(stage.sandbox, member, running=stage.bot.is_running, faults=len(stage.mischief.on))
        frame = {"type": "world", "fresh": not told, "world": world}
        await self._tell_one(told, "world", frame, shown.alike(world))
        there: set[str] = set()
        for channel in shown.channels(discord, member):
            for message in member.sees(channel)[-shown.MESSAGES_MOST :]:
                if self.member is not member:
                    return
                there.add(str(message.id))
                written = shown.message(discord, message)
                frame = {"type": "message", "channel": str(channel.id), "message": written}
                await self._tell_one(told, str(message.id), frame, shown.alike(written))
        for message_id in [key for key in told if key.isdigit() and key not in there]:
            del told[message_id]
            await self._send({"type": "gone", "id": message_id})
        if self.watches_panel:
            panel = await asyncio.to_thread(books.read, self.stage.database)
            panel |= books.around(self.stage)
            await self._tell_one(told, "panel", {"type": "panel", "panel": panel}, shown.alike(panel))

    async def _tell_one(self, told: dict[str, str], key: str, frame: Object, alike: str) -> None:
        if told.get(key) != alike:
            told[key] = alike
            await self._send(frame)

    async def _send(self, frame: Object) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(frame))
