"""/limits: what staff decide is in force at the next quote and at Confirm, is in the log, and is said plainly."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.words.speech import say
from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.member import Member
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, ChannelType
from sandbox.runware.script import Takes
from tests.cogs.limiting import changes, limits, queued, undo, unresolved
from tests.house import House

MENTION = re.compile(r"<@&?[0-9]+>")


@pytest.fixture
def mary(house: House) -> Member:
    """Staff, by Manage Server."""
    return house.discord.member("Mary")


@pytest.fixture(autouse=True)
async def as_it_was(house: House) -> AsyncIterator[None]:
    """What a test sets for the whole server is undone."""
    yield
    await undo(house)


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


@pytest.mark.parametrize(
    ("options", "books", "state", "says"),
    [
        ({"outcome": "settle"}, {"hold": "0.06", "settle": "0.06"}, "done", "now $0.06 settled."),
        (
            {"outcome": "settle", "amount": "0.02"},
            {"hold": "0.06", "settle": "0.02"},
            "done",
            "now $0.02 settled, and $0.04 returned.",
        ),
        ({"outcome": "release"}, {"hold": "0.06", "release": "0.06"}, "failed", "now all of it released."),
    ],
    ids=["settle", "settle a part", "release"],
)
async def test_an_unresolved_job_is_ended_as_staff_say_and_the_books_add_up(
    house: House,
    ada: Member,
    mary: Member,
    room: Channel,
    options: dict[str, Value],
    books: dict[str, str],
    state: str,
    says: str,
):
    bought = await unresolved(house, ada, room)
    listed = await (await mary.command("jobs", everybody=True)).answer()
    assert f"Job {bought.job_id}" in listed.text
    too_much = await limits(mary, "resolve", job=bought.job_id, outcome="settle", amount="0.07")
    assert "This job holds $0.06. Settle an amount of more than $0.00 and at most that" in too_much.text
    before = len(changes(house))
    answer = await limits(mary, "resolve", {"job": f"Job `{bought.job_id}`", "reason": "asked them", **options})
    assert answer.text == (
        f"Job `{bought.job_id}` of {ada.mention}: $0.06 was on hold, {says}\nReason: asked them\n"
        f"{say('limits.still_asked_for')}"
    )
    assert house.books(bought.job_id) == books
    assert house.job(bought.job_id)["state"] == state
    [change] = changes(house)[before:]
    assert (change["kind"], change["subject"], change["before"]) == ("resolve", bought.job_id, "held $0.06")
    house.explained.add(f"job {bought.job_id} (done): the provider billed 0")  # staff know better than the sandbox
    await house.quiet()
    again = await limits(mary, "resolve", job=bought.job_id, outcome="release")
    assert again.text.startswith(f"Job `{bought.job_id}` is over already, so there is nothing to resolve")


async def test_staff_cancel_a_queued_job_of_anybodys_from_the_list_or_its_message(
    house: House, ada: Member, linus: Member, mary: Member, room: Channel
):
    first, second = await queued(house, ada, room), await queued(house, linus, house.channel())
    listed = await (await mary.command("jobs", everybody=True)).answer()
    assert listed.visible_to is mary.user
    assert listed.embeds[0]["title"] == "Under way in this server"
    assert f"For {ada.mention}" in listed.text
    answer = await house.press(mary, listed, f"Cancel {first.job_id}")
    assert answer.text.startswith(
        f"Job `{first.job_id}` of {ada.mention} is cancelled, and $0.06 is theirs to spend again."
    )
    progress = await house.progress(second.job_id, "busy")
    await house.press(mary, progress, "Cancel")
    for bought in (first, second):
        assert house.books(bought.job_id) == {"hold": "0.06", "release": "0.06"}
        await house.progress(bought.job_id, "🚫 Cancelled before it was sent.")
    nothing = await (await mary.command("jobs", everybody=True)).answer()
    assert nothing.text.startswith("Nothing is under way in this server.")


WRONG: list[tuple[str, dict[str, Value], str]] = [
    ("member", {"limit": "-5"}, "write it without a sign"),
    ("member", {"limit": "9999999"}, "write at most 1000000"),
    ("member", {"limit": "lots"}, "write it like 5.00/day"),
    ("member", {"limit": "5/day and 6/day"}, "write each window once"),
    ("member", {"limit": "5/fortnight"}, "write it like 5.00/day"),
    ("member", {"limit": "1e9"}, "write it like 5.00/day"),
    ("member", {"limit": "[5](https://evil.example) @everyone"}, "write it like 5.00/day"),
    ("server", {"limit": "NaN"}, "write it like 5.00/day"),
    ("request", {"most": "5/day"}, "write an amount like 5, $5 or 5.00, or unlimited"),
    ("request", {"most": "0.001"}, "write whole cents"),
    ("jobs", {"most": "1.5"}, "write a whole number from 0 to 1,000, or unlimited"),
    ("jobs", {"most": "-1"}, "write a whole number from 0 to 1,000, or unlimited"),
    ("jobs", {"most": "²"}, "write a whole number from 0 to 1,000, or unlimited"),
    ("timezone", {"zone": "Europe/Berlni"}, "such as Europe/Berlin"),
    ("timezone", {"zone": "../../etc/passwd"}, "write the name of a time zone"),
    ("grant", {"amount": "0"}, "write an amount of more than 0"),
    ("grant", {"amount": "-3"}, "write it without a sign, such as 5. "),
    ("request", {"most": "99999999"}, "write at most 1000000, or unlimited. "),
    ("grant", {"amount": "3", "days": 0}, "write a whole number from 1 to 3,650"),
    ("grant", {"amount": "3", "days": 10**12}, "write a whole number from 1 to 3,650"),
    ("why", {"price": "free"}, "write an amount like 5, $5 or 5.00"),
    ("resolve", {"job": "nothing", "outcome": "release"}, "I do not know this job."),
    ("resolve", {"job": "nothing", "outcome": "keep"}, "outcome: I cannot take “keep”. Please choose settle or"),
    ("resolve", {"job": "'; DROP TABLE jobs; --", "outcome": "release"}, "I do not know this job."),
]


@pytest.mark.parametrize(("what", "options", "says"), WRONG)
async def test_what_cannot_be_read_is_refused_in_words_and_changes_nothing(
    house: House, ada: Member, mary: Member, what: str, options: dict[str, Value], says: str
):
    before = changes(house)
    about: dict[str, Value] = {"member": ada.user} if what in ("member", "grant", "why") else {}
    answer = await limits(mary, what, {**about, **options}, forged=True)
    assert says in answer.text
    assert "https://" not in answer.text
    assert "@everyone" not in answer.text
    assert answer.pings == frozenset()
    assert changes(house) == before


@pytest.mark.parametrize("value", [5, 1.5, True, ["5"], None, {"a": 1}], ids=repr)
@pytest.mark.parametrize("option", ["limit", "most", "zone", "amount", "days", "before", "reason"])
async def test_a_modified_clients_value_of_another_kind_is_no_bug(
    house: House, ada: Member, mary: Member, option: str, value: Any
):
    """Whether it can be read or not: it is answered, and the house's inspection finds no traceback."""
    given: dict[str, dict[str, Any]] = {
        "limit": {"member": ada.user},
        "amount": {"member": ada.user},
        "days": {"member": ada.user, "amount": "1"},
        "reason": {"member": ada.user, "limit": "1"},
    }
    what = {"most": "jobs", "zone": "timezone", "amount": "grant", "days": "grant", "before": "log"}
    answer = await limits(mary, what.get(option, "member"), {**given.get(option, {}), option: value}, forged=True)
    assert "Something went wrong" not in answer.text


@pytest.mark.parametrize("what", ["member", "grant", "why"])
async def test_bots_and_people_who_have_left_are_told_apart_from_members(house: House, mary: Member, what: str):
    options = {"member": {"limit": "5"}, "grant": {"amount": "5"}, "why": {"price": "5"}}[what]
    before = changes(house)
    bot = house.discord.world.bot
    answer = await limits(mary, what, {"member": bot, **options})
    assert answer.text.startswith(f"{bot.mention} is a bot, and bots cannot use me.")
    gone = house.member()
    del house.server.members[gone.id]
    answer = await limits(mary, what, {"member": gone.user, **options})
    assert answer.text.startswith(f"{gone.mention} is not in this server")
    assert changes(house) == before


async def test_a_role_or_channel_that_is_gone_or_elsewhere_is_refused(house: House, mary: Member):
    world, before = house.discord.world, changes(house)
    gone = world.add_role(house.server, "Gone")
    del house.server.roles[gone.id]
    foreign = world.add_role(world.server("Elsewhere"), "Foreign")
    deleted = house.channel()
    world.delete_channel(deleted)
    for what, options in (
        ("role", {"role": gone, "limit": "5"}),
        ("role", {"role": foreign, "limit": "5"}),
        ("staff", {"role": gone}),
        ("alerts", {"channel": deleted}),
        ("alerts", {"channel": house.discord.channel("lobby", "Elsewhere")}),
    ):
        answer = await limits(mary, what, dict(options), forged=True)
        assert re.match(r"What was chosen for `(role|channel)` is not here any more", answer.text)
    assert changes(house) == before


async def test_everybody_cannot_be_staff(house: House, mary: Member):
    before = changes(house)
    answer = await limits(mary, "staff", role=house.server.everyone)
    assert "it cannot be the staff role. Please choose another; nothing was changed." in answer.text
    assert answer.pings == frozenset()
    assert changes(house) == before


async def test_the_staff_role_is_answered_with_how_it_comes_to_see_the_command(house: House, mary: Member):
    role = house.discord.world.add_role(house.server, "Helpers", mentionable=True)
    answer = await limits(mary, "staff", role=role, reason="more hands")
    assert answer.text.startswith(f"The staff role: none before, {role.mention} now.\nReason: more hands\n")
    assert "Discord itself shows /limits only to members with Manage Server." in answer.text
    assert "Server Settings > Integrations" in answer.text
    assert answer.pings == frozenset()


async def test_alerts_go_to_a_channel_or_a_thread_and_nowhere_else(house: House, mary: Member, room: Channel):
    thread = house.discord.world.add_thread(room, "alarms")
    for channel in (room, thread):
        answer = await limits(mary, "alerts", channel=channel)
        assert f"{channel.mention} now." in answer.text
        [said] = [each.content for each in channel.messages]
        assert said.startswith(f"{mary.mention} has chosen this channel for my alerts")
    closed = house.channel()
    closed.deny(house.server.everyone, Permission.SEND_MESSAGES)
    refused = await limits(mary, "alerts", channel=closed)
    assert refused.text.startswith(
        f"I may not write in {closed.mention}, so nothing was changed. Please let me View"
    )
    folder = house.channel()
    folder.type = ChannelType.CATEGORY
    with pytest.raises(ClientRefuses, match="must be a channel of type"):
        await limits(mary, "alerts", channel=folder)
    refused = await limits(mary, "alerts", channel=folder, forged=True)
    assert refused.text.startswith(f"I cannot write messages in {folder.mention}.")
    assert (await limits(mary, "alerts")).text == f"The channel for alerts: {thread.mention} before, none now."


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


async def test_no_command_changes_what_all_servers_may_spend_together(house: House, ada: Member, mary: Member):
    await limits(mary, "server", limit="unlimited")
    await limits(mary, "member", member=ada.user, limit="unlimited")
    told = await limits(mary, "why", member=ada.user, price="60")
    assert re.findall("^⛔ (.*?): ", told.text, re.MULTILINE) == ["All servers together"]


async def test_the_books_are_held_against_the_providers_bill_when_staff_ask(
    house: House, ada: Member, mary: Member, room: Channel
):
    bought = await house.buy(ada, room)
    await house.results(bought.job_id)
    await house.quiet()
    answer = await limits(mary, "reconcile")
    lines = answer.text.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == ["Today (UTC)", "The last 7 days", "The last 30 days"]
    billed = sum(charge.amount for charge in house.runware.bill)
    assert all(f"${billed:.2f} billed" in line for line in lines[:3])
    booked = house.rows("SELECT sum(amount) AS it FROM ledger WHERE kind IN ('settle', 'overrun')")[0]["it"]
    assert all(f"{booked / 1e9:.2f} booked" in line for line in lines[:3])
    agree = "The books are what the provider has billed."
    assert (lines[-1] == agree) == (f"{booked / 1e9:.2f}" == f"{billed:.2f}")
