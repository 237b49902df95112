"""No statement of a running bot's scans a table that grows, and none is left out.

The unmodified bot is used in every way there is, and notes what it asks its database (tests/traced.py); then each
statement is explained. One that stands in storage/ and was never carried out fails the test as well: add here what
leads to it.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.discord.ratelimit import too_many
from sandbox.runware.script import Costs, Takes
from storage.database import Database
from tests.bot.test_health import asked, free_port
from tests.cogs.acting import MANAGER, OWNER, STAFF, Scene, actor
from tests.cogs.limiting import limits, queued, unresolved
from tests.cogs.ordering import confirm, open_rich_house
from tests.cogs.test_alerts import waits
from tests.cogs.test_late import remember
from tests.cogs.test_permissions import TABLE
from tests.faults import test_discord, test_provider
from tests.faults.discord_rows import started_again
from tests.house import POST, House, open_house
from tests.report import LINES
from tests.storage.plans import offending
from tests.traced import ROOT, Trace, form, one_of_each, written

EXEMPT: Final = "database.py"
"""It asks what file this is before it uses it, once at a start."""

ENOUGH: Final = 150

LIMITS: Final[dict[str, Any]] = {
    "ACCOUNT_LIMIT": "90.00/month and 80.00/24h",
    "DEFAULT_SERVER_LIMIT": "60.00/24h",
    "DEFAULT_MEMBER_LIMIT": "5.00/24h",
}
"""Rolling windows, of which is said what comes back when."""

TROUBLE: Final = (
    (test_provider, "submit cut"),
    (test_provider, "submit not transferred"),
    (test_discord, "nobody lets us in"),
)


async def test_no_statement_of_a_running_bot_scans_a_table_that_grows(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        await asyncio.to_thread(folder.mkdir)
    async with asyncio.TaskGroup() as both:
        traces = [
            both.create_task(use(folder)) for use, folder in zip((_everybodys, _troubled), folders, strict=True)
        ]
    executed = [sql for trace in traces for sql in trace.result().executed()]
    statements = one_of_each(executed)
    LINES.append(f"{len(executed)} statements of a running bot explained, of {len(statements)} forms")
    assert len(statements) > ENOUGH, "too little was traced to say anything"
    never = [
        where
        for where, pattern in written(ROOT / "storage")
        if not where.startswith(EXEMPT) and not any(pattern.search(sql) for sql in statements)
    ]
    assert not never, "\n".join(["never carried out:", *never])
    assert (found := await _scans(tmp_path / "new.db", statements)) == [], "\n".join(found)


def test_statements_that_differ_in_values_alone_are_one() -> None:
    sql = "SELECT a FROM t1 WHERE s IN ('queued', 'x1') AND n > 1.5 AND b = X'00' AND c = 'it''s' AND d IS NULL"
    assert form(sql) == "SELECT a FROM t1 WHERE s IN ('queued', ?) AND n > ? AND b = ? AND c = ? AND d IS NULL"


def test_a_plan_is_read_by_the_names_that_the_statement_gives() -> None:
    sql = "SELECT * FROM json_each(?) AS wanted JOIN ledger AS entry JOIN jobs"
    plan = ["SCAN wanted VIRTUAL TABLE INDEX 1:", "SCAN entry", "SCAN jobs USING INDEX jobs_under_way", "SCAN jobs"]
    assert offending(sql, plan) == ["SCAN entry", "SCAN jobs"]


async def _scans(path: Path, statements: Sequence[str]) -> list[str]:
    """Those that take longer the more there is, each with its plan. It is made by the schema alone: the bot has
    SQLite gather no statistics."""
    async with Database.open(path):
        pass
    found: list[str] = []
    with closing(sqlite3.connect(path)) as connection:
        for sql in statements:
            plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
            if offending(sql, plan):
                found.append(f"{' '.join(sql.split())}: {plan}")
    return found


async def _everybodys(folder: Path) -> Trace:
    """Every row of the table of who may do what, each by one who may."""
    trace = Trace(folder / "trace")
    async with open_rich_house(folder, ALLOWED_SERVERS="*", **trace.settings) as house:
        trace.begin()
        mary = house.discord.member("Mary")
        _, helpers = [house.discord.world.add_role(house.server, name) for name in ("Once helpers", "Helpers")]
        for n, (what, (may, happened)) in enumerate(TABLE.items()):
            await limits(mary, "staff", role=helpers)
            owner = house.member()
            who = actor(house, next(each for each in (OWNER, STAFF, MANAGER) if each in may), owner, helpers)
            assert await happened(Scene(house, house.channel(), owner, who, mary, f"case {n + 2000}")), what
            house.runware.faults.clear()
        await house.quiet(60)
    return trace


async def _troubled(folder: Path) -> Trace:
    """A server that has the bot alone, with trouble of every kind, and what the bot does by itself."""
    trace, port = Trace(folder / "trace"), free_port()
    async with open_house(folder, HEALTH=str(port), MAX_JOBS="1", **LIMITS, **trace.settings) as house:
        trace.begin()
        staff = house.channel()
        await limits(house.discord.member("Mary"), "alerts", channel=staff)
        await _prices_and_grants(house)
        await _goes_on(house)
        await _late(house)
        await _restarts(house, staff)
        assert (await asked(port))[0] == 200
        for faults, name in TROUBLE:
            house.runware.requests.clear()
            house.runware.render_seconds = 0.8
            await faults.ROWS[name].run(house)
            house.sandbox.mend()
        await _waits(house)
    return trace


async def _prices_and_grants(house: House) -> None:
    """The provider bills what it did not say, and a grant pays what a limit does not; the books are compared."""
    ada, room, mary = house.member(), house.channel(), house.discord.member("Mary")
    for price in ("0.08", "0.10"):
        house.runware.script(Costs(Decimal(price)))
        await house.results((await house.buy(ada, room)).job_id)
    await limits(mary, "member", member=ada.user, limit="0.15/24h")
    await limits(mary, "grant", member=ada.user, amount="1")
    await house.results((await house.buy(ada, room, resolution="540p")).job_id)
    await house.ask(ada, room, resolution="1080p", duration=10)
    await ada.autocomplete("edit", "result", "fox", channel=room)
    await limits(mary, "reconcile")


async def _goes_on(house: House) -> None:
    """A video that goes on from another one, and says so."""
    ada, room = house.member(), house.channel()
    [post] = await house.results((await house.buy(ada, room)).job_id)
    await house.quiet()
    again = await confirm(house, ada, room, await house.press(ada, post, "Again"))
    [post] = await house.results(again.job_id)
    assert f"Job {again.job_id}" in (await house.press(ada, post, "Details")).text


async def _late(house: House) -> None:
    """A result that comes when staff have ended its job."""
    late = await unresolved(house, house.member(), house.channel())
    await limits(house.discord.member("Mary"), "resolve", job=late.job_id, outcome="release")
    remember(house, late.job_id)
    await house.restart()
    await house.results(late.job_id)


async def _restarts(house: House, staff: Channel) -> None:
    """Restarts with jobs in the queue and an alert that is to wait, and then has no channel any more."""
    house.runware.script(Takes(2.0))
    bought = [await house.buy(house.member(), house.channel()) for _ in range(3)]
    await house.progress(bought[0].job_id, "Rendering")
    await house.restart()
    await house.quiet(60)
    await queued(house, house.member(), house.channel())
    assert await house.bot.stop() == 0
    waits(house)
    house.discord.faults.add(POST, too_many(45.0))
    await started_again(house)
    await house.until(
        lambda: house.rows("SELECT 1 FROM alerts WHERE next_try_at IS NOT NULL"), "an alert that waits"
    )
    house.change("UPDATE alerts SET next_try_at = 0 WHERE state = 'waiting'")
    staff.deny(house.server.role(house.discord.world.bot.name), Permission.SEND_MESSAGES)
    await house.restart()
    await house.until(lambda: house.rows("SELECT 1 FROM alerts WHERE state = 'undelivered'"), "an alert for nobody")
    house.runware.faults.clear()
    await house.quiet(60)


async def _waits(house: House) -> None:
    """A result that Discord takes later only."""
    bought = await house.buy(house.member(), house.channel())
    await house.progress(bought.job_id, "Rendering")
    house.discord.faults.add(POST, too_many(45.0))
    await house.until(lambda: house.rows("SELECT 1 FROM posts WHERE next_try_at IS NOT NULL"), "a post that waits")
    assert await house.bot.stop() == 0
    house.change("UPDATE posts SET next_try_at = NULL")
    await started_again(house)
    await house.results(bought.job_id)
