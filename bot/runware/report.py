"""What the provider says of its tasks, read out of its answers. It may say anything: nothing here trusts it."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlsplit

from bot.domain.job import Arrival, Reason
from bot.domain.money import NANOS, ZERO, Usd
from bot.runware.errors import UNKNOWN_TASK_CODES, failure_of, shown

log = logging.getLogger(__name__)

Item: TypeAlias = Mapping[str, Any]
"""One JSON object of an answer."""

MOST_LINKS: Final = 50  # beside the video's own
DEEPEST: Final = 4  # levels of an answer's item in which links are looked for
MOST_PLAUSIBLE_COST: Final = Usd.of(100)  # of one result; the dearest that there is costs less than 13
MOST_PLAUSIBLE_AMOUNT: Final = Decimal(1_000_000)  # dollars; a number beyond it is a fault, not money

OVER: Final = frozenset({"error", "failed", "cancelled", "canceled", "expired", "rejected", "timeout"})
"""Words for a result that will not come. Of these the pages name `error` alone; the rest is caution."""

RUNNING: Final = frozenset({"processing", "pending", "queued", "scheduled", "waiting"})
"""Words for a result that is in the making, whatever else is told of it; so is any other without a link."""


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

    def add(self, arrival: Arrival) -> None:
        """Note a finished result, once however often the answer repeats it."""
        if arrival.video_id is None or all(arrival.video_id != known.video_id for known in self.finished):
            self.finished.append(arrival)

    def arrivals(self, count: int) -> tuple[Arrival, ...]:
        """The finished results of a task that was asked for `count`.

        A task that failed as a whole is reported once, for all of its results. A failure that is told both in
        `data` and in `errors` is one: it shows where more is told than was asked for.
        """
        nameless = [arrival for arrival in self.finished if arrival.video_id is None]
        finished = tuple(arrival for arrival in self.finished if arrival.video_id is not None)
        room = max(count - self.in_the_making - len(finished), 0)
        finished += tuple(nameless[:room])
        failed = [arrival for arrival in finished if arrival.failure is not None]
        if self.in_the_making or len(failed) < len(finished) or not failed:
            return finished
        return (*finished, *[replace(failed[-1], video_id=None, cost=None)] * (count - len(finished)))


def read(body: bytes) -> Answer:
    """The envelope in `body`. Raises Unreadable for what is not one."""
    try:
        answer: object = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError, InvalidOperation) as error:  # the last: a number with too long an exponent
        raise Unreadable("not JSON") from error
    if not isinstance(answer, dict):
        raise Unreadable("not a JSON object")
    envelope = cast("dict[str, object]", answer)
    data = _objects(envelope.get("data"))
    errors = [*_objects(envelope.get("errors")), *_objects(envelope.get("error"))]
    if not data and not errors and not _is_empty(envelope):
        raise Unreadable("neither data nor errors")
    return Answer(tuple(data), tuple(errors))


def reports(answer: Answer, task_ids: Sequence[str]) -> dict[str, Report]:
    """What the answer says of each of these tasks; a task it does not know is not in it."""
    found: dict[str, Report] = {}
    for item in answer.data:
        if item.get("taskUUID") in task_ids:
            _read_item(item, found.setdefault(item["taskUUID"], Report()))
    for error in answer.errors:
        if error.get("taskUUID") in task_ids and not is_unknown_task(error):
            found.setdefault(error["taskUUID"], Report()).add(_failure(error, error))
    return found


def is_unknown_task(error: Item) -> bool:
    """Whether an error only says that the task is not known."""
    return shown(error.get("code")) in UNKNOWN_TASK_CODES


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


def _is_empty(envelope: Item) -> bool:
    """Whether this is a plain "nothing", rather than something in a form that we do not know."""
    return envelope.get("data") == [] and not envelope.get("errors") and not envelope.get("error")


def _objects(value: object) -> list[Item]:
    values: list[object] = cast("list[object]", value) if isinstance(value, list) else [value]
    return [cast("Item", each) for each in values if each and isinstance(each, dict)]


def _read_item(item: Item, report: Report) -> None:
    url, video_id, status = _link(item.get("videoURL")), _text(item.get("videoUUID")), item.get("status")
    if isinstance(status, str) and status in OVER:
        error = item.get("error")
        report.add(_failure(cast("Item", error) if isinstance(error, dict) else item, item))
    elif isinstance(status, str) and status in RUNNING:
        report.in_the_making += 1
    elif url is not None:
        links = (url, *_other_links(item, url))
        report.add(Arrival(video_id or url, links, cost(item), None, flagged=_is_flagged(item)))
    elif status in ("success", "completed"):
        log.error("a success came without its link: %s", _short(item))
        report.add(Arrival(video_id, (), cost(item), Reason.BROKEN))
    else:
        report.in_the_making += 1


def _is_flagged(item: Item) -> bool:
    """Whether the check of the content found something; an answer that is not understood counts as yes."""
    return item.get("NSFWContent") not in (None, False)


def _failure(error: Item, item: Item) -> Arrival:
    log.warning("task %s failed: %s", item.get("taskUUID"), _short(error))
    return Arrival(_text(item.get("videoUUID")), (), cost(item), failure_of(error))


def _other_links(item: Item, url: str) -> list[str]:
    """No page says which field carries an EXR sequence, so every further link of a result counts, however deep."""
    others = [link for link in dict.fromkeys(_links(item)) if link != url]
    beside = [link for link in others if _is_beside(link, url)][:MOST_LINKS]
    if len(beside) < len(others):
        log.error("%d links of a result are not kept: %s", len(others) - len(beside), _short(item))
    return beside


def _links(value: object, depth: int = 0) -> Iterator[str]:
    """Every link in a value, in its order, down to `DEEPEST`."""
    if (link := _link(value)) is not None:
        yield link
    elif isinstance(value, Mapping | list) and depth < DEEPEST:
        inner = cast("Item", value).values() if isinstance(value, Mapping) else cast("list[object]", value)
        for each in inner:
            yield from _links(each, depth + 1)


def _is_beside(link: str, url: str) -> bool:
    """Whether a link leads to where the video is: an address that the provider only repeats is nobody's to see."""
    try:
        host = urlsplit(link).hostname or ""
        return host == urlsplit(url).hostname or host.endswith(".runware.ai")
    except ValueError:
        return False


def cost(item: Item) -> Usd | None:
    """What a result cost; None where the provider does not say so plausibly."""
    amount = dollars(item.get("cost"))
    if amount is None or ZERO <= amount <= MOST_PLAUSIBLE_COST:
        return amount
    log.error("this is not a cost: %s", _short(item))
    return None


def dollars(value: object) -> Usd | None:
    """A JSON number as an amount, rounded to a nano-dollar; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    if not -MOST_PLAUSIBLE_AMOUNT <= amount <= MOST_PLAUSIBLE_AMOUNT:  # exact, where abs() overflows
        return None
    return Usd(int((amount * NANOS).to_integral_value(ROUND_HALF_UP)))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value and value.isprintable() else None


def _link(value: object) -> str | None:
    text = _text(value)
    return text if text is not None and text.startswith(("https://", "http://")) else None


def _short(item: Item) -> str:
    return ", ".join(f"{shown(name)}={shown(value)!r}" for name, value in item.items() if name != "positivePrompt")
