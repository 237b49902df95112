"""Reading hostile files in a process of its own, `python -m bot.media.<work> < file`.

Nothing less can be stopped: FFmpeg looks at PyAV's timeouts only between reads, never while it decodes or unpacks,
and a Python thread cannot be ended. The process is killed after `Work.seconds`; the kernel bounds its memory, its
processor time and what it writes; it can open no file and no socket once it reads the bytes (`confine`); it knows
neither the files' names nor our settings; and what crashes it does not crash the bot. PyAV is loaded there alone,
which costs a tenth of a second per file and the bot nothing. Few run at once; one that is cancelled is ended.

The first file is its standard input; further ones, and the one to write, are inherited open, and their numbers
stand last among its arguments. It answers in JSON: what it found, or why it refuses.
"""

import asyncio
import errno
import json
import logging
import os
import resource
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from bot.media.unusable import UnusableMedia
from bot.uninterrupted import to_its_end

log = logging.getLogger(__name__)

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a process is for, and what it may take."""

    module: str
    seconds: int  # by the clock, and of the processor
    memory: int  # bytes of address space; Python with PyAV takes 150 MB of it
    at_once: int
    written: int = 0  # bytes, the most that its result may have


# In the bot ----------------------------------------------------------------------------------------------------


async def ask(work: Work, source: Path, read: Callable[[dict[str, Any]], Found]) -> Found:
    """What the process says of `source`, as `read` understands it. Raises UnusableMedia, whatever is wrong."""
    return await _answer(work, (source,), (), (), read)


async def make(work: Work, *sources: Path, into: Path, words: Sequence[str] = ()) -> None:
    """Have `into` made of the sources, readable by its owner only: all of it, or nothing.

    Raises UnusableMedia, whatever is wrong with the sources, and OSError where `into` cannot be written.
    """
    with _all_or_nothing(into) as result:

        def whole(told: Mapping[str, Any]) -> None:
            if os.fstat(result).st_size != int(told["bytes"]):
                raise ValueError("not all was written")

        await _answer(work, sources, words, (result,), whole)


async def _answer(
    work: Work,
    sources: Sequence[Path],
    words: Sequence[str],
    results: Sequence[int],
    read: Callable[[dict[str, Any]], Found],
) -> Found:
    async with _turn(work):
        status, said, complaint = await _run(work, sources, words, results)
    try:
        told = json.loads(said)
        if "reason" in told:
            raise UnusableMedia(told["reason"], **told["facts"])
        return read(told)
    except (ValueError, KeyError, TypeError, ArithmeticError):
        log.error("%s ended with %s: %s", work.module, status, complaint[-2_000:].decode(errors="replace"))
        reason = "slow" if status in (-signal.SIGXCPU, -signal.SIGALRM) else "damaged"
        raise UnusableMedia(reason) from None


async def _run(
    work: Work, sources: Sequence[Path], words: Sequence[str], results: Sequence[int]
) -> tuple[int | None, bytes, bytes]:
    """The process, from its start to its end: its status, its answer, and its log."""
    with ExitStack() as files:
        first, *others = [files.enter_context(_open(source)) for source in sources]
        passed = [*(other.fileno() for other in others), *results]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", work.module, *words, *map(str, passed),
            stdin=first, stdout=PIPE, stderr=PIPE, pass_fds=passed, cwd=ROOT, env={},
        )  # fmt: skip
    try:
        async with asyncio.timeout(work.seconds):
            said, complaint = await process.communicate()
    except TimeoutError:
        raise UnusableMedia("slow") from None
    finally:
        if process.returncode is None:
            process.kill()
            await to_its_end(process.wait())
    return process.returncode, said, complaint


def _open(path: Path) -> BufferedReader:
    try:
        if path.is_file():  # a pipe would wait for its writer
            return path.open("rb")
    except OSError as error:
        log.warning("a media file cannot be opened: %s", error.strerror)
    raise UnusableMedia("unreadable")


@contextmanager
def _all_or_nothing(path: Path) -> Generator[int]:
    """A descriptor to write to. What was written is at `path` afterwards, and nowhere where an error was raised."""
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        yield descriptor
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _turn(work: Work) -> asyncio.Semaphore:
    turns = _turns.setdefault(asyncio.get_running_loop(), {})
    return turns.setdefault(work.module, asyncio.Semaphore(work.at_once))


ROOT: Final = Path(__file__).resolve().parents[2]
_turns: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]]] = WeakKeyDictionary()

# In the process ------------------------------------------------------------------------------------------------


def answer(work: Work, find: Callable[[], Mapping[str, object]]) -> None:
    """Be confined, and say in JSON what `find` finds. Everything must have been imported."""
    confine(work)
    told: Mapping[str, object]
    try:
        told = find()
    except UnusableMedia as unusable:
        told = {"reason": unusable.reason, "facts": unusable.facts}
    except MemoryError:
        told = {"reason": "heavy", "facts": {}}
    sys.stdout.write(json.dumps(told))


def confine(work: Work) -> None:
    """From here on this process opens nothing, writes its result at most, and ends before it takes too much."""
    with suppress(OSError):  # where memory runs out, this process goes first, and not the bot
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(OSError):  # nor does the bot wait for the processor
        os.nice(10)
    signal.alarm(work.seconds + 1)  # nobody may be left to kill it
    resource.setrlimit(resource.RLIMIT_AS, (work.memory, work.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (work.seconds, work.seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (work.written, work.written))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def inherited(descriptor: int) -> bytes:
    """All of a file that was passed on."""
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def hand_over(result: memoryview, descriptor: int) -> dict[str, object]:
    """Write the result where it is wanted; what to answer. Raises UnusableMedia where it does not fit."""
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(result)
    except OSError as error:
        if error.errno in (errno.EFBIG, errno.ENOSPC, errno.EDQUOT):
            raise UnusableMedia("heavy" if error.errno == errno.EFBIG else "no_room") from error
        raise
    return {"bytes": len(result)}
