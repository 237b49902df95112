"""What a test makes of the next accepted task, instead of a plain success after `render_seconds`.

A new behaviour is a class here, a member of `Step`, and a case in `plan`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias, assert_never


@dataclass(frozen=True, kw_only=True)
class Fails:
    """Every result fails. `cost` is billed for each all the same, and shown beside the error.

    `inside_data` chooses the second error shape: an item in `data` with a nested `error`, instead of an
    object in `errors` (runware.md 2.1).
    """

    code: str = "invalidProviderContent"
    message: str = "The provider's content moderation refused this request."
    cost: Decimal | None = None
    inside_data: bool = False


@dataclass(frozen=True)
class Partial:
    """Only the results with these numbers, counted from 0, fail, as `how` says."""

    failed: tuple[int, ...]
    how: Fails = Fails()


@dataclass(frozen=True)
class Takes:
    """All results are ready after `seconds`, counted from acceptance."""

    seconds: float


@dataclass(frozen=True)
class Late:
    """Result n is ready after `seconds[n]`, counted from acceptance; the last figure serves any further."""

    seconds: tuple[float, ...]


@dataclass(frozen=True)
class Silent:
    """The task is processed for ever."""


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """`getResponse` knows nothing of the task, from its acceptance on; sending it again still conflicts.

    `archived`: it is carried out and billed, and `getTaskDetails` knows it. Otherwise nothing comes of it.
    """

    archived: bool = False


@dataclass(frozen=True)
class NoCost:
    """Successes are billed, but come without a `cost`."""


@dataclass(frozen=True)
class Costs:
    """Each success costs, and is billed at, this many dollars instead of its price."""

    each: Decimal


@dataclass(frozen=True)
class Flagged:
    """The check of the content, where it was asked for, flags every success."""


Step: TypeAlias = Fails | Partial | Takes | Late | Silent | Forgotten | NoCost | Costs | Flagged


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of one task: the steps of its script put together."""

    seconds: tuple[float, ...]
    failure: Fails | None = None
    failed: tuple[int, ...] | None = None  # None: all, where there is a failure
    silent: bool = False
    forgotten: Forgotten | None = None
    shows_cost: bool = True
    each: Decimal | None = None
    flagged: bool = False

    def seconds_of(self, number: int) -> float:
        """How long result `number` takes, counted from acceptance."""
        return self.seconds[min(number, len(self.seconds) - 1)]

    def failure_of(self, number: int) -> Fails | None:
        """How result `number` fails, if it does."""
        return self.failure if self.failed is None or number in self.failed else None


def plan(steps: Sequence[Step], render_seconds: float) -> Plan:
    """The plan for a task that meets all of `steps` at once; later steps win over earlier ones."""
    made = Plan(seconds=(render_seconds,))
    for step in steps:
        match step:
            case Fails():
                made = replace(made, failure=step, failed=None)
            case Partial():
                made = replace(made, failure=step.how, failed=step.failed)
            case Takes():
                made = replace(made, seconds=(step.seconds,))
            case Late():
                made = replace(made, seconds=step.seconds)
            case Silent():
                made = replace(made, silent=True)
            case Forgotten():
                made = replace(made, forgotten=step)
            case NoCost():
                made = replace(made, shows_cost=False)
            case Costs():
                made = replace(made, each=step.each)
            case Flagged():
                made = replace(made, flagged=True)
            case _:
                assert_never(step)
    return made
