"""/limits: what staff decide is in force at the next quote and at Confirm, and is said plainly."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.runware.script import Takes
from tests.cogs.limiting import changes, limits
from tests.house import House

pytestmark = pytest.mark.usefixtures("limits_as_they_were")


async def test_a_limit_that_is_set_is_met_at_the_next_quote(house: House, ada: Member, mary: Member, room: Channel):
    answer = await limits(mary, "member", member=ada.user, limit="0,10/week", reason="a trial")
    assert answer.visible_to is mary.user
    assert answer.pings == frozenset()
    assert answer.text.splitlines()[:2] == [
        f"The limit of {ada.mention}: what their roles and this server say before, $0.10/week now.",
        "Reason: a trial",
    ]
    assert "You: $0.04 of $0.10 a week" in (await house.ask(ada, room)).text
    refused = await house.ask(ada, room, count=2)
    assert "Your limit is $0.10 a week: $0.10 is left" in refused.text
    assert not [button for button in refused.buttons if button.label == "Confirm"]


async def test_a_limit_that_is_lowered_between_quote_and_confirm_holds_nothing(
    house: House, ada: Member, mary: Member, room: Channel
):
    card = await house.ask(ada, room)
    await limits(mary, "member", member=ada.user, limit="0.05")
    answer = await house.press(ada, card, "Confirm")
    assert "Your limit is $0.05 a day: $0.05 is left" in answer.text
    assert house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id) == []
    await limits(mary, "member", member=ada.user, limit="0.06")
    await house.press(ada, card, "Confirm again · $0.06")
    assert len(house.rows("SELECT id FROM jobs WHERE member_id = ?", ada.id)) == 1


async def test_a_confirm_that_a_freeze_refuses_says_once_that_nothing_was_bought_and_what_it_waits_for(
    house: House, ada: Member, mary: Member, room: Channel
):
    card = await house.ask(ada, room)
    await limits(mary, "freeze")
    says = (await house.press(ada, card, "Confirm")).text
    assert says.casefold().count("nothing was bought") == 1
    assert says.splitlines()[1].endswith(": Confirm again works if they let new videos in before that.")
    await limits(mary, "unfreeze")
    assert "Confirmed" in (await house.press(ada, card, "Confirm again · $0.06")).text


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("5", "$5.00/day"),
        ("$5", "$5.00/day"),
        ("5,00", "$5.00/day"),
        ("5/day and 60/month", "$5.00/day and $60.00/month"),
        ("20 / 24h", "$20.00/24h"),
        ("UNLIMITED", "unlimited"),
        ("0", "$0.00/day"),
    ],
)
async def test_a_limit_is_read_as_people_write_it(
    house: House, ada: Member, mary: Member, written: str, stored: str
):
    answer = await limits(mary, "member", member=ada.user, limit=written)
    assert answer.text.splitlines()[0].endswith(f" before, {stored} now.")
    assert changes(house)[-1]["value"] == stored
    again = await limits(mary, "member", member=ada.user, limit=written)
    assert again.text == f"The limit of {ada.mention}: {stored} already. Nothing was changed."
    back = await limits(mary, "member", member=ada.user, limit=" Inherit ")
    assert back.text.endswith(f"{stored} before, what their roles and this server say now.")


async def test_one_role_that_admits_is_enough_and_one_at_zero_blocks(
    house: House, ada: Member, mary: Member, room: Channel
):
    small, large, blocked = (house.discord.world.add_role(house.server, name) for name in ("S", "L", "B"))
    ada.membership.roles += [small, large]
    await limits(mary, "role", role=small, limit="0.05/day")
    assert "Your limit is $0.05 a day" in (await house.ask(ada, room)).text
    answer = await limits(mary, "role", role=large, limit="0.30/day")
    assert f"The limit of each member with <@&{large.id}>: not set before, $0.30/day now." in answer.text
    assert "You: $0.24 of $0.30 a day" in (await house.ask(ada, room)).text

    ada.membership.roles.append(blocked)
    await limits(mary, "role", role=blocked, limit="0")
    assert "Your limit is $0.00: nothing may be spent." in (await house.ask(ada, room)).text
    await limits(mary, "member", member=ada.user, limit="0.60")
    assert "You: $0.54 of $0.60 a day" in (await house.ask(ada, room)).text, "their own overrides roles"


async def test_a_limit_for_everyone_is_each_members_where_nothing_else_is_set(
    house: House, ada: Member, linus: Member, mary: Member, room: Channel
):
    await limits(mary, "member", member=linus.user, limit="3/day")
    answer = await limits(mary, "role", role=house.server.everyone, limit="0.20/day")
    assert (
        "who has no limit of their own or of a role: the default, $5.00/day before, $0.20/day now." in answer.text
    )
    assert "You: $0.14 of $0.20 a day" in (await house.ask(ada, room)).text
    assert "You: $2.94 of $3.00 a day" in (await house.ask(linus, room)).text


async def test_the_servers_limit_a_cap_and_jobs_at_once_each_refuse_in_words(
    house: House, ada: Member, mary: Member, room: Channel
):
    answer = await limits(mary, "server", limit="0")
    assert "This server's limit: the default, $50.00/month before, $0.00/month now." in answer.text
    assert "This server's limit is $0.00: nothing may be spent." in (await house.ask(ada, room)).text
    await limits(mary, "server", limit="inherit")

    await limits(mary, "request", most="$0.11")
    assert "one request may cost at most $0.11 here" in (await house.ask(ada, room, count=2)).text
    await limits(mary, "request", most="unlimited")

    await limits(mary, "jobs", most="1")
    house.runware.script(Takes(1.5))
    first, second = await house.ask(ada, room), await house.ask(ada, room)
    await house.press(ada, first, "Confirm")
    assert (
        "You have a video under way, and 1 at once is the most here."
        in (await house.press(ada, second, "Confirm")).text
    )
    await house.quiet()
    assert "Confirmed" in (await house.press(ada, second, "Confirm again · $0.06")).text


async def test_a_grant_is_used_up_behind_the_limit_and_why_shows_it(
    house: House, ada: Member, mary: Member, room: Channel
):
    await limits(mary, "member", member=ada.user, limit="0.06")
    answer = await limits(mary, "grant", member=ada.user, amount="0.12", days=3, reason="won the contest")
    assert re.match(
        rf"Grant `#\d+`: {ada.mention} may spend \$0.12 beyond their limit until <t:\d+:f>. "
        r"What is left of their grants: \$0.00 before, \$0.12 now.\nReason: won the contest\n",
        answer.text,
    )
    for _ in range(2):
        await house.buy(ada, room)
    told = await limits(mary, "why", member=ada.user, price="0.06")
    assert "is admitted." in told.text
    assert "Grants would pay $0.06 of it." in told.text
    assert "$0.06/day, " in told.text
    assert "$0.06 left with $0.06 of grants" in told.text
    assert re.search(r"`#\d+` \$0.06 of \$0.12 left, until <t:\d+:f>, by <@\d+> \(won the contest\)", told.text)
    await house.buy(ada, room)
    assert "0.00 is left" in (await house.ask(ada, room)).text
    told = await limits(mary, "why", member=ada.user, price="0.06")
    assert "is refused, by what is marked ⛔." in told.text
    assert re.findall("^⛔ (.*): ", told.text, re.MULTILINE) == ["Member (their own limit)"]


async def test_why_names_every_layer_in_order_and_those_that_refuse(
    house: House, ada: Member, mary: Member, room: Channel
):
    patrons = house.server.role("Patrons")
    ada.membership.roles.append(patrons)
    await limits(mary, "role", role=patrons, limit="unlimited")
    await limits(mary, "server", limit="1/day")
    await limits(mary, "request", most="2")
    await limits(mary, "jobs", most="3")
    told = await limits(mary, "why", member=ada.user, price="2.50")
    lines = [line for line in told.text.splitlines() if line.startswith(("✅", "⛔"))]
    assert re.fullmatch(r"✅ Credit at the provider: \$[\d.]+ as last read, \$[\d.]+ held, \$[\d.]+ left", lines[0])
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "✅ All servers together",
        "⛔ This server",
        f"✅ Member (by <@&{patrons.id}>)",
        "⛔ One request",
        "✅ Jobs at once",
    ]
    await limits(mary, "role", role=patrons, limit="inherit")


async def test_a_freeze_refuses_quotes_kindly_lets_what_runs_finish_and_ends(
    house: House, ada: Member, mary: Member, room: Channel
):
    house.runware.script(Takes(1.0))
    running = await house.buy(ada, room)
    card = await house.ask(ada, room)
    answer = await limits(mary, "freeze", reason="**counting** [money](https://evil.example)")
    assert answer.text.startswith("New videos in this server: open before, frozen now.")
    for refused in (await house.ask(ada, room), await house.press(ada, card, "Confirm")):
        assert "This server's staff have stopped new videos for now, so nothing was bought." in refused.text
        assert r"They say: \*\*counting\*\* \[money\](https" in refused.text, "their words are shown inert"
        assert "https://" not in refused.text
    assert len(await house.results(running.job_id)) == 1
    again = await limits(mary, "freeze")
    assert again.text == "New videos in this server: frozen already. Nothing was changed."
    before = len(changes(house))
    other = await limits(mary, "freeze", reason="until Monday")
    assert other.text.startswith("New videos in this server: frozen as before, for another reason.\nReason: until")
    [change] = changes(house)[before:]
    assert (change["before"], change["value"], change["reason"]) == ("frozen", "frozen", "until Monday")
    assert "They say: until Monday" in (await house.ask(ada, room)).text
    assert "frozen as before, for another reason (until Monday)" in (await limits(mary, "log")).text
    told = await limits(mary, "why", member=ada.user, price="1")
    assert re.search(r"⛔ Frozen, <t:\d+:f>, by <@\d+> \(until Monday\)", told.text)
    assert "frozen before, open now." in (await limits(mary, "unfreeze")).text
    assert (await house.ask(ada, room)).buttons


async def test_a_time_zone_moves_the_reset_of_a_day(house: House, ada: Member, mary: Member):
    for zone, shown in (("pacific/kiritimati", "Pacific/Kiritimati"), ("Pago Pago", "Pacific/Pago_Pago")):
        answer = await limits(mary, "timezone", zone=zone)
        assert f"{shown} now." in answer.text
        told = await limits(mary, "why", member=ada.user, price="1")
        [line] = [line for line in told.text.splitlines() if "Member (" in line]
        resets = datetime.fromtimestamp(int(line.partition("<t:")[2].partition(":")[0]), UTC)
        local = resets.astimezone(ZoneInfo(shown))
        assert (local.hour, local.minute, local.second) == (0, 0, 0)
        assert 0 < (resets - datetime.now(UTC)).total_seconds() <= 86_400


async def test_zones_are_offered_while_they_are_typed(house: House, mary: Member):
    offered = await mary.autocomplete("limits timezone", "zone", "new y")
    assert offered == [{"name": "America/New_York", "value": "America/New_York"}]
    assert len(await mary.autocomplete("limits timezone", "zone", "a")) == 25
    assert await mary.autocomplete("limits timezone", "zone", "gmt+2") == []


async def test_no_command_changes_what_all_servers_may_spend_together(house: House, ada: Member, mary: Member):
    await limits(mary, "server", limit="unlimited")
    await limits(mary, "member", member=ada.user, limit="unlimited")
    told = await limits(mary, "why", member=ada.user, price="60")
    assert re.findall("^⛔ (.*?): ", told.text, re.MULTILINE) == ["All servers together"]
