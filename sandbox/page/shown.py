"""The world as one member's window shows it: places, people, commands, messages. JSON, as Discord writes it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from sandbox.discord import present
from sandbox.discord.attachment import LINK_LIFE
from sandbox.discord.client import ClientRefuses, check_place
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.discord.server import Discord
from sandbox.discord.wire import Object, is_list, is_object
from sandbox.sandbox import Sandbox

MESSAGES_MOST: Final = 100  # of each channel, the latest
_SIGNATURE: Final = re.compile(r"\?ex=[0-9a-f]+&is=([0-9a-f]+)&hm=.*")
"""Of a link to a file: it differs each time that it is written, which is no news until half of its life is over."""


def world(sandbox: Sandbox, member: Member, *, running: bool, faults: int) -> Object:
    """Who the member is, everybody else, the channels that they see, and which commands they are offered where.

    `running`: whether the bot's process is up. `faults`: how many are on.
    """
    discord = sandbox.discord
    server = member.membership.server
    return {
        "me": str(member.id),
        "shift": shift(sandbox),
        "faults": faults,
        "server": {"id": str(server.id), "name": server.name},
        "bot": {"id": str(discord.world.bot.id), "name": discord.world.bot.name, "running": running},
        "origins": [discord.origin, sandbox.runware.media_origin],
        "users": {str(user.id): user.name for user in discord.world.users.values()},
        "members": [
            {
                "id": str(each.user.id),
                "name": each.user.name,
                "bot": each.user.bot,
                "owner": each.user is server.owner,
                "roles": [str(role.id) for role in each.roles],
            }
            for each in server.members.values()
        ],
        "roles": [
            {"id": str(role.id), "name": role.name, "everyone": role is server.everyone, "managed": role.managed}
            for role in server.roles.values()
        ],
        "channels": [_channel(discord, member, each) for each in channels(discord, member)],
        "commands": discord.commands.registered(),
    }


def shift(sandbox: Sandbox) -> int:
    """By how many seconds the sandbox's clock is ahead of the machine's."""
    return round((sandbox.clock.now() - datetime.now(UTC)).total_seconds())


def channels(discord: Discord, member: Member) -> Iterator[Channel]:
    """The channels that the member sees, threads after their parents; at last their direct messages."""
    there = [*member.membership.server.channels.values()]
    for channel in there:
        if channel.parent is None and _may(discord, member, channel) & Permission.VIEW_CHANNEL:
            yield channel
            yield from (thread for thread in there if thread.parent is channel)
    if any(one.recipient is member.user for one in discord.world.channels.values()):
        yield member.direct


def message(discord: Discord, one: Message) -> Object:
    """A message as Discord writes it, with what Discord's client knows beside it: `unfurls`, and `pings`."""
    written = present.message(discord.world, discord.origin, one)
    return written | {"unfurls": list(one.unfurls), "pings": sorted(one.pings), "thinking": one.thinking}


def alike(value: object) -> str:
    """A text that two things have in common when a window need not be told of the second."""
    return json.dumps(_lasting(value))


def _lasting(value: object) -> object:
    if is_object(value):
        return {key: _lasting(inner) for key, inner in value.items()}
    if is_list(value):
        return [_lasting(inner) for inner in value]
    return _SIGNATURE.sub(_period, value) if isinstance(value, str) else value


def _period(signature: re.Match[str]) -> str:
    return f" {int(signature[1], 16) // (LINK_LIFE // 2).total_seconds():.0f}"


def _channel(discord: Discord, member: Member, channel: Channel) -> Object:
    may = _may(discord, member, channel)
    bot = discord.world.permissions(discord.world.bot, channel)
    sending = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    return {
        **present.channel(channel),
        "name": channel.name,
        "last_message_id": None,
        "nsfw": (channel.parent or channel).nsfw,
        "thread": channel.is_thread,
        "direct": channel.recipient is not None,
        "parent_id": str(channel.parent.id) if channel.parent else None,
        "writable": bool(may & sending),
        "bot_writes": bool(bot & sending),
        "offers": [each["id"] for each in _offered(discord, member, channel)],
    }


def _offered(discord: Discord, member: Member, channel: Channel) -> Iterator[Object]:
    for command in discord.commands.registered():
        allowed = discord.commands.is_allowed(command["name"], member.membership.roles)
        try:
            check_place(command, channel, _may(discord, member, channel), allowed=allowed)
        except ClientRefuses:
            continue
        yield command


def _may(discord: Discord, member: Member, channel: Channel) -> Permission:
    return discord.world.permissions(member.user, channel)
