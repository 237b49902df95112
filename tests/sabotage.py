"""`./run sabotage`: breaks each promise in a copy of the project, and shows that its test then fails.

A test that cannot fail keeps no promise. Each sabotage is a few lines; its tests pass in a copy that is whole and
fail in the broken one. To add one: a Sabotage, with the test that is to notice. Words after the command choose by
promise, such as `./run sabotage 3`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
LEFT_OUT: Final = shutil.ignore_patterns(
    ".venv", ".git", "data", "__pycache__", ".hypothesis", ".ruff_cache", ".env"
)
PATIENCE: Final = 300  # seconds for one run of tests
TESTS_FAILED: Final = 1  # pytest's exit status for that, and for nothing else


@dataclass(frozen=True)
class Edit:
    """In `file`, `old` (which stands there once) becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Sabotage:
    """One way to break a promise (its number in the README), and the tests that are to notice."""

    promise: int
    what: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


SABOTAGES: Final = (
    Sabotage(
        3,
        "the restarted bot forgets what it was sending",
        (
            Edit(
                "bot/submission.py",
                "if job.state is State.SENDING and job.id not in self._under_way:",
                "if job.state is State.SENDING and False:",
            ),
        ),
        ("tests/test_kills.py::test_killed_while_sending",),
    ),
    Sabotage(
        3,
        "an unclear send is repeated under a new task id",
        (
            Edit(
                "bot/submission.py",
                "await self._runware.submit(job.body, task_id=job.task_id)",
                "import uuid; new = str(uuid.uuid4()); "
                "await self._runware.submit(job.body.replace(job.task_id, new), task_id=new)",
            ),
        ),
        ("tests/test_kills.py::test_killed_while_sending",),
    ),
    Sabotage(
        3,
        "a post is not looked for before it is made again",
        (Edit("cogs/delivery.py", "if found is not None:", "if False:"),),
        ("tests/test_kills.py::test_a_post_is_found_when_discord_has_long_forgotten_its_nonce",),
    ),
)


def misfits(sabotage: Sabotage) -> list[str]:
    """The edits that no longer fit the code, in words."""
    found: list[str] = []
    for edit in sabotage.edits:
        times = (ROOT / edit.file).read_text("utf-8").count(edit.old)
        if times != 1:
            found.append(f"{edit.file} has {edit.old!r} {times} times")
    return found


def run_tests(tests: Sequence[str], edits: Sequence[Edit]) -> int:
    """pytest's exit status for these tests in a copy of the project with these edits."""
    with tempfile.TemporaryDirectory(prefix="raybot-sabotage-") as folder:
        copy = Path(folder) / "raybot"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for edit in edits:
            file = copy / edit.file
            file.write_text(file.read_text("utf-8").replace(edit.old, edit.new), "utf-8")
        # warnings stay warnings here: a broken promise is to be noticed by its test, not by a linter's luck
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-W", "default", "-p", "no:cacheprovider", *tests]
        environment = os.environ | {"RAYBOT_KILLS": "4", "RAYBOT_PATIENCE": "12"}
        ran = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        if ran.returncode not in (0, TESTS_FAILED):
            print(ran.stdout.decode()[-2000:], ran.stderr.decode()[-2000:], sep="\n")
        return ran.returncode


def main(chosen: Sequence[str]) -> int:
    """The exit status: 0 when every sabotage was noticed."""
    sabotages = [one for one in SABOTAGES if not chosen or str(one.promise) in chosen]
    if rotten := [says for one in sabotages for says in misfits(one)]:
        print("These sabotages no longer fit the code:", *rotten, sep="\n")
        return 1
    whole = run_tests(sorted({test for one in sabotages for test in one.tests}), ())
    if whole != 0:
        print("The tests fail in a copy that nobody broke; mend that first.")
        return 1
    survived = 0
    for one in sabotages:
        began = time.monotonic()
        status = run_tests(one.tests, one.edits)
        survived += status != TESTS_FAILED
        mark = "✓ noticed" if status == TESTS_FAILED else f"✗ NOT NOTICED (exit {status})"
        print(f"{mark:<12} promise {one.promise}: {one.what} ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
