"""`python -m bench.watched FILE`: the unmodified bot, with the length of each turn of its event loop noted.

The longest since the last SIGUSR1 are written to FILE when the process is asked to end.
"""

import atexit
import heapq
import json
import runpy
import signal
import sys
from asyncio import events
from pathlib import Path
from time import perf_counter
from typing import Any, Final

KEPT: Final = 20


def watch(into: Path) -> None:
    """Time every callback that a loop runs from now on."""
    longest: list[tuple[float, str]] = []
    run: Any = events.Handle._run  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]

    def timed(handle: Any) -> None:
        began = perf_counter()
        run(handle)
        took = perf_counter() - began
        if len(longest) < KEPT:
            heapq.heappush(longest, (took, repr(handle)[:300]))
        elif took > longest[0][0]:
            heapq.heapreplace(longest, (took, repr(handle)[:300]))

    def begin_anew(number: int, frame: object) -> None:
        longest.clear()

    def write() -> None:
        found = sorted(longest, reverse=True)
        into.write_text(json.dumps({"longest": found[0][0] if found else 0.0, "turns": found}, indent=1))

    events.Handle._run = timed  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    signal.signal(signal.SIGUSR1, begin_anew)
    atexit.register(write)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
    sys.argv = ["bot"]
    runpy.run_module("bot", run_name="__main__")
