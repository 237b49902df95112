"""What a window's frame holds. Anything may have been sent, so each part is checked before it is used."""

from sandbox.discord.wire import Object


class Unclear(ValueError):
    """The frame says nothing that can be done; the message says why."""


def text(frame: Object, key: str) -> str:
    """The text in `frame[key]`. Unclear when there is none."""
    value = frame.get(key)
    if not isinstance(value, str):
        raise Unclear(f"{key} is a text.")
    return value


def number(frame: Object, key: str, most: float) -> float:
    """The number in `frame[key]`, from 0 to `most`. Unclear when there is none."""
    value = frame.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise Unclear(f"{key} is a number from 0 to {most:g}.")
    return float(value)
