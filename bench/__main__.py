"""`./run bench`: measures side by side, prints the table, and keeps the figures as JSON."""

import argparse
import asyncio
import json
import math
import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench import checkouts, commands, history, renders, stall
from bench.environments import FOLDER, DidNotStart
from bench.figures import Line, table
from bench.options import Options

MEASURES: Final[Mapping[str, Callable[[Options, Path], Awaitable[list[Line]]]]] = {
    "commands": commands.rate,
    "start": commands.start,
    "memory": commands.growth,
    "checkout": checkouts.measure,
    "renders": renders.measure,
    "history": history.measure,
    "stall": stall.measure,
}
"""By the name that is given on the command line, in the table's order."""

QUICK: Final = Options(
    rounds=2, seconds=1.0, commands=500, warm_up=200, jobs=10, render_seconds=12.0, entries=20_000
)
"""Enough to see that everything works; its figures say little."""


INTERRUPTED: Final = 130  # as a shell says it: ended by Ctrl-C


def asked(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line; ends the process with a sentence when that cannot be."""
    usual = Options()
    parser = argparse.ArgumentParser(
        prog="./run bench", description="Measures Raybot beside others, over loopback."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}; without any: all")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, not as a table")
    parser.add_argument("--quick", action="store_true", help="little of everything: to see that it works")
    for name in ("rounds", "commands", "warm_up", "jobs", "entries"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=_positive, help=f"({getattr(usual, name):,})")
    for name in ("seconds", "render_seconds"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=_above_zero, help=f"({getattr(usual, name):g})")
    given = parser.parse_args(words)
    unknown = [name for name in given.names if name not in MEASURES]
    if unknown:
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(MEASURES)}")
    return given


def options(given: argparse.Namespace) -> Options:
    """Those that were said, over the usual or the quick ones."""
    base = QUICK if given.quick else Options()
    said = {name: value for name, value in vars(given).items() if name in Options.__dataclass_fields__ and value}
    return Options(**{**vars(base), **said})


async def main(given: argparse.Namespace) -> int:
    """Measure; the exit status: 0 however the goals come out, 1 where something could not be measured."""
    with_options, lines, failed = options(given), list[Line](), 0
    for name in given.names or MEASURES:
        print(f"bench: {name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="raybot-bench-") as folder:
            try:
                lines += await MEASURES[name](with_options, Path(folder))
            except DidNotStart as error:
                print(f"bench: {name}: {error}", file=sys.stderr)
                failed = 1
    report = _report(with_options, lines)
    if given.json:
        print(json.dumps(report, indent=1))
    else:
        file = FOLDER / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(report, indent=1), "utf-8")
        print(table(lines))
        print(f"The figures: {file.relative_to(FOLDER.parent)}", file=sys.stderr)
    if given.quick and not failed:
        print(
            "This was --quick: it shows that everything works; its figures and goals say little.", file=sys.stderr
        )
    return failed


def _report(given: Options, lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "options": vars(given),
        "lines": [line.as_json() for line in lines],
    }


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError("must be above 0")
    return number


def _positive(text: str) -> int:
    number = int(text.replace(",", "").replace("_", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(asked())))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
