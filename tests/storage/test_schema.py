"""What the schema refuses: each constraint and each trigger meets statements that try to break it.

A guard that can be dropped is dropped, too, and then the same statement must pass: it was this guard that refused,
and it is needed. New tables, columns and guards without a case of their own fail here.
"""

import re
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import timedelta
from typing import NamedTuple

import pytest

from bot.domain.grant import Draw
from bot.domain.job import STEPS, WAIVE, Reason, State
from bot.domain.money import Usd
from storage import jobs, posts, quotes, sources
from storage.database import MIGRATIONS, Database, Tx
from tests.storage.story import MEMBER, NOW, SERVER, bought, brought_to, everything, granted, run, shown, won


def schema() -> str:
    """Everything that is declared once every migration has been applied, and nothing that a later one replaced."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for file in sorted(MIGRATIONS.glob("*.sql")):
            connection.executescript(file.read_text("utf-8"))
        declared = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        return "".join(f"{sql};\n" for (sql,) in declared)


SCHEMA = schema()

# What has happened before each attempt. A statement refers to a job by the name of its state, as in `:queued`.


async def tell(tx: Tx) -> dict[str, str]:
    """One job in each state, and some more; the names of all, with their ids."""
    names = {state.value: (await brought_to(tx, state, 2)).id for state in State}
    names["half"] = (await brought_to(tx, State.RUNNING, 2)).id  # one of two results is in
    await jobs.arrive(tx, names["half"], [won()], at=NOW)
    names["rendered"] = (await brought_to(tx, State.RUNNING)).id  # its result is stored, and not yet booked
    await tx.execute(add_result(":rendered", 1), names)
    names["spoiled"] = (await brought_to(tx, State.RUNNING)).id  # the same, with a failure
    await tx.execute(add_result(":spoiled", 1, links="[]", failure="'broken'"), names)
    names["posted"] = await bought(tx)
    await posts.posted(tx, f"{names['posted']}.p0", 555, shows=1)
    names["open"] = (await shown(tx, 2)).id  # a quote that may still buy
    names["other"] = (await shown(tx, 2)).id  # another
    names["withdrawn"] = (await shown(tx, 2)).id  # a quote that was cancelled
    await quotes.cancel(tx, names["withdrawn"], NOW)
    await sources.add(tx, names["other"], ["a" * 64])
    for name in ("resolved", "late"):  # by staff, with nothing known of it; of the other a result came later
        names[name] = (await brought_to(tx, State.UNRESOLVED, 2)).id
        await jobs.take(tx, names[name], WAIVE, at=NOW, reason=Reason.LOST)
    await jobs.arrive(tx, names["late"], [won()], at=NOW)
    names["bare"] = "bare"  # a job without a hold, which only a bug could make
    names["used"] = (await shown(tx, 2)).id
    await tx.execute(add_job("bare", ":used"), names)
    await tx.execute(add_transfer(":sending"), names)
    await tx.execute("INSERT INTO installation VALUES ('a', 'b')")
    await tx.execute(add_alert("a.waiting"))
    await tx.execute(add_alert("a.posted"))
    await tx.execute("UPDATE alerts SET state = 'posted', message_id = 777 WHERE nonce = 'a.posted'")
    await tx.execute("INSERT INTO observed_prices VALUES (NULL, 'list', 'it', 5, :done, 0)", names)
    names["shown"] = (await brought_to(tx, State.DONE)).id  # was posted again, and is about to be once more
    await tx.execute(add_repost(":shown"), names)
    await tx.execute("UPDATE reposts SET state = 'posted', message_id = 888 WHERE job_id = :shown", names)
    await tx.execute(add_repost(":shown", 2), names)
    await tx.execute("INSERT INTO paces VALUES (1, 0)")
    await tx.execute(add_target("a" * 16))
    names["child"] = (await shown(tx, 2)).id  # a quote that goes on from it
    await tx.execute(add_lineage(":child"), names)
    await tx.execute(add_deletion(":shown || '.a1'"), names)
    names["abroad"] = (await shown(tx, 2, server_id=SERVER + 1)).id
    return names | await tell_of_grants(tx)


async def tell_of_grants(tx: Tx) -> dict[str, str]:
    """A limit, a grant of a dollar with more, and jobs that draw on it: ten of their twelve cents."""
    await tx.execute(add_change("$1.00/day"))
    await tx.execute(add_preset("theirs"))
    names = {name: str((await granted(tx, days=days)).id) for name, days in (("grant", 9), ("spare", 9))}
    names["theirs"] = str((await granted(tx, member=MEMBER + 1)).id)
    names["gone"] = str((await granted(tx, days=-1, at=NOW - timedelta(2))).id)
    names["spent"] = str((await granted(tx, "0.05", days=9)).id)
    draws = [Draw(int(names["grant"]), Usd.of("0.10"))]
    for name in ("drawn", "waiting", "ended"):
        names[name] = await bought(tx, 2, draws=draws)
    for name in ("drawn", "ended"):
        await run(tx, names[name])
    await jobs.arrive(tx, names["ended"], [won("a"), won("b")], at=NOW)
    for n in (1, 2):
        await tx.execute(add_result(":drawn", n, video=f"'{n}'"), names)
    names["plain"] = await bought(tx, 2)
    return names


def add_alert(nonce: str, *, facts: str = "{}") -> str:
    return f"""INSERT INTO alerts (nonce, server_id, subject, level, facts, written_at)
               VALUES ('{nonce}', 1, 'it', 0, '{facts}', 0)"""


def add_preset(key: str, *, name: str = "Theirs", choices: str = '{"count": 2}') -> str:
    return f"INSERT INTO presets VALUES (1, 2, '{key}', '{name}', '{choices}', 0)"


def add_change(
    value: str = "x", *, kind: str = "server limit", subject: str = "", before: str = "NULL", reason: str = ""
) -> str:
    new = value if value == "NULL" else f"'{value}'"
    return f"""INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at)
        VALUES ({SERVER}, '{kind}', '{subject}', {before}, {new}, 900, '{reason}', 7)"""


def revoke(subject: str = "CAST(:spare AS TEXT)", *, server: int = SERVER, at: str = "7") -> str:
    return f"""INSERT INTO changes (server_id, kind, subject, before, value, actor_id, reason, changed_at)
        VALUES ({server}, 'revoke', {subject}, 'some', 'none', 900, '', {at})"""


def log_grant(subject: str = "100") -> str:
    """The line of a grant, which is the log's last from then on."""
    return add_change("NULL", kind="grant", subject=subject)


def add_grant(*, amount: int = 1, member: int = MEMBER, server: int = SERVER, expires_at: int = 8) -> str:
    """The grant of the log's last line."""
    return f"""INSERT INTO grants (id, server_id, member_id, amount, expires_at)
        SELECT max(id), {server}, {member}, {amount}, {expires_at} FROM changes"""


def draw(
    job: str = ":plain",
    grant: str = ":spare",
    kind: str = "hold",
    amount: int = 1,
    *,
    server: str = "server_id",
    member: str = "member_id",
    held_at: str = "held_at",
) -> str:
    return f"""INSERT INTO draws (job_id, grant_id, kind, amount, server_id, member_id, held_at)
        SELECT id, {grant}, '{kind}', {amount}, {server}, {member}, {held_at} FROM jobs WHERE id = {job}"""


def add_quote(id: str = "new", *, request: str = "{}", total: int = 1, expires_at: int = 1) -> str:
    return f"INSERT INTO quotes VALUES ('{id}', 1, 10, 100, '{request}', '2026-11-20', {total}, 0, {expires_at})"


def add_job(
    id: str = "new", quote: str = ":open", *, server: int = 1, member: int = 100, count: int = 2, more: str = ""
) -> str:
    """`more`: assignments over the rest."""
    values = {"task_id": f"'task {id}'", "body": "'{}'", "state": "'queued'", "held_at": "7", "sent_at": "NULL"}
    values |= dict(each.split(" = ") for each in more.split(", ") if each)
    return f"""INSERT INTO jobs (id, quote_id, server_id, member_id, count, {", ".join(values)})
        VALUES ('{id}', {quote}, {server}, {member}, {count}, {", ".join(values.values())})"""


def book(
    job: str,
    kind: str,
    amount: str = "amount",
    *,
    server: str = "server_id",
    estimated: int = 0,
    result: str = "NULL",
) -> str:
    """An entry like the job's hold, apart from what is said otherwise."""
    return f"""INSERT INTO ledger
            (job_id, kind, amount, server_id, member_id, held_at, estimated, result, booked_at)
        SELECT job_id, '{kind}', {amount}, {server}, member_id, held_at, {estimated}, {result}, 0 FROM ledger
        WHERE job_id = {job} AND kind = 'hold'"""


def book_bare(kind: str = "hold", amount: int = 120_000_000, *, member: int = 100, held_at: int = 7) -> str:
    """An entry of the job that has no hold."""
    return f"""INSERT INTO ledger (job_id, kind, amount, server_id, member_id, held_at, booked_at)
        VALUES ('bare', '{kind}', {amount}, 1, {member}, {held_at}, 0)"""


def add_result(
    job: str, n: int, *, video: str = "'v'", links: str = '["x"]', cost: int = 1, failure: str = "NULL"
) -> str:
    return f"""INSERT INTO results (job_id, n, video_id, links, cost, failure, arrived_at)
        VALUES ({job}, {n}, {video}, '{links}', {cost}, {failure}, 0)"""


def add_transfer(job: str, *, sha256: str = "hash", way: str = "usual", reference: str = "id") -> str:
    return f"INSERT INTO transfers VALUES ({job}, '{sha256}', '{way}', '{reference}', 0)"


def change_way(to: str = "other", job: str = ":sending") -> str:
    return f"UPDATE jobs SET way = '{to}' WHERE id = {job}"


def add_post(nonce: str, job: str = ":queued", kind: str = "notice", n: int = 0) -> str:
    return f"INSERT INTO posts (nonce, job_id, kind, n, channel_id) VALUES ('{nonce}', {job}, '{kind}', {n}, 1)"


def add_repost(job: str = ":done", n: int = 1, *, nonce: str = "", more: str = "'waiting', NULL") -> str:
    nonce = nonce or f"{job} || '.a{n}'"
    return f"""INSERT INTO reposts (nonce, job_id, n, asked_by, asked_at, channel_id, state, message_id)
        VALUES ({nonce}, {job}, {n}, 1, 0, 1, {more})"""


def add_target(name: str, media: str = '["a"]', entered: str = "NULL") -> str:
    return f"INSERT INTO targets VALUES ('{name}', 1, 2, '{media}', {entered}, 0)"


def add_lineage(
    quote: str = ":open", parent: str = ":shown", n: int = 1, *, way: str = "again", film: str = "NULL"
) -> str:
    values = f"{quote}, {parent}, {n}, '{way}', {film}"
    return f"INSERT INTO lineage (quote_id, parent_id, parent_n, way, film) VALUES ({values})"


def add_deletion(nonce: str) -> str:
    return f"INSERT INTO deletions (nonce, asked_by, asked_at) VALUES ({nonce}, 1, 0)"


def change_repost(change: str, n: int = 2) -> str:
    return f"UPDATE reposts SET {change} WHERE job_id = :shown AND n = {n}"


def change_post(change: str, job: str = ":queued") -> str:
    return f"UPDATE posts SET {change} WHERE job_id = {job}"


def add_source(sha256: str, quote: str = ":open") -> str:
    return f"INSERT INTO sources VALUES ({quote}, '{sha256}')"


def move(job: str, state: str, more: str = "reason = 'x'") -> str:
    return f"UPDATE jobs SET state = '{state}', {more} WHERE id = {job}"


AFTER_THE_END = "overruns_after_the_end_are_late_results"

ATTEMPTS: list[tuple[str, str, list[str]]] = [
    # the guard, what it says, and the statements: all but the last are allowed
    ("alerts_are_posted_once", "posted once", ["UPDATE alerts SET tries = 2 WHERE nonce = 'a.posted'"]),
    ("alerts_keep_what_they_say", "never changed", ["UPDATE alerts SET facts = '1' WHERE nonce = 'a.waiting'"]),
    ("alerts_stay", "alerts are kept", ["DELETE FROM alerts"]),
    ("kinds_are_immutable", "never changed", ["UPDATE kinds SET lasts = 0 WHERE kind = 'freeze'"]),
    ("kinds_stay", "kinds are kept", ["DELETE FROM kinds WHERE kind = 'channels'"]),
    ("presets_are_few", "20 presets at most", [*(add_preset(f"p{n}") for n in range(20))]),
    ("observed_prices_are_append_only", "never changed", ["UPDATE observed_prices SET amount = 1"]),
    ("observed_prices_stay", "is kept", ["DELETE FROM observed_prices"]),
    ("quotes_are_immutable", "never changed", ["UPDATE quotes SET total = 1 WHERE id = :open"]),
    ("quotes_stay", "quotes are kept", ["DELETE FROM quotes WHERE id = :open"]),
    ("cancellations_are_immutable", "for good", ["UPDATE cancelled_quotes SET quote_id = :open"]),
    ("cancellations_stay", "for good", ["DELETE FROM cancelled_quotes"]),
    ("sources_are_immutable", "keeps its sources", [f"UPDATE sources SET sha256 = '{'b' * 64}'"]),
    ("sources_stay", "keeps its sources", ["DELETE FROM sources WHERE quote_id = :other"]),
    ("bought_quotes_stand", "was confirmed", ["INSERT INTO cancelled_quotes VALUES (:used, 0)"]),
    ("jobs_begin_queued", "begins queued", [add_job(more="state = 'cancelled'")]),
    ("jobs_begin_queued", "quote that stands", [add_job("new", ":withdrawn")]),
    ("jobs_are_their_quotes", "what its quote says", [add_job(server=2)]),
    ("jobs_are_their_quotes", "what its quote says", [add_job(member=2)]),
    ("jobs_are_their_quotes", "what its quote says", [add_job(count=1)]),
    ("jobs_move_by_steps", "no such step", [move(":queued", "running", "sent_at = 1, accepted_at = 1")]),
    ("jobs_move_by_steps", "no such step", [move(":sending", "sending")]),
    ("jobs_move_on_a_hold", "without a hold", [move(":bare", "sending", "sent_at = 1")]),
    ("steps_book_their_outcome", "booked together", [move(":queued", "cancelled")]),
    ("steps_book_their_outcome", "booked together", [move(":sending", "failed")]),
    (
        "steps_book_their_outcome",
        "booked together",
        [book(":queued", "release"), move(":queued", "sending", "sent_at = 1")],
    ),
    ("steps_book_their_outcome", "booked together", [book(":rendered", "release"), move(":rendered", "done")]),
    ("jobs_stay", "jobs are kept", ["DELETE FROM jobs WHERE id = :bare"]),
    ("jobs_end_with_their_last_result", "last result", [book(":half", "settle"), move(":half", "done")]),
    ("jobs_end_with_their_last_result", "last result", [book(":running", "release"), move(":running", "failed")]),
    ("jobs_are_done_with_a_success", "one success", [book(":spoiled", "settle"), move(":spoiled", "done")]),
    ("jobs_are_done_with_a_success", "without any", [book(":rendered", "release"), move(":rendered", "failed")]),
    ("ledger_is_append_only", "append-only", ["UPDATE ledger SET amount = 1"]),
    ("ledger_is_append_only", "append-only", ["UPDATE ledger SET booked_at = 1"]),
    ("ledger_keeps_everything", "append-only", ["DELETE FROM ledger WHERE job_id = :done"]),
    ("entries_are_the_jobs", "belongs to its job", [book(":queued", "overrun", server="2")]),
    ("entries_are_the_jobs", "belongs to its job", [book_bare(member=101)]),
    ("entries_are_the_jobs", "belongs to its job", [book_bare(held_at=8)]),
    ("holds_are_the_quotes", "to the nano-dollar", [book_bare(amount=120_000_001)]),
    ("holds_are_the_quotes", "to the nano-dollar", [book_bare(amount=119_999_999)]),
    ("outcomes_fit_their_hold", "up to its amount", [book(":running", "settle", "amount + 1")]),
    ("outcomes_fit_their_hold", "released whole", [book(":queued", "release", "amount - 1")]),
    ("outcomes_fit_their_hold", "released whole", [book(":queued", "release", "amount + 1")]),
    ("outcomes_fit_their_hold", "released whole", [book_bare("release")]),
    ("outcomes_belong_to_a_step", "no step from here", [book(":queued", "settle")]),
    ("outcomes_belong_to_a_step", "no step from here", [book(":sending", "settle")]),
    ("one_hold", "ledger.job_id", [book(":queued", "hold")]),
    ("one_outcome", "ledger.job_id", [book(":sending", "release"), book(":sending", "release")]),
    ("one_outcome", "ledger.job_id", [book(":running", "settle", "1"), book(":running", "release")]),
    ("one_overrun_at_the_end", "ledger.job_id", [book(":running", "overrun"), book(":running", "overrun")]),
    ("one_overrun_of_a_late_result", "ledger.job_id, ledger.result", [book(":late", "overrun", result="1")]),
    (AFTER_THE_END, "that came late", [book(":done", "overrun")]),
    (AFTER_THE_END, "that came late", [book(":late", "overrun")]),
    (AFTER_THE_END, "that came late", [book(":late", "overrun", result="2")]),
    (AFTER_THE_END, "that came late", [book(":resolved", "overrun", result="1")]),
    (AFTER_THE_END, "that came late", [book(":done", "overrun", result="1")]),
    (AFTER_THE_END, "that came late", [book(":half", "overrun", result="1")]),
    (
        "jobs_that_staff_end_say_when",
        "says when",
        [book(":unresolved", "release"), move(":unresolved", "failed")],
    ),
    ("jobs_are_resolved_once", "and once", ["UPDATE jobs SET resolved_at = 9 WHERE id = :done"]),
    ("jobs_are_resolved_once", "and once", ["UPDATE jobs SET resolved_at = 9 WHERE id = :resolved"]),
    ("jobs_are_resolved_once", "and once", ["UPDATE jobs SET resolved_at = NULL WHERE id = :resolved"]),
    ("results_are_immutable", "never changed", ["UPDATE results SET cost = 2 WHERE job_id = :half"]),
    ("results_stay", "results are kept", ["DELETE FROM results WHERE job_id = :half"]),
    ("results_are_what_was_asked", "more results than", [add_result(":rendered", 2, video="'w'")]),
    ("results_come_in_order", "as they arrive", [add_result(":running", 2)]),
    ("results_come_to_jobs_that_await_them", "no new results", [add_result(":queued", 1)]),
    ("results_come_to_jobs_that_await_them", "no new results", [add_result(":unresolved", 1)]),
    ("results_come_to_jobs_that_await_them", "no new results", [add_result(":failed", 1)]),
    ("jobs_change_their_way_once", "its way once", [change_way(), change_way("usual")]),
    ("jobs_change_their_way_once", "while it is being sent", [change_way(job=":queued")]),
    ("jobs_change_their_way_once", "while it is being sent", [change_way(job=":running")]),
    ("transfers_come_before_their_use", "for a job that is being sent", [add_transfer(":queued")]),
    ("transfers_come_before_their_use", "for a job that is being sent", [add_transfer(":running")]),
    ("transfers_come_before_their_use", "in this way", [add_transfer(":sending", way="other")]),
    (
        "transfers_come_before_their_use",
        "in this way",
        [change_way(), add_transfer(":sending", way="other"), add_transfer(":sending", sha256="another")],
    ),
    ("transfers_are_immutable", "never changed", ["UPDATE transfers SET reference = 'another'"]),
    ("transfers_stay", "transfers are kept", ["DELETE FROM transfers"]),
    ("posts_are_made_once", "made once", [change_post("message_id = 556", ":posted")]),
    ("posts_are_made_once", "made once", [change_post("state = 'waiting', message_id = NULL", ":posted")]),
    (
        "posts_are_made_once",
        "made once",
        [change_post("state = 'undelivered'"), change_post("state = 'posted', message_id = 7")],
    ),
    ("posts_keep_their_name", "by its nonce", [change_post("nonce = 'x'")]),
    ("posts_keep_their_name", "by its nonce", [change_post("job_id = 'bare'")]),
    ("posts_keep_their_name", "by its nonce", [change_post("kind = 'notice'")]),
    ("posts_keep_their_name", "by its nonce", ["UPDATE posts SET n = 2 WHERE job_id = :half AND n = 1"]),
    ("posts_stay", "posts are kept", ["DELETE FROM posts WHERE message_id = 555"]),
    ("one_repost_at_a_time", "UNIQUE constraint failed: reposts.job_id", [add_repost(), add_repost(n=2)]),
    ("reposts_have_something_to_show", "never finished", [add_repost(":running")]),
    ("reposts_have_something_to_show", "never finished", [add_repost(":spoiled")]),
    ("reposts_have_something_to_show", "never finished", [add_repost(more="'posted', 5")]),
    ("reposts_are_made_once", "made once", [change_repost("message_id = 5", 1)]),
    ("reposts_are_made_once", "made once", [change_repost("tries = 5", 1)]),
    ("reposts_keep_their_name", "for good", [change_repost("asked_by = 5")]),
    ("reposts_keep_their_name", "for good", [change_repost("asked_at = 5")]),
    ("reposts_stay", "reposts are kept", ["DELETE FROM reposts WHERE message_id = 888"]),
    ("targets_are_what_was_shown", "never changed", ["UPDATE targets SET member_id = 9"]),
    ("targets_are_what_was_shown", "never changed", ["UPDATE targets SET media = '[\"b\"]'"]),
    ("lineage_goes_forward", "before it buys", [add_job(), add_lineage()]),
    ("lineage_goes_forward", "finished video of its server", [add_lineage(":abroad")]),
    ("lineage_goes_forward", "finished video", [add_lineage(parent=":spoiled")]),
    ("lineage_is_immutable", "never changed", ["UPDATE lineage SET way = 'remix'"]),
    ("lineage_stays", "lineage is kept", ["DELETE FROM lineage"]),
    ("deletions_are_of_posted_videos", "a finished video", [add_deletion(":shown || '.a2'")]),
    ("deletions_are_of_posted_videos", "a finished video", [add_deletion(":posted || '.p0'")]),
    ("deletions_are_immutable", "for good", ["UPDATE deletions SET asked_by = 2"]),
    ("deletions_stay", "for good", ["DELETE FROM deletions"]),
    ("changes_are_append_only", "append-only", ["UPDATE changes SET reason = 'better'"]),
    ("changes_stay", "append-only", ["DELETE FROM changes WHERE kind = 'server limit'"]),
    ("changes_follow_one_another", "in force before it", [add_change("new")]),
    ("changes_follow_one_another", "in force before it", [add_change("new", before="'other'")]),
    ("changes_follow_one_another", "in force before it", [add_change("new", subject="5", before="'$1.00/day'")]),
    (
        "changes_follow_one_another",
        "in force before it",
        [add_change("NULL", before="'$1.00/day'"), add_change("new", before="'$1.00/day'")],
    ),
    ("grants_are_in_the_log", "is in the log", [log_grant("101"), add_grant()]),
    ("grants_are_in_the_log", "is in the log", [log_grant(), add_grant(server=2)]),
    ("grants_are_in_the_log", "is in the log", [log_grant(), add_grant(expires_at=7)]),
    ("grants_are_in_the_log", "is in the log", [add_change("x", kind="resolve", subject="100"), add_grant()]),
    ("revocations_are_of_grants", "grant of this server", [revoke("'77'")]),
    ("revocations_are_of_grants", "grant of this server", [revoke("'0' || :spare")]),
    ("revocations_are_of_grants", "grant of this server", [revoke(server=2)]),
    ("revocations_are_of_grants", "grant of this server", [revoke(at="9000000000000000")]),
    ("one_revocation", "UNIQUE constraint failed: changes.subject", [revoke(), revoke()]),
    ("draws_are_of_grants_that_stand", "this grant was revoked", [revoke(), draw()]),
    ("grants_are_immutable", "never changed", ["UPDATE grants SET amount = 2 WHERE id = :spare"]),
    ("grants_stay", "grants are kept", ["DELETE FROM grants WHERE id = :spare"]),
    ("draws_are_append_only", "append-only", ["UPDATE draws SET amount = 1 WHERE job_id = :waiting"]),
    ("draws_stay", "append-only", ["DELETE FROM draws WHERE job_id = :waiting"]),
    ("draws_are_the_jobs", "own member's grants", [draw(grant=":theirs")]),
    ("draws_are_the_jobs", "while they last", [draw(grant=":gone")]),
    ("draws_are_the_jobs", "own member's grants", [draw(server="2")]),
    ("draws_are_the_jobs", "own member's grants", [draw(member="101")]),
    ("draws_are_the_jobs", "own member's grants", [draw(held_at="7")]),
    ("draws_fit_their_hold", "up to its amount", [draw(amount=120_000_001)]),
    ("draws_fit_their_hold", "up to its amount", [draw(":waiting", amount=20_000_001)]),
    ("draws_fit_their_hold", "with the hold", [draw(":bare")]),
    ("draws_fit_their_hold", "with the hold", [draw(":running")]),
    ("draws_fit_their_hold", "with the hold", ["UPDATE jobs SET version = 2 WHERE id = :plain", draw()]),
    ("draws_fit_their_grant", "no more than its amount", [draw(grant=":spent", amount=50_000_001)]),
    (
        "draws_fit_their_grant",
        "no more than its amount",
        [draw(grant=":spent", amount=30_000_000), draw(":queued", ":spent", amount=20_000_001)],
    ),
    ("draws_settle_what_they_held", "was held", [draw(":drawn", ":grant", "settle", 100_000_001)]),
    ("draws_settle_what_they_held", "was held", [draw(":drawn", ":spare", "settle")]),
    ("steps_settle_their_draws", "drawn from grants", [book(":drawn", "settle"), move(":drawn", "done")]),
    (
        "steps_settle_their_draws",
        "drawn from grants",
        [book(":drawn", "settle"), draw(":drawn", ":grant", "settle", 99_999_999), move(":drawn", "done")],
    ),
    (
        "steps_settle_their_draws",
        "drawn from grants",
        [
            book(":drawn", "settle", "amount - 10000000"),
            draw(":drawn", ":grant", "settle", 90_000_001),
            move(":drawn", "done"),
        ],
    ),
    (
        "steps_settle_their_draws",
        "drawn from grants",
        [book(":waiting", "release"), draw(":waiting", ":grant", "settle"), move(":waiting", "cancelled")],
    ),
    *[
        ("jobs_keep_what_was_asked", "never changed", [f"UPDATE jobs SET {change} WHERE id = :bare"])
        for change in ("id = 'x'", "quote_id = :open", "server_id = 2", "member_id = 2", "count = 1", "body = '[]'")
    ],
    ("jobs_keep_what_was_asked", "never changed", ["UPDATE jobs SET task_id = 'x' WHERE id = :bare"]),
    ("jobs_keep_what_was_asked", "never changed", ["UPDATE jobs SET held_at = 8 WHERE id = :bare"]),
]

A_CHOICE = "json_valid(choices) AND json_type(choices) = 'object' AND choices <> '{}'"
A_CHANGE = (
    "CASE kind WHEN 'grant' THEN coalesce(before, value) IS NULL "
    "WHEN 'freeze' THEN coalesce(before, value) IS NOT NULL "
    "ELSE before IS NOT value END"
)
HASH = "length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'"

CHECKS: list[tuple[str, list[str]]] = [
    # the expression, and the statements: all but the last are allowed
    ("length(nonce) <= 25", [add_alert("x" * 25), add_alert("x" * 26)]),
    ("way IN ('again', 'remix', 'bigger', 'continue', 'edit', 'reframe')", [add_lineage(way="copy")]),
    ("length(film) = 64 AND film NOT GLOB '*[^0-9a-f]*'", [add_lineage(way="continue", film="'x'")]),
    ("(way = 'continue') = (film IS NOT NULL)", [add_lineage(way="continue")]),
    ("n > 0", [add_repost(n=0)]),
    ("length(id) = 16", [add_target("b" * 16), add_target("b" * 17)]),
    ("json_array_length(media) BETWEEN 1 AND 10", [add_target("b" * 16, "[]")]),
    (
        "length(media) <= 200000 AND length(entered) <= 400000",
        [add_target("b" * 16, entered="'x'"), add_target("c" * 16, entered=f"'{'x' * 400_001}'")],
    ),
    ("nonce = job_id || '.a' || n", [add_repost(nonce="'x'")]),
    ("state IN ('waiting', 'posted', 'undelivered')", [change_repost("state = 'lost'")]),
    ("(message_id IS NOT NULL) = (state = 'posted')", [change_repost("state = 'posted'")]),
    ("json_valid(facts)", [add_alert("x", facts="no")]),
    (
        "state IN ('waiting', 'posted', 'undelivered')",
        ["UPDATE alerts SET state = 'lost' WHERE nonce = 'a.waiting'"],
    ),
    (
        "(message_id IS NOT NULL) = (state = 'posted')",
        ["UPDATE alerts SET state = 'posted' WHERE nonce = 'a.waiting'"],
    ),
    (
        "attempted_at IS NULL OR channel_id IS NOT NULL",
        ["UPDATE alerts SET attempted_at = 1 WHERE nonce = 'a.waiting'"],
    ),
    ("amount > 0", ["INSERT INTO observed_prices VALUES (NULL, 'list', 'it', 0, :posted, 0)"]),
    ("length(id) BETWEEN 1 AND 20", [add_quote("x" * 20), add_quote("x" * 21)]),
    ("length(id) BETWEEN 1 AND 20", [add_quote("")]),
    ("length(id) BETWEEN 1 AND 20", [add_job("x" * 20), add_job("x" * 21, ":other")]),
    ("length(id) BETWEEN 1 AND 20", [add_job("")]),
    ("json_valid(request)", [add_quote(request="no")]),
    ("total > 0", [add_quote(total=0)]),
    ("expires_at > quoted_at", [add_quote(expires_at=0)]),
    *[
        (HASH, [add_source("0123456789abcdef" * 4), add_source(wrong)])
        for wrong in ("", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "../" + "a" * 61)
    ],
    ("count BETWEEN 1 AND 4", [add_quote(request='{"count": 0}'), add_job(quote="'new'", member=100, count=0)]),
    ("count BETWEEN 1 AND 4", [add_quote(request='{"count": 5}'), add_job(quote="'new'", member=100, count=5)]),
    ("json_valid(body)", [add_job(more="body = '{'")]),
    ("state NOT IN ('queued', 'cancelled') OR sent_at IS NULL", [add_job(more="sent_at = 1")]),
    (
        "state NOT IN ('sending', 'running', 'done', 'unresolved') OR sent_at IS NOT NULL",
        [move(":queued", "sending")],
    ),
    ("state <> 'running' OR accepted_at IS NOT NULL", [move(":sending", "running")]),
    (
        "state <> 'failed' OR reason IS NOT NULL",
        [book(":queued", "release"), move(":queued", "failed", "reason = NULL")],
    ),
    ("outcome IN ('settle', 'release')", ["INSERT INTO steps VALUES ('a', 'b', 'hold')"]),
    ("kind IN ('hold', 'settle', 'release', 'overrun')", [book(":queued", "gift")]),
    ("amount > 0", [book(":queued", "overrun", "0")]),
    ("amount > 0", [book(":running", "settle", "-1")]),
    ("result IS NULL OR kind = 'overrun'", [book(":running", "settle", result="1")]),
    (
        "resolved_at IS NULL OR state IN ('done', 'failed')",
        ["UPDATE jobs SET resolved_at = 9 WHERE id = :unresolved"],
    ),
    ("estimated IN (0, 1)", [book(":running", "settle", estimated=2)]),
    ("estimated = 0 OR kind = 'settle'", [book(":running", "overrun", estimated=1)]),
    ("json_valid(links)", [add_result(":running", 1, links="no")]),
    ("cost >= 0", [add_result(":running", 1, cost=-1)]),
    ("(failure IS NULL) = (json_array_length(links) > 0)", [add_result(":running", 1, links="[]")]),
    ("(failure IS NULL) = (json_array_length(links) > 0)", [add_result(":running", 1, failure="'broken'")]),
    ("failure IS NOT NULL OR video_id IS NOT NULL", [add_result(":running", 1, video="NULL")]),
    ("way IN ('usual', 'other')", [change_way("third")]),
    ("length(reference) > 0", [add_transfer(":sending", sha256="another", reference="")]),
    ("length(nonce) <= 25", [add_post("x" * 25), add_post("y" * 26, ":sending")]),
    ("kind IN ('progress', 'notice', 'result')", [add_post("x", kind="advert")]),
    ("n BETWEEN 0 AND 4", [add_post("x", kind="result", n=4), add_post("y", kind="result", n=5)]),
    ("(n > 0) = (kind = 'result')", [add_post("x", kind="progress", n=1)]),
    ("(n > 0) = (kind = 'result')", [add_post("x", kind="result")]),
    ("state IN ('waiting', 'posted', 'undelivered')", [change_post("state = 'seen'")]),
    ("(message_id IS NOT NULL) = (state = 'posted')", [change_post("state = 'posted'")]),
    ("(message_id IS NOT NULL) = (state = 'posted')", [change_post("message_id = 7")]),
    ("lasts IN (0, 1)", ["INSERT INTO kinds VALUES ('mood', 2)"]),
    (
        "flagged IN (0, 1)",
        [
            """INSERT INTO results (job_id, n, video_id, links, arrived_at, flagged)
               VALUES (:half, 2, 'b', '["x"]', 1, 2)"""
        ],
    ),
    ("length(key) > 0", [add_preset("")]),
    ("length(name) BETWEEN 1 AND 32", [add_preset("a", name="x" * 32), add_preset("b", name="x" * 33)]),
    *((A_CHOICE, [add_preset("a", choices=choices)]) for choices in ("much", "[1]", "{}")),
    ("length(subject) <= 20", [add_change(subject="x" * 20), add_change(subject="x" * 21)]),
    (
        "length(reason) <= 500",
        [add_change(subject="1", reason="x" * 500), add_change(subject="2", reason="x" * 501)],
    ),
    (A_CHANGE, [add_change("$1.00/day", before="'$1.00/day'")]),
    (A_CHANGE, [add_change("NULL", subject="5")]),
    (A_CHANGE, [add_change("NULL", kind="freeze")]),
    (A_CHANGE, [add_change("NULL", kind="grant", before="'x'")]),
    (A_CHANGE, [add_change(kind="grant")]),
    ("amount > 0", [log_grant(), add_grant(amount=0)]),
    ("kind IN ('hold', 'settle')", [draw(kind="gift")]),
    ("amount > 0", [draw(amount=0)]),
]

BEHIND_TRIGGERS = {
    # checks that no statement reaches, because a trigger is asked first
    "state IN ('queued', 'sending', 'running', 'done', 'failed', 'cancelled', 'unresolved')",
    "n BETWEEN 1 AND 4",
}

KEYS: list[tuple[str, list[str]]] = [
    ("FOREIGN KEY constraint failed", [add_change(kind="mood")]),
    ("UNIQUE constraint failed: kinds.kind", ["INSERT INTO kinds VALUES ('freeze', 0)"]),
    ("UNIQUE constraint failed: presets.server_id, presets.member_id, presets.key", [add_preset("theirs")]),
    ("UNIQUE constraint failed: alerts.nonce", [add_alert("a.waiting")]),
    ("UNIQUE constraint failed: alerts.id", ["INSERT INTO alerts SELECT * FROM alerts"]),
    (
        "UNIQUE constraint failed: alerts.message_id",
        ["UPDATE alerts SET state = 'posted', message_id = 777 WHERE nonce = 'a.waiting'"],
    ),
    (
        "UNIQUE constraint failed: observed_prices.job_id",
        ["INSERT INTO observed_prices VALUES (NULL, 'list', 'other', 5, :done, 0)"],
    ),
    ("FOREIGN KEY constraint failed", ["INSERT INTO observed_prices VALUES (NULL, 'list', 'it', 5, 'nothing', 0)"]),
    ("UNIQUE constraint failed: installation.name", ["INSERT INTO installation VALUES ('a', 'c')"]),
    ("UNIQUE constraint failed: paces.member_id", ["INSERT INTO paces VALUES (1, 9)"]),
    ("UNIQUE constraint failed: targets.id", [add_target("a" * 16)]),
    ("UNIQUE constraint failed: quotes.id", [add_quote(), add_quote(total=2)]),
    (
        "UNIQUE constraint failed: cancelled_quotes.quote_id",
        ["INSERT INTO cancelled_quotes VALUES (:withdrawn, 1)"],
    ),
    ("UNIQUE constraint failed: sources.quote_id, sources.sha256", [add_source("a" * 64, ":other")]),
    ("UNIQUE constraint failed: jobs.id", [add_job(), add_job(quote=":other", more="task_id = 'x'")]),
    ("UNIQUE constraint failed: jobs.quote_id", [add_job("once"), add_job("twice")]),  # a quote buys at most once
    ("UNIQUE constraint failed: jobs.task_id", [add_job(more="task_id = 'task bare'")]),
    (
        "UNIQUE constraint failed: steps.before, steps.after",
        ["INSERT INTO steps VALUES ('queued', 'sending', NULL)"],
    ),
    ("UNIQUE constraint failed: results.job_id, results.video_id", [add_result(":half", 2, video="'a'")]),
    ("UNIQUE constraint failed: transfers.job_id", [add_transfer(":sending", reference="another")]),
    ("UNIQUE constraint failed: posts.nonce", [add_post("x"), add_post("x", ":sending")]),
    ("UNIQUE constraint failed: posts.job_id, posts.kind, posts.n", [add_post("x"), add_post("y")]),
    ("UNIQUE constraint failed: posts.message_id", [change_post("state = 'posted', message_id = 555")]),
    ("UNIQUE constraint failed: reposts.message_id", [change_repost("state = 'posted', message_id = 888")]),
    ("FOREIGN KEY constraint failed", ["INSERT INTO cancelled_quotes VALUES ('nothing', 0)"]),
    ("FOREIGN KEY constraint failed", [add_source("a" * 64, "'nothing'")]),
    ("FOREIGN KEY constraint failed", [add_result("'nothing'", 1)]),
    ("FOREIGN KEY constraint failed", [add_post("x", "'nothing'")]),
    ("UNIQUE constraint failed: lineage.quote_id", [add_lineage(":child")]),
    ("UNIQUE constraint failed: deletions.nonce", [add_deletion(":shown || '.a1'")]),
    ("UNIQUE constraint failed: draws.job_id, draws.grant_id, draws.kind", [draw(), draw()]),
    ("UNIQUE constraint failed: changes.id", ["INSERT INTO changes SELECT * FROM changes WHERE kind = 'grant'"]),
    ("UNIQUE constraint failed: grants.id", ["INSERT INTO grants SELECT * FROM grants WHERE id = :spare"]),
]


class Story(NamedTuple):
    """A transaction in which everything has happened, and the names of whom it happened to."""

    tx: Tx
    names: dict[str, str]

    async def refuses(self, says: str, statements: list[str]) -> None:
        """Do all but the last statement, and see the last one refused."""
        *allowed, attempt = statements
        for statement in allowed:
            assert (await self.tx.execute(statement, self.names)).rowcount > 0, statement
        with pytest.raises(sqlite3.IntegrityError) as refused:
            await self.tx.execute(attempt, self.names)
        assert says in " ".join(str(refused.value).split())


@pytest.fixture
async def story(database: Database) -> AsyncGenerator[Story]:
    async with database.transaction() as tx:
        yield Story(tx, await tell(tx))


@pytest.mark.parametrize(("guard", "says", "statements"), ATTEMPTS)
async def test_a_guard_refuses_and_nothing_else_would(
    story: Story, guard: str, says: str, statements: list[str]
) -> None:
    await story.refuses(says, statements)
    await story.tx.execute(f"DROP {'TRIGGER' if f'CREATE TRIGGER {guard} ' in SCHEMA else 'INDEX'} {guard}")
    assert (await story.tx.execute(statements[-1], story.names)).rowcount > 0


@pytest.mark.parametrize(("check", "statements"), CHECKS)
async def test_a_check_refuses_what_a_row_cannot_be(story: Story, check: str, statements: list[str]) -> None:
    await story.refuses(f"CHECK constraint failed: {check}", statements)


@pytest.mark.parametrize(("says", "statements"), KEYS)
async def test_a_key_refuses_what_there_is_once_or_nowhere(story: Story, says: str, statements: list[str]) -> None:
    await story.refuses(says, statements)


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
    async with tx.execute(
        """SELECT tables.name, columns.name, columns.type, columns."notnull" OR columns.pk > 0
           FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
           WHERE tables.type = 'table' AND columns.name || columns.type || columns.pk <> 'idINTEGER1'"""
    ) as cursor:
        return [(row[0], row[1], row[2], bool(row[3])) for row in await cursor.fetchall()]


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
    async with database.read.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'") as cursor:
        strict = {row["name"]: row["strict"] for row in await cursor.fetchall()}
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
    async with story.tx.execute(f"SELECT * FROM {table} ORDER BY 1 LIMIT 1") as cursor:
        [row] = await cursor.fetchall()
    name, value = change.split(" = ")
    changed = {key: row[key] for key in row.keys()} | {name: int(value)}  # noqa: SIM118 - a sqlite3.Row
    before = await everything(story.tx)
    replace = f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(changed))})"
    with pytest.raises(sqlite3.IntegrityError):
        await story.tx.execute(replace, tuple(changed.values()))
    assert await everything(story.tx) == before


async def test_the_steps_are_the_domains(database: Database) -> None:
    """The arrows stand in two places, the drawing and the schema. They are the same, outcomes included."""
    async with database.read.execute("SELECT before, after, outcome FROM steps") as cursor:
        rows = {tuple(row) for row in await cursor.fetchall()}
    assert rows == {tuple(step) for step in STEPS}
    assert len(rows) == len(set(STEPS)) == 13


async def test_the_states_are_the_domains() -> None:
    [listed] = re.findall(r"state IN \(('queued'[^)]*)\)\s*\),", SCHEMA)
    assert set(re.findall(r"'(\w+)'", listed)) == set(State)


async def test_a_progress_post_follows_its_jobs_version(database: Database) -> None:
    async with database.transaction() as tx:
        job = await brought_to(tx, State.DONE)
        async with tx.execute("SELECT kind, latest FROM posts WHERE job_id = ?", (job.id,)) as cursor:
            latest = {row["kind"]: row["latest"] for row in await cursor.fetchall()}
    assert latest == {"progress": job.version, "result": 1}
