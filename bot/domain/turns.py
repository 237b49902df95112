"""Whose turn it is: servers take turns, and within a server its members do, so that nobody's many requests hold up
another's one. Pure, and without memory: the last turns come from what is stored."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias, TypeVar

from bot.domain.job import Job

Member: TypeAlias = tuple[int, int]
"""A server's id and a member's: each has turns of their own in each server."""

K = TypeVar("K", bound=Hashable)

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Turns:
    """When something was last sent for a server, and for a member; who is missing has had no turn yet."""

    servers: Mapping[int, datetime]
    members: Mapping[Member, datetime]


def in_turn(waiting: Iterable[Job], turns: Turns) -> list[Job]:
    """The jobs in the order in which they are sent.

    Who has waited longest since their last turn comes first, of two who have had none the one who asked first; a
    member's own jobs go in the order of asking. What was refused for now stands in nobody's way, and nobody's in
    its: the refusal was a turn, and it comes after its member's others.
    """
    by_tries = sorted(waiting, key=lambda job: (job.tries, job.held_at))
    return list(_one_round(by_tries, turns))


def _one_round(waiting: Sequence[Job], turns: Turns) -> Iterator[Job]:
    servers = _queues(waiting, lambda job: job.server_id, turns.servers)
    members = (_queues(jobs, lambda job: (job.server_id, job.member_id), turns.members) for jobs in servers)
    return _alternating(_alternating(iter(jobs) for jobs in each) for each in members)


def _queues(waiting: Sequence[Job], whose: Callable[[Job], K], last: Mapping[K, datetime]) -> list[list[Job]]:
    """One queue for each, the one whose last turn is longest ago first."""
    queues: dict[K, list[Job]] = {}
    for job in waiting:
        queues.setdefault(whose(job), []).append(job)

    def order(key: K) -> tuple[datetime, datetime]:
        had = [last.get(key, _NEVER), *(job.next_try_at for job in queues[key] if job.tries and job.next_try_at)]
        return max(had), min(job.held_at for job in queues[key])

    return [queues[key] for key in sorted(queues, key=order)]


def _alternating(queues: Iterable[Iterator[Job]]) -> Iterator[Job]:
    """One of each in turn, until all are empty."""
    left = deque(queues)
    while left:
        queue = left.popleft()
        for job in queue:
            yield job
            left.append(queue)
            break
