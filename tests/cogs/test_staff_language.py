"""What staff are told in a channel is said in the server's language, and what they are answered in their own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from bot.words.catalogue import Sentence
from sandbox.discord.place import Channel
from tests.bilingual import open_bilingual_house
from tests.cogs.limiting import limits
from tests.house import House

GERMAN: Final[dict[str, Sentence]] = {
    "alerts.chosen": "<@{member}> hat diesen Kanal für meine Hinweise gewählt.",
    "alerts.server_nearly": "**{percent} % des Limits dieses Servers sind verbraucht.**",
    "alerts.nonce": "Hinweis {nonce}",
    "settings.hello": "<@{member}> hat diesen Kanal mit /settings results gewählt.",
    "limits.of_alerts": "Der Kanal für Hinweise",
    "limits.changed": "{what}: vorher {before}, jetzt {value}.",
    "limits.no_channel": "keiner",
    "settings.of_results": "Der Kanal für Videos, deren eigener zu ist",
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """One that reaches half of its server's limit with the first video."""
    async with open_bilingual_house(tmp_path, GERMAN, DEFAULT_SERVER_LIMIT="0.12/day") as house:
        yield house


def said_in(house: House, channel: Channel) -> list[str]:
    found = [each for each in house.discord.world.messages.values() if each.channel is channel]
    return [each.content for each in found if each.author is house.discord.world.bot]


@pytest.mark.parametrize(("servers", "members"), [("de", "en-GB"), ("en-US", "de")])
async def test_what_staff_are_told_in_a_channel_is_in_the_servers_language(
    house: House, servers: str, members: str
) -> None:
    mary, staff, results = house.discord.member("Mary"), house.channel(), house.channel()
    mary.user.locale, house.server.locale = members, servers
    answers = [
        (await limits(mary, "alerts", channel=staff)).text,
        (await (await mary.command("settings results", {"channel": results})).answer()).text,
    ]
    bought = await house.buy(house.member(), house.channel())
    await house.until(lambda: len(said_in(house, staff)) == 2, "an alert", 20)
    [chosen, alert], [hello] = said_in(house, staff), said_in(house, results)
    english = (
        "has chosen this channel for my alerts",
        "**50% of this server's limit is used.** Of $0.12 a day, ",
        "\n-# Alert a.",
        "are posted here from now on",
        "The channel for alerts: none before, ",
        "The channel for videos whose own channel is closed: none before, ",
    )
    german = (
        "hat diesen Kanal für meine Hinweise gewählt.",
        "**50 % des Limits dieses Servers sind verbraucht.** Of $0.12 a day, ",
        "\n-# Hinweis a.",
        "hat diesen Kanal mit /settings results gewählt.",
        "Der Kanal für Hinweise: vorher keiner, ",
        "Der Kanal für Videos, deren eigener zu ist: vorher keiner, ",
    )
    posted, answered = (german, english) if servers == "de" else (english, german)
    assert posted[0] in chosen
    assert alert.startswith(posted[1])
    assert posted[2] in alert
    assert posted[3] in hello
    assert answers[0].startswith(answered[4])
    assert answers[1].startswith(answered[5])
    await house.results(bought.job_id)
