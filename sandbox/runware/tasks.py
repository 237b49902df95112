"""The tasks that Runware has accepted, and what has become of them.

Nothing runs in the background: when each result is ready is settled at acceptance, and what *has* become of
a task is worked out whenever somebody looks, from the clock. `Tasks.catch_up` bills what has become ready
since the last look.
"""

import random
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from sandbox.clock import Clock
from sandbox.runware.account import Account, Charge
from sandbox.runware.film import Film
from sandbox.runware.request import Json, results
from sandbox.runware.script import Fails, Forgotten, Plan, Step, plan
from sandbox.runware.upstream import CODE
from sandbox.runware.violation import Refused, Violation

Object: TypeAlias = dict[str, Any]

FLAGGED_WORD = "nsfw"
"""A prompt with this word makes videos that the check of the content flags, where it is asked for."""

DEFAULT_TTL = timedelta(days=7)
"""How long a result's URL works without a `ttl`: Runware does not say, several clients count on seven days."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One result. `ready_at` is None where it never will be; `amount` is what is billed then, in US dollars."""

    video_id: str
    seed: int
    ready_at: datetime | None
    amount: Decimal
    shown_cost: Decimal | None
    failure: Fails | None
    flagged: bool
    film: Film

    def ready(self, now: datetime) -> bool:
        """Whether it has succeeded or failed by `now`."""
        return self.ready_at is not None and self.ready_at <= now


@dataclass(kw_only=True)
class Task:
    """One accepted task: its request as it came, and its results."""

    task_id: str
    request: Json
    accepted_at: datetime
    items: tuple[Item, ...]
    forgotten: Forgotten | None
    billed: set[str] = field(default_factory=set[str])  # video ids

    @property
    def ttl(self) -> timedelta:
        """How long each result's URL works, counted from when it was ready."""
        seconds = self.request.get("ttl")
        return DEFAULT_TTL if seconds is None else timedelta(seconds=seconds)


class Tasks:
    """All accepted tasks by their ids in lower case, however long ago; their account; and the scripts that wait."""

    def __init__(self, *, clock: Clock, account: Account, render_seconds: float) -> None:
        self.by_id: dict[str, Task] = {}
        self.scripts: deque[Sequence[Step]] = deque()
        self.render_seconds = render_seconds
        self._clock = clock
        self._account = account
        self._by_video: dict[str, tuple[Task, Item]] = {}

    def accept(self, request: Json, each: Decimal, film: Film, refused: Sequence[Violation]) -> Task:
        """Take on a valid task whose results cost `each`; `refused` is what upstream will say against it.

        Raises `Refused`: its id was accepted before, or the balance, less what is under way, does not reach.
        """
        self.catch_up()
        task_id = str(request["taskUUID"]).lower()
        if task_id in self.by_id:
            raise conflict()
        if each * results(request) > self._account.balance - self._outstanding():
            raise Refused(Violation(code="insufficientCredits", message="Insufficient credits."), status=402)
        if refused:
            said = " ".join(violation.message for violation in refused)
            made = plan([Fails(code=CODE, message=said)], self.render_seconds)
        else:
            made = plan(self.scripts.popleft() if self.scripts else (), self.render_seconds)
        now = self._clock.now()
        items = tuple(_item(n, request, each, film, made, now) for n in range(results(request)))
        task = Task(task_id=task_id, request=request, accepted_at=now, items=items, forgotten=made.forgotten)
        self.by_id[task_id] = task
        self._by_video.update({item.video_id: (task, item) for item in items})
        return task

    def catch_up(self) -> None:
        """Bill whatever has become ready, in the order in which it did."""
        now = self._clock.now()
        due = [
            (item.ready_at, task, item)
            for task in self.by_id.values()
            for item in task.items
            if item.ready_at is not None and item.ready_at <= now and item.video_id not in task.billed
        ]
        for ready_at, task, item in sorted(due, key=lambda one: one[0]):
            task.billed.add(item.video_id)
            if item.amount:
                made = None if item.failure else item.video_id
                self._account.charge(Charge(task_id=task.task_id, video_id=made, amount=item.amount, at=ready_at))

    def film(self, video_id: str, *, public: bool) -> Film | None:
        """The film of a result that has succeeded. `public`: only while its URL works."""
        task, item = self._by_video.get(video_id.lower(), (None, None))
        now = self._clock.now()
        if task is None or item is None or item.failure or item.ready_at is None or item.ready_at > now:
            return None
        return None if public and now >= item.ready_at + task.ttl else item.film

    def _outstanding(self) -> Decimal:
        open_items = (
            item.amount
            for task in self.by_id.values()
            for item in task.items
            if item.ready_at is not None and item.video_id not in task.billed
        )
        return sum(open_items, Decimal())


def conflict() -> Refused:
    """What is answered to an id that was accepted before."""
    message = "A task with this taskUUID already exists."
    return Refused(Violation(code="conflictTaskUUID", message=message, parameter="taskUUID"))


def _item(number: int, request: Json, each: Decimal, film: Film, made: Plan, now: datetime) -> Item:
    failure = made.failure_of(number)
    lost = made.silent or (made.forgotten is not None and not made.forgotten.archived)
    amount = (failure.cost or Decimal()) if failure else (each if made.each is None else made.each)
    shown = failure.cost if failure else amount
    return Item(
        video_id=str(uuid.uuid4()),
        seed=random.randrange(1, 2**31),
        ready_at=None if lost else now + timedelta(seconds=made.seconds_of(number)),
        amount=amount,
        shown_cost=shown if made.shows_cost and request.get("includeCost") is True else None,
        failure=failure,
        flagged=made.flagged or FLAGGED_WORD in str(request.get("positivePrompt", "")).casefold().split(),
        film=film.numbered(number),
    )


def as_answer(task: Task, item: Item, now: datetime, url: str) -> tuple[Object | None, Object | None]:
    """One result as `getResponse` shows it: what goes into `data`, and what into `errors`; one of them is
    None.

    Whether an item under way already tells its `videoUUID` is UNKNOWN: here it does not. Nor does an object
    in `errors`; a failure inside `data` does.
    """
    head: dict[str, Any] = {"taskType": "videoInference", "taskUUID": task.request["taskUUID"]}
    if not item.ready(now):
        return {**head, "status": "processing"}, None
    cost = {} if item.shown_cost is None else {"cost": float(item.shown_cost)}
    if item.failure is None:
        safety = task.request.get("safety", {})
        checked = safety.get("mode", "fast" if safety.get("checkContent") else "none") != "none"
        flag = {"NSFWContent": item.flagged} if checked else {}
        made = {"videoUUID": item.video_id, "videoURL": url, "seed": item.seed}
        return {**head, "status": "success", **made, **cost, **flag}, None
    error = Violation(code=item.failure.code, message=item.failure.message).error()
    if item.failure.inside_data:
        return {**head, "status": "error", "videoUUID": item.video_id, **cost, "error": error}, None
    return None, {**error, **head, "status": "error", **cost}
