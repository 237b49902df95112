"""A second language, from its catalogue to what members and everybody read: the bot as it is, and a file more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from bot.words.catalogue import Sentence
from sandbox.discord.place import Channel
from tests.bilingual import open_bilingual_house
from tests.house import House

REGISTER: Final = "PUT /applications/{application}/commands"

GERMAN: Final[dict[str, Sentence]] = {
    "commands.generate": "Ein Video mit Luma Ray3.2 machen. Du siehst zuerst den Preis.",
    "commands.generate_keyframe": "Bild {number} von denen, durch die das Video geht",
    "commands.menu_animate": "Dieses Bild animieren",
    "commands.limits": "Wer hier wie viel ausgeben darf. Für das Team dieses Servers.",
    "commands.limits_member_member": "Wessen Limit",
    "request.invalid": "So geht es nicht, also wurde nichts gekauft:",
    "request.loop_10_s": "geht mit 5 s, nicht mit 10 s. Nimm 5 s, oder lass loop weg.",
    "progress.asked_for": {"one": "<@{member}> will ein Video", "other": "<@{member}> will {n} Videos"},
    "progress.ready": {"one": "Das Video ist fertig.", "other": "Alle {n} Videos sind fertig."},
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As in tests/conftest.py, for fixtures that live as long as a file."""
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_bilingual_house(tmp_path_factory.mktemp("house"), GERMAN) as house:
        yield house


@pytest.fixture
def room(house: House) -> Channel:
    return house.channel()


def registered(house: House) -> dict[str, dict[str, Any]]:
    """The commands as the bot registered them last, by name."""
    bodies = [each.body for each in house.discord.requests if each.operation == REGISTER]
    return {command["name"]: command for command in bodies[-1]}


def option(command: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        [command] = [each for each in command["options"] if each["name"] == name]
    return command


async def test_commands_are_described_in_both_languages(house: House):
    commands = registered(house)
    generate, limits = commands["generate"], commands["limits"]
    assert generate["description"] == "Make a video with Luma Ray3.2. You see the price first."
    assert generate["description_localizations"] == {
        "de": "Ein Video mit Luma Ray3.2 machen. Du siehst zuerst den Preis."
    }
    third = option(generate, "keyframe_3")["description_localizations"]
    assert third == {"de": "Bild 3 von denen, durch die das Video geht"}
    assert limits["description_localizations"]["de"].startswith("Wer hier wie viel")
    whose = option(limits, "member", "member")
    assert (whose["description"], whose["description_localizations"]) == ("Whose limit", {"de": "Wessen Limit"})
    assert commands["Animate this image"]["name_localizations"] == {"de": "Dieses Bild animieren"}


async def test_names_of_commands_are_the_same_everywhere_and_what_is_lacking_is_english(house: House):
    commands = registered(house)
    assert not any(commands[name].get("name_localizations") for name in ("generate", "edit", "limits"))
    assert not commands["edit"]["description_localizations"]
    assert not option(commands["generate"], "prompt").get("description_localizations")


async def test_commands_in_several_languages_are_registered_once_too(house: House):
    writes = house.discord.command_writes
    await house.restart()
    assert house.discord.command_writes == writes


async def test_commands_are_registered_anew_when_a_catalogue_says_something_else(house: House):
    german, writes = house.database.parent / "bot" / "words" / "german.py", house.discord.command_writes
    written = german.read_text("utf-8")
    assert written.count("Wessen Limit") == 1
    german.write_text(written.replace("Wessen Limit", "Für wen"), "utf-8")
    await house.restart()
    await house.discord.registered()
    assert house.discord.command_writes == writes + 1
    whose = option(registered(house)["limits"], "member", "member")
    assert whose["description_localizations"] == {"de": "Für wen"}


async def test_members_are_answered_in_their_own_languages_at_the_same_time(house: House, room: Channel):
    karl, mary = house.member(), house.member()
    karl.user.locale = "de"
    asked = [house.ask(member, room, loop=True, hdr=True, duration=10) for member in (karl, mary) * 3]
    told = [answer.text.splitlines() for answer in await asyncio.gather(*asked)]
    for german, english in zip(told[::2], told[1::2], strict=True):
        assert german[0] == "So geht es nicht, also wurde nichts gekauft:"
        assert "• loop geht mit 5 s, nicht mit 10 s. Nimm 5 s, oder lass loop weg." in german
        assert "• loop cannot be combined with HDR. Leave one of the two off." in german, "German lacks that"
        assert english[0] == "This cannot be made as it is, so nothing was bought:"
        assert "• loop works for 5 s, not for 10 s. Choose a duration of 5, or leave loop off." in english


@pytest.mark.parametrize(
    ("servers", "members", "asked", "ready"),
    [
        ("en-US", "de", "asked for a video", "The video is ready."),
        ("de", "en-GB", "will ein Video", "Das Video ist fertig."),
    ],
)
async def test_what_is_posted_is_said_in_the_servers_language(
    house: House, room: Channel, servers: str, members: str, asked: str, ready: str
):
    """Also what is edited because of somebody's press, and in whatever language others are answered meanwhile."""
    member = house.member()
    member.user.locale, house.server.locale = members, servers
    bought = await house.buy(member, room)
    post = await house.progress(bought.job_id, ready)
    assert f"{member.mention} {asked}" in post.text
    await house.results(bought.job_id)
