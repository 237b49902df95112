"""A modal as it is sent back: each field with what the member put into it, and what the client lets pass. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from sandbox.discord.attachment import Attachment
from sandbox.discord.component import SELECTS, Type, walk
from sandbox.discord.place import Channel, Role, User
from sandbox.discord.wire import Object, array

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
    value = values.get(custom_id, _untouched(component))
    if component["type"] in (Type.TEXT_INPUT, Type.RADIO_GROUP, Type.CHECKBOX) or isinstance(value, bool):
        return written | {"value": value}
    files = [each for each in value if isinstance(each, Attachment)]
    resolved.extend(files)
    return written | {"values": [str(each.id) if isinstance(each, Attachment) else each for each in value]}


def problems(modal: Object, values: Mapping[str, Entered]) -> Iterator[str]:
    """What Discord's own client would not send: a field that is not there, a value that its field does not take."""
    fields = {each["custom_id"]: each for each in walk(modal["components"]) if each.get("custom_id") is not None}
    for name in values.keys() - fields.keys():
        yield f"there is no field {name!r}"
    for name, field in fields.items():
        value = values.get(name, _untouched(field))
        if field["type"] == Type.TEXT_INPUT:
            yield from _text_problems(name, field, value)
        elif field["type"] in (*SELECTS, Type.CHECKBOX_GROUP, Type.FILE_UPLOAD, Type.RADIO_GROUP):
            yield from _picked_problems(name, field, value)


def _untouched(component: Object) -> Entered:
    """What a field has when its member leaves it as it was."""
    picked = [option["value"] for option in array(component.get("options")) if option.get("default")]
    match component["type"]:
        case Type.CHECKBOX:
            return bool(component.get("default"))
        case Type.RADIO_GROUP:
            return next(iter(picked), "")
        case Type.TEXT_INPUT:
            return component.get("value") or ""
        case _:
            return picked


def _text_problems(name: str, field: Object, value: Entered) -> Iterator[str]:
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if not isinstance(value, str):
        yield f"{name} holds a text"
    elif not value and field.get("required", True):
        yield f"{name} is required"
    elif value and not least <= len(value) <= most:
        yield f"{name} has {least} to {most} characters"


def _picked_problems(name: str, field: Object, value: Entered) -> Iterator[str]:
    if isinstance(value, bool) or (isinstance(value, str) and field["type"] != Type.RADIO_GROUP):
        yield f"{name} holds a list"
        return
    picked = [value] if isinstance(value, str) and value else [*value]
    offered = [option["value"] for option in array(field.get("options"))]
    required = field.get("required", True)
    least, most = (field.get("min_values", 1) or int(required)), field.get("max_values", 1)
    if not (least <= len(picked) <= most or (not picked and not required)):
        yield f"{name}: {least} to {most} are to be picked"
    if offered and not set(map(str, picked)) <= set(offered):
        yield f"{name} is one of {offered}"
