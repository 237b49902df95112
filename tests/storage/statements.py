"""Statements that add a row or change one, be it allowed or not. A job goes by its state, as in `:queued`."""

from tests.storage.story import MEMBER, SERVER


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
