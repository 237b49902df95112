"""Runware on loopback: the HTTP around `service.py`, and the one object that tests and the sandbox hold.

Chosen where nothing is published: an answer with any `data` is a 200, else it has the status of its first refused
task (failures that a poll reports are no refusals: 200); a body that is no JSON array is a 400 `invalidRequest`; a
missing key is a 401 `missingApiKey`; another method is a 405.
"""

import json
import tempfile
import uuid
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self, TypeAlias, cast

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.runware import published, socket
from sandbox.runware.account import Account, Charge
from sandbox.runware.film import CONTENT_TYPES
from sandbox.runware.films import Films
from sandbox.runware.script import Step
from sandbox.runware.service import Service, Submission
from sandbox.runware.store import Store
from sandbox.runware.tasks import Task, Tasks
from sandbox.runware.violation import Violation

Object: TypeAlias = dict[str, Any]

FOLDER: Final = "/video/os/a01d21/ws/5/vi"
NOT_AN_ARRAY: Final = "The body must be a JSON array of at least one task."
LARGEST_BODY: Final = 300 * 1024 * 1024  # bytes; uploads travel inside the JSON as base64


@dataclass(frozen=True)
class Request:
    """One HTTP request to the API: when, and the types of the tasks in it."""

    at: datetime
    task_types: tuple[str, ...]


class Runware:
    """The provider, listening while it is entered: `async with Runware(clock=Clock(), key="…") as runware`.

    `render_seconds` is how long each result takes on `clock`. `port` 0 takes any that is free.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        key: str = "sandbox-key",
        render_seconds: float = 0.2,
        port: int = 0,
        balance: Decimal = Decimal("1000"),
    ) -> None:
        self.faults = Faults()
        self.requests: deque[Request] = deque(maxlen=10_000)
        self.media_origin = ""
        self._clock = clock
        self.key = self._first_key = key
        self._port = port
        self._account = Account(balance)
        self._first_balance = balance
        self._tasks = Tasks(clock=clock, account=self._account, render_seconds=render_seconds)
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """The API's address: what `RUNWARE_API_URL` gets."""
        return f"{self.media_origin}/v1"

    @property
    def socket_url(self) -> str:
        """The same API over a WebSocket, for clients that speak it."""
        return f"ws{self.media_origin.removeprefix('http')}/v1"

    @property
    def tasks(self) -> dict[str, Task]:
        """Every accepted task, by its id in lower case."""
        return self._tasks.by_id

    @property
    def submissions(self) -> deque[Submission]:
        """Every `videoInference` that came, the refused ones too, oldest first."""
        return self._service.submissions

    @property
    def bill(self) -> list[Charge]:
        """What was really billed up to the clock's present."""
        self._tasks.catch_up()
        return self._account.bill

    @property
    def balance(self) -> Decimal:
        """What is left of the prepaid money, in US dollars. Setting it changes nothing of the bill."""
        self._tasks.catch_up()
        return self._account.balance

    @balance.setter
    def balance(self, to: Decimal) -> None:
        self._tasks.catch_up()
        self._account.balance = to

    @property
    def render_seconds(self) -> float:
        """How long each result of tasks accepted from now on takes, on the clock."""
        return self._tasks.render_seconds

    @render_seconds.setter
    def render_seconds(self, to: float) -> None:
        self._tasks.render_seconds = to

    def script(self, *steps: Step, times: int = 1) -> None:
        """Make all of `steps` happen to the next accepted task, and to the `times` - 1 accepted after it.

        Scripts wait for their tasks in the order in which they were given. A task that upstream refuses takes none.
        """
        self._tasks.scripts.extend([steps] * times)

    def mend(self) -> None:
        """Switch everything off again: faults and scripts that still wait, another key, an empty account."""
        self.faults.clear()
        self._tasks.scripts.clear()
        self.key = self._first_key
        if self.balance <= 0:
            self.balance = self._first_balance

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="runware-")))
            self._films = Films(folder)
            stack.push_async_callback(self._films.close)
            self._store = Store(folder, self._result)
            self._service = Service(
                clock=self._clock,
                account=self._account,
                tasks=self._tasks,
                store=self._store,
                media_url=lambda name: f"{self.media_origin}{FOLDER}/{name}",
            )
            runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
            self.media_origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._store.origin = self.media_origin
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/v1", self._api)
        app.router.add_get(published.PATH, self._pricing)
        app.router.add_get(FOLDER + "/{name}", self._media)
        return app

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET" and request.headers.get("Upgrade", "").casefold() == "websocket":
            return await socket.serve(request, self._frame)
        if request.method != "POST":
            return _refusal(405, "methodNotAllowed", "Only POST is supported.")
        try:
            tasks = _tasks(await request.text())
        except UnicodeDecodeError:
            tasks = None
        types = self._note(tasks)
        operation = next((name for name in types if name != "authentication"), "")
        return await self.faults.meet(operation, request, lambda: self._answer(request, tasks))

    def _note(self, tasks: list[object] | None) -> tuple[str, ...]:
        types = tuple(_task_type(task) for task in tasks or [])
        self.requests.append(Request(self._clock.now(), types))
        return types

    async def _frame(self, text: str, knows_us: bool) -> tuple[Object, bool]:
        """What a frame is answered with, and whether its client may go on. `knows_us`: it has said the key."""
        tasks = _tasks(text)
        self._note(tasks)
        if not tasks:
            return _body([], [Violation(code="invalidRequest", message=NOT_AN_ARRAY).error()]), True
        data = list[Object]()
        if _task_type(tasks[0]) == "authentication":
            knows_us = str(cast(dict[str, object], tasks[0]).get("apiKey")) == self.key
            data.append({"taskType": "authentication", "connectionSessionUUID": str(uuid.uuid4())})
            tasks = tasks[1:]
        if not knows_us:
            return _body([], [_unknown_key("invalidApiKey")]), False
        done, errors, _ = await self._carry_out(tasks)
        return _body(data + done, errors), True

    async def _carry_out(self, tasks: list[object]) -> tuple[list[Object], list[Object], list[int]]:
        """What goes into `data` and `errors`, and the statuses of what was refused."""
        data, errors, refusals = list[Object](), list[Object](), list[int]()
        for task in tasks:
            reply = await self._service.answer(task)
            data += reply.data
            errors += reply.errors
            refusals += [reply.status] if reply.status != 200 else []
        return data, errors, refusals

    async def _answer(self, request: web.Request, tasks: list[object] | None) -> web.Response:
        if request.content_type != "application/json" or not tasks:
            return _refusal(400, "invalidRequest", NOT_AN_ARRAY)
        key, data = request.headers.get("Authorization", "").removeprefix("Bearer "), list[Object]()
        if _task_type(tasks[0]) == "authentication":
            key = str(cast(dict[str, object], tasks[0]).get("apiKey"))
            data.append({"taskType": "authentication"})
            tasks = tasks[1:]
        if key != self.key:
            code = "invalidApiKey" if key else "missingApiKey"
            return web.json_response({"errors": [_unknown_key(code)]}, status=401)
        done, errors, refusals = await self._carry_out(tasks)
        data += done
        status = refusals[0] if refusals and not data else 200
        return web.json_response(_body(data, errors), status=status)

    async def _pricing(self, request: web.Request) -> web.StreamResponse:
        async def answer() -> web.StreamResponse:
            return web.json_response(published.pricing())

        return await self.faults.meet("pricing", request, answer)

    async def _media(self, request: web.Request) -> web.StreamResponse:
        return await self.faults.meet("media", request, lambda: self._file(request.match_info["name"]))

    async def _file(self, name: str) -> web.StreamResponse:
        media_id, _, suffix = name.partition(".")
        film = self._tasks.film(media_id, public=True)
        if film is not None and film.suffix == suffix:
            path = await self._films.path(film)
            return web.FileResponse(path, headers={"Content-Type": CONTENT_TYPES[suffix]})
        upload = self._store.path(name)
        return web.Response(status=404) if upload is None else web.FileResponse(upload)

    async def _result(self, video_id: str) -> Path | None:
        film = self._tasks.film(video_id, public=False)
        return None if film is None else await self._films.path(film)


def _tasks(text: str) -> list[object] | None:
    try:
        body: Any = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return cast(list[object], body) if isinstance(body, list) else None


def _body(data: list[Object], errors: list[Object]) -> Object:
    return {"data": data, **({"errors": errors} if errors else {})}


def _unknown_key(code: str) -> Object:
    error = Violation(code=code, message="Invalid API key.", parameter="apiKey").error()
    return {**error, "taskType": "authentication"}


def _task_type(task: object) -> str:
    found = cast(dict[str, object], task).get("taskType") if isinstance(task, dict) else None
    return found if isinstance(found, str) else ""


def _refusal(status: int, code: str, message: str) -> web.Response:
    error = Violation(code=code, message=message).error()
    return web.json_response({"data": [], "errors": [error]}, status=status)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
