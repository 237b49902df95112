"""REST: every request passes here. Authorization, rate limits, body, endpoint; then record, headers, faults."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import account, channels, interactions, webhooks
from sandbox.discord.attachment import signature
from sandbox.discord.call import Answer, Call, Request, Route
from sandbox.discord.errors import DiscordError, Problem, invalid_form, refusal, unauthorized
from sandbox.discord.faults import HANDSHAKE
from sandbox.discord.posting import Upload
from sandbox.discord.ratelimit import too_many_body, too_many_headers

if TYPE_CHECKING:
    from sandbox.discord.server import Discord

BASE = "/api/v10"
ROUTES: tuple[Route, ...] = (*account.ROUTES, *channels.ROUTES, *interactions.ROUTES, *webhooks.ROUTES)

_BODY_MOST = 120 * 2**20  # bytes; files are limited one by one


def application(discord: "Discord") -> web.Application:
    """The aiohttp application with the gateway, all routes, and the CDN."""
    app = web.Application(client_max_size=_BODY_MOST)
    app.router.add_get("/gateway/", _Gateway(discord).serve)
    app.router.add_get("/cdn/{folder}/{channel}/{attachment}/{filename}", _Cdn(discord).serve)
    for route in ROUTES:
        app.router.add_route(route.method, BASE + route.template, _Endpoint(discord, route).serve)
    app.router.add_route("*", "/{path:.*}", _Unknown(discord).serve)
    return app


class _Endpoint:
    def __init__(self, discord: "Discord", route: Route) -> None:
        self._discord = discord
        self._route = route

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or let it meet a fault."""
        status: int | None = None
        body, uploads, unreadable = await _read(request)

        async def answer() -> web.StreamResponse:
            if unreadable is not None:
                return _json(unreadable.body(), unreadable.status)
            return await self._answer(request, body, uploads)

        if self._discord.validation is not None and unreadable is None:  # also of what then meets a fault
            self._discord.validation.request(self._route.method, self._route.template, body, request.query)
        try:
            response = await self._discord.faults.meet(self._route.operation, request, answer)
            cut = request.transport is None or request.transport.is_closing()
            status = None if cut else response.status
            return response
        finally:
            self._record(request, status, body)

    async def _answer(self, request: web.Request, body: Any, uploads: Mapping[int, Upload]) -> web.Response:
        discord, route = self._discord, self._route
        ids = request.match_info
        exempt = route.by_token
        headers: dict[str, str] = {}
        if discord.limits is not None:
            major = ids.get("token") or ids.get("channel") or ids.get("guild") or ""
            allowance = discord.limits.take(route.operation, major, exempt_from_global=exempt)
            headers = allowance.headers
            if allowance.retry_after is not None:
                wait, everywhere = allowance.retry_after, allowance.everywhere
                headers |= too_many_headers(wait, everywhere=everywhere)
                return _json(too_many_body(wait, everywhere=everywhere), 429, headers)
        try:
            if not route.by_token and request.headers.get("Authorization") != f"Bot {discord.token}":
                raise unauthorized()
            call = Call(discord=discord, ids=ids, query=request.query, body=body, uploads=uploads)
            answer = await route.handler(call)
        except DiscordError as error:
            return _json(error.body(), error.status, headers)
        if discord.validation is not None:
            discord.validation.answer(route.method, route.template, answer.status, answer.body)
        return _written(answer, headers)

    def _record(self, request: web.Request, status: int | None, body: Any) -> None:
        self._discord.note(
            Request(
                method=request.method,
                route=self._route.template,
                path=request.path_qs.removeprefix(BASE),
                status=status,
                when=self._discord.clock.now(),
                body=body,
                peer=request.remote or "",
            )
        )


class _Gateway:
    def __init__(self, discord: "Discord") -> None:
        self._discord = discord

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A socket of the gateway's, or the fault that its handshake meets."""

        async def answer() -> web.StreamResponse:
            return await self._discord.gateway.connect(request)

        return await self._discord.faults.meet(HANDSHAKE, request, answer)


class _Unknown:
    """Whatever the sandbox has no endpoint for: a 404, and noted, so that a test sees what is missing."""

    def __init__(self, discord: "Discord") -> None:
        self._discord = discord

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """404 with code 0."""
        path = request.path.removeprefix(BASE)
        if self._discord.validation is not None:
            self._discord.validation.unvalidated.add(f"{request.method} {path}")
        when, peer = self._discord.clock.now(), request.remote or ""
        self._discord.note(Request(request.method, path, request.path_qs.removeprefix(BASE), 404, when, None, peer))
        return _json(refusal(0).body(), 404)


class _Cdn:
    """Files, to whoever has a link whose signature is right and not past its day."""

    def __init__(self, discord: "Discord") -> None:
        self._discord = discord

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The file's bytes; 404 without a valid signature. Its operation is "GET /cdn"."""

        async def answer() -> web.StreamResponse:
            path = request.raw_path.partition("?")[0].removeprefix("/cdn")
            expires, issued = request.query.get("ex", ""), request.query.get("is", "")
            attachment = self._discord.world.files.get(path)
            signed = request.query.get("hm") == signature(path, expires, issued)
            if attachment is None or not signed or int(expires, 16) < self._discord.clock.now().timestamp():
                return web.Response(status=404, text="This content is no longer available.")
            kind = attachment.content_type or "application/octet-stream"
            return _part(request, attachment.data, kind)

        return await self._discord.faults.meet("GET /cdn", request, answer)


def _part(request: web.Request, data: bytes, kind: str) -> web.Response:
    """The file, or the bytes of it that a player asks for to begin elsewhere (RFC 9110, 14)."""
    headers = {"Accept-Ranges": "bytes"}
    try:
        first, end, _ = request.http_range.indices(len(data))
    except ValueError:
        first, end = 0, 0
    if first >= end and data:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    if "Range" not in request.headers:
        return web.Response(body=data, content_type=kind, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(data)}"
    return web.Response(status=206, body=data[first:end], content_type=kind, headers=headers)


async def _read(request: web.Request) -> tuple[Any, dict[int, Upload], DiscordError | None]:
    """The JSON and the files of a request, or why they cannot be read."""
    try:
        if request.content_type == "multipart/form-data":
            return *await _read_parts(request), None
        raw = await request.read()
        if not raw:
            return None, {}, None
        if request.content_type != "application/json":
            allowed = "Expected \"Content-Type\" header to be one of {'application/json'}."
            raise invalid_form([Problem((), "CONTENT_TYPE_INVALID", allowed)])
        return _parse(raw), {}, None
    except DiscordError as error:
        return None, {}, error


async def _read_parts(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    body: Any = {}
    uploads: dict[int, Upload] = {}
    for name, part in (await request.post()).items():
        if isinstance(part, web.FileField):
            number = name.removeprefix("files[").removesuffix("]")
            with part.file as file:  # aiohttp closes it only where the request comes to its end
                if number.isdigit():
                    uploads[int(number)] = Upload(part.filename, file.read())
        elif name == "payload_json":
            body = _parse(part if isinstance(part, bytes) else str(part).encode())
    return body, uploads


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise refusal(50109) from None


def _written(answer: Answer, headers: dict[str, str]) -> web.Response:
    if answer.status == 204:
        return web.Response(status=204, headers=headers)
    return _json(answer.body, answer.status, headers)


def _json(body: Any, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON under exactly "application/json": with a charset behind it, discord.py would take it for text."""
    with_type = {**(headers or {}), "Content-Type": "application/json"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=with_type)
