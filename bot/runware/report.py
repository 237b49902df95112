"""What the provider says of its tasks, read out of its answers. It may say anything: nothing here trusts it."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, TypeAlias, cast

from bot.domain.job import Arrival, Reason
from bot.domain.money import NANOS, ZERO, Usd
from bot.runware.errors import UNKNOWN_TASK_CODES, failure_of

log = logging.getLogger(__name__)

Item: TypeAlias = Mapping[str, Any]
"""One JSON object of an answer."""

MOST_PLAUSIBLE_AMOUNT: Final = Decimal(1_000_000)  # dollars; a number beyond it is a fault, not money


class Unreadable(ValueError):
    """The body is not an answer of the provider's."""


@dataclass(frozen=True)
class Answer:
    """An envelope: what is told of tasks, and what went wrong, in whichever of its forms it came."""

    data: tuple[Item, ...]
    errors: tuple[Item, ...]


@dataclass
class Report:
    """What is known of one task: results that are in, and how many are said to be in the making."""

    finished: list[Arrival] = field(default_factory=list[Arrival])
    in_the_making: int = 0

    def arrivals(self, count: int) -> tuple[Arrival, ...]:
        """The finished results of a task that was asked for `count`.

        A task that failed as a whole is reported once, for all of its results.
        """
        finished = tuple(self.finished)
        failed = [arrival for arrival in finished if arrival.failure is not None]
        if self.in_the_making or len(failed) < len(finished) or not failed:
            return finished
        return (*finished, *[replace(failed[-1], video_id=None, cost=None)] * (count - len(finished)))


def read(body: bytes) -> Answer:
    """The envelope in `body`. Raises Unreadable for what is not one."""
    try:
        answer: object = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    if not isinstance(answer, dict):
        raise Unreadable("not a JSON object")
    envelope = cast("dict[str, object]", answer)
    errors = (*_objects(envelope.get("errors")), *_objects(envelope.get("error")))
    if "data" not in envelope and not errors:
        raise Unreadable("neither data nor errors")
    return Answer(tuple(_objects(envelope.get("data"))), errors)


def reports(answer: Answer, task_ids: Sequence[str]) -> dict[str, Report]:
    """What the answer says of each of these tasks; a task it does not know is not in it."""
    found: dict[str, Report] = {}
    for item in answer.data:
        if item.get("taskUUID") in task_ids:
            _read_item(item, found.setdefault(item["taskUUID"], Report()))
    for error in answer.errors:
        if error.get("taskUUID") in task_ids and error.get("code") not in UNKNOWN_TASK_CODES:
            found.setdefault(error["taskUUID"], Report()).finished.append(_failure(error, error))
    return found


def archived(answer: Answer, task_id: str) -> Report | None:
    """What the provider's archive says of a task. It keeps the last answer that the task id received, so the
    refusal of a second send may stand in the place of the render: that says nothing."""
    for item in answer.data:
        for response in _objects(item.get("response")):
            errors = (
                error for error in _objects(response.get("errors")) if error.get("code") != "conflictTaskUUID"
            )
            kept = Answer(tuple(_objects(response.get("data"))), tuple(errors))
            if report := reports(kept, [task_id]).get(task_id):
                return report
    return None


def _objects(value: object) -> Iterable[Item]:
    values: list[object] = cast("list[object]", value) if isinstance(value, list) else [value]
    return [cast("Item", each) for each in values if isinstance(each, dict)]


def _read_item(item: Item, report: Report) -> None:
    url, status = item.get("videoURL"), item.get("status")
    if isinstance(url, str) and url and status != "error":
        links = (url, *_other_links(item, url))
        report.finished.append(Arrival(_text(item.get("videoUUID")) or url, links, cost(item), None))
    elif status in ("error", "failed"):
        error = item.get("error")
        report.finished.append(_failure(cast("Item", error) if isinstance(error, dict) else item, item))
    elif status in ("success", "completed"):
        log.error("a success came without its link: %s", _short(item))
        report.finished.append(Arrival(_text(item.get("videoUUID")), (), cost(item), Reason.BROKEN))
    else:
        report.in_the_making += 1


def _failure(error: Item, item: Item) -> Arrival:
    log.warning("task %s failed: %s", item.get("taskUUID"), _short(error))
    return Arrival(_text(item.get("videoUUID")), (), cost(item), failure_of(error))


def _other_links(item: Item, url: str) -> list[str]:
    """No page says which field carries an EXR sequence, so every further link of a result counts."""
    return [
        value for name, value in item.items() if name.endswith("URL") and isinstance(value, str) and value != url
    ]


def cost(item: Item) -> Usd | None:
    """What a result cost; None where the provider does not say so plausibly."""
    amount = dollars(item.get("cost"))
    if amount is None or amount >= ZERO:
        return amount
    log.error("this is not a cost: %s", _short(item))
    return None


def dollars(value: object) -> Usd | None:
    """A JSON number as an amount, rounded to a nano-dollar; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount) > MOST_PLAUSIBLE_AMOUNT:
        return None
    return Usd(int((amount * NANOS).to_integral_value(ROUND_HALF_UP)))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _short(item: Item) -> str:
    return ", ".join(f"{name}={str(value)[:200]!r}" for name, value in item.items() if name != "positivePrompt")
