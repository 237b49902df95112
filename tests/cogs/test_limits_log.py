"""/limits show and /limits log: what applies, and every change, with who, what, before, after and why."""

import re

import pytest

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from tests.cogs.limiting import changes, limits
from tests.house import House

pytestmark = pytest.mark.usefixtures("limits_as_they_were")


async def test_show_lists_what_applies_with_who_set_it_and_why(house: House, ada: Member, mary: Member):
    bare = await limits(mary, "show")
    assert "All servers together: $50.00/month (only whoever runs me can change that)" in bare.text
    assert "This server: $50.00/month (the default)" in bare.text
    assert "Each member, where nothing else is set: $5.00/day (the default)" in bare.text
    assert "One request at most: unlimited" in bare.text
    assert "Time zone: UTC" in bare.text
    await limits(mary, "server", limit="40/week", reason="_tight_ <@1>")
    await limits(mary, "member", member=ada.user, limit="7/day")
    shown = await limits(mary, "show")
    assert shown.pings == frozenset()
    assert rf"This server: $40.00/week, by {mary.mention} (\_tight\_ <" in shown.text
    assert "<@1>" not in shown.text
    assert f"{ada.mention}: $7.00/day, by {mary.mention}" in shown.text


async def test_the_list_of_many_members_says_how_many_it_leaves_out(house: House, mary: Member):
    for _ in range(30):
        await limits(mary, "member", member=house.member().user, limit="1", reason="*" * 300)
    shown = await limits(mary, "show")
    assert re.search(r"… and \d+ more", shown.text)


async def test_the_log_has_every_change_the_newest_first_and_goes_on_below(house: House, ada: Member, mary: Member):
    for amount in range(1, 13):
        await limits(mary, "member", member=ada.user, limit=str(amount), reason=f"step {amount} " + "*" * 280)
    first = await limits(mary, "log")
    numbers = [int(number) for number in re.findall(r"`#(\d+)`", first.text)]
    newest = changes(house)[-1]["id"]
    assert numbers == list(range(newest, newest - len(numbers), -1))
    assert len(numbers) == 10
    assert "$11.00/day → $12.00/day (step 12 " in first.text
    assert f"before: {numbers[-1]}" in first.embeds[0]["footer"]["text"]
    older = await limits(mary, "log", before=numbers[-1])
    assert int(re.findall(r"`#(\d+)`", older.text)[0]) == numbers[-1] - 1
    assert "what their roles and this server say → $1.00/day" in older.text
    nothing = await limits(mary, "log", before=1)
    assert nothing.text == "There is nothing older than that. /limits log shows the newest."


async def test_every_change_is_in_the_log_with_who_what_before_after_and_why(
    house: House, ada: Member, mary: Member, room: Channel
):
    before = len(changes(house))
    await limits(mary, "jobs", most="4", reason="calm down")
    await limits(mary, "jobs", most="unlimited")
    await limits(mary, "grant", member=ada.user, amount="1", reason="a\nbirthday")
    found = [(row["kind"], row["before"], row["value"], row["reason"]) for row in changes(house)[before:]]
    assert found == [
        ("jobs at once", None, "4", "calm down"),
        ("jobs at once", "4", None, ""),
        ("grant", None, None, "a birthday"),
    ]
    assert {row["actor_id"] for row in changes(house)[before:]} == {mary.id}
