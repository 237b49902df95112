"""What staff take back: grants, and the limits of those who are no longer here."""

import re

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.discord.ratelimit import too_many
from sandbox.faults import Fault
from tests.cogs.limiting import changes, limits
from tests.house import House


async def test_a_grant_that_is_revoked_pays_for_nothing_more_and_what_it_paid_stays(
    house: House, ada: Member, mary: Member, room: Channel
):
    await limits(mary, "member", member=ada.user, limit="0.06")
    for amount in ("0.12", "0.30"):
        await limits(mary, "grant", member=ada.user, amount=amount, days=3, reason="thanks")
    number = house.rows("SELECT max(id) AS it FROM grants")[0]["it"] - 1  # the two lines follow one another
    for _ in range(2):
        await house.buy(ada, room)
    offered = await mary.autocomplete("limits revoke", "grant", "", member=ada.user)
    assert [each["value"] for each in offered] == [number, number + 1]
    assert re.fullmatch(rf"#{number}: \$0.06 of \$0.12 left, until [\d-]+ \(thanks\)", offered[0]["name"])
    assert await ada.autocomplete("limits revoke", "grant", "", member=ada.user) == [], "for staff alone"
    one = await limits(mary, "revoke", member=ada.user, grant=number, reason="a mistake")
    assert one.text.splitlines()[:2] == [
        f"Grant `#{number}` of {ada.mention}: $0.06 of $0.12 left before, revoked now.",
        "Reason: a mistake",
    ]
    again = await limits(mary, "revoke", member=ada.user, grant=number)
    assert again.text.startswith(f"{ada.mention} has no such grant that is still open, so nothing was changed.")
    line = f"Grant `#{number}`: $0.06 left of $0.12 for {ada.mention} → revoked (a mistake)"
    assert line in (await limits(mary, "log")).text
    assert "with $0.30 of grants" in (await limits(mary, "why", member=ada.user, price="1")).text
    rest = await limits(mary, "revoke", member=ada.user)
    assert f"Grant `#{number + 1}` of {ada.mention}: $0.30 of $0.30 left before, revoked now." in rest.text
    assert "$0.00 is left" in (await house.ask(ada, room)).text
    await house.quiet()
    paid = house.rows("SELECT sum(amount) AS it FROM draws WHERE grant_id = ? AND kind = 'settle'", number)
    assert paid[0]["it"] == 60_000_000


async def test_limits_of_who_left_and_of_deleted_roles_stand_apart_and_can_be_forgotten(
    house: House, ada: Member, mary: Member, room: Channel
):
    blocked, kept = (house.discord.world.add_role(house.server, name) for name in ("Blocked", "Kept"))
    left = house.member()
    for role in (blocked, kept):
        ada.membership.roles.append(role)
        await limits(mary, "role", role=role, limit="0" if role is blocked else "3/day")
    await limits(mary, "member", member=left.user, limit="7")
    assert "nothing may be spent" in (await house.ask(ada, room)).text
    assert "No longer here" not in [field["name"] for field in (await limits(mary, "show")).embeds[0]["fields"]]

    del house.server.members[left.id]
    del house.server.roles[blocked.id]
    ada.membership.roles.remove(blocked)
    assert "You: $2.94 of $3.00 a day" in (await house.ask(ada, room)).text, "nobody has a role that was deleted"
    shown = await limits(mary, "show")
    fields = {field["name"]: field["value"].splitlines() for field in shown.embeds[0]["fields"]}
    gone = [
        f"Role <@&{blocked.id}> (`{blocked.id}`): $0.00/day",
        f"Member {left.mention} (`{left.id}`): $7.00/day",
    ]
    assert fields["No longer here"] == [*gone, "These count for nobody. /limits forget takes them away."]
    assert f"<@&{kept.id}>: $3.00/day" in "".join(fields["Roles"])
    assert str(blocked.id) not in "".join(fields["Roles"])

    before = len(changes(house))
    answer = await limits(mary, "forget", reason="tidying up")
    assert {line.removesuffix(" before, none now.") for line in answer.text.splitlines()} == set(gone)
    assert {(row["subject"], row["value"]) for row in changes(house)[before:]} == {
        (str(blocked.id), None),
        (str(left.id), None),
    }
    assert (await limits(mary, "forget")).text.startswith("Nobody with a limit of their own has left")
    by_id = await limits(mary, "forget", id=f"`{kept.id}`")
    assert by_id.text == f"Role <@&{kept.id}> (`{kept.id}`): $3.00/day before, none now."
    assert "has no limit here" in (await limits(mary, "forget", id=str(kept.id))).text
    assert "copy the number from /limits show" in (await limits(mary, "forget", id="everyone")).text


async def test_what_was_decided_while_discord_was_asked_is_not_forgotten(house: House, mary: Member):
    """Another limit for who left, and one that somebody else took away."""
    changed, taken = house.member(), house.member()
    for member in (changed, taken):
        await limits(mary, "member", member=member.user, limit="7")
        del house.server.members[member.id]
    slow = Fault(takes_effect=True, lag=2.0, alter=bytes)
    house.discord.faults.add("GET /guilds/{guild}/members/{user}", slow, times=20)
    server = f"/guilds/{house.server.id}"

    def looks() -> int:
        return sum(request.path.partition("?")[0].endswith(server) for request in house.discord.requests)

    before = looks()
    use = await mary.command("limits forget", {})
    await house.until(lambda: looks() > before, "a look at the server, which comes after the limits were read")
    for member, value in ((changed, "$8.00/day"), (taken, None)):
        house.change(
            """INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at)
               VALUES (?, 'member limit', ?, '$7.00/day', ?, 1, '', 0)""",
            house.server.id,
            str(member.id),
            value,
        )
    lines = len(changes(house))
    assert (await use.answer()).text.startswith("Nobody with a limit of their own has left")
    assert len(changes(house)) == lines
    house.discord.faults.clear()
    assert f"Member {changed.mention} (`{changed.id}`): $8.00/day before" in (await limits(mary, "forget")).text


async def test_of_whom_a_long_rate_limit_says_nothing_counts_as_here(house: House, mary: Member):
    left = house.member()
    await limits(mary, "member", member=left.user, limit="7")
    del house.server.members[left.id]
    for operation in ("GET /guilds/{guild}", "GET /guilds/{guild}/members/{user}"):
        house.discord.faults.add(operation, too_many(45.0), times=10)
        assert not await _is_told_apart(mary, left)
        house.discord.faults.clear()
    assert await _is_told_apart(mary, left)


async def _is_told_apart(staff: Member, member: Member) -> bool:
    shown = await limits(staff, "show")
    gone = [field["value"] for field in shown.embeds[0]["fields"] if field["name"] == "No longer here"]
    return member.mention in "".join(gone)
