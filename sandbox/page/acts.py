"""What a window does as its member: each a frame `{do, re, ...}`, sent on as any client of the sandbox sends it.

Here ids become what they stand for; whether Discord lets a member do it is said in sandbox/discord/client.py and
member.py. To add one: a function, and a line in `ACTS`.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sandbox.discord.attachment import Attachment
from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.command_form import OptionType
from sandbox.discord.interaction import State
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel, Role, User
from sandbox.discord.submission import Entered
from sandbox.discord.use import Use
from sandbox.discord.wire import Object, array, child, is_list, is_object, snowflake
from sandbox.page.controls import CONTROLS
from sandbox.page.frame import Unclear, text
from sandbox.page.stage import Stage
from sandbox.page.window import Window

WORDS_MOST: Final = 2_000  # characters of one message; source: Discord's documentation, "Create Message"
FILES_MOST: Final = 10  # of one message; source: as above


async def obey(window: Window, sent: str) -> None:
    """Do what one frame asks for; what is wrong with it is said, and changes nothing."""
    try:
        frame: object = json.loads(sent)
    except (ValueError, RecursionError):
        frame = None
    if not is_object(frame):
        await window.answer(None, error="That is no JSON object.")
        return
    number, kind = frame.get("re"), str(frame.get("do"))
    try:
        if kind in ACTS:
            await ACTS[kind](window, frame)
        elif kind in CONTROLS:
            await CONTROLS[kind](window.stage, frame)
            await window.answer(number, done=True)
        else:
            await window.answer(number, error=f"There is nothing called {kind}.")
    except (ClientRefuses, LookupError, Unclear) as error:
        await window.answer(number, error=str(error.args[0]) if error.args else str(error))
    except TimeoutError as error:
        await window.answer(number, error=f"Nothing came of it: {error}")


async def become(window: Window, frame: Object) -> None:
    """Be another member: `name`."""
    window.become(text(frame, "name"))
    await window.answer(frame.get("re"), done=True)


async def panel(window: Window, frame: Object) -> None:
    """Be told of the side panel, or no longer: `on`."""
    window.watches_panel = frame.get("on") is True
    await window.answer(frame.get("re"), done=True)


async def say(window: Window, frame: Object) -> None:
    """Write a message: `content` in `channel`, with `files` as {file}."""
    channel, content = _channel(window, frame), text(frame, "content").strip()
    sending = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if not window.stage.sandbox.discord.world.permissions(window.member.user, channel) & sending:
        raise Unclear("You do not have permission to send messages in this channel.")
    files = [_file(window.stage, each) for each in array(frame.get("files"))]
    if len(content) > WORDS_MOST or not (content or files):
        raise Unclear(f"A message has 1 to {WORDS_MOST:,} characters, or files.")
    if len(files) > FILES_MOST:
        raise Unclear(f"A message has {FILES_MOST} files at most.")
    await window.member.say(channel, content, files)
    await window.answer(frame.get("re"), done=True)


async def command(window: Window, frame: Object) -> None:
    """Use a slash command: `name` with its sub-commands, `options` by name, in `channel`."""
    name, channel = text(frame, "name"), _channel(window, frame)
    given = _options(window, name, child(frame, "options"), channel)
    await _follow(window, frame, await window.member.command(name, given, channel=channel))


async def autocomplete(window: Window, frame: Object) -> None:
    """Ask the bot what `option` of the command `name` may be after `typed`, with the other `options` given."""
    name, channel = text(frame, "name"), _channel(window, frame)
    option, typed = text(frame, "option"), text(frame, "typed")
    others = {key: value for key, value in child(frame, "options").items() if key != option}
    given = _options(window, name, others, channel)
    choices = await window.member.autocomplete(name, option, typed, given, channel=channel)
    await window.answer(frame.get("re"), choices=choices)


async def menu(window: Window, frame: Object) -> None:
    """Use what is offered under "Apps" on `message`: `name`."""
    message, name = _message(window, frame), text(frame, "name")
    await _follow(window, frame, await window.member.menu(name, message))


async def click(window: Window, frame: Object) -> None:
    """Press the button `custom_id` of `message`. `forged`: as a modified client, whoever sees it."""
    forged = frame.get("forged") is True
    message, custom_id = _message(window, frame), text(frame, "custom_id")
    await _follow(window, frame, await window.member.click(message, custom_id=custom_id, forged=forged))


async def select(window: Window, frame: Object) -> None:
    """Pick `values` from the menu `custom_id` of `message`; `of` says what ids stand for: user, role or channel."""
    message, of = _message(window, frame), text(frame, "of")
    values = [_picked(window.stage, of, str(value)) for value in array(frame.get("values"))]
    custom_id = text(frame, "custom_id")
    await _follow(window, frame, await window.member.select(message, values, custom_id=custom_id))


async def submit(window: Window, frame: Object) -> None:
    """Send the modal that `opened` brought, its `values` by custom id: text, a tick, a list, files as {file}.

    It stays open where that fails, as in Discord's client, with all that was written.
    """
    opened = text(frame, "opened")
    use = window.opened.get(opened)
    if use is None:
        raise Unclear("This form is not open any more.")
    values = {key: _entered(window.stage, value) for key, value in child(frame, "values").items()}
    if await _follow(window, frame, await window.member.submit(use, values)) is not State.FAILED:
        window.opened.pop(opened, None)


ACTS: Final[Mapping[str, Callable[[Window, Object], Awaitable[None]]]] = {
    "become": become,
    "panel": panel,
    "say": say,
    "command": command,
    "autocomplete": autocomplete,
    "menu": menu,
    "click": click,
    "select": select,
    "submit": submit,
}


async def _follow(window: Window, frame: Object, use: Use) -> State:
    """Answer with what the member then sees: the modal that opens, or that the interaction failed."""
    number = frame.get("re")
    await window.answer(number, state=State.PENDING)
    state = await use.settled()
    modal = use.interaction.modal
    if modal is not None:
        window.opened[str(number)] = use
    await window.answer(number, state=state, modal=modal)
    return state


def _options(window: Window, name: str, given: Object, channel: Channel) -> dict[str, Value]:
    """Options as a member gives them, from what the frame says of them; of unknown ones the client complains."""
    root, *path = name.split(" ")
    leaf = window.stage.sandbox.discord.commands.find(root, channel.server.id if channel.server else None)
    for step in path:
        leaf = next((each for each in array((leaf or {}).get("options")) if each["name"] == step), None)
    kinds = {each["name"]: OptionType(each["type"]) for each in array((leaf or {}).get("options"))}
    return {key: _value(window.stage, kinds.get(key), value) for key, value in given.items()}


def _value(stage: Stage, kind: OptionType | None, given: object) -> Value:
    match kind:
        case OptionType.USER | OptionType.ROLE | OptionType.CHANNEL | OptionType.MENTIONABLE:
            return _picked_thing(stage, kind.name.lower(), str(given))
        case OptionType.ATTACHMENT:
            return _file(stage, given)
        case _:
            if not isinstance(given, str | int | float):
                raise Unclear("An option is a text, a number, true or false.")
            return given


def _picked(stage: Stage, of: str, value: str) -> str | User | Role | Channel:
    return value if of == "string" else _picked_thing(stage, of, value)


def _picked_thing(stage: Stage, of: str, value: str) -> User | Role | Channel:
    world, number = stage.sandbox.discord.world, snowflake(value)
    roles = {number: role for server in world.servers.values() for number, role in server.roles.items()}
    among: list[Mapping[int, User | Role | Channel]] = []
    if of in ("user", "mentionable"):
        among.append(world.users)
    if of in ("role", "mentionable"):
        among.append(roles)
    if of == "channel":
        among.append(world.channels)
    for things in among:
        if number is not None and number in things:
            return things[number]
    raise Unclear(f"There is no such {of}.")


def _entered(stage: Stage, value: object) -> Entered:
    if isinstance(value, str | bool):
        return value
    if is_list(value):
        return [_file(stage, each) if is_object(each) else str(each) for each in value]
    raise Unclear("A field holds a text, a tick or a list.")


def _file(stage: Stage, given: object) -> Attachment:
    kept = stage.files.get(str(given.get("file"))) if is_object(given) else None
    if kept is None:
        raise Unclear("This file is not here any more. Please choose it again.")
    return kept


def _channel(window: Window, frame: Object) -> Channel:
    world = window.stage.sandbox.discord.world
    channel = world.channels.get(snowflake(frame.get("channel")) or 0)
    if channel is None:
        raise Unclear("There is no such channel.")
    return channel


def _message(window: Window, frame: Object) -> Message:
    message = window.stage.sandbox.discord.world.messages.get(snowflake(frame.get("message")) or 0)
    if message is None:
        raise Unclear("There is no such message.")
    return message
