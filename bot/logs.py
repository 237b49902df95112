"""The log: one line an event, with the job that it is about, and with no secret in it.

    2026-11-21T13:41:02.123Z INFO    bot.steps job=e63wkdygqd queued to sending

What is logged while a job is worked on is about that job (`about`), whoever logs it; a message that begins with
`job X: ` is about X. To keep something else out of the log: `hide`.
"""

import logging
import re
import sys
import threading
import time
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, TextIO
from urllib.parse import quote

HIDDEN: Final = "[hidden]"
LEAST_SECRET: Final = 8  # characters; anything shorter stands in any text by chance

_LOUD: Final = ("httpx", "httpcore", "matplotlib", "PIL", "aiohttp", "filelock", "discord")
"""Libraries whose lines would drown ours; of them warnings alone are logged."""

_JOB: ContextVar[str] = ContextVar("job", default="")
_OF_A_JOB: Final = re.compile(r"job ([0-9a-z]{1,20}): ")

_BY_THEIR_FORM: Final = (
    (re.compile(r"(/(?:webhooks|interactions)/[0-9]+/)[^/\s?'\"]{8,}"), rf"\1{HIDDEN}"),  # interaction tokens
    (re.compile(r"(\b(?:Bot|Bearer) )[^\s'\",)}\]]{8,}"), rf"\1{HIDDEN}"),  # Authorization
    (re.compile(r"(['\"]token['\"]: ?['\"])[^'\"]+"), rf"\1{HIDDEN}"),  # payloads of Discord's
    (re.compile(r"([?&](?:hm|ex|is|token|key|sig|signature)=)[^&\s'\">)]+", re.IGNORECASE), rf"\1{HIDDEN}"),
)
"""Secrets that are not known by their value: who signs a link, and what answers an interaction."""


@contextmanager
def about(job_id: str) -> Generator[None]:
    """What is logged inside, also by tasks that are started inside, is about this job."""
    before = _JOB.set(job_id)
    try:
        yield
    finally:
        _JOB.reset(before)


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text without these, as they are or as links carry them, and without secrets of a known form."""
    for secret in secrets:
        if len(secret) >= LEAST_SECRET:
            for written in {secret, quote(secret, safe=""), repr(secret)[1:-1]}:
                text = text.replace(written, HIDDEN)
    for form, instead in _BY_THEIR_FORM:
        text = form.sub(instead, text)
    return text


class Lines(logging.Formatter):
    """One line a record, whatever is in it, and the traceback after it, indented, so that it looks like no other.

    `secrets`: what no line may hold.
    """

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line; a message about a job has its id as a field, and control characters are written out."""
        says, job = _message(record), getattr(record, "job", None) or _JOB.get()
        if named := _OF_A_JOB.match(says):
            says, job = says[named.end() :], named[1]
        field = f" job={job}" if job else ""
        line = f"{self.formatTime(record)} {record.levelname:<7} {record.name}{field} {_on_one_line(says)}"
        if record.exc_info:
            line += "".join(f"\n  {_on_one_line(each)}" for each in self._traceback(record.exc_info))
        return hide(line, self._secrets)

    def _traceback(self, exc_info: Any) -> list[str]:
        """Its lines, as Python writes them; what an exception says in several lines is several lines too."""
        return self.formatException(exc_info).split("\n")


def configure(level: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Log to standard error. What nobody catches is logged too, so that it passes the same way."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _LOUD:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    for name in ("discord.state", "discord.client"):
        logging.getLogger(name).addFilter(_is_news)
    sys.excepthook = _uncaught
    threading.excepthook = lambda what: _uncaught(what.exc_type, what.exc_value, what.exc_traceback)
    warnings.showwarning = _warned


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:  # a line of the log must end nothing
        return f"{record.msg!r} ({type(error).__name__} while it was written)"


def _on_one_line(text: str) -> str:
    """Nothing that a stranger wrote looks like a line of ours, or moves a terminal's cursor."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt) or error is None:
        return
    logging.getLogger(__name__).critical("nothing caught this", exc_info=(kind, error, traceback))


def _warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
    logging.getLogger("warnings").warning("%s: %s (%s:%d)", category.__name__, message, filename, lineno)


def _is_news(record: logging.LogRecord) -> bool:
    """The library warns of having no intents and no voice, which is what we want."""
    message = record.getMessage()
    return "intent seems to be disabled" not in message and "voice will NOT be supported" not in message
