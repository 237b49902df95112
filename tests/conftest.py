"""What all tests share."""

from typing import Any

import pytest

from tests.report import LINES


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the bot does."""
    return "asyncio"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands what it has to report to the process that started it (pytest-xdist)."""
    output: Any = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["report"] = LINES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect it. A worker that has crashed has none."""
    LINES.extend(getattr(node, "workeroutput", {}).get("report", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the tests have to report."""
    if LINES:
        terminalreporter.section("report")
        for line in LINES:
            terminalreporter.write_line(line)
