"""A message, as a person sees it and a test asks about it. It is live: an edit changes it, a deletion marks it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag

from sandbox.discord.attachment import Attachment
from sandbox.discord.component import Type, children, walk
from sandbox.discord.place import Channel, User
from sandbox.discord.wire import Object, array, child

_URL = re.compile(r"https?://[^\s<>]+")
_CLOSERS = re.compile(r"(\|\||[)\].,;:!?*_~`'\"])+$")  # punctuation and markdown after a URL are no part of it


class Flag(IntFlag):
    """Message flags. Source: Discord's documentation, "Message Flags"."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_VOICE_MESSAGE = 1 << 13
    IS_COMPONENTS_V2 = 1 << 15


NO_FLAGS = Flag(0)


class MessageType(IntEnum):
    """The kinds of message that the sandbox makes."""

    DEFAULT = 0
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    CONTEXT_MENU_COMMAND = 23


@dataclass(frozen=True)
class Button:
    """A button on a message. Link buttons have a `url` and no `custom_id`."""

    label: str
    custom_id: str | None
    url: str | None
    disabled: bool
    style: int


@dataclass(eq=False, kw_only=True)
class Message:
    """One message. `visible_to` is the one user who sees it, None for everybody.

    `pings`: who was really notified, as names: "Ada", "@Staff", "@everyone".
    `unfurls`: the links under which Discord shows a preview or a player.
    `edits`: how often it was edited; `nonce` as its sender gave it.
    """

    id: int
    channel: Channel
    author: User
    created_at: datetime
    type: MessageType = MessageType.DEFAULT
    content: str = ""
    embeds: list[Object] = field(default_factory=list[Object])
    components: list[Object] = field(default_factory=list[Object])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    flags: Flag = NO_FLAGS
    nonce: str | int | None = None
    visible_to: User | None = None
    edited_at: datetime | None = None
    edits: int = 0
    deleted: bool = False
    pings: frozenset[str] = frozenset()
    mentions: list[User] = field(default_factory=list[User])
    mention_roles: list[int] = field(default_factory=list[int])
    mention_everyone: bool = False
    unfurls: tuple[str, ...] = ()
    reference: "Message | None" = None
    by_webhook: bool = False
    interaction: Object | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether only one user sees it."""
        return self.visible_to is not None

    @property
    def edited(self) -> bool:
        """Whether it was edited."""
        return self.edited_at is not None

    @property
    def thinking(self) -> bool:
        """Whether it only says that the bot is thinking."""
        return bool(self.flags & Flag.LOADING)

    @property
    def buttons(self) -> list[Button]:
        """Its buttons, in order."""
        return [
            Button(
                label=component.get("label") or "",
                custom_id=component.get("custom_id"),
                url=component.get("url"),
                disabled=bool(component.get("disabled")),
                style=component["style"],
            )
            for component in walk(self.components)
            if component["type"] == Type.BUTTON
        ]

    @property
    def links(self) -> list[str]:
        """The URLs in its content, also those whose preview is suppressed."""
        return [url for url, _ in urls(self.content)]

    @property
    def text(self) -> str:
        """Everything in it that a person could read, one piece a line."""
        return "\n".join(piece for piece in self._pieces() if piece)

    def _pieces(self) -> Iterator[str]:
        yield self.content
        for embed in self.embeds:
            yield from _embed_pieces(embed)
        yield from _component_pieces(self.components)
        for attachment in self.attachments:
            yield attachment.filename


def urls(content: str) -> list[tuple[str, bool]]:
    """The URLs in `content`, each with whether it is bare (not within <...>, which suppresses its preview)."""
    found: list[tuple[str, bool]] = []
    for match in _URL.finditer(content):
        wrapped = content[: match.start()].endswith("<") and content[match.end() :].startswith(">")
        url = match.group() if wrapped else _CLOSERS.sub("", match.group())
        found.append((url, not wrapped))
    return found


def _embed_pieces(embed: Object) -> Iterator[str]:
    yield child(embed, "author").get("name") or ""
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    for one in array(embed.get("fields")):
        yield one["name"]
        yield one["value"]
    yield child(embed, "footer").get("text") or ""


def _component_pieces(components: Iterable[Object]) -> Iterator[str]:
    for component in components:
        for key in ("content", "label", "placeholder", "description"):
            if isinstance(component.get(key), str):
                yield component[key]
        for option in array(component.get("options")):
            yield option["label"]
        yield from _component_pieces(children(component))
