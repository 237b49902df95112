"""What is offered while `result` is typed: my own finished videos here, and nothing but that, whatever is typed."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from sandbox.discord.interaction import InteractionType, State
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.runware.script import Fails
from tests.cogs.ordering import ask, attached, clip, open_rich_house
from tests.cogs.test_fuzz import VALUES, each
from tests.house import Bought, House


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house"), QUOTES_PER_MINUTE="6000") as house:
        yield house


async def made(house: House, member: Member, room: Channel, prompt: str, count: int = 1) -> Bought:
    """A video, finished."""
    bought = await house.buy(member, room, prompt=prompt, resolution="360p", count=count)
    await house.results(bought.job_id, count)
    await house.state(bought.job_id, "done")
    return bought


async def offered(member: Member, room: Channel, typed: str = "", command: str = "edit") -> list[str]:
    """The values that are offered."""
    return [choice["value"] for choice in await member.autocomplete(command, "result", typed, channel=room)]


async def test_my_finished_videos_are_offered_the_newest_first_by_date_and_prompt(
    house: House, ada: Member, room: Channel
):
    old = await made(house, ada, room, "A fox in the snow")
    new = await made(house, ada, room, "A heron over\n**the** lake", count=2)
    for command in ("edit", "reframe"):
        choices = await ada.autocomplete(command, "result", "", channel=room)
        assert [choice["value"] for choice in choices] == [f"{new.job_id}.1", f"{new.job_id}.2", f"{old.job_id}.1"]
        [[arrived]] = [list(row.values()) for row in house.rows(
            "SELECT strftime('%Y-%m-%d %H:%M', arrived_at / 1000000, 'unixepoch') FROM results WHERE job_id = ?",
            old.job_id,
        )]  # fmt: skip
        assert choices[-1]["name"] == f"{arrived} · A fox in the snow"
        assert choices[0]["name"].endswith("A heron over **the** lake"), "on one line, and nothing is marked up"


async def test_they_are_found_by_prompt_id_and_date_in_any_case(house: House, ada: Member, room: Channel):
    fox = await made(house, ada, room, "A fox in the snow")
    heron = await made(house, ada, room, "Ein Reiher über der STRAẞE")
    assert await offered(ada, room, "SNOW fox") == [f"{fox.job_id}.1"]
    assert await offered(ada, room, "strasse") == [f"{heron.job_id}.1"]
    assert await offered(ada, room, heron.job_id.upper()) == [f"{heron.job_id}.1"]
    [choice] = await ada.autocomplete("edit", "result", fox.job_id[:8], channel=room)
    assert await offered(ada, room, choice["name"]) == [f"{fox.job_id}.1"], "what was chosen finds itself"
    year, month, _ = choice["name"].split("-", 2)
    assert len(await offered(ada, room, f"{year}-{month}")) == 2
    assert await offered(ada, room, "1999-01") == []


async def test_nobody_elses_are_offered_nor_those_of_another_server_nor_what_failed(
    house: House, ada: Member, linus: Member, room: Channel
):
    await made(house, linus, room, "A heron")
    house.runware.script(Fails())
    lost = await house.buy(ada, room, prompt="A failure")
    await house.state(lost.job_id, "failed")
    assert await offered(ada, room) == []


async def test_what_is_offered_can_be_used_and_by_its_owner_only(
    house: House, ada: Member, linus: Member, room: Channel
):
    bought = await made(house, ada, room, "A fox")
    [value] = await offered(ada, room)
    assert (await ask(house, ada, room, "edit", {"result": value})).buttons
    refused = await ask(house, linus, room, "edit", {"result": value})
    assert not refused.buttons
    assert "none of your finished videos" in refused.text
    assert bought.job_id in value


async def test_a_name_has_at_most_100_characters_and_is_cut_between_them(house: House, ada: Member, room: Channel):
    family = "👨‍👩‍👧‍👦"
    for pad in range(4):
        await made(house, ada, room, "x" * (60 + pad) + family * 9)
    choices = await ada.autocomplete("edit", "result", "", channel=room)
    assert len(choices) == 4
    for choice in choices:
        assert len(choice["name"].encode("utf-16-le")) <= 200
        shown = choice["name"].removesuffix("…").rpartition("x")[2]
        assert shown == family * (len(shown) // len(family)), "no family is torn apart"


async def test_at_most_25_are_offered(house: House, ada: Member, room: Channel):
    for name in ("fox", "heron", "newt", "owl", "pike", "robin", "stoat"):
        await made(house, ada, room, f"A {name}", count=4)
    assert len(await offered(ada, room)) == 25
    assert len(await offered(ada, room, "fox")) == 4, "also an older one, once it is asked for"


async def test_it_answers_in_time_while_another_writes(house: House, ada: Member, room: Channel):
    bought = await made(house, ada, room, "A fox")
    with closing(sqlite3.connect(house.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await offered(ada, room) == [f"{bought.job_id}.1"]
        other.execute("ROLLBACK")


async def test_nothing_that_is_typed_is_an_error(house: House, ada: Member, room: Channel):
    """Into `result`, or half of it into any other option before; a modified client sends any value at all."""
    await made(house, ada, room, "A fox")
    command = house.discord.commands.find("reframe", None)
    assert command is not None

    async def type_in(value: object) -> None:
        for focused, other in (("result", "source_x"), ("result", "video"), ("source_x", "result")):
            options = [
                {"name": focused, "type": kinds[focused], "value": value, "focused": True},
                {"name": other, "type": kinds[other], "value": value},
            ]
            data = {"id": command["id"], "name": "reframe", "type": 1, "options": options}
            one = await house.discord.interact(InteractionType.AUTOCOMPLETE, ada.user, room, data)
            await house.until(lambda one=one: one.state is not State.PENDING, "choices")
            assert one.choices is not None, value

    kinds = {option["name"]: option["type"] for option in command["options"]}
    await each(VALUES, type_in)


async def test_what_was_typed_before_does_not_matter(house: House, ada: Member, room: Channel):
    """A picture in another option is no reason to offer nothing."""
    bought = await made(house, ada, room, "A fox")
    given = {"video": attached(ada, clip(160, 96, 1_000_000)), "prompt": ""}
    choices = await ada.autocomplete("edit", "result", "", given, channel=room)
    assert [choice["value"] for choice in choices] == [f"{bought.job_id}.1"]
