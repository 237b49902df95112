"""The commands that the bot has registered, globally and per server."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.discord.place import Role
from sandbox.discord.wire import Object
from sandbox.discord.world import World


class Commands:
    """`writes` counts the bulk PUTs: a bot should make one only when its commands have changed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scopes: dict[int | None, list[Object]] = {}
        self._allowed: dict[str, set[int]] = {}
        self.writes = 0

    def registered(self, scope: int | None = None) -> list[Object]:
        """The global commands, or those of the server with the id `scope`, as Discord returns them."""
        return self._scopes.get(scope, [])

    def replace(self, scope: int | None, wanted: list[Object]) -> list[Object]:
        """Register exactly `wanted`. A command that was there keeps its id, and when unchanged its version."""
        before = {(command["type"], command["name"]): command for command in self.registered(scope)}
        self._scopes[scope] = [self._register(scope, each, before) for each in wanted]
        self.writes += 1
        self._world.changes.announce()
        return self._scopes[scope]

    def find(self, name: str, server_id: int | None, kind: int = 1) -> Object | None:
        """The command called `name` that a member of the server sees: the server's own before a global one."""
        for scope in (server_id, None):
            for command in self.registered(scope):
                if command["name"] == name and command["type"] == kind:
                    return command
        return None

    def allow(self, name: str, role: Role) -> None:
        """Offer the command to members with `role` too, as a server's admins can under Integrations."""
        self._allowed.setdefault(name, set()).add(role.id)

    def is_allowed(self, name: str, roles: Iterable[Role]) -> bool:
        """Whether admins have opened the command to one of these roles, whatever it needs by default."""
        return any(role.id in self._allowed.get(name, ()) for role in roles)

    def _register(self, scope: int | None, wanted: Object, before: Mapping[tuple[Any, ...], Object]) -> Object:
        given = {key: value for key, value in wanted.items() if value is not None}
        complete = {**_DEFAULTS, **given, "type": given.get("type", 1)}
        complete["application_id"] = str(self._world.bot.id)
        if scope is not None:
            complete["guild_id"] = str(scope)
        old = before.get((complete["type"], complete["name"]))
        identity = ("id", "version")
        if old is not None and {key: value for key, value in old.items() if key not in identity} == complete:
            return old
        command_id = old["id"] if old else str(self._world.snowflake())
        return {"id": command_id, "version": str(self._world.snowflake()), **complete}


_DEFAULTS: Object = {
    "description": "",
    "default_member_permissions": None,
    "dm_permission": True,
    "name_localizations": None,
    "description_localizations": None,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
}
