"""The sandbox's time: real time plus a shift, so that a test can be 20 minutes later at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Both sides of the sandbox read the same clock. It never goes back."""

    def __init__(self) -> None:
        self._shift = timedelta()
        self._file: Path | None = None

    def now(self) -> datetime:
        """The sandbox's present, aware, in UTC."""
        return datetime.now(UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        """Let `by` pass at once."""
        if by < timedelta():
            raise ValueError("the sandbox's clock does not go back")
        self._shift += by
        self._write()

    def share(self, file: Path) -> None:
        """Keep in `file` by how many seconds this clock is ahead: for a bot whose CLOCK_FILE it is."""
        self._file = file
        self._write()

    def _write(self) -> None:
        if self._file is not None:
            whole = self._file.with_suffix(".new")  # whoever reads it reads one or the other
            whole.write_text(f"{self._shift.total_seconds():f}", encoding="ascii")
            whole.replace(self._file)
