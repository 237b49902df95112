"""A cancellation at an await of the test's choosing: the nth, and no other."""

import asyncio
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, TypeVar

import pytest

from storage.direct import Direct

T = TypeVar("T")


def wait_at_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on others get their turn before each statement: by itself none waits, and a transaction could be
    cancelled nowhere in its midst. So it holds for one that will await something else there, too."""

    def waiting(does: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def waits(*given: Any) -> Any:
            await asyncio.sleep(0)
            return await does(*given)

        return waits

    for name in ("execute", "executemany", "execute_fetchall"):
        monkeypatch.setattr(Direct, name, waiting(getattr(Direct, name)))


@types.coroutine
def interrupted(work: Coroutine[Any, Any, T], *at: int) -> Generator[Any, Any, T]:
    """Await `work`, and cancel it as it waits for the nth time, for each n of `at`.

    What it was waiting for goes on without it, as it does when a task is cancelled. Where it waits less often than
    that, nothing is cancelled: a loop over n ends with the first n that lets the work return.
    """
    waited = 0
    try:
        waits_for = work.send(None)
        while True:
            waited += 1
            if waited in at:
                waits_for = work.throw(asyncio.CancelledError())
                continue
            try:
                yield waits_for
            except BaseException as error:
                waits_for = work.throw(error)
            else:
                waits_for = work.send(None)
    except StopIteration as done:
        return done.value
