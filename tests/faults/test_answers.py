"""Discord's faults where a member is answered: each is one warning, and none is taken for a bug of the bot's.

That nothing was logged as a bug is seen by the audit after each test (`House.inspect`).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import pytest

from bot.words.speech import say
from sandbox.discord.use import Use
from tests.house import House

Ask: TypeAlias = Callable[[House, str, int], Awaitable[Use]]


async def generate(house: House, fault: str, times: int = 1) -> Use:
    member, channel = house.member(), house.channel()
    house.sandbox.switch(fault, times=times)
    return await member.command("generate", {"prompt": "A fox", "resolution": "360p"}, channel=channel)


async def details(house: House, fault: str, times: int = 1) -> Use:
    """Of a job with links, so that a file goes with it."""
    bought = await house.buy(house.member(), house.channel())
    [post] = await house.results(bought.job_id)
    await house.quiet()
    house.sandbox.switch(fault, times=times)
    return await bought.member.click(post, "Details")


async def jobs(house: House, fault: str, times: int = 1) -> Use:
    member, channel = house.member(), house.channel()
    house.sandbox.switch(fault, times=times)
    return await member.command("jobs", channel=channel)


ASKS: Final[Mapping[str, Ask]] = {"generate": generate, "details": details, "jobs": jobs}
SHOWS: Final = {"generate": "$0.06", "details": "settled", "jobs": "/generate"}
WARNED: Final = "an interaction was gone before it could be answered"


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("fault", ["card cut", "card 500", "answer cut", "answer 502 accepted"])
async def test_what_was_cut_is_answered_all_the_same(house: House, fault: str, ask: str) -> None:
    use = await ASKS[ask](house, fault, 1)
    answer = await use.answer()
    assert SHOWS[ask] in answer.text
    assert len(use.messages) == 1


async def test_the_files_of_an_answer_that_was_cut_are_whole(house: House) -> None:
    whole = await (await details(house, "card 500")).answer()
    again = await (await details(house, "card cut")).answer()
    assert [file.filename for file in again.attachments] == ["links.txt"]
    assert [len(file.data) for file in again.attachments] == [len(file.data) for file in whole.attachments]


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("fault", ["card 50027", "card 10008", "answer 40060", "answer 10062"])
async def test_what_can_no_longer_be_answered_is_one_warning(house: House, fault: str, ask: str) -> None:
    use = await ASKS[ask](house, fault, 1)
    if fault.startswith("answer"):
        house.explained.add(f"{use.interaction.data} was not acknowledged")
    before = list(house.bot.log)
    await house.until(lambda: any(WARNED in line for line in house.bot.log), f"a warning after {before[-3:]}")
    assert [line for line in house.bot.log if " ERROR " in line] == []
    assert len([line for line in house.bot.log if " WARNING " in line]) == 1
    assert use.messages == []
    house.bot.log.clear()


@pytest.mark.parametrize("ask", ASKS)
async def test_a_line_that_stays_cut_is_told_once_it_is_not(house: House, ask: str) -> None:
    use = await ASKS[ask](house, "card cut", 2)
    answer = await use.answer()
    assert answer.text == say("refusals.answer_not_taken")
    assert [line for line in house.bot.log if " ERROR " in line] == []


async def test_a_card_that_was_dismissed_is_a_warning_that_names_the_job(house: House) -> None:
    member, channel = house.member(), house.channel()
    card = await house.ask(member, channel)
    house.sandbox.switch("card 10008")
    await member.click(card, "Confirm")
    [job] = await house.until(lambda: house.rows("SELECT * FROM jobs WHERE member_id = ?", member.id), "a job")
    await house.quiet()
    [line] = [line for line in house.bot.log if "a card could not be changed" in line]
    assert f" job={job['id']} " in line
