"""What Runware answers to one task, whatever its type: the meaning of the API, without HTTP.

A task type is a method here and a line in `answer`. Choices where nothing is published: `getTaskDetails` of an
unknown id is `taskNotFound`, 404; an id whose submit was *refused* may be submitted again: only acceptance makes it
conflict.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sandbox.clock import Clock
from sandbox.runware import prices, rules, upstream
from sandbox.runware.account import Account
from sandbox.runware.archive import Archive
from sandbox.runware.fields import is_uuid4
from sandbox.runware.film import Film
from sandbox.runware.request import FPS, Json, canvas, kind, tier, value
from sandbox.runware.sizes import Size, like
from sandbox.runware.store import Store
from sandbox.runware.tasks import Task, Tasks, as_answer, conflict
from sandbox.runware.upstream import Source
from sandbox.runware.violation import Refused, Violation


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One `videoInference` as it came. `verdict`: `accepted`, or the code of the first thing wrong with it."""

    at: datetime
    task_id: str
    verdict: str
    request: Json


@dataclass
class Reply:
    """What one task adds to the answer. `status` is the HTTP status where the answer has no `data` at all."""

    data: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    errors: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    status: int = 200


class Service:
    """The task types of the API over one account. `media_url` makes a result's address from its file name."""

    def __init__(
        self, *, clock: Clock, account: Account, tasks: Tasks, store: Store, media_url: Callable[[str], str]
    ) -> None:
        self.submissions: deque[Submission] = deque(maxlen=10_000)
        self._clock = clock
        self._account = account
        self._tasks = tasks
        self._store = store
        self._archive = Archive()
        self._media_url = media_url

    async def answer(self, task: object) -> Reply:
        """Carry out one element of the request's array. Never raises for what a client can send."""
        if not isinstance(task, Mapping):
            error = Violation(code="invalidTask", message="Each task must be an object.").error()
            return Reply(errors=[error], status=400)
        asked = cast(Json, task)
        known: dict[object, Callable[[Json], Awaitable[Reply]]] = {
            "videoInference": self._video_inference,
            "getResponse": self._get_response,
            "getTaskDetails": self._get_task_details,
            "accountManagement": self._account_management,
            "mediaStorage": self._media_storage,
            "imageUpload": self._image_upload,
            "ping": self._ping,
        }
        kind_of_task = asked.get("taskType")
        carry_out = known.get(kind_of_task) if isinstance(kind_of_task, str) else None
        try:
            if carry_out is None:
                message = "Missing or unsupported 'taskType'."
                raise Refused(Violation(code="unsupportedTaskType", message=message, parameter="taskType"))
            return await carry_out(asked)
        except Refused as refused:
            errors = [violation.error(asked) for violation in refused.violations]
            return Reply(errors=errors, status=refused.status)

    async def _video_inference(self, task: Json) -> Reply:
        try:
            accepted = await self._accept(task)
        except Refused as refused:
            self._note(task, refused.violations[0].code)
            self._archive.refused(task, refused, self._clock.now())
            raise
        acknowledgement = {"taskType": "videoInference", "taskUUID": task["taskUUID"]}
        self._note(task, "accepted")
        self._archive.accepted(task, acknowledgement, accepted.accepted_at)
        return Reply([acknowledgement])

    async def _accept(self, task: Json) -> Task:
        if str(task.get("taskUUID")).lower() in self._tasks.by_id:
            raise conflict()
        if found := rules.violations(task):
            raise Refused(*found)
        source = await self._store.video(task["inputs"]["video"]) if value(task, "inputs.video") else None
        frames: list[str | Json] = value(task, "inputs.frameImages") or []
        images = [await self._store.image(one if isinstance(one, str) else one["image"]) for one in frames]
        # Nothing is awaited from here on: of two equal ids at one instant, the second meets the first.
        film = _film(task, source, images)
        return self._tasks.accept(task, prices.price(task, source), film, upstream.violations(task, source))

    def _note(self, task: Json, verdict: str) -> None:
        self.submissions.append(
            Submission(at=self._clock.now(), task_id=str(task.get("taskUUID")), verdict=verdict, request=task)
        )

    async def _get_response(self, task: Json) -> Reply:
        known = self._tasks.by_id.get(_task_id(task).lower())
        return Reply() if known is None or known.forgotten else self._now(known)

    def _now(self, task: Task) -> Reply:
        """All results of `task` as they stand: those that are ready first, in the order in which they became so."""
        self._tasks.catch_up()
        now = self._clock.now()
        reply = Reply()
        for item in sorted(task.items, key=lambda one: one.ready_at.timestamp() if one.ready_at else float("inf")):
            shown, error = as_answer(task, item, now, self._media_url(f"{item.video_id}.{item.film.suffix}"))
            reply.data += [shown] if shown else []
            reply.errors += [error] if error else []
        return reply

    async def _get_task_details(self, task: Json) -> Reply:
        task_id = _task_id(task)
        archived, known = self._archive.find(task_id), self._tasks.by_id.get(task_id.lower())
        if archived is None or (known and known.forgotten and not known.forgotten.archived):
            message = "No task with this taskUUID was found."
            raise Refused(Violation(code="taskNotFound", message=message, parameter="taskUUID"), status=404)
        response = archived.response
        now = self._clock.now()
        if known and any(item.ready(now) and item.ready_at and item.ready_at > archived.at for item in known.items):
            reply = self._now(known)
            finished = [shown for shown in reply.data if shown["status"] != "processing"]
            response = {"data": finished, **({"errors": reply.errors} if reply.errors else {})}
        head = {"taskType": "getTaskDetails", "taskUUID": task_id}
        return Reply([{**head, "request": [archived.request], "response": response}])

    async def _account_management(self, task: Json) -> Reply:
        task_id = _task_id(task)
        _operation(task, ("getDetails",))
        self._tasks.catch_up()
        head = {"taskType": "accountManagement", "taskUUID": task_id, "operation": "getDetails"}
        return Reply([{**head, **self._account.details(self._clock.now())}])

    async def _media_storage(self, task: Json) -> Reply:
        head = {"taskType": "mediaStorage", "taskUUID": _task_id(task)}
        media = _string(task, "media")
        if _operation(task, ("upload", "delete")) == "delete":
            self._store.remove(media)
            return Reply([{**head, "mediaUUID": media}])
        media_id = await self._store.add(media)
        return Reply([{**head, "mediaUUID": media_id, "mediaURL": self._media_url(media_id)}])

    async def _image_upload(self, task: Json) -> Reply:
        head = {"taskType": "imageUpload", "taskUUID": _task_id(task)}
        reference = _string(task, "image")
        await self._store.image(reference)
        media_id = await self._store.add(reference)
        return Reply([{**head, "imageUUID": media_id, "imageURL": self._media_url(media_id)}])

    async def _ping(self, task: Json) -> Reply:
        return Reply([{"pong": True}])


def _film(task: Json, source: Source | None, images: list[Size]) -> Film:
    """What each result of a valid task shows. A picture's or video's proportions decide where no size is named."""
    shape = canvas(task)
    if shape is None:
        shape = like((source.width, source.height) if source else images[0], tier(task))
    marks = (name for name in ("hdr", "loop", "exrExport") if value(task, f"settings.{name}") is True)
    return Film(
        prompt=task["positivePrompt"],
        width=shape[0],
        height=shape[1],
        frames=source.frames if source else int(FPS * task.get("duration", 5)),
        form=task.get("outputFormat", "MP4"),
        quality=task.get("outputQuality", 95),
        notes=(" ".join((kind(task), *marks)),),
    )


def _task_id(task: Json) -> str:
    if not is_uuid4(task.get("taskUUID")):
        message = "'taskUUID' must be a UUID v4."
        raise Refused(Violation(code="invalidTaskUUID", message=message, parameter="taskUUID"))
    return task["taskUUID"]


def _operation(task: Json, allowed: tuple[str, ...]) -> str:
    found = _string(task, "operation")
    if found not in allowed:
        more = {"allowedValues": list(allowed)}
        message = f"Unknown operation: use one of {', '.join(allowed)}."
        raise Refused(Violation(code="invalidOperation", message=message, parameter="operation", more=more))
    return found


def _string(task: Json, name: str) -> str:
    found = task.get(name)
    if not isinstance(found, str) or not found:
        code = ("invalid" if name in task else "missing") + name.capitalize()
        raise Refused(Violation(code=code, message=f"'{name}' must be a non-empty string.", parameter=name))
    return found
