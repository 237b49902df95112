"""The shape of a fault table: a row is a fault by its name, and what must come of it. See test_provider.py.

Every row is one purchase through the unmodified bot, and ends with the same audit (`House.inspect`): the provider's
bill = settled + overrun, one post per result, no hold left open.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from tests.house import Bought, House

Purchase: TypeAlias = Callable[[House, Member, Channel], Awaitable[Bought]]
Meanwhile: TypeAlias = Callable[[House, Bought], Awaitable[None]]


def video(**options: Value) -> Purchase:
    """/generate and Confirm; six cents where nothing else is said."""

    async def buy(house: House, member: Member, channel: Channel) -> Bought:
        return await house.buy(member, channel, **options)

    return buy


async def _nothing(house: House, bought: Bought) -> None:
    """The bot is left to itself."""


PAID = {"hold": "0.06", "settle": "0.06"}
FREE = {"hold": "0.06", "release": "0.06"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """`faults`: names of `sandbox.sandbox.FAULTS`, each with how often, switched on before somebody buys;
    `running`: those that are switched on once the progress message says that the provider renders.

    `meanwhile`: what else happens after the purchase. `state`, `results` (posts), `books` (in dollars) and
    `progress` (in the progress message): what must have come of it. `also`: what else is asserted.
    """

    faults: Mapping[str, int] = field(default_factory=dict[str, int])
    running: Mapping[str, int] = field(default_factory=dict[str, int])
    buys: Purchase = field(default_factory=video)
    meanwhile: Meanwhile = _nothing
    state: str = "done"
    results: int = 1
    books: Mapping[str, str] = field(default_factory=PAID.copy)
    progress: str = ""
    also: Meanwhile = _nothing

    async def run(self, house: House) -> None:
        """Switch the faults on, buy, and see what comes of it."""
        member, channel = house.member(), house.channel()
        for name, times in self.faults.items():
            house.sandbox.switch(name, times=times)
        bought = await self.buys(house, member, channel)
        if self.running:
            await house.progress(bought.job_id, "Rendering")
        for name, times in self.running.items():
            house.sandbox.switch(name, times=times)
        await self.meanwhile(house, bought)
        await house.quiet(30)
        assert house.job(bought.job_id)["state"] == self.state
        assert house.books(bought.job_id) == dict(self.books)
        assert len(house.posts(bought.job_id, "r")) == self.results
        if self.progress:
            assert self.progress in house.posts(bought.job_id, "p0")[0].text
        await self.also(house, bought)


def without_a_row(faults: Iterable[str], rows: Mapping[str, Row]) -> set[str]:
    """The names of faults that no row switches on."""
    return set(faults) - set(chain.from_iterable((*row.faults, *row.running) for row in rows.values()))
