"""A server's language is known from what was pressed in it, and stays known: results come when nobody presses."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from bot.words.catalogue import Sentence
from tests.bilingual import open_bilingual_house
from tests.house import House

GERMAN: Final[dict[str, Sentence]] = {
    "results.ready": "<@{member}> Dein Video ist fertig: {about} · {cost}",
    "results.button_again": "Nochmal",
    "card.cancelled": "Abgebrochen. Es wurde nichts gekauft.",
    "card.option_duration": {"one": "{n} Sekunde", "other": "{n} Sekunden"},
    "refusals.interrupted": "Ich werde neu gestartet.",
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """In a server that prefers German, with members who read English."""
    async with open_bilingual_house(tmp_path, GERMAN, render_seconds=1) as house:
        house.server.locale = "de"
        yield house


async def test_after_a_restart_results_come_in_the_servers_language(house: House):
    bought = await house.buy(house.member(), house.channel())
    await house.restart()
    [post] = await house.results(bought.job_id)
    assert post.text.startswith(f"{bought.member.mention} Dein Video ist fertig: ")
    assert "Nochmal" in [button.label for button in post.buttons]


async def test_a_server_that_prefers_another_language_now_reads_that(house: House):
    ada, room = house.member(), house.channel()
    await house.buy(ada, room)
    house.server.locale = "en-GB"
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    assert "Your video is ready: " in post.text


async def test_a_card_speaks_its_members_language_also_in_its_menus(house: House):
    ada, linus, room = house.member(), house.member(), house.channel()
    ada.user.locale = "de"
    for member, seconds, cancelled in (
        (ada, "5 Sekunden", "Abgebrochen. Es wurde nichts gekauft."),
        (linus, "5 seconds", "Cancelled. Nothing was bought."),
    ):
        card = await house.ask(member, room)
        assert seconds in str(card.components)
        assert (await house.press(member, card, "Cancel")).text == cancelled
