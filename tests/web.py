"""A web server on loopback that does to its callers whatever a test wants."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

Answer: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is done with a connection once the request's head has been read."""


@dataclass
class Seen:
    """A request as it came: its line, and its headers by lower-case name."""

    line: str
    headers: dict[str, str]


@dataclass
class Web:
    """A running server. `names`: what its callers asked for by SNI, None for nothing."""

    origin: str
    port: int
    seen: list[Seen] = field(default_factory=list[Seen])
    connections: int = 0  # so far
    open: int = 0  # of them
    names: list[str | None] = field(default_factory=list[str | None])


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> Answer:
    """An honest answer, with a Content-Length where `headers` have none. A name's underscores become hyphens."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = {"Content-Length": str(len(body))} | given
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return raw(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)


def raw(data: bytes) -> Answer:
    """These bytes, and the end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return answer


def drip(start: bytes, piece: bytes, *, every: float = 0, times: int = 10**9) -> Answer:
    """`start`, and then a piece at a time, for as long as somebody reads."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        for _ in range(times):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)

    return answer


def redirect(location: str, status: str = "302 Found") -> Answer:
    return reply(b"elsewhere", status, Location=location)


@asynccontextmanager
async def serve(
    answers: Mapping[str, Answer], *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Web]:
    """Serves these paths, each connection once. Whoever is still connected at the end is cut off."""
    at_work: set[asyncio.Task[None]] = set()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        web.connections, web.open = web.connections + 1, web.open + 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
                pairs = (each.split(":", 1) for each in lines)
                web.seen.append(Seen(line, {name.lower(): value.strip() for name, value in pairs}))
                await answers[line.split()[1].partition("?")[0]](reader, writer)
        finally:
            at_work.discard(task)
            web.open -= 1
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    def named(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext) -> None:
        web.names.append(name)

    if tls is not None:
        tls.sni_callback = named
    server = await asyncio.start_server(serve_one, address, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    web = Web(f"{'https' if tls else 'http'}://{address}:{port}", port)
    try:
        yield web
    finally:
        server.close()
        for task in list(at_work):
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        await server.wait_closed()
