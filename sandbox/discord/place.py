"""Who and where: users, servers, roles, members, channels. How they look on the wire is in present.py."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.changes import Changes
from sandbox.discord.permission import NONE, Overwrite, Permission

if TYPE_CHECKING:
    from sandbox.discord.message import Message


UPLOAD_LIMITS = (10, 10, 50, 100)
"""MiB that one file may have, by the server's boost tier. Source: facts/discord.md, "Sizes"."""


class ChannelType(IntEnum):
    """The kinds of channel that the sandbox has."""

    TEXT = 0
    DM = 1
    CATEGORY = 4
    PUBLIC_THREAD = 11


@dataclass(eq=False, kw_only=True)
class User:
    """An account, of a person or of a bot. `dms_open`: whether direct messages from bots are let in."""

    id: int
    name: str
    bot: bool = False
    dms_open: bool = True
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        """The text that mentions this user."""
        return f"<@{self.id}>"


@dataclass(eq=False, kw_only=True)
class Role:
    """A role of one server. The role with the server's own id is @everyone."""

    id: int
    name: str
    permissions: Permission = NONE
    position: int = 1
    mentionable: bool = False
    managed: bool = False

    @property
    def mention(self) -> str:
        """The text that mentions this role."""
        return f"<@&{self.id}>"


@dataclass(eq=False, kw_only=True)
class Membership:
    """A user in a server. `roles` does not list @everyone, as Discord does not."""

    user: User
    server: "Server"
    joined_at: datetime
    roles: list[Role] = field(default_factory=list[Role])
    nick: str | None = None


@dataclass(eq=False, kw_only=True)
class Server:
    """A server ("guild" on the wire). `boost_tier` 0 to 3 decides how large an upload may be."""

    id: int
    name: str
    owner: User
    joined_at: datetime
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Membership] = field(default_factory=dict[int, Membership])
    channels: dict[int, "Channel"] = field(default_factory=dict[int, "Channel"])
    boost_tier: int = 0
    locale: str = "en-US"

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.roles[self.id]

    def role(self, name: str) -> Role:
        """The role called `name`; LookupError when there is none."""
        return _named(name, self.roles.values())

    def channel(self, name: str) -> "Channel":
        """The channel or thread called `name`; LookupError when there is none."""
        return _named(name, self.channels.values())

    @property
    def first_channel(self) -> "Channel":
        """Where commands are used when nothing else is said."""
        return next(iter(self.channels.values()))


@dataclass(eq=False, kw_only=True)
class Channel:
    """A text channel, a thread in one (`parent`), or a direct message (`recipient`)."""

    id: int
    name: str
    type: ChannelType
    changes: Changes = field(repr=False)
    server: Server | None = None
    parent: "Channel | None" = None
    recipient: User | None = None
    nsfw: bool = False
    archived: bool = False
    locked: bool = False
    deleted: bool = False
    overwrites: list[Overwrite] = field(default_factory=list[Overwrite])
    timeline: list["Message"] = field(default_factory=list["Message"], repr=False)

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread."""
        return self.type is ChannelType.PUBLIC_THREAD

    @property
    def mention(self) -> str:
        """The text that links to this channel."""
        return f"<#{self.id}>"

    @property
    def messages(self) -> list["Message"]:
        """What everybody here can see, oldest first: neither ephemeral nor deleted."""
        return [message for message in self.timeline if not message.deleted and message.visible_to is None]

    def seen_by(self, user: User) -> list["Message"]:
        """What `user` sees here, oldest first: also what only they can see."""
        return [m for m in self.timeline if not m.deleted and m.visible_to in (None, user)]

    def deny(self, target: "Role | User", *permissions: Permission) -> None:
        """Let `target` no longer do `permissions` here, replacing what was said of it before."""
        self._overwrite(target, NONE, permissions)

    def allow(self, target: "Role | User", *permissions: Permission) -> None:
        """Let `target` do `permissions` here, replacing what was said of it before."""
        self._overwrite(target, _together(permissions), ())

    async def wait_for(self, wanted: Callable[["Message"], bool], timeout: float = 10) -> "Message":
        """The first message that all here can see and that `wanted` accepts; TimeoutError after `timeout` s."""

        def found() -> "Message | None":
            return next((message for message in self.messages if wanted(message)), None)

        return await self.changes.until(found, timeout, f"a message in #{self.name}")

    def _overwrite(self, target: "Role | User", allow: Permission, deny: Iterable[Permission]) -> None:
        self.overwrites = [overwrite for overwrite in self.overwrites if overwrite.target_id != target.id]
        for_member = isinstance(target, User)
        self.overwrites.append(
            Overwrite(target_id=target.id, for_member=for_member, allow=allow, deny=_together(deny))
        )


def upload_limit(server: Server | None) -> int:
    """Bytes that one file may have there; None: in direct messages."""
    return UPLOAD_LIMITS[server.boost_tier if server else 0] * 2**20


def _together(permissions: Iterable[Permission]) -> Permission:
    result = NONE
    for permission in permissions:
        result |= permission
    return result


def _named(name: str, among: "Iterable[_Named]") -> "_Named":
    for one in among:
        if one.name == name:
            return one
    raise LookupError(f"nothing here is called {name!r}")


if TYPE_CHECKING:
    from typing import TypeVar

    _Named = TypeVar("_Named", Role, Channel)
