"""The same API over a WebSocket: each frame is an array of tasks and has one answer; the first frame says the key.

The provider's own clients speak it by default, and their source says what comes: `connectionSessionUUID` with the
authentication. The bot does not: this is for what is measured beside it. No fault happens here.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import WSMsgType, web

MOST: Final = 64 * 1024 * 1024  # bytes of a frame


async def serve(
    request: web.Request, answer: Callable[[str, bool], Awaitable[tuple[dict[str, Any], bool]]]
) -> web.WebSocketResponse:
    """Serve one client until either side closes. `answer`: of a frame, and whether the key was said before it."""
    socket = web.WebSocketResponse(max_msg_size=MOST)
    await socket.prepare(request)
    knows_us = False
    async for frame in socket:
        if frame.type is not WSMsgType.TEXT:
            break
        said, knows_us = await answer(frame.data, knows_us)
        await socket.send_json(said)
        if not knows_us:
            break
    await socket.close()
    return socket
