"""A cancellation at an await of the test's choosing: the nth, and no other."""

import asyncio
import types
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


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
