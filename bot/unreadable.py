"""What the library cannot read. It would end the process, or raise past all handlers: it is told apart here."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands
from discord.enums import try_enum

if TYPE_CHECKING:
    from bot.app import Raybot
from bot.words.speech import speak

log = logging.getLogger(__name__)

SESSION_EVENTS: Final = frozenset({"READY", "RESUMED"})
"""Without these there is no session to go on with."""


class Unreadable(app_commands.AppCommandError):
    """Options that no client of Discord's sends: of another kind, or about a file that is not there."""


class Commands(app_commands.CommandTree["Raybot"]):
    """The commands: their options are looked at before the library does, and each speaks its member's language."""

    async def interaction_check(self, interaction: discord.Interaction["Raybot"], /) -> bool:
        speak(str(interaction.locale))
        data: Any = interaction.data or {}
        if data.get("type", 1) != discord.AppCommandType.chat_input.value:
            _check_target(data)
            return True
        command, options = self.get_command(str(data.get("name"))), data.get("options", [])
        while isinstance(command, app_commands.Group) and options:
            command, options = command.get_command(options[0]["name"]), options[0].get("options", [])
        if isinstance(command, app_commands.Command):
            unreadable = [each for each in options if not _can_be_read(command, each, data.get("resolved", {}))]
            if (
                interaction.type is discord.InteractionType.autocomplete
            ):  # what is still being typed may be anything
                options[:] = [each for each in options if each not in unreadable]
            elif unreadable:
                raise Unreadable(unreadable[0]["name"])
        return True


def survive(parsers: dict[str, Callable[[Any], None]]) -> None:
    """Leave out an event that cannot be read, and go on. `parsers`: the library's, by event; they are replaced."""
    for event in parsers.keys() - SESSION_EVENTS:
        parsers[event] = _surviving(event, parsers[event])


def _surviving(event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    def read(data: Any) -> None:
        try:
            parse(data)
        except Exception as error:
            what = f"{type(error).__name__}: {str(error)[:200]}"
            log.error("an event of the gateway's cannot be read, and is left out: %s: %s", event, what)
            log.debug("the event that cannot be read", exc_info=error)

    return read


def _check_target(data: Any) -> None:
    """What a context menu is used on comes with it. Raises Unreadable, also for a kind of command that is none."""
    resolved, kind = data.get("resolved", {}), data["type"]
    targets = {2: resolved.get("users", {}), 3: resolved.get("messages", {})}
    if type(kind) is not int or str(data.get("target_id")) not in targets.get(kind, {}):
        raise Unreadable("message")


def _can_be_read(command: "app_commands.Command[Any, ..., Any]", option: Any, resolved: Any) -> bool:
    """The library reads by what the option says of itself, and then by what the command takes."""
    parameter = command.get_parameter(option["name"])
    kinds = [try_enum(discord.AppCommandOptionType, option["type"])]
    kinds += [parameter.type] if parameter is not None else []
    if option.get("focused") and (parameter is None or not parameter.autocomplete):
        return False  # nothing was ever offered there
    return all(_is_readable(option, kind, resolved) for kind in kinds)


def _is_readable(option: Any, kind: discord.AppCommandOptionType, resolved: Any) -> bool:
    """Whether the library can read it: a number is one, and what is referred to comes with it. The domain judges
    the rest, in words."""
    value = option.get("value")
    match kind:
        case discord.AppCommandOptionType.number:
            return type(value) in (int, float)
        case (
            discord.AppCommandOptionType.string
            | discord.AppCommandOptionType.integer
            | discord.AppCommandOptionType.boolean
        ):
            return type(value) in (str, int, float, bool)
        case discord.AppCommandOptionType.attachment:
            return str(value) in resolved.get("attachments", {})
        case _:
            return any(str(value) in referred for referred in resolved.values())
