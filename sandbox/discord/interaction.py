"""One use of a command, button, select or modal: deadline, token, what answered it, how the bot hears of it."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from sandbox.clock import Clock
from sandbox.discord import present
from sandbox.discord.message import Message
from sandbox.discord.place import Channel, User, upload_limit
from sandbox.discord.wire import Object, array
from sandbox.discord.world import World

DEADLINE = timedelta(seconds=3)
"""How long the first response may take."""

TOKEN_LIFE = timedelta(minutes=15)
"""How long the token works."""


class InteractionType(IntEnum):
    """Interaction types."""

    APPLICATION_COMMAND = 2
    MESSAGE_COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class Callback(IntEnum):
    """Callback types: how the first response answers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


class State(StrEnum):
    """What the member sees of their interaction."""

    PENDING = "pending"  # no response yet, the deadline has not passed
    DEFERRED = "deferred"  # the bot is thinking, or has taken note of a click
    ANSWERED = "answered"  # a message, an update, choices or a modal has come
    FAILED = "failed"  # the deadline has passed: "This interaction failed", "The application did not respond"


@dataclass(eq=False, kw_only=True)
class Interaction:
    """One interaction. `message` is the one whose component was used; `source` is what opened a modal.

    `original` is what `@original` means; `updated` says that it shows the answer, not a placeholder.
    """

    id: int
    type: InteractionType
    user: User
    channel: Channel
    data: Object
    created_at: datetime
    clock: Clock = field(repr=False)
    message: Message | None = None
    metadata: Object = field(default_factory=dict[str, "object"])
    token: str = field(default_factory=lambda: secrets.token_urlsafe(96), repr=False)
    callback: Callback | None = None
    original: Message | None = None
    updated: bool = False
    followups: list[Message] = field(default_factory=list[Message])
    choices: list[Object] | None = None
    modal: Object | None = None

    @property
    def state(self) -> State:
        """What the member sees now."""
        if self.callback is None:
            return State.FAILED if self.late else State.PENDING
        if self.updated or self.followups or self.choices is not None or self.modal is not None:
            return State.ANSWERED
        return State.DEFERRED

    @property
    def late(self) -> bool:
        """Whether the deadline of the first response has passed."""
        return self.clock.now() >= self.created_at + DEADLINE

    @property
    def expired(self) -> bool:
        """Whether the token no longer works."""
        return self.clock.now() >= self.created_at + TOKEN_LIFE

    @property
    def answers(self) -> list[Message]:
        """The messages that answer it, first the original; no placeholders, nothing deleted."""
        first = [self.original] if self.original is not None and self.updated else []
        return [message for message in (*first, *self.followups) if not message.deleted]


def payload(world: World, origin: str, one: Interaction) -> Object:
    """The data of INTERACTION_CREATE. Source: Discord's documentation, "Interaction Object"."""
    channel, server = one.channel, one.channel.server
    may = world.permissions(one.user, channel)
    written: Object = {
        "id": str(one.id),
        "application_id": str(world.bot.id),
        "type": int(one.type),
        "data": one.data,
        "channel": {**present.channel(channel), "permissions": str(int(may))},
        "channel_id": str(channel.id),
        "token": one.token,
        "version": 1,
        "app_permissions": str(int(world.permissions(world.bot, channel))),
        "locale": one.user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": str(server.id) if server else "0"},
        "context": 0 if server else 1,
        "attachment_size_limit": upload_limit(server),
    }
    if one.message is not None:
        written["message"] = present.message(world, origin, one.message)
    if server is None:
        return written | {"user": present.user(one.user)}
    member = present.member(server.members[one.user.id])
    return written | {
        "guild_id": str(server.id),
        "guild": {"id": str(server.id), "locale": server.locale, "features": []},
        "guild_locale": server.locale,
        "member": {**member, "permissions": str(int(may))},
    }


def metadata(one: Interaction) -> Object:
    """What messages that answer `one` say about it ("interaction_metadata")."""
    server = one.channel.server
    written: Object = {
        "id": str(one.id),
        "type": int(one.type),
        "user": present.user(one.user),
        "authorizing_integration_owners": {"0": str(server.id) if server else "0"},
    }
    if one.type is InteractionType.APPLICATION_COMMAND:
        about = {"name": _full_name(one.data), "command_type": one.data["type"]}
        target = one.data.get("target_id")
        return written | about | ({} if target is None else {"target_message_id": target})
    if one.type is InteractionType.MESSAGE_COMPONENT and one.message is not None:
        return written | {"interacted_message_id": str(one.message.id)}
    return written


def _full_name(part: Object) -> str:
    """A command's name with those of its sub-command group and sub-command.

    Source: Discord's documentation, "Message Interaction Structure", name.
    """
    inner = (each for each in array(part.get("options")) if each.get("type") in (1, 2))
    return " ".join([part["name"], *(_full_name(each) for each in inner)])
