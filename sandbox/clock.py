"""The sandbox's time: real time plus a shift, so that a test can be 20 minutes later at once."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Both sides of the sandbox read the same clock. It never goes back."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def now(self) -> datetime:
        """The sandbox's present, aware, in UTC."""
        return datetime.now(UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        """Let `by` pass at once."""
        if by < timedelta():
            raise ValueError("the sandbox's clock does not go back")
        self._shift += by
