"""The state of the sandbox's Discord: servers, members, channels, messages, files. No sockets here."""

from collections.abc import Iterable
from typing import TypeVar

from sandbox.clock import Clock
from sandbox.discord.attachment import Attachment, guess_type
from sandbox.discord.changes import Changes
from sandbox.discord.errors import refusal
from sandbox.discord.message import Message
from sandbox.discord.permission import (
    EVERYONE,
    IN_DM,
    INVITED,
    NONE,
    Permission,
    in_channel,
    in_server,
)
from sandbox.discord.place import Channel, ChannelType, Membership, Role, Server, User
from sandbox.discord.wire import EPOCH

_T = TypeVar("_T")


class World:
    """Everything that exists. `add_...` make more of it; a bot that is in a server has a member there."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.changes = Changes()
        self.users: dict[int, User] = {}
        self.servers: dict[int, Server] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.files: dict[str, Attachment] = {}
        self._last_snowflake = 0
        self.bot = self.add_user("Raybot", bot=True)

    def snowflake(self) -> int:
        """A new id. Ids rise with time, two are never the same."""
        milliseconds = int((self.clock.now() - EPOCH).total_seconds() * 1000)
        self._last_snowflake = max(self._last_snowflake + 1, milliseconds << 22)
        return self._last_snowflake

    def server(self, name: str | None = None) -> Server:
        """The server called `name`; the first one without a name. LookupError when there is none."""
        for server in self.servers.values():
            if name in (None, server.name):
                return server
        raise LookupError(f"no server is called {name!r}")

    def add_user(self, name: str, *, bot: bool = False) -> User:
        """A new account, in no server yet."""
        user = User(id=self.snowflake(), name=name, bot=bot)
        self.users[user.id] = user
        return user

    def add_server(self, name: str, *, owner: User | None = None, with_bot: bool = True) -> Server:
        """A new server, with the bot in it by a role of its own that may do what `INVITED` says."""
        now = self.clock.now()
        server = Server(
            id=self.snowflake(), name=name, owner=owner or self.add_user(f"{name}'s owner"), joined_at=now
        )
        self.servers[server.id] = server
        server.roles[server.id] = Role(id=server.id, name="@everyone", permissions=EVERYONE, position=0)
        self.add_member(server, server.owner)
        if with_bot:
            role = self.add_role(server, self.bot.name, INVITED)
            role.managed = True
            self.add_member(server, self.bot, [role])
        return server

    def add_role(
        self, server: Server, name: str, permissions: Permission = NONE, *, mentionable: bool = False
    ) -> Role:
        """A new role, above those that the server has."""
        role = Role(
            id=self.snowflake(),
            name=name,
            permissions=permissions,
            position=len(server.roles),
            mentionable=mentionable,
        )
        server.roles[role.id] = role
        return role

    def add_member(self, server: Server, user: User | str, roles: Iterable[Role] = ()) -> Membership:
        """Let `user` (a new one when it is a name) join `server`."""
        if isinstance(user, str):
            user = self.add_user(user)
        membership = Membership(user=user, server=server, joined_at=self.clock.now(), roles=list(roles))
        server.members[user.id] = membership
        return membership

    def add_channel(self, server: Server, name: str, *, nsfw: bool = False) -> Channel:
        """A new text channel. `nsfw`: age-restricted."""
        return self._add(
            Channel(
                id=self.snowflake(),
                name=name,
                type=ChannelType.TEXT,
                changes=self.changes,
                server=server,
                nsfw=nsfw,
            )
        )

    def add_thread(self, parent: Channel, name: str) -> Channel:
        """A new public thread in `parent`."""
        kind = ChannelType.PUBLIC_THREAD
        return self._add(
            Channel(
                id=self.snowflake(), name=name, type=kind, changes=self.changes, server=parent.server, parent=parent
            )
        )

    def direct(self, user: User) -> Channel:
        """The direct messages between `user` and the bot; opened when they were not."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        return self._add(
            Channel(id=self.snowflake(), name=user.name, type=ChannelType.DM, changes=self.changes, recipient=user)
        )

    def delete_channel(self, channel: Channel) -> None:
        """Delete `channel`, with its threads and messages."""
        channel.deleted = True
        self.channels.pop(channel.id, None)
        if channel.server is not None:
            channel.server.channels.pop(channel.id, None)
        for message in channel.timeline:
            message.deleted = True
        for thread in [one for one in self.channels.values() if one.parent is channel]:
            self.delete_channel(thread)
        self.changes.announce()

    def add_file(self, filename: str, data: bytes, *, channel_id: int = 0, ephemeral: bool = False) -> Attachment:
        """Keep an uploaded file; its type is guessed from its name, as Discord does."""
        attachment = Attachment(
            id=self.snowflake(),
            channel_id=channel_id or self.snowflake(),
            filename=filename,
            data=data,
            content_type=guess_type(filename),
            created_at=self.clock.now(),
            ephemeral=ephemeral,
        )
        self.files[attachment.path] = attachment
        return attachment

    def add_message(self, message: Message) -> None:
        """Let `message` appear in its channel."""
        self.messages[message.id] = message
        message.channel.timeline.append(message)
        self.changes.announce()

    def permissions(self, user: User, channel: Channel) -> Permission:
        """What `user` may do in `channel`."""
        if channel.server is None:
            return IN_DM if user is self.bot or user is channel.recipient else NONE
        membership = channel.server.members.get(user.id)
        if membership is None:
            return NONE
        server = channel.server
        if server.owner is user:
            return in_server([Permission.ADMINISTRATOR])
        return in_channel(
            in_server([server.everyone.permissions, *(role.permissions for role in membership.roles)]),
            (channel.parent or channel).overwrites,
            everyone_id=server.id,
            role_ids=[role.id for role in membership.roles],
            member_id=user.id,
            thread=channel.is_thread,
        )

    def channel(self, channel_id: int | None) -> Channel:
        """The channel with this id; 10003 when there is none."""
        return _known(self.channels, channel_id, 10003)

    def message(self, channel: Channel, message_id: int | None) -> Message:
        """The message with this id that everybody in `channel` can see; 10008 when there is none."""
        message = _known(self.messages, message_id, 10008)
        if message.channel is not channel or message.deleted or message.ephemeral:
            raise refusal(10008)
        return message

    def _add(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        if channel.server is not None:
            channel.server.channels[channel.id] = channel
        self.changes.announce()
        return channel


def populate(world: World) -> World:
    """The default world: two servers, and in the first one a channel of every kind that makes a difference."""
    foxglove = world.add_server("Foxglove", owner=world.add_user("Grace"))
    staff = world.add_role(foxglove, "Staff", Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES)
    patrons = world.add_role(foxglove, "Patrons", mentionable=True)
    ada = world.add_member(foxglove, "Ada").user
    world.add_member(foxglove, "Linus", [patrons])
    world.add_member(foxglove, "Mary", [staff])
    world.add_member(foxglove, "Edsger", [patrons])
    general = world.add_channel(foxglove, "general")
    world.add_channel(foxglove, "videos")
    world.add_channel(foxglove, "after-dark", nsfw=True)
    notices = world.add_channel(foxglove, "notices")
    notices.deny(foxglove.role(world.bot.name), Permission.SEND_MESSAGES, Permission.SEND_MESSAGES_IN_THREADS)
    world.add_thread(general, "storyboards")
    elsewhere = world.add_server("Elsewhere")
    world.add_member(elsewhere, ada)
    world.add_member(elsewhere, "Zoe")
    world.add_channel(elsewhere, "lobby")
    return world


def _known(among: dict[int, _T], key: int | None, code: int) -> _T:
    if key is None or key not in among:
        raise refusal(code)
    return among[key]
