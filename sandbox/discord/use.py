"""One use of a command or component by a member, and waiting for what comes of it."""

from typing import TYPE_CHECKING

from sandbox.discord.interaction import Interaction, State
from sandbox.discord.message import Message
from sandbox.discord.wire import Object

if TYPE_CHECKING:
    from sandbox.discord.server import Discord


class NoAnswer(AssertionError):
    """The bot did not respond within 3 s. The member reads "The application did not respond"."""


class Use:
    """One use of something by a member, and what came of it."""

    def __init__(self, discord: "Discord", interaction: Interaction) -> None:
        self._discord = discord
        self.interaction = interaction

    @property
    def state(self) -> State:
        """What the member sees now: pending, deferred, answered or failed."""
        return self.interaction.state

    @property
    def messages(self) -> list[Message]:
        """The messages that answer it so far, live; no placeholder."""
        return self.interaction.answers

    async def answer(self, timeout: float = 10) -> Message:
        """The first message that answers it and is not "thinking".

        NoAnswer when the deadline was missed, TimeoutError after `timeout` seconds.
        """

        def found() -> Message | None:
            if self.state is State.FAILED:
                raise NoAnswer("the bot did not respond within 3 s")
            return next(iter(self.messages), None)

        return await self._discord.world.changes.until(found, timeout, "an answer")

    async def settled(self, timeout: float = 10) -> State:
        """Wait until the first response has come or the deadline was missed, and give the state."""

        def found() -> State | None:
            return None if self.state is State.PENDING else self.state

        return await self._discord.world.changes.until(found, timeout, "a first response")

    async def modal(self, timeout: float = 10) -> Object:
        """The modal that answers it: title, custom_id, components."""

        def found() -> Object | None:
            if self.state is State.FAILED:
                raise NoAnswer("the bot did not respond within 3 s")
            return self.interaction.modal

        return await self._discord.world.changes.until(found, timeout, "a modal")
