# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""All that a hostile file may try, and what it comes up against."""

import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import av
import pytest

from bot.media.inspection import inspect
from bot.media.probe import PROBE, UnusableMedia
from tests.bot.media.made import (
    chunk,
    clip,
    picture,
    png,
    probed,
    refused,
    zeros,
)

ROOT = Path(__file__).resolve().parents[3]

MEASURED = """
import asyncio, pathlib, resource, sys
from bot.media.probe import UnusableMedia, probe
try:
    said = asyncio.run(probe(pathlib.Path(sys.argv[1]))).kind
except UnusableMedia as unusable:
    said = unusable.reason
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert not [name for name in sys.modules if name.split(".")[0] == "av"], "the bot itself has loaded PyAV"
print(said, own, child, sep="|")
"""


def measured(data: bytes, folder: Path) -> tuple[str, int, int]:
    """What a probe says, and the most memory, in megabytes, that the bot and the probe's process ever had."""
    path = folder / "bomb"
    path.write_bytes(data)
    command = [sys.executable, "-c", MEASURED, str(path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30).stdout
    reason, own, child = said.strip().split("|")
    return reason, int(own) // 1024, int(child) // 1024


def test_an_image_of_absurd_size_is_never_unpacked(tmp_path: Path) -> None:
    reason, own, child = measured(png(30_000, 30_000, zeros(3_751 * 30_000)), tmp_path)
    assert reason == "large_image"
    assert child < 80
    assert own < 80


def test_a_picture_larger_than_its_file_says_is_never_unpacked(tmp_path: Path) -> None:
    """A WebP's canvas says 64×64, and the picture in it 16384×16384."""
    canvas = b"VP8X" + struct.pack("<IB3x", 10, 0) + (63).to_bytes(3, "little") * 2
    inner = b"\x2f" + (16_383 | 16_383 << 14).to_bytes(4, "little") + bytes(59)
    body = b"WEBP" + canvas + b"VP8L" + struct.pack("<I", len(inner)) + inner
    reason, _, child = measured(b"RIFF" + struct.pack("<I", len(body)) + body, tmp_path)
    assert reason == "damaged"
    assert child < 80


def test_a_video_larger_than_its_file_says_is_never_unpacked(tmp_path: Path) -> None:
    """The container says 64×64, and the frame in it 8000×8000: 96 MB, at the least."""
    data = clip(frames=1, size=(8_000, 8_000)).replace(struct.pack(">HH", 8_000, 8_000), struct.pack(">HH", 64, 64))
    reason, _, child = measured(data, tmp_path)
    assert reason in {"damaged", "large_video"}
    assert child < 80


def test_a_jpeg_with_two_sizes_is_refused() -> None:
    data = picture("jpeg")
    at = data.index(b"\xff\xc0")
    large = data[at : at + 5] + b"\xff\xff\xff\xff" + data[at + 9 : at + 19]
    assert refused(data[:at] + large + data[at:]).reason == "damaged"


def test_text_that_unpacks_without_end_is_never_unpacked(tmp_path: Path) -> None:
    """Neither much in one chunk nor a little in many; an ordinary colour profile does no harm."""
    rows = zeros(9 * 64)
    assert inspect(png(64, 64, rows, chunk(b"iCCP", b"sRGB\0\0" + zeros(500_000)))).kind == "image"
    many = [chunk(b"zTXt", b"Comment%d\0\0" % number + zeros(1 << 20)) for number in range(9)]
    assert refused(png(64, 64, rows, *many)).reason == "heavy"
    for kind in (b"zTXt", b"iCCP"):
        reason, own, child = measured(png(64, 64, rows, chunk(kind, b"x\0\0" + zeros(300 << 20))), tmp_path)
        assert reason == "heavy"
        assert max(own, child) < 80


def test_the_largest_image_that_is_taken_fits(tmp_path: Path) -> None:
    reason, _, child = measured(png(8_192, 8_192, zeros(1_025 * 8_192)), tmp_path)
    assert reason == "image"
    assert child < PROBE.memory >> 20


@pytest.mark.parametrize("target", ["file", "address"])
@pytest.mark.parametrize("kind", ["concat", "hls"])
@pytest.mark.parametrize("layer", ["bytes", "options"])
async def test_a_list_of_other_files_is_not_followed(
    target: str, kind: str, layer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither as it is, nor where its bytes were not recognized and FFmpeg were told to follow it."""
    (tmp_path / "other.mp4").write_bytes(clip())
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        other = "other.mp4" if target == "file" else f"http://127.0.0.1:{server.getsockname()[1]}/other.mp4"
        text = f"ffconcat version 1.0\nfile {other}\n"
        if kind == "hls":
            text = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n"
        if layer == "bytes":
            with pytest.raises(UnusableMedia, match="playlist"):
                await probed(text.encode(), tmp_path, "film.mp4")
        else:
            if (kind, target) == ("concat", "file"):
                (tmp_path / "film.mp4").write_text(text)
                with av.open("film.mp4") as followed:
                    assert next(followed.decode(video=0)).width == 64, "FFmpeg itself no longer follows it"
            monkeypatch.setattr("bot.media.headers._STARTS", ())
            assert refused(text.encode()).reason == "unknown"
            monkeypatch.setattr("bot.media.headers._format", lambda data: "mp4")  # pyright: ignore[reportUnknownLambdaType]
            monkeypatch.setattr("bot.media.headers._CHECKS", {"mp4": lambda data: (0, 0)})  # pyright: ignore[reportUnknownLambdaType]
            assert refused(text.encode()).reason == "damaged"
            monkeypatch.setattr("bot.media.opening._DEMUXERS", {"mp4": kind})
            assert refused(text.encode()).reason == "damaged"
        with pytest.raises(BlockingIOError):
            server.accept()


CONFINED = """
import dataclasses, socket, sys
from bot.media.probe import PROBE
from bot.media.process import confine
scratch = open(sys.argv[2], "wb", buffering=0)
confine(dataclasses.replace(PROBE, seconds=1))
def tried(attempt):
    try: attempt()
    except OSError as error: return error.errno
    except MemoryError: return "memory"
print(tried(lambda: open("/etc/passwd")), tried(socket.socket), tried(lambda: bytearray(1 << 30)), end=" ")
print(tried(lambda: scratch.write(b"x")), flush=True)
while sys.argv[1] == "busy": pass
while sys.argv[1] == "asleep": __import__("time").sleep(1)
"""


@pytest.mark.parametrize("how", ["busy", "asleep"])
def test_a_probe_can_open_nothing_and_ends_by_itself(tmp_path: Path, how: str) -> None:
    """By the time that it has computed, or by the clock: whichever comes first."""
    ended = subprocess.run(
        [sys.executable, "-c", CONFINED, how, str(tmp_path / how)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.split() == ["24", "24", "memory", "27"]  # EMFILE twice, EFBIG
    by_the_clock = {-signal.SIGALRM, -signal.SIGKILL}
    assert ended.returncode in (by_the_clock | {-signal.SIGXCPU} if how == "busy" else by_the_clock)
