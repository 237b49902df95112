"""Members who use a command, many at a time, each waiting for their own answer before they ask again."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice, repeat
from time import perf_counter
from typing import Final

from sandbox.discord.client import Value
from sandbox.discord.interaction import Interaction
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.server import Discord

PATIENCE: Final = 30.0  # seconds for one answer
USES: Final = 25
"""So many commands of one member; then somebody else comes. One member may have 30 quotes open."""


class Unanswered(Exception):
    """A command was not answered in time, or not as it should be."""


class Load:
    """Enter it: `with Load(discord, at_once=64) as load`. It listens to the sandbox instead of asking it.

    `expects`: what is true of every answer that counts: a refusal comes sooner than a card.
    """

    def __init__(self, discord: Discord, *, at_once: int, expects: Callable[[Message], bool]) -> None:
        self._discord = discord
        self._expects = expects
        self._at_once = at_once
        self._channel = discord.world.server().channel("general")
        self._waiting: dict[int, tuple[Interaction, asyncio.Future[None]]] = {}

    def __enter__(self) -> "Load":
        self._discord.world.changes.listeners.append(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self._discord.world.changes.listeners.remove(self._look)

    def members(self) -> Iterator[Member]:
        """People, one command each time; a new one now and then."""
        world = self._discord.world
        while True:
            membership = world.add_member(world.server(), "A reader")
            yield from repeat(Member(self._discord, membership), USES)

    async def use(
        self,
        member: Member,
        name: str = "generate",
        /,
        *,
        expects: Callable[[Message], bool] | None = None,
        **options: Value,
    ) -> float:
        """One command; the seconds until its answer stands in the channel. Raises Unanswered."""
        given = {"prompt": "A fox in the snow", "resolution": "360p"} if name == "generate" else options
        began = perf_counter()
        use = await member.command(name, given, channel=self._channel)
        answered = asyncio.get_running_loop().create_future()
        self._waiting[use.interaction.id] = use.interaction, answered
        self._look()
        try:
            async with asyncio.timeout(PATIENCE):
                await answered
        except TimeoutError:
            raise Unanswered(f"/{name} was not answered within {PATIENCE:g} s") from None
        finally:
            del self._waiting[use.interaction.id]
        took = perf_counter() - began
        [answer] = use.interaction.answers
        if not (expects or self._expects)(answer):
            raise Unanswered(f"/{name} was answered with {answer.text!r}")
        del self._discord.interactions[use.interaction.token]  # or they would be all that fills this process
        return took

    async def for_seconds(self, seconds: float) -> list[float]:
        """All members at once, again and again for so long; how long each answer took."""
        until = perf_counter() + seconds
        took: list[float] = []

        async def one() -> None:
            for member in self.members():
                if perf_counter() >= until:
                    return
                took.append(await self.use(member))

        await self._all(one)
        return took

    async def times(self, number: int) -> None:
        """So many commands, by all members at once."""
        left = iter(range(number))

        async def one() -> None:
            for _, member in zip(left, self.members(), strict=False):
                await self.use(member)

        await self._all(one)

    async def one_by_one(self, number: int) -> list[float]:
        """So many commands, each after the answer to the one before."""
        return [await self.use(member) for member in islice(self.members(), number)]

    async def _all(self, one: Callable[[], Coroutine[None, None, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(one())

    def _look(self) -> None:
        for interaction, answered in self._waiting.values():
            if interaction.updated and not answered.done():
                answered.set_result(None)


def is_a_quote(answer: Message) -> bool:
    """Whether it is a card with a price to confirm."""
    return any(button.label == "Confirm" for button in answer.buttons)


def is_a_card(answer: Message) -> bool:
    """Whether it has more than a sentence: refusals are sentences."""
    return bool(answer.embeds)


def is_anything(_: Message) -> bool:
    """Any answer at all."""
    return True
