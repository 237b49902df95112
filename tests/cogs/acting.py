"""Everybody who may or may not do something, and the scene in which they try, through a modified client."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, Role
from tests.house import House, as_it_was

OWNER, OTHER, MANAGER, STAFF, REMOVED, FORMER, ABROAD = ACTORS = (
    "the owner",
    "another member",
    "staff by Manage Server",
    "staff by their role",
    "somebody whose staff role was taken away",
    "somebody with a role that is no longer the staff's",
    "another server's manager",
)
HERE: Final = frozenset(ACTORS) - {ABROAD}
BY_PERMISSION: Final = frozenset({MANAGER})
BY_BOTH: Final = frozenset({MANAGER, STAFF})

number = count(1)
"""By which amounts, names and reasons are told apart."""


@dataclass(frozen=True)
class Scene:
    """A house with a staff role, somebody to do something, and whose thing it is about."""

    house: House
    room: Channel
    owner: Member
    actor: Member
    manager: Member
    reason: str

    @property
    def lobby(self) -> Channel:
        """The actor's own server's channel, from where a message is smuggled out of another one."""
        abroad = self.actor.membership.server is not self.house.server
        return self.actor.membership.server.first_channel if abroad else self.room

    def changed(self) -> bool:
        """Whether the first server's log has what was done."""
        sql = "SELECT id FROM changes WHERE server_id = ? AND reason = ?"
        return bool(self.house.rows(sql, self.house.server.id, self.reason))

    async def press(self, message: Message, label: str) -> Message:
        smuggled = as_it_was(message)
        smuggled.channel = self.lobby
        custom_id = next(button.custom_id for button in message.buttons if (button.label or "").startswith(label))
        return await self.house.press(self.actor, smuggled, custom_id=custom_id)

    async def command(self, name: str, options: Mapping[str, Value] | None = None) -> Message:
        return await (await self.actor.command(name, options or {}, channel=self.lobby, forged=True)).answer()


Happened = Callable[[Scene], Awaitable[bool]]
"""Does it, and says whether it has happened in the first server; undoes what would stand in others' way."""


def actor(house: House, who: str, owner: Member, helpers: Role) -> Member:
    if who == OWNER:
        return owner
    world = house.discord.world
    if who == ABROAD:
        elsewhere = world.server("Elsewhere")
        managers = world.add_role(elsewhere, "Managers", Permission.MANAGE_GUILD)
        return Member(house.discord, world.add_member(elsewhere, f"Visitor {next(number)}", [managers, helpers]))
    member = house.member()
    roles = {
        MANAGER: [house.server.role("Staff")],
        STAFF: [helpers],
        REMOVED: [helpers],
        FORMER: [house.server.role("Once helpers")],
    }
    member.membership.roles += roles.get(who, [])
    return member
