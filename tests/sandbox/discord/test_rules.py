"""Every rule: payloads that the real service takes, and for each rule one that it refuses."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.discord.command_form import commands_problems
from sandbox.discord.errors import Problem, invalid_form
from sandbox.discord.forms import NEW_MESSAGE_FLAGS, message_problems, modal_problems
from sandbox.discord.rules import a_deferral_may_only_be_ephemeral, is_empty
from sandbox.discord.wire import Object, is_list, is_object

V2 = 1 << 15


def button(**changes: object) -> Object:
    """A good button, changed."""
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go", **changes}


def row(*components: Object) -> Object:
    """A row."""
    return {"type": 1, "components": list(components)}


def rows(number: int) -> list[Object]:
    """Rows with a button each."""
    return [row(button(custom_id=str(each))) for each in range(number)]


def text(content: str = "x") -> Object:
    """A text display."""
    return {"type": 10, "content": content}


def select(**changes: object) -> Object:
    """A good select, changed."""
    option = {"label": "a", "value": "a"}
    return {"type": 3, "custom_id": "s", "options": [option], **changes}


GOOD_MESSAGES: dict[str, Object] = {
    "2,000 characters": {"content": "x" * 2000},
    "five rows of five": {"components": [row(*(button(custom_id=f"{r}{b}") for b in range(5))) for r in range(5)]},
    "a link": {"components": [row({"type": 2, "style": 5, "label": "Docs", "url": "https://x.example"})]},
    "a select": {"components": [row(select())]},
    "an embed": {"embeds": [{"title": "x" * 256, "fields": [{"name": "a", "value": "b"}], "color": 255}]},
    "V2": {
        "flags": V2,
        "components": [
            {"type": 17, "components": [text(), {"type": 14}]},
            {"type": 9, "components": [text()], "accessory": button()},
            {"type": 12, "items": [{"media": {"url": "https://x.example/a.mp4"}}]},
        ],
    },
    "nulls": {"content": "x", "embeds": None, "components": None, "flags": None, "nonce": None},
    "an unknown key": {"content": "x", "contents": "y"},
}

BAD_MESSAGES: dict[str, tuple[Object, str]] = {
    "2,001 characters": ({"content": "x" * 2001}, "BASE_TYPE_MAX_LENGTH"),
    "content is a number": ({"content": 5}, "STRING_TYPE_CONVERT"),
    "11 embeds": ({"embeds": [{"title": "x"}] * 11}, "BASE_TYPE_MAX_LENGTH"),
    "a long title": ({"embeds": [{"title": "x" * 257}]}, "BASE_TYPE_MAX_LENGTH"),
    "26 fields": ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, "BASE_TYPE_MAX_LENGTH"),
    "an empty field": ({"embeds": [{"fields": [{"name": "a", "value": ""}]}]}, "BASE_TYPE_MIN_LENGTH"),
    "6,001 in embeds": ({"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}, "MAX_EMBED_SIZE"),
    "six rows": ({"components": rows(6)}, "BASE_TYPE_BAD_LENGTH"),
    "six buttons": (
        {"components": [row(*(button(custom_id=str(each)) for each in range(6)))]},
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a select beside a button": ({"components": [row(button(), select())]}, "COMPONENT_LAYOUT_WIDTH"),
    "no custom_id": ({"components": [row({"type": 2, "style": 1, "label": "x"})]}, "BASE_TYPE_REQUIRED"),
    "an empty custom_id": ({"components": [row(button(custom_id=""))]}, "BASE_TYPE_MIN_LENGTH"),
    "a long custom_id": ({"components": [row(button(custom_id="x" * 101))]}, "BASE_TYPE_MAX_LENGTH"),
    "a custom_id twice": ({"components": [row(button(), button())]}, "COMPONENT_CUSTOM_ID_DUPLICATED"),
    "a long label": ({"components": [row(button(label="x" * 81))]}, "BASE_TYPE_MAX_LENGTH"),
    "neither label nor emoji": ({"components": [row(button(label=None))]}, "BUTTON_COMPONENT_INVALID_LABEL"),
    "a link without url": ({"components": [row(button(style=5, custom_id=None))]}, "BASE_TYPE_REQUIRED"),
    "26 options": (
        {"components": [row(select(options=[{"label": "x", "value": str(n)} for n in range(26)]))]},
        "BASE_TYPE_MAX_LENGTH",
    ),
    "V2 components without the flag": ({"components": [text()]}, "UNION_TYPE_CHOICES"),
    "V2 with content": ({"flags": V2, "content": "x", "components": [text()]}, "MESSAGE_CANNOT_USE_LEGACY"),
    "41 components": ({"flags": V2, "components": [{"type": 17, "components": [text()] * 40}]}, "COMPONENT_MAX"),
    "4,001 characters in V2": ({"flags": V2, "components": [text("x" * 2001), text("y" * 2000)]}, "DISPLAYABLE"),
    "a long nonce": ({"content": "x", "nonce": "x" * 26}, "BASE_TYPE_MAX_LENGTH"),
    "an ephemeral post": ({"content": "x", "flags": 64}, "MESSAGE_FLAGS_INVALID"),
    "parse and list": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "PARSE_EXCLUSIVE",
    ),
    "an unknown kind to parse": ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "BASE_TYPE_CHOICES"),
}


@pytest.mark.parametrize("payload", GOOD_MESSAGES.values(), ids=GOOD_MESSAGES)
def test_a_good_message_has_no_problems(payload: Object) -> None:
    """Strict is not stricter than the real service."""
    assert message_problems(payload, allowed_flags=NEW_MESSAGE_FLAGS) == []


@pytest.mark.parametrize(("payload", "code"), BAD_MESSAGES.values(), ids=BAD_MESSAGES)
def test_a_bad_message_is_refused(payload: Object, code: str) -> None:
    """With the code that says why."""
    problems = message_problems(payload, allowed_flags=NEW_MESSAGE_FLAGS)
    assert any(code in problem.code for problem in problems), problems


@pytest.mark.parametrize("payload", [{}, {"content": "  "}, {"embeds": []}, {"components": None}])
def test_nothing_is_an_empty_message(payload: Object) -> None:
    """50006 without files."""
    assert is_empty(payload)
    assert not is_empty(payload, files=1)


def test_a_deferral_takes_one_flag() -> None:
    """EPHEMERAL and no other."""
    assert not list(a_deferral_may_only_be_ephemeral({"flags": 64}))
    assert list(a_deferral_may_only_be_ephemeral({"flags": 64 | V2}))


def test_modals_have_limits() -> None:
    """Title, custom_id, one to five components of the right kinds."""

    def field(custom_id: str) -> Object:
        return {"type": 18, "label": "a", "component": {"type": 4, "custom_id": custom_id, "style": 1}}

    good: Object = {"title": "t", "custom_id": "m", "components": [field("a")]}
    assert modal_problems(good) == []
    bad: list[Object] = [
        {"components": []},
        {"components": [field(str(each)) for each in range(6)]},
        {"components": [field("a"), field("a")]},
        {"components": [{"type": 12, "items": [{"media": {"url": "https://x.example"}}]}]},
        {"title": "x" * 46},
        {"title": None},
        {"custom_id": "x" * 101},
    ]
    for changes in bad:
        assert modal_problems({**good, **changes}), changes


def option(**changes: object) -> Object:
    """A good option, changed."""
    return {"type": 3, "name": "prompt", "description": "d", **changes}


def command(*options: Object, **changes: object) -> Object:
    """A good command, changed."""
    return {"name": "generate", "description": "d", "options": list(options), **changes}


BAD_COMMANDS: dict[str, tuple[list[Object], str]] = {
    "a capital": ([command(name="Generate")], "APPLICATION_COMMAND_INVALID_NAME"),
    "a long name": ([command(name="x" * 33)], "BASE_TYPE_MAX_LENGTH"),
    "a space": ([command(name="a b")], "STRING_TYPE_REGEX"),
    "no description": ([command(description="")], "BASE_TYPE_REQUIRED"),
    "no option description": ([command(option(description=None))], "BASE_TYPE_REQUIRED"),
    "a long description": ([command(description="x" * 101)], "BASE_TYPE_MAX_LENGTH"),
    "the same name twice": ([command(), command()], "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    "the same option twice": ([command(option(), option())], "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
    "26 options": ([command(*(option(name=f"o{each}") for each in range(26)))], "BASE_TYPE_MAX_LENGTH"),
    "26 choices": (
        [command(option(choices=[{"name": str(each), "value": str(each)} for each in range(26)]))],
        "BASE_TYPE_MAX_LENGTH",
    ),
    "choices with autocomplete": (
        [command(option(autocomplete=True, choices=[{"name": "a", "value": "a"}]))],
        "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES",
    ),
    "max_length 6,001": ([command(option(max_length=6001))], "NUMBER_TYPE_MAX"),
    "required after optional": (
        [command(option(), option(name="b", required=True))],
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "an unknown type": ([command(option(type=99))], "BASE_TYPE_CHOICES"),
    "8,001 characters": (
        [
            command(
                *(
                    option(name=f"o{n}", choices=[{"name": "x" * 100, "value": f"{c:0100}"} for c in range(20)])
                    for n in range(2)
                ),
                option(name="more", choices=[{"name": "x" * 10, "value": f"{c:010}"} for c in range(2)]),
            )
        ],
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
    "101 commands": ([command(name=f"c{each}") for each in range(101)], "APPLICATION_COMMANDS_MAX"),
}


def test_good_commands_have_no_problems() -> None:
    """With groups, required options first, and a context menu with a capital."""
    group = {"type": 2, "name": "member", "description": "d", "options": [command(option(), type=1)]}
    menu: Object = {"type": 3, "name": "Use As Source"}
    assert commands_problems([command(option(required=True, max_length=6000), option(name="b")), menu]) == []
    assert commands_problems([command(group, name="limits")]) == []


@pytest.mark.parametrize(("commands", "code"), BAD_COMMANDS.values(), ids=BAD_COMMANDS)
def test_a_bad_command_is_refused(commands: list[Object], code: str) -> None:
    """With the code that says why."""
    assert code in [problem.code for problem in commands_problems(commands)]


def test_problems_are_answered_at_their_place() -> None:
    """Discord's nested shape."""
    problem = Problem(("embeds", 0, "title"), "BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer in length.")
    body = invalid_form([problem]).body()
    assert body["code"] == 50035
    assert body["errors"]["embeds"]["0"]["title"]["_errors"] == [{"code": problem.code, "message": problem.message}]


ODD: list[Any] = [None, 5, -1, 1.5, True, "x", "", [], [1], [[]], [None], {}, {"type": []}, {"x": {}}]


def mutants(value: object) -> Iterator[object]:
    """`value` with each of its parts, in turn, replaced by something odd."""
    yield from ODD
    if is_object(value):
        for key, inner in value.items():
            yield from ({**value, key: mutant} for mutant in mutants(inner))
    elif is_list(value):
        for index, inner in enumerate(value):
            yield from ([*value[:index], mutant, *value[index + 1 :]] for mutant in mutants(inner))


def test_no_payload_breaks_the_rules() -> None:
    """A wrong type anywhere is a problem to report, never an exception."""
    everything: Object = {
        **GOOD_MESSAGES["an embed"],
        **GOOD_MESSAGES["V2"],
        "content": "x",
        "allowed_mentions": {"parse": ["users"], "users": ["1"], "roles": [], "replied_user": True},
        "attachments": [{"id": 0, "filename": "a"}],
        "message_reference": {"message_id": "1"},
        "nonce": "n",
    }
    for payload in (everything, GOOD_MESSAGES["a select"], GOOD_MESSAGES["a link"]):
        for mutant in filter(is_object, mutants(payload)):
            message_problems(mutant, allowed_flags=NEW_MESSAGE_FLAGS)
            modal_problems(mutant)
    described = option(choices=[{"name": "a", "value": "a"}], name_localizations={"de": "x"}, min_length=1)
    for mutant in filter(is_list, mutants([command(described, option(type=2, options=[described]))])):
        commands_problems([each for each in mutant if is_object(each)])
