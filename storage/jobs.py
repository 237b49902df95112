"""Jobs and what they do to the ledger: the two change together, in the caller's transaction, or not at all."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.grant import Draw
from bot.domain.job import (
    CHARGE,
    FAIL,
    FINISH,
    WAIVE,
    Arrival,
    Books,
    Job,
    Outcome,
    Reason,
    Result,
    Stale,
    State,
    Step,
    close,
    fresh,
    late_overrun,
)
from bot.domain.money import ZERO, Usd
from bot.domain.stored import from_json
from storage import grants, lineage, posts
from storage.database import Tx, from_micros, rows, to_micros
from storage.quotes import StoredQuote

_JOB: Final = """
    SELECT jobs.id, jobs.server_id, jobs.member_id, jobs.task_id, jobs.state, jobs.version, jobs.held_at,
        jobs.sent_at, jobs.accepted_at, jobs.tries, jobs.next_try_at, jobs.reason, jobs.resolved_at,
        quotes.request, quotes.channel_id, quotes.total AS hold,
        settle.amount AS settled, settle.estimated,
        (SELECT sum(amount) FROM ledger WHERE job_id = jobs.id AND kind = 'overrun') AS overrun,
        lineage.parent_id, lineage.parent_n, lineage.way, lineage.film
    FROM jobs
    JOIN quotes ON quotes.id = jobs.quote_id
    LEFT JOIN ledger AS settle ON settle.job_id = jobs.id AND settle.kind = 'settle'
    LEFT JOIN lineage ON lineage.quote_id = jobs.quote_id
"""


async def hold(
    tx: Tx,
    quote: StoredQuote,
    *,
    job_id: str,
    task_id: str,
    body: str,
    at: datetime,
    draws: Iterable[Draw] = (),
) -> None:
    """Begin a job: hold its price, queue it, and ask for its progress message. `draws`: what grants pay of it.

    Raises sqlite3.IntegrityError where the schema refuses: the quote has bought already, or was cancelled.
    """
    await tx.execute(
        """INSERT INTO jobs (id, quote_id, server_id, member_id, count, task_id, body, state, held_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?)""",
        (
            job_id,
            quote.id,
            quote.server_id,
            quote.member_id,
            quote.request.count,
            task_id,
            body,
            to_micros(at),
        ),
    )
    await _book(tx, job_id, "hold", quote.total, at)
    await grants.hold(tx, job_id, draws)
    await posts.add(tx, job_id, "progress")


async def take(
    tx: Tx,
    job_id: str,
    step: Step,
    *,
    at: datetime,
    reason: Reason | None = None,
    next_try_at: datetime | None = None,
    books: Books | None = None,
) -> None:
    """Take one step of bot/domain/job.py, and book its outcome. Raises Stale where the job has moved on.

    `reason`: why there will be no video, or why it waits. `books`: what the results cost, where
    there are any; a step that ends the job without results releases the hold.
    """
    if step.outcome is not None:
        await _settle(tx, job_id, step, books, at)
    sent_at, accepted_at, resolved_at = _moments(step)
    cursor = await tx.execute(
        f"""UPDATE jobs SET state = :after, version = version + 1, reason = :reason,
               {sent_at}, {accepted_at}, {resolved_at}, next_try_at = :next_try_at,
               tries = CASE WHEN :next_try_at IS NULL THEN tries ELSE tries + 1 END
           WHERE id = :id AND state = :before""",  # noqa: S608 - the three are constants of this module
        {
            "id": job_id,
            "before": step.before,
            "after": step.after,
            "reason": reason,
            "at": to_micros(at),
            "next_try_at": None if next_try_at is None else to_micros(next_try_at),
        },
    )
    if cursor.rowcount != 1:
        raise Stale(f"job {job_id} is no longer {step.before}")
    if step.after is State.FAILED:
        await posts.add(tx, job_id, "notice")


def _moments(step: Step) -> tuple[str, str, str]:
    """What a step does to `sent_at`, `accepted_at` and `resolved_at`."""
    sent = {State.SENDING: "sent_at = :at", State.QUEUED: "sent_at = NULL"}.get(step.after, "sent_at = sent_at")
    accepted = "accepted_at = coalesce(accepted_at, :at)"
    return (
        sent,
        accepted if step.after is State.RUNNING else "accepted_at = accepted_at",
        "resolved_at = :at" if step in (CHARGE, WAIVE) else "resolved_at = resolved_at",
    )


async def arrive(tx: Tx, job_id: str, arrivals: Sequence[Arrival], *, at: datetime) -> Job:
    """Store the results that are new, ask for their posts, and end the job with the last of them. A job that staff
    have ended stays as it is; what its late results cost beyond what is booked is an overrun.

    Raises Stale where the job neither runs nor was ended by staff.
    """
    job = await get(tx, job_id)
    if job is None or (job.state is not State.RUNNING and job.resolved_at is None):
        raise Stale(f"job {job_id} is not running")
    new = fresh(job.results, arrivals)[: job.request.count - len(job.results)]
    for n, arrival in enumerate(new, start=len(job.results) + 1):
        await _add_result(tx, job_id, n, arrival, at)
        if job.resolved_at is not None:
            await _book_late(tx, job_id, n, at)
    if new:
        await tx.execute("UPDATE jobs SET version = version + 1 WHERE id = ?", (job_id,))
        job = await existing(tx, job_id)
    if len(job.results) == job.request.count and not job.is_over:
        books = close(job.hold, job.results)
        step = FINISH if books.outcome is Outcome.SETTLE else FAIL
        reason = None if step is FINISH else job.results[-1].failure
        await take(tx, job_id, step, at=at, reason=reason, books=books)
        job = await existing(tx, job_id)
    return job


async def get(tx: Tx, job_id: str) -> Job | None:
    jobs = await _jobs(tx, "WHERE jobs.id = ?", (job_id,))
    return jobs[0] if jobs else None


async def existing(tx: Tx, job_id: str) -> Job:
    """The job, where it must be there. Raises LookupError where it is not."""
    job = await get(tx, job_id)
    if job is None:
        raise LookupError(f"there is no job {job_id}")
    return job


async def body(tx: Tx, job_id: str) -> str:
    """What is sent for the job, each time the same. Not a part of Job, since it may be as large as its inputs."""
    [row] = await rows(tx, "SELECT body FROM jobs WHERE id = ?", (job_id,))
    return str(row["body"])


async def ttl(tx: Tx, job_id: str) -> int | None:
    """The seconds for which the provider was told to keep the job's results; None where it was told nothing."""
    [row] = await rows(tx, "SELECT json_extract(body, '$.ttl') AS ttl FROM jobs WHERE id = ?", (job_id,))
    return None if row["ttl"] is None else int(row["ttl"])


async def under_way(tx: Tx, server_id: int | None = None) -> list[Job]:
    """Every job that is not over, the one held first first; `server_id`: of one server."""
    return await _jobs(
        tx,
        """WHERE jobs.state IN ('queued', 'sending', 'running', 'unresolved')
             AND (:server IS NULL OR jobs.server_id = :server) ORDER BY jobs.held_at""",
        {"server": server_id},
    )


async def awaited(tx: Tx, *, since: datetime) -> list[Job]:
    """The jobs that staff have ended since then with results missing, the one ended first first."""
    found = await _jobs(tx, "WHERE jobs.resolved_at >= ? ORDER BY jobs.resolved_at", (to_micros(since),))
    return [job for job in found if job.is_awaited]


async def show_anew(tx: Tx, job_ids: Iterable[str]) -> None:
    """Have the progress messages of queued jobs say what is so by now."""
    for job_id in job_ids:
        await tx.execute("UPDATE jobs SET version = version + 1 WHERE id = ? AND state = 'queued'", (job_id,))


async def count_under_way(tx: Tx, server_id: int, member_id: int) -> int:
    """How many jobs of a member's go on. An unresolved one waits for others, and does not count."""
    [row] = await rows(
        tx,
        """SELECT count(*) FROM jobs INDEXED BY jobs_under_way
           WHERE jobs.state IN ('queued', 'sending', 'running', 'unresolved') AND jobs.state <> 'unresolved'
             AND jobs.server_id = ? AND jobs.member_id = ?""",
        (server_id, member_id),
    )
    return int(row[0])


async def of_member(tx: Tx, server_id: int, member_id: int, *, most: int) -> list[Job]:
    """A member's jobs in a server, the newest first."""
    return await _jobs(
        tx,
        "WHERE jobs.server_id = ? AND jobs.member_id = ? ORDER BY jobs.held_at DESC LIMIT ?",
        (server_id, member_id, most),
    )


async def _settle(tx: Tx, job_id: str, step: Step, books: Books | None, at: datetime) -> None:
    job = await existing(tx, job_id)
    if job.state is not step.before:  # before anything is booked, whatever the caller does with Stale
        raise Stale(f"job {job_id} is no longer {step.before}")
    if step.outcome is Outcome.RELEASE:
        await _book(tx, job_id, "release", job.hold, at)
    else:
        assert books is not None  # a step that settles comes with the costs
        await _book(tx, job_id, "settle", books.settle, at, estimated=books.estimated)
        await grants.settle(tx, job_id, settled_for=books.settle, hold=job.hold)
    if books is not None and books.overrun > ZERO:
        await _book(tx, job_id, "overrun", books.overrun, at)


async def _book_late(tx: Tx, job_id: str, n: int, at: datetime) -> None:
    """Book what the late result `n` costs, where staff have not settled enough for it."""
    job = await existing(tx, job_id)
    booked = (job.settled or ZERO) + (job.overrun or ZERO)
    overrun = late_overrun(job.hold, job.request.count, job.results, booked)
    if overrun > ZERO:
        await _book(tx, job_id, "overrun", overrun, at, result=n)


async def _book(
    tx: Tx, job_id: str, kind: str, amount: Usd, at: datetime, *, estimated: bool = False, result: int | None = None
) -> None:
    """`result`: the late one that an overrun is about."""
    await tx.execute(
        """INSERT INTO ledger (job_id, kind, amount, server_id, member_id, held_at, estimated, booked_at, result)
           SELECT id, ?, ?, server_id, member_id, held_at, ?, ?, ? FROM jobs WHERE id = ?""",
        (kind, amount.nanos, estimated, to_micros(at), result, job_id),
    )


async def _add_result(tx: Tx, job_id: str, n: int, arrival: Arrival, at: datetime) -> None:
    await tx.execute(
        """INSERT INTO results (job_id, n, video_id, links, cost, failure, arrived_at, flagged)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            job_id,
            n,
            arrival.video_id,
            json.dumps(arrival.links),
            None if arrival.cost is None else arrival.cost.nanos,
            arrival.failure,
            to_micros(at),
            arrival.flagged,
        ),
    )
    if arrival.failure is None:
        await posts.add(tx, job_id, "result", n)


@dataclass(frozen=True)
class Finished:
    """A finished video, for whoever looks for it. `n`: which of its job's."""

    job_id: str
    n: int
    at: datetime
    prompt: str


async def finished(tx: Tx, server_id: int, member_id: int, *, most: int) -> list[Finished]:
    """A member's latest finished videos in a server, those of the newest job first."""
    found = await rows(
        tx,
        """SELECT jobs.id, results.n, results.arrived_at, json_extract(quotes.request, '$.prompt') AS prompt
           FROM jobs JOIN quotes ON quotes.id = jobs.quote_id JOIN results ON results.job_id = jobs.id
           WHERE jobs.server_id = ? AND jobs.member_id = ? AND results.failure IS NULL
           ORDER BY jobs.held_at DESC, jobs.id, results.n LIMIT ?""",
        (server_id, member_id, most),
    )
    return [Finished(row["id"], row["n"], from_micros(row["arrived_at"]), row["prompt"]) for row in found]


async def _jobs(tx: Tx, where: str, parameters: Sequence[object] | Mapping[str, object]) -> list[Job]:
    found = await rows(tx, _JOB + where, parameters)
    results: defaultdict[str, list[Result]] = defaultdict(list)
    for row in await rows(
        tx,
        "SELECT * FROM results WHERE job_id IN (SELECT value FROM json_each(?)) ORDER BY n",
        (json.dumps([row["id"] for row in found]),),
    ):
        results[row["job_id"]].append(_result(row))
    return [_job(row, results[row["id"]]) for row in found]


def _job(row: sqlite3.Row, results: list[Result]) -> Job:
    return Job(
        id=row["id"],
        server_id=row["server_id"],
        channel_id=row["channel_id"],
        member_id=row["member_id"],
        request=from_json(json.loads(row["request"])),
        hold=Usd(row["hold"]),
        task_id=row["task_id"],
        state=State(row["state"]),
        version=row["version"],
        held_at=from_micros(row["held_at"]),
        sent_at=_moment(row["sent_at"]),
        accepted_at=_moment(row["accepted_at"]),
        tries=row["tries"],
        next_try_at=_moment(row["next_try_at"]),
        reason=None if row["reason"] is None else Reason(row["reason"]),
        settled=_amount(row["settled"]),
        overrun=_amount(row["overrun"]),
        estimated=bool(row["estimated"]),
        results=tuple(results),
        resolved_at=_moment(row["resolved_at"]),
        origin=lineage.origin_of(row),
    )


def _result(row: sqlite3.Row) -> Result:
    return Result(
        n=row["n"],
        video_id=row["video_id"],
        links=tuple(json.loads(row["links"])),
        cost=_amount(row["cost"]),
        failure=None if row["failure"] is None else Reason(row["failure"]),
        arrived_at=from_micros(row["arrived_at"]),
        flagged=bool(row["flagged"]),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _amount(nanos: int | None) -> Usd | None:
    return None if nanos is None else Usd(nanos)
