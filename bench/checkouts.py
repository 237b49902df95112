"""Checkouts in a second: 64 at once and durable, against the same SQL without anything around it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from bench.environments import ROOT, environment
from bench.figures import By, Goal, Line, Sample
from bench.options import Options

AT_ONCE: Final = 64
CHECKOUTS: Final = 512  # in a round


async def measure(options: Options, folder: Path) -> list[Line]:
    """`confirm` of stored quotes: each checks them again, holds the price and queues the job, on the disk."""
    template, record = folder / "template.db", folder / "statements.json"
    run("prepare", str(template), str(CHECKOUTS))
    run("record", str(_copy(template, folder / "recorded.db")), str(record))
    sides: tuple[list[float], list[float]] = ([], [])
    for number in range(options.rounds):
        ours = run("confirm", str(_copy(template, folder / f"ours-{number}.db")), str(AT_ONCE))
        plain = run("replay", str(_copy(template, folder / f"plain-{number}.db")), str(record))
        sides[0].append(CHECKOUTS / ours["seconds"])
        sides[1].append(CHECKOUTS / plain["seconds"])
    return [
        Line(
            what=f"checkout, {AT_ONCE} at once, durable",
            against="the same SQL on one plain `sqlite3` connection, a commit each",
            unit="a second",
            ours=Sample(tuple(sides[0])),
            theirs=Sample(tuple(sides[1])),
            goal=Goal(by=By.RATIO, bound=1.0, at_least=True),
        )
    ]


def _copy(template: Path, to: Path) -> Path:
    shutil.copyfile(template, to)
    return to


def run(*words: str) -> dict[str, Any]:
    """A step in a process of its own; what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.confirming", *words],
        cwd=ROOT,
        env={**environment(), "PATH": ""},
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)
