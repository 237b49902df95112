"""What checks and keys refuse: each meets statements that try to break it."""

import pytest

from tests.storage.happened import Story
from tests.storage.statements import (
    add_alert,
    add_change,
    add_deletion,
    add_grant,
    add_job,
    add_lineage,
    add_post,
    add_preset,
    add_quote,
    add_repost,
    add_result,
    add_source,
    add_target,
    add_transfer,
    book,
    change_post,
    change_repost,
    change_way,
    draw,
    log_grant,
    move,
)

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


@pytest.mark.parametrize(("check", "statements"), CHECKS)
async def test_a_check_refuses_what_a_row_cannot_be(story: Story, check: str, statements: list[str]) -> None:
    await story.refuses(f"CHECK constraint failed: {check}", statements)


@pytest.mark.parametrize(("says", "statements"), KEYS)
async def test_a_key_refuses_what_there_is_once_or_nowhere(story: Story, says: str, statements: list[str]) -> None:
    await story.refuses(says, statements)
