"""The schema as a whole: each guard, check and column has its case, nothing goes around it, and the domain agrees.

New tables, columns and guards without a case of their own fail here.
"""

import re
import sqlite3

import pytest

from bot.domain.job import STEPS, State
from storage.database import Database, Tx
from tests.storage.declared import SCHEMA
from tests.storage.happened import Story
from tests.storage.story import brought_to, everything
from tests.storage.test_schema_checks import BEHIND_TRIGGERS, CHECKS
from tests.storage.test_schema_guards import ATTEMPTS


def test_every_trigger_index_and_check_has_an_attempt() -> None:
    """`posts_follow_their_job` refuses nothing, and has a test of its own."""
    guards = set(re.findall(r"CREATE (?:TRIGGER|UNIQUE INDEX) (\w+)", SCHEMA)) - {"posts_follow_their_job"}
    assert {guard for guard, *_ in ATTEMPTS} == guards
    found: set[str] = set()
    for start in re.finditer(r"CHECK \(", SCHEMA):
        depth, end = 1, start.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(SCHEMA[end], 0)
            end += 1
        found.add(" ".join(SCHEMA[start.end() : end - 1].split()))
    assert {check for check, _ in CHECKS} | BEHIND_TRIGGERS == found


async def columns(tx: Tx) -> list[tuple[str, str, str, bool]]:
    """Every column: its table, its name, its type, and whether it must have a value."""
    return [
        (row[0], row[1], row[2], bool(row[3]))
        for row in await tx.execute_fetchall(
            """SELECT tables.name, columns.name, columns.type, columns."notnull" OR columns.pk > 0
           FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
           WHERE tables.type = 'table' AND columns.name || columns.type || columns.pk <> 'idINTEGER1'"""
        )
    ]


async def test_no_column_takes_a_value_of_another_type_or_none_where_one_is_needed(story: Story) -> None:
    """Triggers out of the way, which would answer first: a number is a number, and what is NOT NULL is there."""
    for trigger in set(re.findall(r"CREATE TRIGGER (\w+)", SCHEMA)):
        await story.tx.execute(f"DROP TRIGGER {trigger}")
    optional: set[str] = set()
    for table, column, kind, is_needed in await columns(story.tx):
        if is_needed:
            with pytest.raises(sqlite3.IntegrityError, match=rf"NOT NULL .*{table}\.{column}"):
                await story.tx.execute(f"UPDATE {table} SET {column} = NULL")
        else:
            optional.add(f"{table}.{column}")
        wrong = "'much'" if kind == "INTEGER" else "x'00'"
        with pytest.raises(sqlite3.IntegrityError, match=rf"cannot store .*{table}\.{column}"):
            await story.tx.execute(f"UPDATE {table} SET {column} = {wrong}")
    assert optional == {
        "jobs.sent_at", "jobs.accepted_at", "jobs.next_try_at", "jobs.reason", "jobs.resolved_at", "ledger.result",
        "steps.outcome",
        "results.video_id", "results.cost", "results.failure",
        "posts.attempted_at", "posts.message_id", "posts.next_try_at", "changes.before", "changes.value",
        "lineage.film", "reposts.attempted_at", "reposts.message_id", "reposts.next_try_at",
        "alerts.channel_id", "alerts.attempted_at", "alerts.message_id", "alerts.next_try_at", "targets.entered",
    }  # fmt: skip


async def test_every_table_is_strict(database: Database) -> None:
    strict = {
        row["name"]: row["strict"]
        for row in await database.read.execute_fetchall(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"
        )
    }
    assert {name for name, is_strict in strict.items() if not is_strict} == {"sqlite_schema"}
    assert len(strict) == 23


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("quotes", "total = 1"),
        ("cancelled_quotes", "cancelled_at = 1"),
        ("jobs", "version = 9"),
        ("ledger", "booked_at = 1"),
        ("results", "cost = 0"),
        ("transfers", "made_at = 1"),
        ("posts", "tries = 9"),
        ("reposts", "tries = 9"),
        ("lineage", "parent_n = 2"),
        ("deletions", "asked_by = 9"),
        ("changes", "changed_at = 9"),
        ("grants", "expires_at = 9"),
        ("draws", "amount = 9"),
        ("alerts", "written_at = 9"),
        ("observed_prices", "observed_at = 9"),
    ],
)
async def test_replace_goes_around_no_guard(story: Story, table: str, change: str) -> None:
    """INSERT OR REPLACE deletes what is in its way, silently unless the connection is told otherwise."""
    [row] = await story.tx.execute_fetchall(f"SELECT * FROM {table} ORDER BY 1 LIMIT 1")
    name, value = change.split(" = ")
    changed = {key: row[key] for key in row.keys()} | {name: int(value)}  # noqa: SIM118 - a sqlite3.Row
    before = await everything(story.tx)
    replace = f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(changed))})"
    with pytest.raises(sqlite3.IntegrityError):
        await story.tx.execute(replace, tuple(changed.values()))
    assert await everything(story.tx) == before


async def test_the_steps_are_the_domains(database: Database) -> None:
    """The arrows stand in two places, the drawing and the schema. They are the same, outcomes included."""
    rows = {tuple(row) for row in await database.read.execute_fetchall("SELECT before, after, outcome FROM steps")}
    assert rows == {tuple(step) for step in STEPS}
    assert len(rows) == len(set(STEPS)) == 13


async def test_the_states_are_the_domains() -> None:
    [listed] = re.findall(r"state IN \(('queued'[^)]*)\)\s*\),", SCHEMA)
    assert set(re.findall(r"'(\w+)'", listed)) == set(State)


async def test_a_progress_post_follows_its_jobs_version(database: Database) -> None:
    async with database.transaction() as tx:
        job = await brought_to(tx, State.DONE)
        latest = {
            row["kind"]: row["latest"]
            for row in await tx.execute_fetchall("SELECT kind, latest FROM posts WHERE job_id = ?", (job.id,))
        }
    assert latest == {"progress": job.version, "result": 1}
