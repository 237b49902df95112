"""Application commands as forms: what Discord refuses to register.

Source: its documentation, "Application Commands".
"""

import re
from enum import IntEnum

from sandbox.discord.errors import Problem
from sandbox.discord.form import Form
from sandbox.discord.rules import (
    a_command_has_8000_characters,
    a_slash_command_has_a_description,
    at_most_100_commands,
    command_names_are_lower_case,
    command_names_are_unique,
    required_options_come_first,
)
from sandbox.discord.wire import Object

_NAME = re.compile(r"^[-_'\w]{1,32}$")


class OptionType(IntEnum):
    """Option types."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


_CHOOSABLE = (OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER)
_NESTING = (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP)


def commands_problems(commands: list[Object]) -> list[Problem]:
    """Everything that is wrong with a bulk PUT of commands; paths begin with the command's index."""
    problems: list[Problem] = []
    for index, command in enumerate(commands):
        _command(Form(command, (index,), problems))
    problems.extend(at_most_100_commands(commands))
    problems.extend(command_names_are_unique(commands))
    return problems


def _command(form: Form) -> None:
    kind = form.choice("type", (1, 2, 3)) or 1
    form.require("name")
    if kind == 1:
        _named(form)
        _options(form, depth=0)
    else:
        form.text("name", least=1, most=32)
        if form.value.get("description"):
            form.complain("description", "APPLICATION_COMMAND_DESCRIPTION_INVALID", "Context menus have none.")
        if form.value.get("options"):
            form.complain("options", "APPLICATION_COMMAND_OPTIONS_INVALID", "Context menus have no options.")
    form.flag("nsfw")
    for problem in a_command_has_8000_characters(form.value):
        form.complain(None, problem.code, problem.message)


def _named(form: Form) -> None:
    """What commands, groups and options have in common."""
    form.require("name")
    name = form.text("name", least=1, most=32)
    if name is not None and not _NAME.match(name):
        form.complain("name", "STRING_TYPE_REGEX", "String value did not match validation regex.")
    form.text("description", most=100)
    for rule in (command_names_are_lower_case, a_slash_command_has_a_description):
        for problem in rule(form.value):
            form.complain(problem.path[0], problem.code, problem.message)


def _options(form: Form, *, depth: int) -> None:
    options = form.parts("options", most=25)
    names: set[str] = set()
    for option in options:
        name = str(option.value.get("name"))
        if name in names:
            option.complain(
                "name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists."
            )
        names.add(name)
        _option(option, depth=depth)
    kinds = {option.value.get("type") in _NESTING for option in options}
    if len(kinds) > 1:
        form.complain(
            "options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands and options cannot be mixed."
        )
    for problem in required_options_come_first(form.value):
        index = problem.path[-1]
        if True not in kinds:
            form.problems.append(Problem((*form.path, "options", index), problem.code, problem.message))


def _option(form: Form, *, depth: int) -> None:
    form.require("type")
    kind = form.choice("type", tuple(OptionType))
    _named(form)
    form.flag("required")
    if kind in _NESTING:
        if depth > 1 or (kind == OptionType.SUB_COMMAND_GROUP and depth > 0):
            form.complain("type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Too deeply nested.")
        _options(form, depth=depth + 1)
    elif kind is not None:
        _value(form, OptionType(int(kind)))


def _value(form: Form, kind: OptionType) -> None:
    choices = form.parts("choices", most=25)
    if choices and kind not in _CHOOSABLE:
        form.complain("choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "This type has no choices.")
    if choices and form.flag("autocomplete"):
        form.complain("autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "Not together with choices.")
    for choice in choices:
        choice.require("name", "value")
        choice.text("name", least=1, most=100)
        if kind is OptionType.STRING:
            choice.text("value", most=100)
        elif kind is OptionType.INTEGER:
            choice.whole("value")
    form.whole("min_length", least=0, most=6000)
    form.whole("max_length", least=1, most=6000)
    if kind is not OptionType.STRING and (form.has("min_length") or form.has("max_length")):
        form.complain("max_length", "APPLICATION_COMMAND_OPTION_LENGTH_INVALID", "Only strings have a length.")
    if kind is OptionType.INTEGER:
        form.whole("min_value")
        form.whole("max_value")
