"""JSON as it crosses the wire: a JSON object is an `Object`. Past the edge, things get types of their own."""

from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeGuard

Object: TypeAlias = dict[str, Any]

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""Discord's epoch: a snowflake's upper 42 bits are the milliseconds since then."""


def is_object(value: object) -> TypeGuard[Object]:
    """Whether `value` is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether `value` is a JSON array."""
    return isinstance(value, list)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is a JSON integer; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def array(value: object) -> list[Any]:
    """The JSON array `value`; empty when it is none."""
    return value if is_list(value) else []


def child(value: Object, key: str) -> Object:
    """The JSON object in `value[key]`; empty when there is none."""
    inner = value.get(key)
    return inner if is_object(inner) else {}


def snowflake(value: object) -> int | None:
    """The id that `value` writes, as text or as a number; None when it is no id."""
    if is_whole(value) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    return None


def stamp(when: datetime) -> str:
    """`when` as Discord writes times: ISO 8601 with microseconds and an offset."""
    return when.isoformat(timespec="microseconds")
