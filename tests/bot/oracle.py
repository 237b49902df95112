"""What limits, grants and books should be: the rules said once more, apart from the program, over plain lists.

Amounts are nano-dollars. Everything is counted anew from all jobs there ever were; windows go by the calendar's
own words, not by when they open.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TypeAlias

Window: TypeAlias = str
Amounts: TypeAlias = dict[Window, int]
"""So much for each window; an empty one is unlimited."""

Standing: TypeAlias = tuple[str, Window, int, int, int, int]
"""The layer, the window, the amount, what is spent and held, and what grants add."""


@dataclass
class Grant:
    id: int
    amount: int
    expires_at: datetime
    revoked: bool = False


@dataclass
class Job:
    """`drawn`: from each grant; of the hold while it is open, of what was settled after that."""

    id: str
    server: int
    member: int
    held_at: datetime
    hold: int
    count: int
    drawn: dict[int, int]
    results: list[tuple[bool, int | None]] = field(default_factory=list[tuple[bool, int | None]])
    open: bool = True
    unresolved: bool = False
    resolved: bool = False
    settled: int = 0
    overrun: int = 0

    @property
    def granted(self) -> int:
        return sum(self.drawn.values())


@dataclass
class Staff:
    """What a server's staff have decided; None inherits."""

    server: Amounts | None = None
    members: dict[int, Amounts] = field(default_factory=dict[int, Amounts])
    roles: dict[int, Amounts] = field(default_factory=dict[int, Amounts])
    cap: int | None = None
    at_once: int | None = None
    zone: tzinfo = timezone.utc  # noqa: UP017 - not the program's own constant
    frozen: bool = False


@dataclass
class Oracle:
    account: Amounts
    server: Amounts
    member: Amounts
    now: datetime
    jobs: list[Job] = field(default_factory=list[Job])
    staff: dict[int, Staff] = field(default_factory=dict[int, Staff])
    grants: dict[tuple[int, int], list[Grant]] = field(default_factory=dict[tuple[int, int], list[Grant]])

    def counts(self, held_at: datetime, window: Window, zone: tzinfo) -> bool:
        """Whether something of that moment lies in today's, this week's, this month's ... or in the last hours."""
        if window == "total":
            return True
        if window[0].isdigit():
            return held_at >= self.now - timedelta(hours=int(window[:-1]))
        then, now = held_at.astimezone(zone).date(), self.now.astimezone(zone).date()
        if window == "day":
            return then >= now
        if window == "week":
            return then.isocalendar()[:2] >= now.isocalendar()[:2]
        return (then.year, then.month) >= (now.year, now.month)

    def left_of(self, grant: Grant) -> int:
        return grant.amount - sum(job.drawn.get(grant.id, 0) for job in self.jobs)

    def usable(self, server: int, member: int) -> list[Grant]:
        found = [
            grant
            for grant in self.grants.get((server, member), [])
            if grant.expires_at > self.now and not grant.revoked
        ]
        return sorted(found, key=lambda grant: (grant.expires_at, grant.id))

    def stand(self, layer: str, amounts: Amounts, server: int, member: int) -> list[Standing]:
        zone = timezone.utc if layer == "account" else self.of(server).zone  # noqa: UP017
        mine = [
            job
            for job in self.jobs
            if layer == "account" or (job.server == server and (layer == "server" or job.member == member))
        ]
        added = sum(map(self.left_of, self.usable(server, member))) if layer == "member" else 0
        found: list[Standing] = []
        for window, amount in amounts.items():
            spent = held = 0
            for job in mine:
                if not self.counts(job.held_at, window, zone):
                    continue
                not_theirs = job.granted if layer == "member" else 0
                if job.open:
                    held += job.hold - not_theirs
                elif job.settled:
                    spent += job.settled - not_theirs
                spent += 0 if layer == "member" else job.overrun
            found.append((layer, window, amount, spent, held, added))
        return found

    def returns(self, layer: str, window: Window, server: int, member: int) -> dict[datetime, int]:
        """What of so many rolling hours no longer counts from when on."""
        found: dict[datetime, int] = {}
        for job in self.jobs:
            theirs = layer == "account" or (job.server == server and (layer == "server" or job.member == member))
            if not theirs or not self.counts(job.held_at, window, timezone.utc):  # noqa: UP017
                continue
            amount = job.hold if job.open else job.settled
            amount += job.overrun if layer != "member" else -job.granted
            if amount:
                ends = job.held_at + timedelta(hours=int(window[:-1]), microseconds=1)
                found[ends] = found.get(ends, 0) + amount
        return dict(sorted(found.items()))

    def of(self, server: int) -> Staff:
        return self.staff.setdefault(server, Staff())

    def ways(self, server: int, member: int, roles: frozenset[int]) -> list[Amounts]:
        staff = self.of(server)
        if member in staff.members:
            return [staff.members[member]]
        if mine := [staff.roles[role] for role in sorted(roles) if role in staff.roles]:
            return mine
        return [staff.roles.get(server, self.member)]

    def standings(self, server: int, member: int, roles: frozenset[int]) -> list[Standing]:
        """All that apply, of every role of the member, in no order."""
        staff = self.of(server)
        found = self.stand("account", self.account, server, member)
        found += self.stand("server", self.server if staff.server is None else staff.server, server, member)
        for way in self.ways(server, member, roles):
            found += self.stand("member", way, server, member)
        return sorted(found)

    def draws(self, server: int, member: int, roles: frozenset[int], price: int) -> dict[int, int] | None:
        """What grants pay of a job at this price; None: it is refused."""
        staff = self.of(server)
        mine = [job for job in self.jobs if job.open and (job.server, job.member) == (server, member)]
        if staff.frozen or (staff.cap is not None and price > staff.cap):
            return None
        if staff.at_once is not None and sum(not job.unresolved for job in mine) >= staff.at_once:
            return None
        for standing in self.standings(server, member, roles):
            layer, _, amount, spent, held, _ = standing
            if layer != "member" and (amount == 0 or spent + held + price > amount):
                return None
        lacking: list[int] = []
        for way in self.ways(server, member, roles):
            if 0 in way.values():
                return None
            short = [price - max(a - s - h, 0) for _, _, a, s, h, _ in self.stand("member", way, server, member)]
            lacking.append(max([0, *short]))
        need, drawn = min(lacking), dict[int, int]()
        for grant in self.usable(server, member):
            if taken := min(need, self.left_of(grant)):
                drawn[grant.id] = taken
                need -= taken
        return None if need else drawn

    def end(self, job: Job, settled: int, overrun: int) -> None:
        """The limit pays first; of the grants the one that expires first."""
        beyond = max(settled - (job.hold - job.granted), 0)
        expiry = {grant.id: grant.expires_at for grants in self.grants.values() for grant in grants}
        for grant_id in sorted(job.drawn, key=lambda each: (expiry[each], each)):
            job.drawn[grant_id] = min(job.drawn[grant_id], beyond)
            beyond -= job.drawn[grant_id]
        job.open, job.settled, job.overrun = False, settled, overrun

    def arrive(self, job: Job, result: tuple[bool, int | None]) -> None:
        job.results.append(result)
        if len(job.results) < job.count:
            return
        share = -(-job.hold // job.count)
        spent = sum(cost or share for won, cost in job.results if won)
        failures = sum(cost or 0 for won, cost in job.results if not won)
        settled = min(spent, job.hold)
        self.end(job, settled, spent - settled + failures)

    def resolve(self, job: Job, settled: int) -> None:
        billed = sum(cost or 0 for _, cost in job.results)
        self.end(job, settled, max(billed - settled, 0))
        job.resolved = True

    def late(self, job: Job, result: tuple[bool, int | None]) -> None:
        """It comes after staff have decided: what is not paid yet is the server's."""
        job.results.append(result)
        share = -(-job.hold // job.count)
        cost = sum(cost or (share if won else 0) for won, cost in job.results)
        job.overrun = max(job.overrun, cost - job.settled)
