"""What staff see to beside limits: jobs that are to end, the books, who is staff, and where alerts go."""

import pytest

from bot.words.speech import say
from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.member import Member
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, ChannelType
from tests.cogs.limiting import changes, limits, queued, unresolved
from tests.house import House

pytestmark = pytest.mark.usefixtures("limits_as_they_were")


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
