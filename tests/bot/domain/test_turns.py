"""Whose turn it is, and how long somebody with one request waits among people with many."""

from collections import Counter
from datetime import datetime
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.job import Job
from bot.domain.turns import Member, Turns, in_turn
from tests.bot.domain.waiting import a_job, after

NOBODY = Turns({}, {})
RENDER = 120.0  # seconds, of simulated time
PLACES = 4

JOBS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 50), st.integers(0, 2)), max_size=40
).map(
    lambda drawn: [
        a_job(f"j{n}", server=server, member=member, held=held, tries=tries)
        for n, (server, member, held, tries) in enumerate(drawn)
    ]
)


def order(*jobs: Job, turns: Turns = NOBODY) -> list[str]:
    return [job.id for job in in_turn(jobs, turns)]


def test_a_member_s_own_requests_go_in_the_order_of_asking() -> None:
    assert order(a_job("b", held=2), a_job("a", held=1), a_job("c", held=3)) == ["a", "b", "c"]


def test_members_take_turns() -> None:
    many = [a_job(f"ada{n}", member=1, held=n) for n in range(3)]
    assert order(*many, a_job("linus", member=2, held=9)) == ["ada0", "linus", "ada1", "ada2"]


def test_servers_take_turns_before_members_do() -> None:
    """A server in which three ask has the same turns as one in which one asks."""
    first = [a_job(f"m{member}", server=1, member=member, held=member) for member in (1, 2, 3)]
    second = [a_job(f"other{n}", server=2, member=9, held=10 + n) for n in range(3)]
    assert order(*first, *second) == ["m1", "other0", "m2", "other1", "m3", "other2"]


def test_who_had_the_last_turn_comes_after_who_had_none_for_longer() -> None:
    turns = Turns({1: after(30), 2: after(20)}, {(1, 1): after(30), (1, 2): after(10), (2, 1): after(20)})
    jobs = [
        a_job("again", server=1, member=1, held=40),
        a_job("sooner", server=1, member=2, held=41),
        a_job("new", server=1, member=3, held=42),
        a_job("elsewhere", server=2, member=1, held=43),
        a_job("first here", server=3, member=1, held=44),
    ]
    assert order(*jobs, turns=turns) == ["first here", "elsewhere", "new", "sooner", "again"]


def test_what_was_refused_for_now_stands_in_nobody_s_way() -> None:
    refused = [a_job(f"refused{n}", member=1, held=n, tries=1) for n in range(3)]
    assert order(*refused, a_job("new", member=1, held=9), a_job("linus", member=2, held=10)) == [
        "new", "linus", "refused0", "refused1", "refused2",
    ]  # fmt: skip


def test_a_refusal_for_now_costs_one_turn_and_not_all_that_others_have() -> None:
    """One place at the provider: each time the first is sent, and its member's turn is stored."""
    refused = a_job("refused", member=2, held=0, tries=1, next_try_at=after(10))
    queue = [refused, *(a_job(f"heavy{n}", member=1, held=1 + n) for n in range(20))]
    members: dict[Member, datetime] = {(1, 1): after(5)}
    sent: list[str] = []
    for turn in range(3):
        job = in_turn(queue, Turns({}, members))[0]
        queue.remove(job)
        members[1, job.member_id] = after(11 + turn)
        sent.append(job.id)
    assert sent == ["heavy0", "refused", "heavy1"]


@settings(deadline=None)
@given(JOBS)
def test_everybody_has_a_turn_and_nobody_two_before_another_of_the_server_has_one(jobs: list[Job]) -> None:
    """At each point of the order the turns of two members of a server who both still wait differ by one at most."""
    queue = in_turn(jobs, NOBODY)
    assert sorted(job.id for job in queue) == sorted(job.id for job in jobs)
    for server in (1, 2, 3):
        of_server = [job.member_id for job in queue if job.server_id == server]
        left, had = Counter(of_server), Counter[int]()
        for member in of_server:
            left[member] -= 1
            had[member] += 1
            waiting = [had[each] for each in left if left[each] > 0]
            assert not waiting or had[member] - min(waiting) <= 1


def _waits(heavy: int, each: int) -> tuple[float, float]:
    """How long somebody with one request waits until it is sent, in seconds of simulated time: by turns, and first
    come first served. They come when `heavy` people have asked for `each` videos."""

    def simulate(by_turns: bool) -> float:
        queue = [a_job(f"h{m}.{n}", member=m, held=0.001 * n) for m in range(heavy) for n in range(each)]
        late = a_job("late", member=99, held=RENDER / 2)
        members: dict[Member, datetime] = {}
        free, clock = [0.0] * PLACES, count(0, 1)
        for now in (float(second) for second in clock):
            if now == RENDER / 2:
                queue.append(late)
            for place, at in enumerate(free):
                if at <= now and queue:
                    in_order = (
                        in_turn(queue, Turns({}, members))
                        if by_turns
                        else sorted(queue, key=lambda job: job.held_at)
                    )
                    sent = in_order[0]
                    queue.remove(sent)
                    members[1, sent.member_id] = after(now)
                    free[place] = now + RENDER
                    if sent is late:
                        return now - RENDER / 2
        raise AssertionError("it never had a turn")

    return simulate(by_turns=True), simulate(by_turns=False)


def test_a_member_with_one_request_does_not_wait_for_the_twenty_of_others() -> None:
    """Three people with twenty requests each and four places: who comes then has the next that is free."""
    by_turns, first_come = _waits(heavy=3, each=20)
    assert by_turns <= RENDER / 2, "the next place is theirs"
    assert first_come > 10 * RENDER, "which the old way is not"
