"""The sandbox's faults as the side panel has them: switches that stay on, and what happens there and then.

Which faults there are is said in sandbox/runware/switches.py and sandbox/discord/switches.py alone.
"""

from typing import Final

from sandbox.discord.permission import Overwrite
from sandbox.discord.place import Channel
from sandbox.discord.switches import place
from sandbox.page.frame import Unclear
from sandbox.sandbox import AT_ONCE, FAULTS, Sandbox

MANY: Final = 10_000
"""Requests or tasks that a fault meets while it is on: more than anybody makes."""


class Mischief:
    """The switches of one sandbox. `on`: the names of those that are on, the latest first; of two that wait for the
    same request that one shows."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._before: dict[Channel, tuple[list[Overwrite], bool, bool]] = {}
        self.on: list[str] = []

    def switch(self, name: str, *, on: bool) -> None:
        """Switch the fault called `name` on or off. LookupError when there is none that stays."""
        if name not in FAULTS or name in AT_ONCE:
            raise LookupError(f"There is no fault called {name}.")
        self.on = [name] * on + [each for each in self.on if each != name]
        self._sandbox.mend()
        for each in self.on:
            self._sandbox.switch(each, times=MANY)

    def happen(self, name: str) -> None:
        """Let something happen at once. LookupError when nothing is called so, Unclear where it cannot be."""
        if name not in AT_ONCE:
            raise LookupError(f"Nothing called {name} happens at once.")
        if not name.startswith(("gateway", "runware")):
            self._remember(self._place())
        self._sandbox.switch(name)

    def mend(self) -> None:
        """Switch everything off; what the bot lost of a channel or server it has again, but for what is deleted."""
        self.on.clear()
        self._sandbox.mend()
        for channel, (overwrites, archived, locked) in self._before.items():
            channel.overwrites, channel.archived, channel.locked = overwrites, archived, locked
        self._before.clear()
        self._sandbox.discord.world.changes.announce()

    def _place(self) -> Channel:
        """Where it happens: the bot's last post is there still."""
        try:
            channel = place(self._sandbox.discord)
        except StopIteration:
            raise Unclear("It happens where Raybot has posted last, and it has posted nothing yet.") from None
        if channel.deleted or not any(each.author.bot for each in channel.messages):
            raise Unclear("It happens where Raybot has posted last, and that is gone. Let it post again first.")
        return channel

    def _remember(self, channel: Channel) -> None:
        self._before.setdefault(channel, (channel.overwrites, channel.archived, channel.locked))
