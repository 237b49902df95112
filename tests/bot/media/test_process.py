# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What the bot does with a process that misbehaves."""

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.media.probe import PROBE, UnusableMedia, probe
from bot.media.process import hand_over
from tests.bot.media.made import (
    clip,
    picture,
    probed,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program to run in the probe's place, and a folder for it to write in."""
    (tmp_path / "bot" / "media").mkdir(parents=True)
    monkeypatch.setattr("bot.media.process.ROOT", tmp_path)
    (tmp_path / "input").write_bytes(picture("png"))
    return tmp_path


HANG = "import os, pathlib, time; pathlib.Path(f'{os.getpid()}.pid').touch(); time.sleep(60)"


def program(folder: Path, text: str) -> None:
    (folder / "bot" / "media" / "inspection.py").write_text(text)


def started(folder: Path) -> int:
    return len(list(folder.glob("*.pid")))


def alive(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*.pid") if Path("/proc", path.stem).exists()]


async def test_a_probe_that_hangs_is_ended(impostor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.probe.PROBE", replace(PROBE, seconds=1))
    program(impostor, HANG)
    with pytest.raises(UnusableMedia, match="took too long"):
        await probe(impostor / "input")
    assert started(impostor) == 1
    assert not alive(impostor)


async def test_a_probe_that_is_cancelled_is_ended(impostor: Path) -> None:
    program(impostor, HANG)
    asking = asyncio.create_task(probe(impostor / "input"))
    while not alive(impostor):
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not alive(impostor)


async def test_only_a_few_run_at_once(impostor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.probe.PROBE", replace(PROBE, seconds=1))
    program(impostor, HANG)
    asking = [asyncio.create_task(probe(impostor / "input")) for _ in range(PROBE.at_once + 2)]
    most = 0
    while not all(task.done() for task in asking):
        most = max(most, len(alive(impostor)))
        await asyncio.sleep(0.02)
    await asyncio.gather(*asking, return_exceptions=True)
    assert most == PROBE.at_once
    assert started(impostor) == PROBE.at_once + 2


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.kill(os.getpid(), 11)",
        "raise RuntimeError('a bug')",
        "print('nonsense')",
        "print('[1, 2]')",
        """print('{"reason": "no such reason", "facts": {}}')""",
        """print('{"reason": "lying", "facts": {"stated": "@everyone", "found": 1}}')""",
        """print('{"kind": "image"}')""",
        "",
    ],
)
async def test_a_probe_that_crashes_or_lies_refuses_the_file_alone(
    text: str, impostor: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program(impostor, text)
    with pytest.raises(UnusableMedia, match="damaged or unusual"):
        await probe(impostor / "input")
    assert "bot.media.inspection ended with" in caplog.text


async def test_a_probe_is_told_nothing_but_the_bytes(impostor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-token-that-nobody-may-see")
    program(
        impostor,
        "import os, pathlib, sys; "
        "pathlib.Path('told').write_text(repr((dict(os.environ), sys.argv[1:], len(sys.stdin.buffer.read()))))",
    )
    with pytest.raises(UnusableMedia):
        await probe(impostor / "input")
    told = (impostor / "told").read_text()
    assert "a-token" not in told
    assert "input" not in told
    assert told.endswith(f", [], {(impostor / 'input').stat().st_size})")


async def test_the_loop_goes_on_meanwhile(tmp_path: Path) -> None:
    asking = asyncio.create_task(probed(clip(), tmp_path))
    longest, last = 0.0, time.monotonic()
    while not asking.done():
        await asyncio.sleep(0.002)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert (await asking).kind == "video"
    assert longest < 0.3


def test_a_full_disk_is_said_to_be_one() -> None:
    with pytest.raises(UnusableMedia, match="no room"):
        hand_over(memoryview(b"result"), os.open("/dev/full", os.O_WRONLY))
