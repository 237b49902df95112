"""The page: the sandbox in a browser. Static files, one WebSocket for each window, and a door for files.

It is a client of the sandbox as the console is: what members send goes through sandbox/discord/member.py, which
stays the one place that checks it. Start reading here; then window.py (what one window is told) and acts.py
(what it may do).
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote

from aiohttp import web

from sandbox.clip import clip, photo
from sandbox.page.acts import obey
from sandbox.page.stage import Stage
from sandbox.page.window import Window

STATIC: Final = Path(__file__).parent / "static"
NAMES: Final = ("127.0.0.1", "localhost")
"""By which the page may be called: with any other Host it is somebody else's name that was made to lead here."""

LARGEST_FILE: Final = 110 * 2**20  # bytes; Discord's own limits are checked by what takes the file
SAMPLE_LENGTHS: Final = {"clip": 5_040_000, "long clip": 12_000_000}  # microseconds

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """An async context manager: within it, the page is served at `address` on 127.0.0.1.

    `port`: where to listen; OSError on entry when it is taken. 0 takes a free one.
    """

    def __init__(self, stage: Stage, *, port: int = 0) -> None:
        self._stage = stage
        self._port = port
        self._windows: set[Window] = set()
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self._port}/"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(window.close() for window in tuple(self._windows)))
        await self._stage.close()
        await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_FILE, middlewares=[self._guard])
        app.on_response_prepare.append(self._forbid)
        app.router.add_get("/", self._index)
        app.router.add_get("/window", self._window)
        app.router.add_post("/files", self._file)
        app.router.add_post("/samples/{kind}", self._sample)
        app.router.add_static("/static", STATIC)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only this page drives the sandbox: no name that was made to lead here, and no web site elsewhere."""
        own = {f"{name}:{self._port}" for name in NAMES}
        origin = request.headers.get("Origin")
        reads = request.method == "GET" and request.path != "/window"
        if request.headers.get("Host") not in own:
            return web.Response(status=421, text=f"This page is only served as {self.address}\n")
        if origin not in {f"http://{host}" for host in own} and not (origin is None and reads):
            return web.Response(status=403, text="Only the sandbox's own page may do this.\n")
        return await handler(request)

    async def _forbid(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let no browser do with an answer, or load for it, what the page does not need."""
        media = f"{self._stage.sandbox.discord.origin} {self._stage.sandbox.runware.media_origin}"
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
            f"img-src 'self' blob: {media}",
            f"media-src 'self' blob: {media}",
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        headers = {
            "Content-Security-Policy": "; ".join(policy),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        response.headers.update(headers)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _window(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=1 << 20, heartbeat=30)
        await socket.prepare(request)
        window = Window(self._stage, socket)
        self._windows.add(window)
        try:
            await window.serve(obey)
        finally:
            self._windows.discard(window)
        return socket

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = Path(unquote(request.query.get("name", ""))).name[:200] or "file"
        return self._kept(name, await request.read())

    async def _sample(self, request: web.Request) -> web.StreamResponse:
        kind = request.match_info["kind"]
        if kind == "photo":
            return self._kept("photo.png", await asyncio.to_thread(photo))
        if kind not in SAMPLE_LENGTHS:
            return web.Response(status=404)
        number = next(_numbers)
        data = await asyncio.to_thread(
            clip, 1280, 720, SAMPLE_LENGTHS[kind], sound=True, text=f"A sample clip, number {number}"
        )
        return self._kept(f"{kind.replace(' ', '-')}.mp4", data)

    def _kept(self, name: str, data: bytes) -> web.Response:
        kept = self._stage.keep(name, data)
        return web.json_response(
            {"id": str(kept.id), "name": kept.filename, "size": len(data), "kind": kept.content_type or ""}
        )


_numbers = itertools.count(1)
