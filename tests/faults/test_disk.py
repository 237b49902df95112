"""The disk's faults, met by the unmodified bot: nothing is bought that could not be stored, and that is said."""

import asyncio
import resource
import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from bot.words.speech import say
from tests.house import House, open_house

Trouble: TypeAlias = Callable[[House], AbstractContextManager[None]]

SOON = 20  # seconds, on a machine that is busy


@contextmanager
def full(house: House) -> Generator[None]:
    """No file of the bot's may grow, nor be written beyond its first byte."""
    before = resource.prlimit(house.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.bot.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(house.bot.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(house: House) -> Generator[None]:
    """Another program is in the middle of a transaction, for longer than the bot waits."""
    with closing(sqlite3.connect(house.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def sent(house: House) -> int:
    return sum("videoInference" in request.task_types for request in house.runware.requests)


@pytest.mark.parametrize("trouble", [full, locked])
async def test_where_nothing_can_be_written_nothing_is_bought_and_it_goes_on_by_itself(
    tmp_path: Path, trouble: Trouble
) -> None:
    async with open_house(tmp_path) as house:
        member, room = house.member(), house.channel()
        card = await house.ask(member, room)
        with trouble(house):
            answer = await house.press(member, card, "Confirm")
            assert answer.text == say("refusals.cannot_write")
            assert answer.visible_to is member.user
        assert house.rows("SELECT * FROM jobs") == []
        assert sent(house) == 0
        log = list(house.bot.log)
        assert not any("Traceback" in line for line in log), "\n".join(log)
        assert sum("cannot be written" in line for line in log) == 1
        await house.press(member, card, "Confirm")
        await house.until(lambda: house.rows("SELECT * FROM jobs WHERE state = 'done'"), "a job that is done")
        assert sum("can be written again" in line for line in house.bot.log) == 1


async def test_a_job_that_runs_while_nothing_can_be_written_is_posted_once_when_it_can(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, render_seconds=1) as house:
        bought = await house.buy(house.member(), house.channel())
        await house.progress(bought.job_id, "Rendering")
        with full(house):
            await house.until(lambda: any("cannot be written" in line for line in house.bot.log), "an error")
            await asyncio.sleep(1)
        await house.quiet(30)
        assert len(house.posts(bought.job_id, "r")) == 1
        assert not any("Traceback" in line for line in house.bot.log), "\n".join(house.bot.log)


@pytest.mark.parametrize("another", [True, False], ids=["replaced", "taken away"])
async def test_nothing_is_bought_once_the_database_is_not_the_one_that_was_opened(
    tmp_path: Path, another: bool
) -> None:
    """It would be forgotten with its job. The process ends with one line, to be started again."""
    async with open_house(tmp_path) as house:
        member, room = house.member(), house.channel()
        card = await house.ask(member, room)
        house.database.rename(tmp_path / "elsewhere")
        if another:
            shutil.copy(tmp_path / "elsewhere", house.database)
        answer = await house.press(member, card, "Confirm")
        assert answer.text == say("refusals.cannot_write")
        async with asyncio.timeout(SOON):
            assert await house.bot.wait() == 1
        assert sent(house) == 0
        log = list(house.bot.log)
        assert log[-1].startswith(f"DATABASE_URL: {house.database} was taken away or replaced"), "\n".join(log)
        assert sum(" ERROR " in line for line in log) == 1, "\n".join(log)
        assert not any("Traceback" in line for line in log), "\n".join(log)
        (tmp_path / "elsewhere").replace(house.database)
        identified = house.discord.gateway.identifies
        await house.bot.start()
        await house.discord.gateway.ready(SOON, identifies=identified + 1)
        await house.press(member, card, "Confirm")
        await house.quiet(30)
        assert len(house.rows("SELECT * FROM jobs WHERE state = 'done'")) == 1
