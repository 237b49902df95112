"""/spending: what was spent, is held and is left; receipts, a picture, and for staff sums and a file."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from sqlite3 import connect
from typing import Final

import pytest
from PIL import Image

from sandbox.discord.attachment import Attachment
from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.runware.script import Costs, Fails
from tests.cogs.test_jobs import BUSY
from tests.house import House, open_house
from tests.traced import Trace

STAFF_ONLY: Final = "This is for this server's staff: "


@pytest.fixture
def mary(house: House) -> Member:
    """One of the server's staff, by Manage Server."""
    role = house.discord.world.add_role(house.server, "Managers", Permission.MANAGE_GUILD)
    return Member(house.discord, house.discord.world.add_member(house.server, "Mary", [role]))


@pytest.fixture(autouse=True)
def nothing_broken(house: House) -> Iterator[None]:
    yield
    house.runware.faults.clear()


async def test_who_has_spent_nothing_sees_what_there_is_to_spend_and_no_picture(
    house: House, ada: Member, room: Channel
):
    shown = await _spending(ada, room)
    assert shown.visible_to is ada.user
    assert "Nothing was spent in the last 30 days, so there is no picture." in shown.text
    assert "**You**, $5.00 a day: spent $0.00, on hold $0.00, left **$5.00**, resets <t:" in shown.text
    assert "**This server**, $50.00 a month" in shown.text
    assert "No videos here yet. /generate makes the first." in shown.text
    assert shown.attachments == []
    assert "image" not in shown.embeds[0]


async def test_what_was_spent_and_what_is_held_and_what_is_left_add_up_to_the_limit(
    house: House, ada: Member, linus: Member, room: Channel
):
    done = await house.buy(ada, room, prompt="A red kite", count=2)
    await house.results(done.job_id, 2)
    await house.buy(linus, room, prompt="Somebody else's", resolution="720p")
    await house.quiet()
    house.runware.faults.add("videoInference", BUSY, times=100)
    held = await house.buy(ada, room, prompt="A blue kite", resolution="540p")
    shown = await _spending(ada, room)
    assert "**You**, $5.00 a day: spent $0.12, on hold $0.15, left **$4.73**, resets <t:" in shown.text
    assert "Spent in the last 30 days: **$0.12**." in shown.text
    first, second = _fields(shown)[-2:]
    assert first[0] == f"Job {held.job_id}"
    assert first[1].startswith("> A blue kite\n540p · 16:9 · 5 s · <t:")
    assert first[1].endswith("\nquoted and held $0.15 · under way, on hold")
    assert second[0] == f"Job {done.job_id}"
    assert second[1].endswith("\nquoted and held $0.12 · settled $0.12")
    assert "Somebody else's" not in shown.text
    await _cancel(house, ada, room, held.job_id)


async def test_receipts_say_what_returned_and_what_was_billed_beyond_the_quote(
    house: House, ada: Member, room: Channel
):
    house.runware.script(Costs(Decimal("0.05")))
    cheaper = await house.buy(ada, room)
    await house.quiet()
    house.runware.script(Costs(Decimal("0.08")))
    dearer = await house.buy(ada, room)
    await house.quiet()
    house.runware.script(Fails())
    failed = await house.buy(ada, room)
    await house.quiet()
    receipts = dict(_fields(await _spending(ada, room)))
    assert receipts[f"Job {cheaper.job_id}"].endswith("quoted and held $0.06 · settled $0.05, $0.01 returned")
    assert receipts[f"Job {dearer.job_id}"].endswith(
        "quoted and held $0.06 · settled $0.06 · $0.02 more was billed, on the server"
    )
    quoted = r"quoted and held \$0\.0[68]"  # as listed, or as another test's bill was observed
    assert re.search(rf"{quoted} · failed, all of it returned$", receipts[f"Job {failed.job_id}"])


async def test_grants_say_what_is_left_of_them_and_receipts_say_who_paid(
    house: House, ada: Member, mary: Member, room: Channel
):
    _decide(house, "member limit", str(ada.id), "$0.10/day", mary)
    _grant(house, ada, mary, dollars=1, reason="for the *contest* <@&1>")
    bought = await house.buy(ada, room, resolution="720p")
    await house.results(bought.job_id)
    await house.quiet()
    shown = await _spending(ada, room)
    fields = dict(_fields(shown))
    assert (
        "$0.10 a day, personally: spent $0.10, on hold $0.00, left **$0.80**, grants included" in fields["Limits"]
    )
    assert fields["Grants"].startswith("**$0.80** of $1.00 left, until <t:")
    assert "for the \\*contest\\*" in fields["Grants"]
    assert "<@&1>" not in fields["Grants"]
    assert fields[f"Job {bought.job_id}"].endswith("\nPaid by: limit $0.10 and grants $0.20")


async def test_a_picture_shows_the_spending_and_says_its_numbers_to_those_who_cannot_see_it(
    house: House, ada: Member, room: Channel
):
    for resolution in ("360p", "540p"):
        await house.buy(ada, room, resolution=resolution)
    await house.quiet()
    shown = await _spending(ada, room)
    [picture] = shown.attachments
    assert picture.filename == "spending.png"
    assert picture.description is not None
    assert picture.description.startswith("Spending by day, ")
    assert ": $0.21 in all (from words $0.21). By day: " in picture.description
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.format == "PNG"
        assert image.width >= 800
    assert "spending.png" in shown.embeds[0]["image"]["url"]


async def test_staff_see_a_members_spending(house: House, ada: Member, mary: Member, room: Channel):
    bought = await house.buy(ada, room)
    await house.quiet()
    shown = await _spending(mary, room, member=ada.user)
    assert shown.visible_to is mary.user
    assert f"A member's spending here\n<@{ada.id}>\nSpent in the last 30 days: **$0.06**." in shown.text
    assert "**This member**, $5.00 a day: spent $0.06" in shown.text
    assert f"Job {bought.job_id}" in shown.text


async def test_a_members_role_limit_is_shown_to_staff_as_it_is_to_them(house: House, mary: Member, room: Channel):
    role = house.discord.world.add_role(house.server, "Artists")
    artist = Member(house.discord, house.discord.world.add_member(house.server, "Artemisia", [role]))
    _decide(house, "role limit", str(role.id), "$9.00/week", mary)
    mine, theirs = await _spending(artist, room), await _spending(mary, room, member=artist.user)
    assert f"**You**, $9.00 a week by <@&{role.id}>: spent $0.00" in mine.text
    assert f"**This member**, $9.00 a week by <@&{role.id}>: spent $0.00" in theirs.text


async def test_staff_see_the_servers_sums_by_member_and_by_kind(
    house: House, ada: Member, linus: Member, mary: Member, room: Channel
):
    before = await _by_member(mary, room)
    house.runware.script(Costs(Decimal("0.08")))
    await house.buy(ada, room)
    await house.quiet()
    for _ in range(2):
        await house.buy(linus, room, resolution="540p")
    await house.quiet()
    shown = await _spending(mary, room, of="server")
    assert shown.visible_to is mary.user
    after = await _by_member(mary, room)
    assert after.keys() - before.keys() == {f"<@{ada.id}>", f"<@{linus.id}>"}
    assert after[f"<@{ada.id}>"] == "**$0.06** in 1 job"
    assert after[f"<@{linus.id}>"] == "**$0.30** in 2 jobs"
    total = house.rows("SELECT sum(amount) AS sum FROM ledger WHERE kind IN ('settle', 'overrun')")[0]["sum"]
    assert f"Spent in the last 30 days: **${total / 1e9:.2f}**." in shown.text
    assert f"from words: **${total / 1e9:.2f}**" in shown.text
    assert "was billed beyond the quotes and is the server's own." in shown.text
    assert "**This server**, $50.00 a month" in shown.text
    assert [file.filename for file in shown.attachments] == ["spending.png"]


async def test_the_export_has_every_entry_of_the_server_and_no_cell_that_is_a_formula(
    house: House, ada: Member, mary: Member, room: Channel
):
    bought = await house.buy(ada, room, prompt='=HYPERLINK("https://example.org")')
    await house.quiet()
    shown = await _spending(mary, room, export=True)
    assert shown.visible_to is mary.user
    lines = _lines(shown)
    entries = house.rows("SELECT * FROM ledger WHERE server_id = ? ORDER BY id", house.server.id)
    assert [int(line["entry"]) for line in lines] == [entry["id"] for entry in entries]
    assert [Decimal(line["amount_usd"]) * 10**9 for line in lines] == [entry["amount"] for entry in entries]
    mine = [line for line in lines if line["job"] == bought.job_id]
    assert [line["kind"] for line in mine] == ["hold", "settle"]
    assert {line["member"] for line in mine} == {f"<@{ada.id}>"}
    assert {line["prompt"] for line in mine} == {'\'=HYPERLINK("https://example.org")'}
    assert f"every entry of this server's books, {len(entries)} of them." in shown.text


@pytest.mark.parametrize("options", [{"of": "server"}, {"export": True}, {"member": "linus"}])
async def test_a_member_sees_neither_the_servers_spending_nor_anybody_elses(
    house: House, ada: Member, linus: Member, room: Channel, options: dict[str, Value]
):
    await house.buy(linus, room, prompt="Somebody else's")
    await house.quiet()
    given: dict[str, Value] = {name: linus.user if name == "member" else value for name, value in options.items()}
    answer = await _spending(ada, room, **given)
    assert answer.visible_to is ada.user
    assert answer.text.startswith(STAFF_ONLY)
    assert str(linus.id) not in answer.text
    assert answer.attachments == []


async def test_the_staff_role_may_look_for_as_long_as_it_is_the_staffs(house: House, mary: Member, room: Channel):
    role = house.discord.world.add_role(house.server, "Helpers")
    helper = Member(house.discord, house.discord.world.add_member(house.server, "Hedy", [role]))
    assert (await _spending(helper, room, of="server")).text.startswith(STAFF_ONLY)
    _decide(house, "staff role", "", str(role.id), mary)
    assert "This server's spending" in (await _spending(helper, room, of="server")).text
    house.server.members[helper.id].roles.remove(role)
    assert (await _spending(helper, room, of="server")).text.startswith(STAFF_ONLY)


async def test_everybody_may_name_themselves(house: House, ada: Member, room: Channel):
    assert "Your spending here" in (await _spending(ada, room, member=ada.user)).text


@pytest.mark.parametrize("options", [{"of": "server"}, {"export": True}])
async def test_a_member_together_with_the_server_is_one_too_many(
    house: House, ada: Member, mary: Member, room: Channel, options: dict[str, Value]
):
    answer = await _spending(mary, room, member=ada.user, **options)
    assert "member" in answer.text
    assert answer.embeds == []


async def test_a_forged_value_shows_nothing_of_others(house: House, ada: Member, linus: Member, room: Channel):
    await house.buy(linus, room)
    await house.quiet()
    use = await ada.command("spending", {"of": "everything"}, channel=room, forged=True)
    assert str(linus.id) not in (await use.answer()).text


async def test_another_servers_books_are_not_shown(tmp_path: Path):
    async with open_house(tmp_path, ALLOWED_SERVERS="*") as other:
        world = other.discord.world
        elsewhere = world.add_server("Far away")
        owner = Member(other.discord, elsewhere.members[elsewhere.owner.id])
        hall = world.add_channel(elsewhere, "hall")
        await other.buy(other.member(), other.channel())
        await other.quiet()
        shown = await _spending(owner, hall, of="server", export=True)
        assert "Nothing was spent in the last 30 days" in shown.text
        assert [len(_lines(shown))] == [0]


async def test_a_thousand_jobs_cost_no_more_statements_than_five(tmp_path: Path):
    trace = Trace(tmp_path / "trace")
    async with open_house(tmp_path, **trace.settings) as house:
        role = house.discord.world.add_role(house.server, "Managers", Permission.MANAGE_GUILD)
        staff = Member(house.discord, house.discord.world.add_member(house.server, "Mary", [role]))
        room, many = house.channel(), house.member()
        trace.begin()
        for _ in range(2):
            await house.buy(staff, room)
        await house.quiet()
        house.explained |= {"the provider billed 0", "accepted 0 times"}
        few = [await _statements(house, trace, staff, room, **options) for options in OF_BOTH]
        assert await house.bot.stop() == 0
        await asyncio.to_thread(_history, house.database, house.server.id, [staff.id, many.id], 500)
        await house.bot.start()
        await house.discord.gateway.ready(15, identifies=house.discord.gateway.identifies + 1)
        lots = [await _statements(house, trace, staff, room, **options) for options in OF_BOTH]
        assert lots == few
        assert min(few) > 10, "too little was counted to say anything"


OF_BOTH: Final[tuple[dict[str, Value], ...]] = ({}, {"of": "server"})


def _history(database: Path, server_id: int, members: list[int], each: int) -> None:
    """So many finished jobs of each of these members, as if they had been made over the last 25 days."""
    with closing(connect(database)) as tx, tx:
        tx.execute("CREATE TEMP TABLE n (n INTEGER, member INTEGER, at INTEGER)")
        tx.executemany(
            "INSERT INTO n VALUES (?, ?, (unixepoch() - (? % 25) * 86400 - ?) * 1000000)",
            [(i * len(members) + k, member, i, i) for i in range(each) for k, member in enumerate(members)],
        )
        request = json.dumps({"kind": "text_to_video", "prompt": "an old one", "resolution": "360p", "count": 1})
        for sql in (
            f"""INSERT INTO quotes SELECT 'q' || n, {server_id}, 1, member, '{request}', '2026-11-20', 60000000, at,
                at + 600000000 FROM n""",
            f"""INSERT INTO jobs (id, quote_id, server_id, member_id, count, task_id, body, state, held_at)
                SELECT 'j' || n, 'q' || n, {server_id}, member, 1, 't' || n, '{{}}', 'queued', at FROM n""",
            f"""INSERT INTO ledger (job_id, kind, amount, server_id, member_id, held_at, booked_at)
                SELECT 'j' || n, 'hold', 60000000, {server_id}, member, at, at FROM n""",
            "UPDATE jobs SET state = 'sending', sent_at = held_at WHERE state = 'queued'",
            "UPDATE jobs SET state = 'running', accepted_at = held_at WHERE state = 'sending'",
            """INSERT INTO results (job_id, n, links, cost, failure, arrived_at)
               SELECT 'j' || n, 1, '[]', 60000000, 'broken', at FROM n""",
            f"""INSERT INTO ledger (job_id, kind, amount, server_id, member_id, held_at, booked_at)
                SELECT 'j' || n, 'release', 60000000, {server_id}, member, at, at FROM n""",
            f"""INSERT INTO ledger (job_id, kind, amount, server_id, member_id, held_at, booked_at)
                SELECT 'j' || n, 'overrun', 60000000, {server_id}, member, at, at FROM n""",
            "UPDATE jobs SET state = 'failed', reason = 'broken' WHERE state = 'running'",
        ):
            tx.execute(sql)


async def _statements(house: House, trace: Trace, member: Member, channel: Channel, /, **options: Value) -> int:
    """How many statements one /spending takes: the least of three, since the bot looks after its jobs meanwhile."""
    counts: list[int] = []
    for _ in range(3):
        await house.quiet()
        before = len(trace.executed())
        await _spending(member, channel, **options)
        counts.append(len(trace.executed()) - before)
    return min(counts)


async def _spending(member: Member, channel: Channel, /, **options: Value) -> Message:
    return await (await member.command("spending", options, channel=channel)).answer(30)


async def _by_member(member: Member, channel: Channel) -> dict[str, str]:
    shown = dict(_fields(await _spending(member, channel, of="server")))
    return dict(line.split(": ", 1) for line in shown.get("By member", "").splitlines())


async def _cancel(house: House, member: Member, channel: Channel, job_id: str) -> None:
    listed = await (await member.command("jobs", channel=channel)).answer()
    await house.press(member, listed, f"Cancel {job_id}")


def _fields(message: Message) -> list[tuple[str, str]]:
    return [(field["name"], field["value"]) for field in message.embeds[0]["fields"]]


def _lines(message: Message) -> list[dict[str, str]]:
    file: Attachment = next(each for each in message.attachments if each.filename == "entries.csv")
    return list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))


def _decide(house: House, kind: str, subject: str, value: str, actor: Member) -> None:
    """What /limits stores."""
    before = house.rows(
        "SELECT value FROM changes WHERE server_id = ? AND kind = ? AND subject = ? ORDER BY id DESC LIMIT 1",
        house.server.id,
        kind,
        subject,
    )
    house.change(
        """INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at)
           VALUES (?, ?, ?, ?, ?, ?, '', unixepoch() * 1000000)""",
        house.server.id,
        kind,
        subject,
        before[0]["value"] if before else None,
        value,
        actor.id,
    )


def _grant(house: House, member: Member, actor: Member, *, dollars: int, reason: str) -> None:
    house.change(
        """INSERT INTO changes (server_id, kind, subject, actor_id, reason, changed_at)
           VALUES (?, 'grant', ?, ?, ?, unixepoch() * 1000000)""",
        house.server.id,
        str(member.id),
        actor.id,
        reason,
    )
    house.change(
        """INSERT INTO grants (id, server_id, member_id, amount, expires_at)
           SELECT max(id), ?, ?, ?, (unixepoch() + 86400) * 1000000 FROM changes""",
        house.server.id,
        member.id,
        dollars * 10**9,
    )
