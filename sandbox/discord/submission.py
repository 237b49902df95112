"""A modal as it is sent back: each field with what the member put into it. Pure."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sandbox.discord.attachment import Attachment
from sandbox.discord.component import Type
from sandbox.discord.place import Channel, Role, User
from sandbox.discord.wire import Object

Entered: TypeAlias = str | bool | Sequence[str | Attachment]
"""What a member puts into a field: text, a tick, picked values, files."""


def submitted(
    component: Object,
    values: Mapping[str, Entered],
    resolved: list[User | Role | Channel | Attachment],
) -> Object:
    """One component of a modal as it is submitted."""
    written: Object = {"type": component["type"], "id": component.get("id", 1)}
    if "components" in component:
        written["components"] = [submitted(each, values, resolved) for each in component["components"]]
    if "component" in component:
        written["component"] = submitted(component["component"], values, resolved)
    custom_id = component.get("custom_id")
    if custom_id is None:
        return written
    written["custom_id"] = custom_id
    value = values.get(custom_id, component.get("value", ""))
    if component["type"] in (Type.TEXT_INPUT, Type.RADIO_GROUP, Type.CHECKBOX) or isinstance(value, bool):
        return written | {"value": value}
    files = [each for each in value if isinstance(each, Attachment)]
    resolved.extend(files)
    return written | {"values": [str(each.id) if isinstance(each, Attachment) else each for each in value]}
