"""A long history, written by SQL: jobs that were held and settled, over three years, in many servers.

The schema's triggers are put away while it is written, since each would ask about every row,
and are back at the end. Every constraint of the tables themselves holds all the while.
"""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.domain.request import TextToVideo
from bot.domain.stored import to_json
from storage.database import to_micros

SPAN: Final = timedelta(days=3 * 365)
TOOK: Final = timedelta(seconds=120)  # each render
MEMBERS: Final = 50  # of each server
SERVERS: Final = 20

ROWS: Final = """
    WITH RECURSIVE each(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM each WHERE n + 1 < :jobs),
    job(n, id, server_id, member_id, held_at) AS (
        SELECT n, printf('h%09d', n), CASE n % :servers WHEN 0 THEN :server ELSE n % :servers END,
            CASE WHEN n % :servers = 0 AND n / :servers % :members = 0 THEN :member
                 ELSE 1000 + n / :servers % :members END,
            :first + CAST(n * :apart AS INTEGER)
        FROM each
    )
"""
TABLES: Final = (
    f"""INSERT INTO quotes (id, server_id, channel_id, member_id, request, price_list, total, quoted_at, expires_at)
        {ROWS} SELECT id, server_id, 2, member_id, :request, '2026-01-01', 60000000, held_at, held_at + 1
        FROM job""",
    f"""INSERT INTO jobs (id, quote_id, server_id, member_id, count, task_id, body, state, held_at, sent_at,
            accepted_at)
        {ROWS} SELECT id, id, server_id, member_id, 1, id, '[]', 'done', held_at, held_at, held_at FROM job""",
    f"""INSERT INTO ledger (job_id, kind, amount, server_id, member_id, held_at, booked_at)
        {ROWS} SELECT id, kind, 60000000, server_id, member_id, held_at, held_at + :took
        FROM job CROSS JOIN (SELECT 'hold' AS kind UNION ALL SELECT 'settle')""",
    f"""INSERT INTO results (job_id, n, video_id, links, cost, arrived_at)
        {ROWS} SELECT id, 1, id, '["https://im.runware.ai/v.mp4"]', 60000000, held_at + :took FROM job""",
    f"""INSERT INTO posts (nonce, job_id, kind, n, state, channel_id, message_id, latest, shown)
        {ROWS} SELECT id || '.p0', id, 'progress', 0, 'posted', 2, 2 * n + 1, 5, 5 FROM job""",
    f"""INSERT INTO posts (nonce, job_id, kind, n, state, channel_id, message_id)
        {ROWS} SELECT id || '.r1', id, 'result', 1, 'posted', 2, 2 * n + 2 FROM job""",
)


def write(
    path: Path,
    *,
    entries: int,
    server_id: int,
    member_id: int,
    span: timedelta = SPAN,
    servers: int = SERVERS,
    members: int = MEMBERS,
    took: timedelta = TOOK,
) -> None:
    """Fill a database that has the schema and nothing else; one server of `servers`, and one member of `members` in
    it, are these.

    A job has two entries, its hold and what it settled, so that there are half as many jobs as `entries`.
    """
    jobs = entries // 2
    now = datetime.now(UTC)
    values = {
        "jobs": jobs,
        "servers": servers,
        "members": members,
        "server": server_id,
        "member": member_id,
        "first": to_micros(now - span),
        "took": took // timedelta(microseconds=1),
        "apart": span / timedelta(microseconds=1) / jobs,
        "request": json.dumps(to_json(TextToVideo(prompt="A fox in the snow", resolution="360p"))),
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        connection.execute("BEGIN")
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for table in TABLES:
            connection.execute(table, values)
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
