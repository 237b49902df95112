"""What time it is: the machine's time or, in tests and the sandbox, later than that by what a file says.

The seam is CLOCK_FILE (docs/decisions/0034). Whatever has to know the time is given `Clock.now`.
"""

import contextlib
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

FURTHEST: Final = timedelta(days=3660)
"""Nobody rehearses more than ten years."""


class WrongClock(Exception):
    """The file cannot be read, or says no number of seconds; one line for the operator."""


class Clock:
    """Time that goes on, and never back. `file`: how many seconds it is ahead, read whenever somebody asks.

    Raises WrongClock where there is a file that says nothing; later on what it said last counts.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._ahead = timedelta() if file is None else _said(file)

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        if self._file is not None:
            with contextlib.suppress(WrongClock):
                self._ahead = max(self._ahead, _said(self._file))
        return datetime.now(UTC) + self._ahead


def _said(file: Path) -> timedelta:
    try:
        seconds = float(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise WrongClock(f"CLOCK_FILE: holds no number of seconds: {type(error).__name__}") from error
    if not (math.isfinite(seconds) and 0 <= seconds <= FURTHEST.total_seconds()):
        raise WrongClock("CLOCK_FILE: holds no number of seconds from 0 to ten years")
    return timedelta(seconds=seconds)
