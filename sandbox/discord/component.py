"""Components: their types, and how to walk through them. Source: Discord's documentation, "Component Reference"."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import count

from sandbox.discord.wire import Object, is_list, is_object, is_whole


class Type(IntEnum):
    """Component types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = frozenset(
    {
        Type.STRING_SELECT,
        Type.USER_SELECT,
        Type.ROLE_SELECT,
        Type.MENTIONABLE_SELECT,
        Type.CHANNEL_SELECT,
    }
)
"""The five select menus."""

LEGACY = frozenset({Type.ACTION_ROW})
"""What may stand at the top of a message without the V2 flag."""

TOP_LEVEL = LEGACY | {
    Type.SECTION,
    Type.TEXT_DISPLAY,
    Type.MEDIA_GALLERY,
    Type.FILE,
    Type.SEPARATOR,
    Type.CONTAINER,
}
"""What may stand at the top of a message with the V2 flag."""


def kind_of(component: Object) -> int | None:
    """The type as it is written, known or not; None when it is no number."""
    kind = component.get("type")
    return kind if is_whole(kind) else None


def children(component: Object) -> list[Object]:
    """The components directly within `component`."""
    inner: list[Object] = []
    nested = component.get("components")
    if is_list(nested):
        inner += [child for child in nested if is_object(child)]
    for key in ("accessory", "component"):
        child = component.get(key)
        if is_object(child):
            inner.append(child)
    return inner


def walk(components: Iterable[Object]) -> Iterator[Object]:
    """Every component, outer ones before what is in them."""
    for component in components:
        yield component
        yield from walk(children(component))


def presented(components: list[Object]) -> list[Object]:
    """A copy as Discord answers it: every component has an `id`, and what was left out has its default."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    fresh = (number for number in count(1) if number not in taken)
    return [_presented(component, fresh) for component in components]


def _presented(component: Object, fresh: Iterator[int]) -> Object:
    given = {key: value for key, value in component.items() if value is not None}
    copy: Object = {**_DEFAULTS.get(component["type"], {}), **given, "id": component.get("id") or next(fresh)}
    if is_list(component.get("components")):
        copy["components"] = [_presented(child, fresh) for child in component["components"]]
    for key in ("accessory", "component"):
        if is_object(component.get(key)):
            copy[key] = _presented(component[key], fresh)
    for key in ("media", "file"):
        media = component.get(key)
        if is_object(media):
            copy[key] = _media(media)
    if is_list(component.get("items")):
        copy["items"] = [_item(item) for item in component["items"]]
    return copy


def _item(item: Object) -> Object:
    return {"description": None, "spoiler": False, **item, "media": _media(item["media"])}


def _media(media: Object) -> Object:
    return {"id": "0", "proxy_url": media["url"], **media}


_PICK_ONE: Object = {"min_values": 1, "max_values": 1}
_DEFAULTS: dict[int, Object] = {
    **dict.fromkeys(SELECTS, _PICK_ONE),
    Type.CONTAINER: {"accent_color": None, "spoiler": False},
    Type.FILE: {"name": "", "size": 0, "spoiler": False},
    Type.SEPARATOR: {"spacing": 1, "divider": True},
    Type.THUMBNAIL: {"description": None, "spoiler": False},
}
