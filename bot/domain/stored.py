"""A request as plain values and back, for storage."""

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar, cast, get_args, get_origin

from bot.domain.request import KINDS, Request
from bot.domain.values import types_of

T = TypeVar("T")


def to_json(request: Request) -> dict[str, Any]:
    """The request as plain values."""
    return {"kind": request.kind, **asdict(request)}


def from_json(stored: Mapping[str, Any]) -> Request:
    """The request that `to_json` wrote: valid by the rules of its day, which today's need not be.

    `dataclasses.replace(request)` holds it against today's.
    """
    return unchecked(KINDS[stored["kind"]], stored)


def unchecked(of: type[T], values: Mapping[str, Any]) -> T:
    """An object of a dataclass with these plain values, no rule asked; what is left out has its default."""
    made = object.__new__(of)
    types = types_of(of)
    for field in fields(of):  # type: ignore[arg-type] # a dataclass
        value = _restored(types[field.name], values[field.name]) if field.name in values else field.default
        object.__setattr__(made, field.name, value)
    return made


def _restored(of: Any, value: Any) -> Any:
    """A plain value as its type has it: objects become their dataclasses, lists tuples."""
    if value is None or isinstance(value, str | int | float):
        return value
    parts: list[Any] = [part for part in (of, *get_args(of)) if is_dataclass(part)]
    if parts and isinstance(value, Mapping):
        return unchecked(parts[0], cast("Mapping[str, Any]", value))
    if get_origin(of) is tuple:
        return tuple(_restored(get_args(of)[0], each) for each in value)
    return value
