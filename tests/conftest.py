"""What all tests share."""

from typing import Any, Final

import hypothesis
import pytest

from tests.report import LINES

pytest.register_assert_rewrite(
    *(
        f"tests.{name}"
        for name in ("bilingual", "bot", "cogs", "faults", "house", "sandbox", "storage", "tour", "web")
    )
)
"""What a module that is no test asserts is explained as well."""

hypothesis.settings.register_profile("house", deadline=None)  # speed is measured by benchmarks, never asserted
hypothesis.settings.load_profile("house")

LONGEST: Final = (
    "tests/test_kills.py",
    "tests/cogs/test_permissions.py",
    "tests/faults/",
    "tests/cogs/test_storm.py",
)
"""What takes longest begins first, so that nobody waits for it alone when all else is done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order of collection otherwise, file by file."""
    rank = {path: n for n, path in enumerate(LONGEST)}
    items.sort(
        key=lambda item: min((n for path, n in rank.items() if item.nodeid.startswith(path)), default=len(rank))
    )


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
