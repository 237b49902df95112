"""Whom a message notifies, and which links it unfurls. Pure.

Source: Discord's documentation, "Allowed Mentions Object".
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from sandbox.discord.message import Flag, Message, urls
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, Role, User
from sandbox.discord.wire import Object, array, is_object, snowflake

_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(everyone|here)\b")

UNFURLS_MOST = 5
"""How many links of one message get a preview [?]."""


@dataclass
class Mentioned:
    """Who is mentioned and pinged: `names` as a person would write them."""

    users: list[User] = field(default_factory=list[User])
    roles: list[Role] = field(default_factory=list[Role])
    everyone: bool = False

    @property
    def names(self) -> frozenset[str]:
        """For `Message.pings`: "Ada", "@Staff", "@everyone"."""
        names = {user.name for user in self.users} | {f"@{role.name}" for role in self.roles}
        return frozenset(names | ({"@everyone"} if self.everyone else set()))


def mentioned(
    text: str,
    channel: Channel,
    allowed: object,
    *,
    may: Permission,
    users: Collection[User],
    users_only: bool = False,
    reply_to: Message | None = None,
) -> Mentioned:
    """Whom `text` pings in `channel`, given `allowed_mentions` and what its author may do.

    Without allowed_mentions everything in the text pings, except from interactions and webhooks, where only users
    do (`users_only`). Roles that are not mentionable, and @everyone, need the permission to mention everyone.
    """
    kinds = _Allowed(allowed, users_only=users_only)
    result = Mentioned()
    ids = {int(number) for number in _USER.findall(text)}
    result.users = [user for user in users if user.id in ids and kinds.admits("users", user.id)]
    if reply_to is not None and kinds.replied and reply_to.author not in result.users:
        result.users.append(reply_to.author)
    if channel.server is not None:
        everyone = bool(may & Permission.MENTION_EVERYONE)
        for number in dict.fromkeys(map(int, _ROLE.findall(text))):
            role = channel.server.roles.get(number)
            if role and kinds.admits("roles", number) and (role.mentionable or everyone):
                result.roles.append(role)
        result.everyone = everyone and bool(_EVERYONE.search(text)) and kinds.admits("everyone", 0)
    return result


def unfurled(content: str, flags: Flag, *, may: Permission) -> tuple[str, ...]:
    """The links in `content` under which Discord shows a preview: bare ones, where the author may embed links."""
    if flags & (Flag.SUPPRESS_EMBEDS | Flag.IS_COMPONENTS_V2) or not may & Permission.EMBED_LINKS:
        return ()
    return tuple(dict.fromkeys(url for url, bare in urls(content) if bare))[:UNFURLS_MOST]


class _Allowed:
    def __init__(self, value: object, *, users_only: bool) -> None:
        default: list[object] = ["users"] if users_only else ["users", "roles", "everyone"]
        given: Object = value if is_object(value) else {"parse": default, "replied_user": True}
        parse = given.get("parse")
        self.parse = array(parse)
        self.listed = {kind: [snowflake(each) for each in array(given.get(kind))] for kind in ("users", "roles")}
        self.replied = bool(given.get("replied_user"))

    def admits(self, kind: str, number: int) -> bool:
        return kind in self.parse or number in self.listed.get(kind, ())
