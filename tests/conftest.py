"""What all tests share."""

import pytest

from tests.report import LINES


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the bot does."""
    return "asyncio"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the tests have to report."""
    if LINES:
        terminalreporter.section("report")
        for line in LINES:
            terminalreporter.write_line(line)
