"""The bot's clock: the machine's, and with CLOCK_FILE ahead of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Clock, WrongClock
from sandbox.clock import Clock as Theirs


def ahead(clock: Clock) -> int:
    """By how many minutes it is ahead of the machine's."""
    return round((clock.now() - datetime.now(UTC)) / timedelta(minutes=1))


def test_without_a_file_it_is_the_machines_time() -> None:
    assert ahead(Clock()) == 0


def test_it_is_the_sandboxs_time_whenever_that_jumps(tmp_path: Path) -> None:
    theirs = Theirs()
    theirs.advance(timedelta(minutes=5))
    theirs.share(tmp_path / "clock")
    ours = Clock(tmp_path / "clock")
    assert ahead(ours) == 5
    theirs.advance(timedelta(days=31))
    assert ahead(ours) == 5 + 31 * 24 * 60


def test_it_never_goes_back_and_what_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("600")
    clock = Clock(file)
    for text in ("60", "", "nan", "-1", "soon", "1e12"):
        file.write_text(text)
        assert ahead(clock) == 10
    file.unlink()
    assert ahead(clock) == 10


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "-1", "1e12"])
def test_a_file_that_says_no_seconds_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "clock").write_text(text)
    with pytest.raises(WrongClock, match="CLOCK_FILE: holds no number of seconds"):
        Clock(tmp_path / "clock")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongClock, match="FileNotFoundError"):
        Clock(tmp_path / "clock")
