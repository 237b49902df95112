"""What a line of the log is: one event, the job that it is about, and no secret."""

import asyncio
import io
import logging
import re
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

TOKEN = "MTA.a-token/that+nobody=may-see"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]{4,8} {1,4}\S+ (job=\S+ )?.*")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged meanwhile. Everything is as it was before, afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level, sys.excepthook
    logs.configure("INFO", [TOKEN], stream)
    yield stream
    root.handlers[:], root.level, sys.excepthook = before


def test_a_line_has_time_level_logger_and_what_happened(log: io.StringIO) -> None:
    logging.getLogger("bot.steps").info("%s to %s", "queued", "sending")
    assert LINE.fullmatch(log.getvalue().strip())
    assert log.getvalue().endswith(" INFO    bot.steps queued to sending\n")


async def test_what_is_logged_while_a_job_is_worked_on_is_about_it_whoever_logs_it(log: io.StringIO) -> None:
    async def work(job: str) -> None:
        with logs.about(job):
            await asyncio.sleep(0)
            logging.getLogger("a.library").warning("slow")
            await asyncio.create_task(deeper())
        logging.getLogger("bot").info("after %s", job)

    async def deeper() -> None:
        logging.getLogger("bot.fetch").info("deeper")

    await asyncio.gather(work("aaa"), work("bbb"))
    lines = [line.split(" ", 2)[2].split() for line in log.getvalue().splitlines()]
    assert sorted(" ".join(line) for line in lines) == [
        "a.library job=aaa slow", "a.library job=bbb slow", "bot after aaa", "bot after bbb",
        "bot.fetch job=aaa deeper", "bot.fetch job=bbb deeper",
    ]  # fmt: skip


def test_a_message_that_names_its_job_has_it_as_a_field_once(log: io.StringIO) -> None:
    with logs.about("aaa"):
        logging.getLogger("bot").info("job %s: queued to sending", "bbb")
    assert log.getvalue().endswith(" bot job=bbb queued to sending\n")


@given(st.text())
def test_no_text_makes_a_second_line_or_moves_a_cursor(text: str) -> None:
    record = logging.LogRecord("bot", logging.INFO, "", 0, "said %s", (text,), None)
    line = logs.Lines([TOKEN]).format(record)
    assert line.isprintable()
    assert len(line.splitlines()) == 1


@given(st.text() | st.from_regex(r"x\n\d{4}-\d\d-\d\dT00:00:00\.000Z INFO    bot\.steps job=a\x1b\[2J"))
def test_no_traceback_has_a_line_that_looks_like_ours_or_moves_a_cursor(text: str) -> None:
    try:
        raise ValueError(text) from RuntimeError(text)
    except ValueError:
        record = logging.LogRecord("bot", logging.ERROR, "", 0, "reference x", (), sys.exc_info())
    first, *more = logs.Lines([TOKEN]).format(record).split("\n")
    assert LINE.fullmatch(first)
    assert len(more) > 4
    assert all(line.startswith("  ") and line.isprintable() for line in more)


def test_a_line_that_cannot_be_written_ends_nothing() -> None:
    record = logging.LogRecord("bot", logging.INFO, "", 0, "%d jobs", ("many",), None)
    assert "TypeError while it was written" in logs.Lines().format(record)


SECRETS = (
    TOKEN,
    "https://discord.com/api/v10/webhooks/123/{}/messages/@original",
    "POST http://127.0.0.1:1/api/v10/interactions/123/{}/callback?with_response=1",
    "{{'Authorization': 'Bot {}'}}",
    'Authorization: Bearer {}"',
    "For Shard ID 0: {{'t': 'INTERACTION_CREATE', 'd': {{'token': '{}'}}}}",
    "https://cdn.discordapp.com/attachments/1/2/fox.png?ex=1&is=2&hm={}&",
)


@pytest.mark.parametrize("form", SECRETS)
@pytest.mark.parametrize("where", ["message", "argument", "traceback", "uncaught"])
def test_no_secret_is_logged_wherever_it_stands(log: io.StringIO, form: str, where: str) -> None:
    canary = "aW50ZXJhY3Rpb246Y2FuYXJ5"
    text = form if form is TOKEN else form.format(canary)
    try:
        raise ValueError(text)
    except ValueError as error:
        match where:
            case "message":
                logging.getLogger("bot").error(text.replace("%", "%%"))
            case "argument":
                logging.getLogger("bot").error("failed: %s %r", text, {"said": text})
            case "traceback":
                logging.getLogger("bot").exception("failed")
            case _:
                sys.excepthook(type(error), error, error.__traceback__)
    assert canary not in log.getvalue()
    assert TOKEN not in log.getvalue()
    assert logs.HIDDEN in log.getvalue()


def test_a_secret_is_hidden_as_a_link_carries_it_too() -> None:
    assert "a-token" not in logs.hide("https://x.example/?q=MTA.a-token%2Fthat%2Bnobody%3Dmay-see", [TOKEN])


def test_what_is_too_short_to_be_a_secret_hides_nothing() -> None:
    assert logs.hide("a fox", ["", "fox"]) == "a fox"
