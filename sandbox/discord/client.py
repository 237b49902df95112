"""What Discord's own client lets a member send: options checked against the registered command. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sandbox.discord.attachment import Attachment
from sandbox.discord.command_form import OptionType
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, Role, User
from sandbox.discord.wire import Object, array, is_whole

Value: TypeAlias = str | int | float | bool | User | Role | Channel | Attachment
"""What a member puts into an option."""


class ClientRefuses(ValueError):
    """The client would not let a member send this. A modified client sends it all the same: `forged=True`."""


@dataclass
class Filled:
    """A command as it is sent: `options` as in the interaction's data, `resolved` what their ids stand for."""

    options: list[Object]
    resolved: list[User | Role | Channel | Attachment] = field(
        default_factory=list["User | Role | Channel | Attachment"]
    )


def fill(command: Object, path: Iterable[str], given: Mapping[str, Value], *, forged: bool) -> Filled:
    """The options of `command` (or of the sub-command that `path` names) filled with `given`.

    ClientRefuses says everything that the client would not accept; `forged` checks nothing.
    """
    steps = tuple(path)
    leaf: Object = command
    kinds: list[int] = []
    for step in steps:
        leaf = _named(leaf, step) or ({} if forged else _refuse(f"/{command['name']} has no {step!r}"))
        kinds.append(leaf.get("type", 1))
    described: dict[str, Object] = {each["name"]: each for each in array(leaf.get("options"))}
    if not forged:
        problems = [*_problems(described, given)]
        if problems:
            raise ClientRefuses(f"/{' '.join((command['name'], *steps))}: {'; '.join(problems)}")
    filled = Filled([_option(name, described.get(name), value) for name, value in given.items()])
    filled.resolved = [value for value in given.values() if isinstance(value, User | Role | Channel | Attachment)]
    for step, kind in zip(reversed(steps), reversed(kinds), strict=True):
        filled.options = [{"name": step, "type": kind, "options": filled.options}]
    return filled


def check_place(command: Object, channel: Channel, may: Permission, *, allowed: bool = False) -> None:
    """ClientRefuses when a member who may do `may` is not offered `command` in `channel`.

    `allowed`: the server's admins have opened it to a role of the member's, whatever it needs by default.
    """
    name = command["name"]
    if not may & Permission.VIEW_CHANNEL:
        raise ClientRefuses(f"#{channel.name} cannot be seen")
    if channel.server is not None and not may & Permission.USE_APPLICATION_COMMANDS:
        raise ClientRefuses(f"commands cannot be used in #{channel.name}")
    contexts = command.get("contexts")
    context = 0 if channel.server is not None else 1
    if (contexts is not None and context not in contexts) or (
        context == 1 and command.get("dm_permission") is False
    ):
        raise ClientRefuses(f"/{name} is not offered here")
    if command.get("nsfw") and not (channel.parent or channel).nsfw and channel.server is not None:
        raise ClientRefuses(f"/{name} is only offered in age-restricted channels")
    needed = command.get("default_member_permissions")
    if channel.server is not None and not allowed and needed is not None and int(needed) & ~int(may):
        raise ClientRefuses(f"/{name} is not offered to this member")


def _problems(described: Mapping[str, Object], given: Mapping[str, Value]) -> Iterable[str]:
    for name in given.keys() - described.keys():
        yield f"there is no option {name!r}"
    for name, option in described.items():
        if name in given:
            yield from (f"{name} {problem}" for problem in _value_problems(option, given[name]))
        elif option.get("required"):
            yield f"{name} is required"


def _value_problems(option: Object, value: Value) -> Iterable[str]:
    kind = OptionType(option["type"])
    if not _fits(kind, value):
        yield f"must be {'an' if kind.name[0] in 'AI' else 'a'} {kind.name.lower()}"
        return
    choices = [choice["value"] for choice in array(option.get("choices"))]
    if choices and value not in choices:
        yield f"must be one of {choices}"
    if isinstance(value, str):
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        if not least <= len(value) <= most:
            yield f"must have {least} to {most} characters"
    elif isinstance(value, int | float):
        least, most = option.get("min_value"), option.get("max_value")
        if (least is not None and value < least) or (most is not None and value > most):
            yield f"must be from {least} to {most}"
    elif isinstance(value, Channel):
        kinds = array(option.get("channel_types"))
        if kinds and value.type not in kinds:
            yield f"must be a channel of type {kinds}"


def _fits(kind: OptionType, value: Value) -> bool:
    match kind:
        case OptionType.STRING:
            return isinstance(value, str)
        case OptionType.INTEGER:
            return is_whole(value) and abs(value) <= 2**53
        case OptionType.BOOLEAN:
            return isinstance(value, bool)
        case OptionType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case OptionType.USER:
            return isinstance(value, User)
        case OptionType.ROLE:
            return isinstance(value, Role)
        case OptionType.MENTIONABLE:
            return isinstance(value, User | Role)
        case OptionType.CHANNEL:
            return isinstance(value, Channel)
        case OptionType.ATTACHMENT:
            return isinstance(value, Attachment)
        case _:
            return False


def _option(name: str, described: Object | None, value: Value) -> Object:
    kind = OptionType(described["type"]) if described and "type" in described else _guess(value)
    written = str(value.id) if isinstance(value, User | Role | Channel | Attachment) else value
    return {"name": name, "type": int(kind), "value": written}


def _guess(value: Value) -> OptionType:
    for kind in (OptionType.BOOLEAN, OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER):
        if _fits(kind, value):
            return kind
    for kind in (OptionType.USER, OptionType.ROLE, OptionType.CHANNEL):
        if _fits(kind, value):
            return kind
    return OptionType.ATTACHMENT


def _named(part: Object, name: str) -> Object | None:
    for option in array(part.get("options")):
        if option["name"] == name and option["type"] in (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP):
            return option
    return None


def _refuse(message: str) -> Object:
    raise ClientRefuses(message)
