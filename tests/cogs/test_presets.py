"""/presets: a member's own options under a name, in one server, for each of the three commands."""

import json
from collections.abc import AsyncIterator

import pytest

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.place import Channel
from tests.cogs.ordering import attached, clip
from tests.cogs.settling import presets, settings, undo
from tests.house import House


@pytest.fixture(autouse=True)
async def as_it_was(house: House) -> AsyncIterator[None]:
    yield
    await undo(house)


async def ask(member: Member, channel: Channel, command: str = "generate", /, **options: Value) -> Message:
    use = await member.command(command, {"prompt": "A fox in the snow", **options}, channel=channel)
    return await use.answer()


async def test_a_preset_is_used_by_name_and_an_option_beside_it_wins(house: House, ada: Member, room: Channel):
    saved = await presets(ada, "save", name="  Cinema  ", resolution="540p", aspect_ratio="21:9", count=2)
    assert saved.text == (
        "Saved: **Cinema** is resolution 540p · aspect_ratio 21:9 · count 2. "
        "Use it with /generate, /edit or /reframe and preset: Cinema"
    )
    assert saved.visible_to is ada.user
    assert "540p · 21:9 · 5 s · 2 videos" in (await ask(ada, room, preset="cinema")).text
    assert "360p · 21:9 · 5 s · 2 videos" in (await ask(ada, room, preset="Cinema", resolution="360p")).text


async def test_each_command_takes_of_a_preset_what_it_has(house: House, ada: Member, room: Channel):
    await presets(ada, "save", name="all", resolution="360p", aspect_ratio="1:1", strength="flex_2", count=2)
    video = attached(ada, clip(160, 96, 2_000_000))
    assert (
        "edit of 2 s · 360p · flex_2 · 2 videos" in (await ask(ada, room, "edit", video=video, preset="all")).text
    )
    freed = await ask(ada, room, "edit", video=video, preset="all", automatic=True)
    assert "edit of 2 s · 360p · automatic · 2 videos" in freed.text
    reframed = await ask(ada, room, "reframe", video=video, aspect_ratio="9:16", preset="all")
    assert "reframe of 2 s · 360p · 9:16 · 2 videos" in reframed.text


async def test_a_preset_wins_over_the_servers_defaults_and_gives_way_to_nothing_in_silence(
    house: House, ada: Member, room: Channel
):
    mary = house.discord.member("Mary")
    await presets(ada, "save", name="sharp", resolution="1080p")
    await settings(mary, "defaults", resolution="360p", aspect_ratio="1:1")
    assert "1080p · 1:1" in (await ask(ada, room, preset="sharp")).text
    await settings(mary, "allow", resolutions="360p, 540p")
    refused = await ask(ada, room, preset="sharp")
    assert refused.text.splitlines()[1] == (
        "• resolution cannot be 1080p in this server. Choose 360p or 540p. It comes from your preset “sharp”."
    )
    assert "540p · 1:1" in (await ask(ada, room, preset="sharp", resolution="540p")).text
    assert "⚠️ resolution 1080p is not allowed in this server now." in (await presets(ada, "list")).text


async def test_presets_are_ones_own_and_the_servers(house: House, ada: Member, linus: Member, room: Channel):
    await presets(ada, "save", name="mine", count=2)
    unknown = "You have no preset “mine” in this server. /presets list shows yours; nothing was done."
    assert (await ask(linus, room, preset="mine")).text == unknown
    assert (await presets(linus, "delete", name="mine")).text == unknown
    assert "You have no presets here yet." in (await presets(linus, "list")).text
    assert "mine" in (await presets(ada, "list")).text


async def test_names_are_offered_while_they_are_typed(house: House, ada: Member, linus: Member, room: Channel):
    for name in ("Sharp", "Shop window", "Loop"):
        await presets(ada, "save", name=name, count=2)
    for command, option in (
        ("generate", "preset"),
        ("edit", "preset"),
        ("reframe", "preset"),
        ("presets delete", "name"),
    ):
        found = await ada.autocomplete(command, option, "sh", channel=room)
        assert [choice["name"] for choice in found] == ["Sharp", "Shop window"]
        assert await linus.autocomplete(command, option, "", channel=room) == []


async def test_saving_again_replaces_and_deleting_deletes(house: House, ada: Member, room: Channel):
    await presets(ada, "save", name="Mine", count=2)
    assert "in place of what it was" in (await presets(ada, "save", name="MINE", resolution="360p")).text
    assert "360p · 16:9 · 5 s" in (await ask(ada, room, preset="mine")).text
    [quote] = house.rows("SELECT request FROM quotes WHERE member_id = ?", ada.id)
    assert "count" not in json.loads(quote["request"]) or json.loads(quote["request"])["count"] == 1
    assert "**MINE** is deleted." in (await presets(ada, "delete", name="mine")).text
    assert "no preset" in (await ask(ada, room, preset="mine")).text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": "empty"}, "A preset holds options, so please choose one at least"),
        ({"name": "\u200b\u200b", "count": 2}, "A preset needs a name of 1 to 32"),
        ({"name": "hdr", "hdr": True, "duration": 10}, "• hdr works for 5 s, not for 10 s."),
        ({"name": "exr", "exr": True}, "• exr is an extra of HDR."),
    ],
)
async def test_what_cannot_be_saved_is_said(house: House, ada: Member, options: dict[str, Value], says: str):
    assert says in (await presets(ada, "save", None, **options)).text
    assert house.rows("SELECT * FROM presets WHERE member_id = ?", ada.id) == []


async def test_twenty_are_the_most(house: House, ada: Member):
    for n in range(20):
        await presets(ada, "save", name=f"number {n}", count=2)
    assert (
        "You have 20 presets here, and that is the most." in (await presets(ada, "save", name="more", count=2)).text
    )
    assert "in place of" in (await presets(ada, "save", name="number 3", count=3)).text
    shown = (await presets(ada, "list")).text
    assert all(f"number {n}" in shown for n in range(20))


async def test_a_name_can_do_nothing_where_it_is_shown(house: House, ada: Member, room: Channel):
    saved = await presets(ada, "save", name="@everyone **x**", count=2)
    assert saved.pings == frozenset()
    assert "**x**" not in saved.text.replace("\\*\\*x\\*\\*", "")
