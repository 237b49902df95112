"""One REST request as an endpoint sees it, and what an endpoint answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.discord.errors import Problem, invalid_form
from sandbox.discord.place import Channel
from sandbox.discord.posting import Upload
from sandbox.discord.wire import Object, is_list, is_object, snowflake

if TYPE_CHECKING:
    from sandbox.discord.server import Discord


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request. `ids`: what stands in the path, by the names in the route; `body`: its JSON, None without one."""

    discord: "Discord"
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    uploads: Mapping[int, Upload]

    def id(self, name: str) -> int | None:
        """An id in the path; None when it is none."""
        return snowflake(self.ids[name])

    @property
    def channel(self) -> Channel:
        """The channel in the path; 10003 when there is none."""
        return self.discord.world.channel(self.id("channel"))

    def object(self) -> Object:
        """The body as an object; 50035 when it is none."""
        if not is_object(self.body):
            raise invalid_form([Problem((), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType.")])
        return self.body

    def objects(self) -> list[Object]:
        """The body as a list of objects; 50035 when it is none."""
        if not is_list(self.body) or not all(map(is_object, self.body)):
            raise invalid_form([Problem((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")])
        return self.body

    def asks(self, name: str) -> bool:
        """Whether the query says yes to `name`."""
        return self.query.get(name, "").lower() in ("1", "true")


@dataclass(frozen=True)
class Answer:
    """What an endpoint answers: JSON, or nothing with a 204."""

    body: Any = None
    status: int = 200


NOTHING = Answer(status=204)

Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class Route:
    """One operation. `by_token`: the interaction's token in the path admits it, no bot token is needed."""

    method: str
    template: str
    handler: Handler
    by_token: bool = False

    @property
    def operation(self) -> str:
        """How faults, rate limits and records call it, such as "POST /channels/{channel}/messages"."""
        return f"{self.method} {self.template}"


@dataclass(frozen=True)
class Request:
    """A record of a request that came. `route` is the template, `status` None when the connection was cut."""

    method: str
    route: str
    path: str
    status: int | None
    when: datetime
    body: Any
    peer: str

    @property
    def operation(self) -> str:
        """Its method and route, as `Route.operation`."""
        return f"{self.method} {self.route}"
