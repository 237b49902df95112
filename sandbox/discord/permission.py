"""Permissions and how roles and overwrites make them. Source: Discord's documentation, "Permissions"."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    """The permissions that the sandbox knows; other bits are kept as they are."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    SEND_MESSAGES_IN_THREADS = 1 << 38


NONE = Permission(0)
ALL = Permission((1 << 53) - 1)

INVITED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
)
"""What the README's invite link asks for: 274878024704."""

EVERYONE = INVITED | Permission.USE_APPLICATION_COMMANDS
"""What a member without any role may do in the default world."""

IN_DM = EVERYONE & ~Permission.SEND_MESSAGES_IN_THREADS
"""What both sides of a direct message may do."""

_NEEDS_SENDING = Permission.MENTION_EVERYONE | Permission.EMBED_LINKS | Permission.ATTACH_FILES


@dataclass(frozen=True)
class Overwrite:
    """What a channel allows and denies one role or member, over what their roles say."""

    target_id: int
    for_member: bool
    allow: Permission = NONE
    deny: Permission = NONE


def in_server(roles: Iterable[Permission]) -> Permission:
    """What all these roles' permissions (with @everyone's among them) give together."""
    together = NONE
    for role in roles:
        together |= role
    return ALL if together & Permission.ADMINISTRATOR else together


def in_channel(
    base: Permission,
    overwrites: Iterable[Overwrite],
    *,
    everyone_id: int,
    role_ids: Iterable[int],
    member_id: int,
    thread: bool,
) -> Permission:
    """`base` after a channel's overwrites, in Discord's order, with what follows implicitly."""
    if base & Permission.ADMINISTRATOR:
        return ALL
    by_target = {overwrite.target_id: overwrite for overwrite in overwrites}
    result = _apply(base, [by_target[everyone_id]] if everyone_id in by_target else [])
    result = _apply(result, [by_target[role] for role in role_ids if role in by_target and role != everyone_id])
    result = _apply(result, [by_target[member_id]] if member_id in by_target else [])
    if not result & Permission.VIEW_CHANNEL:
        return NONE
    sending = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
    return result if result & sending else result & ~_NEEDS_SENDING


def _apply(base: Permission, overwrites: Iterable[Overwrite]) -> Permission:
    allow = deny = NONE
    for overwrite in overwrites:
        allow |= overwrite.allow
        deny |= overwrite.deny
    return (base & ~deny) | allow
