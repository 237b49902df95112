"""Random histories of everything that moves money, compared after each with an oracle that counts in plain lists.

A walk is a row of numbers, one for each event, drawn by hypothesis: one that fails is shown with as few events as
still fail. RAYBOT_WALKS asks for more of them.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.checkout import Checkout
from bot.domain.job import (
    ACCEPT,
    CANCEL,
    FIND,
    LOSE,
    LOSE_SENT,
    POSTPONE,
    REJECT,
    SEND,
    Arrival,
    Outcome,
    Reason,
    State,
    Step,
)  # fmt: skip
from bot.domain.limit import Layer, parse_limits
from bot.domain.money import ZERO, Usd
from bot.domain.refusal import Refusal
from bot.domain.request import Count, TextToVideo
from bot.domain.rules import FROZEN, Kind
from bot.domain.window import Rolling
from bot.offer import Requester
from bot.runware.task import Storage
from storage import grants, jobs, limits
from storage.database import Database, rows
from tests.bot.oracle import Amounts, Grant, Job, Oracle

WALKS: Final = int(os.environ.get("RAYBOT_WALKS", "5"))
EVENTS: Final = 300
NOTHING: Final = 0
"""The event at which nothing happens: what hypothesis leaves of those that a failure does not need."""
CENT: Final = 10**7  # nano-dollars
SERVERS: Final = (1, 2)
MEMBERS: Final = (100, 101)
ROLES: Final = (5, 6, 7)
ZONES: Final = ("UTC", "Europe/Berlin", "America/Havana", "Pacific/Auckland", "Asia/Beirut")
WINDOWS: Final = ("day", "week", "month", "24h", "3h", "total")


class Walk:
    """The program and the oracle, side by side; `turn` does the same to both and compares what they say."""

    def __init__(self, path: Path) -> None:
        self.chance = random.Random(NOTHING)
        self.path = path
        self.oracle = Oracle(
            account={"month": 900 * CENT, "24h": 250 * CENT},
            server={"month": 500 * CENT},
            member={"day": 30 * CENT, "week": 60 * CENT},
            now=datetime(2026, 3, 27, 20, tzinfo=UTC),  # two nights before the clocks change in Berlin
        )
        self.roles: dict[int, frozenset[int]] = dict.fromkeys(MEMBERS, frozenset())
        self.quotes: list[tuple[str, Requester, int, int]] = []
        self.states: dict[str, State] = {}
        self.bought = self.refused = 0

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        async with Database.open(self.path) as self.database:
            defaults = {
                Layer.ACCOUNT: parse_limits("9/month and 2.50/24h"),
                Layer.SERVER: parse_limits("5/month"),
                Layer.MEMBER: parse_limits("0.30/day and 0.60/week"),
            }
            self.checkout = Checkout(self.database, defaults, storage=Storage(), now=lambda: self.oracle.now)
            yield

    async def turn(self, number: int) -> None:
        """The event of this number: what it is, and to whom it happens."""
        if number == NOTHING:
            return
        self.chance = random.Random(number)
        events: dict[Callable[[], Awaitable[None]], int] = {
            self.quote: 5, self.confirm: 5, self.buy: 20, self.rush: 3, self.step: 40, self.arrive: 25,
            self.cancel: 2, self.resolve: 6, self.decide: 16, self.give: 6, self.revoke: 2,
            self.roll: 4, self.wait: 6,
        }  # fmt: skip
        [event] = self.chance.choices(list(events), list(events.values()))
        await event()
        await self.compare(self.chance.choice(SERVERS), self.chance.choice(MEMBERS))

    # What happens

    def somebody(self) -> Requester:
        member = self.chance.choice(MEMBERS)
        return Requester(self.chance.choice(SERVERS), 10, member, self.roles[member])

    async def quote(self) -> None:
        """It is refused exactly when a hold would be."""
        who = self.somebody()
        count: Count = self.chance.choice((1, 1, 2, 4))
        price = 6 * CENT * count
        request = TextToVideo(prompt="a fox", resolution="360p", count=count)
        admitted = self.oracle.draws(who.server_id, who.member_id, who.roles, price) is not None
        try:
            offer = await self.checkout.offer(request, who)
        except Refusal:
            assert not admitted
        else:
            assert admitted
            self.quotes.append((offer.stored.id, who, price, count))

    async def confirm(self, number: int = 1) -> None:
        """Several at once come one after another, in the order in which they were pressed."""
        chosen = [self.quotes.pop(self.chance.randrange(len(self.quotes))) for _ in range(number) if self.quotes]
        presses = [
            self.checkout.confirm(quote_id, Requester(who.server_id, 10, who.member_id, self.roles[who.member_id]))
            for quote_id, who, _, _ in chosen
        ]
        answers = await asyncio.gather(*presses, return_exceptions=True)
        for (_, who, price, count), answer in zip(chosen, answers, strict=True):
            server, member = who.server_id, who.member_id
            drawn = self.oracle.draws(server, member, self.roles[member], price)
            if isinstance(answer, Refusal):
                stored = type(answer).__name__
                assert drawn is None or stored == "QuoteExpired"
                self.refused += 1
                continue
            assert not isinstance(answer, BaseException), answer
            assert drawn is not None, "held beyond a layer"
            made = Job(answer.id, server, member, self.oracle.now, price, count, drawn)
            self.oracle.jobs.append(made)
            self.states[answer.id] = answer.state
            self.bought += 1

    async def rush(self) -> None:
        for _ in range(6):
            await self.quote()
        await self.confirm(self.chance.randrange(2, 9))

    async def buy(self) -> None:
        await self.quote()
        await self.confirm()

    def open_job(self, *states: State) -> Job | None:
        found = [job for job in self.oracle.jobs if self.states[job.id] in states]
        return self.chance.choice(found) if found else None

    async def step(self) -> None:
        """What the runner does, on a job that is under way."""
        if (job := self.open_job(State.QUEUED, State.SENDING, State.RUNNING, State.UNRESOLVED)) is None:
            return
        ways: dict[State, tuple[Step, ...]] = {
            State.QUEUED: (SEND, SEND, SEND, SEND, CANCEL),
            State.SENDING: (ACCEPT, ACCEPT, ACCEPT, ACCEPT, POSTPONE, LOSE_SENT, REJECT),
            State.RUNNING: (LOSE,),
            State.UNRESOLVED: (FIND,),
        }
        step = self.chance.choice(ways[self.states[job.id]])
        if step is LOSE and self.chance.random() < 0.7:
            return
        async with self.database.transaction() as tx:
            await jobs.take(tx, job.id, step, at=self.oracle.now, reason=Reason.BROKEN)
        self.states[job.id] = step.after
        job.unresolved = step.after is State.UNRESOLVED
        if step.outcome is not None:
            self.oracle.end(job, 0, 0)

    async def arrive(self) -> None:
        """Successes and failures, at the price, below and above it, and without a cost."""
        awaited = [job for job in self.oracle.jobs if job.resolved and len(job.results) < job.count]
        job = (
            self.chance.choice(awaited) if awaited and self.chance.random() < 0.2 else self.open_job(State.RUNNING)
        )
        if job is None:
            return
        won = self.chance.random() < 0.7
        cost = self.chance.choice((None, 6 * CENT, 4 * CENT + 1, 9 * CENT) if won else (None, None, 6 * CENT))
        arrival = Arrival(
            f"v{len(job.results)}",
            ("https://a.example/v",) if won else (),
            None if cost is None else Usd(cost),
            None if won else Reason.BROKEN,
        )
        async with self.database.transaction() as tx:
            self.states[job.id] = (await jobs.arrive(tx, job.id, [arrival], at=self.oracle.now)).state
        if job.resolved:
            self.oracle.late(job, (won, cost))
        else:
            self.oracle.arrive(job, (won, cost))

    async def cancel(self) -> None:
        if (job := self.open_job(State.QUEUED)) is None:
            return
        staff = Requester(job.server, 10, 900)
        self.states[job.id] = (await self.checkout.cancel_job(job.id, staff, by_staff=True)).state
        self.oracle.end(job, 0, 0)

    async def resolve(self) -> None:
        if (job := self.open_job(State.UNRESOLVED)) is None:
            return
        settled = self.chance.choice((0, 1, job.hold // 2, job.hold))
        outcome = Outcome.SETTLE if settled else Outcome.RELEASE
        amount = Usd(settled) if settled else None
        staff = Requester(job.server, 10, 900)
        ended = await self.checkout.resolve(job.id, outcome, staff, reason="walk", amount=amount)
        self.states[job.id] = ended.state
        self.oracle.resolve(job, settled)

    async def decide(self) -> None:
        """A limit, cap, zone or freeze, set or taken back."""
        server = self.chance.choice(SERVERS)
        staff = self.oracle.of(server)
        unset = self.chance.random() < 0.4
        amounts, text = self.amounts()
        value: str | None = None if unset else text
        subject = None
        kind = Kind.FREEZE if staff.frozen else self.chance.choice([
            Kind.SERVER_LIMIT, Kind.MEMBER_LIMIT, Kind.ROLE_LIMIT, Kind.ROLE_LIMIT, Kind.ROLE_LIMIT,
            Kind.REQUEST_CAP, Kind.JOBS_AT_ONCE, Kind.TIME_ZONE, Kind.FREEZE,
        ])  # fmt: skip
        match kind:
            case Kind.SERVER_LIMIT:
                staff.server = None if unset else amounts
            case Kind.MEMBER_LIMIT:
                subject = self.chance.choice(MEMBERS)
                if subject in staff.members:  # it hides the roles, so it does not stay for long
                    value = None
                put(staff.members, subject, None if value is None else amounts)
            case Kind.ROLE_LIMIT:
                subject = self.chance.choice((*ROLES, server))
                put(staff.roles, subject, None if unset else amounts)
            case Kind.REQUEST_CAP:
                staff.cap = None if unset else 12 * CENT
                value = None if unset else "$0.12"
            case Kind.JOBS_AT_ONCE:
                staff.at_once = None if unset else 3
                value = None if unset else "3"
            case Kind.TIME_ZONE:
                value = self.chance.choice(ZONES)
                staff.zone = ZoneInfo(value)
            case _:
                staff.frozen = not staff.frozen
                value = FROZEN if staff.frozen else None
        async with self.database.transaction() as tx:
            await limits.change(tx, server, kind, subject, value, actor_id=900, reason="", at=self.oracle.now)

    def amounts(self) -> tuple[Amounts, str]:
        if self.chance.random() < 0.1:
            return {}, "unlimited"
        windows = self.chance.sample(WINDOWS, self.chance.choice((1, 1, 2)))
        cents = {window: self.chance.choice((0, 10, 20, 40, 60, 90, 300)) for window in windows}
        return (
            {window: amount * CENT for window, amount in cents.items()},
            " and ".join(f"{amount // 100}.{amount % 100:02} / {window}" for window, amount in cents.items()),
        )

    async def give(self) -> None:
        server, member = self.chance.choice(SERVERS), self.chance.choice(MEMBERS)
        amount = self.chance.choice((5, 7, 30)) * CENT
        expires_at = self.oracle.now + timedelta(hours=self.chance.choice((1, 5, 48, 500)))
        async with self.database.transaction() as tx:
            made = await grants.give(
                tx, server, member, Usd(amount), expires_at=expires_at, actor_id=900, reason="", at=self.oracle.now
            )
        self.oracle.grants.setdefault((server, member), []).append(Grant(made.id, amount, expires_at))

    async def revoke(self) -> None:
        """The grant that expires first is taken back, whatever was drawn of it."""
        server, member = self.chance.choice(SERVERS), self.chance.choice(MEMBERS)
        async with self.database.transaction() as tx:
            found = await grants.of_member(tx, server, member, now=self.oracle.now)
            expected = self.oracle.usable(server, member)
            assert [each.grant.id for each in found] == [each.id for each in expected]
            if found:
                await grants.revoke(tx, found[0], actor_id=900, reason="", at=self.oracle.now)
                expected[0].revoked = True

    async def roll(self) -> None:
        """Roles change as Discord's staff please."""
        member = self.chance.choice(MEMBERS)
        self.roles[member] = frozenset(self.chance.sample(ROLES, self.chance.randrange(4)))

    async def wait(self) -> None:
        """Minutes mostly; at times days, and once in a while a clock that is set back."""
        minutes = self.chance.choice((1, 7, 30, 60, 200, 700, 1440, 4000, 9000, -2))
        self.oracle.now += timedelta(minutes=minutes)

    # What is compared

    async def compare(self, server: int, member: int) -> None:
        """How a member stands, and what is booked of everybody."""
        roles = self.roles[member]
        asked = await self.checkout.why(Usd(6 * CENT), Requester(server, 10, member, roles))
        found = sorted(
            (
                str(each.layer), str(each.limit.window), each.limit.amount.nanos, each.spent.nanos,
                each.held.nanos, each.granted.nanos,
            )
            for each in (*asked.standings, *asked.others)
        )  # fmt: skip
        assert found == self.oracle.standings(server, member, roles)
        for each in (*asked.standings, *asked.others):
            if each.limit.amount and isinstance(each.limit.window, Rolling):
                back = {one.at: one.amount.nanos for one in each.returns}
                assert back == self.oracle.returns(str(each.layer), str(each.limit.window), server, member)
                assert sum(back.values()) == (each.spent + each.held).nanos
        drawn = {each.grant_id: each.amount.nanos for each in asked.draws}
        assert (None if asked.refusing else drawn) == self.oracle.draws(server, member, roles, 6 * CENT)
        found = await rows(self.database.read, "SELECT kind, sum(amount) FROM ledger GROUP BY kind")
        booked = {str(row[0]): int(row[1]) for row in found}
        mine = self.oracle.jobs
        assert booked.get("hold", 0) == sum(job.hold for job in mine)
        assert booked.get("settle", 0) == sum(job.settled for job in mine)
        assert booked.get("overrun", 0) == sum(job.overrun for job in mine)
        returned = sum(job.hold for job in mine if not job.open and not job.settled)
        assert booked.get("release", 0) == returned

    async def end(self) -> None:
        """Everything that is open is brought to an end; then nothing is held, of nobody."""
        for job in [job for job in self.oracle.jobs if job.open]:
            while job.open:
                state = self.states[job.id]
                step = {State.QUEUED: SEND, State.SENDING: ACCEPT, State.UNRESOLVED: FIND}.get(state)
                async with self.database.transaction() as tx:
                    if step is not None:
                        await jobs.take(tx, job.id, step, at=self.oracle.now)
                        self.states[job.id] = step.after
                        continue
                    arrival = Arrival(f"v{len(job.results)}", ("https://a.example/v",), Usd(6 * CENT), None)
                    self.states[job.id] = (await jobs.arrive(tx, job.id, [arrival], at=self.oracle.now)).state
                self.oracle.arrive(job, (True, 6 * CENT))
        for server in SERVERS:
            for member in MEMBERS:
                await self.compare(server, member)
                asked = await self.checkout.why(Usd(1), Requester(server, 10, member, frozenset(ROLES)))
                assert {each.held for each in (*asked.standings, *asked.others)} <= {ZERO}


def put(into: dict[int, Amounts], subject: int, amounts: Amounts | None) -> None:
    into.pop(subject, None)
    if amounts is not None:
        into[subject] = amounts


async def walked(numbers: Sequence[int]) -> int:
    """How many jobs were bought on the way."""
    with TemporaryDirectory() as folder:
        walk = Walk(Path(folder) / "raybot.db")
        for third in range(3):  # the process ends twice on the way
            async with walk.opened():
                for number in numbers[third * EVENTS // 3 : (third + 1) * EVENTS // 3]:
                    await walk.turn(number)
        async with walk.opened():
            await walk.end()
    return walk.bought


def test_the_books_are_the_oracles_whatever_happens() -> None:
    """Holds beyond a layer 0, leaked holds 0, books equal; through restarts, too."""
    bought: list[int] = []

    @settings(
        max_examples=WALKS,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.lists(st.integers(NOTHING, 2**32), min_size=EVENTS, max_size=EVENTS))
    def walk(numbers: list[int]) -> None:
        bought.append(asyncio.run(walked(numbers)))

    walk()
    assert sum(bought) >= 5 * WALKS, "too little was bought to say anything"
