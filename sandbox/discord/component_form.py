"""Components as forms: the type and limits of each field of each component, in messages and in modals.

Source: Discord's documentation, "Component Reference". To add a component: a function, and a line in `_CHECKS`.
"""

from collections.abc import Callable, Iterable

from sandbox.discord.component import SELECTS, Type, kind_of
from sandbox.discord.errors import Problem
from sandbox.discord.form import Form
from sandbox.discord.rules import a_button_says_where_it_leads, objects
from sandbox.discord.wire import is_whole


def check_component(form: Form) -> None:
    """Note what is wrong with one component and everything in it."""
    form.require("type")
    kind = form.choice("type", tuple(Type))
    form.whole("id", least=0, most=2**31 - 1)
    if kind is None:
        return
    check = _SELECT if kind in SELECTS else _CHECKS.get(Type(int(kind)))
    if check is not None:
        check(form)


def _row(form: Form) -> None:
    inner = form.parts("components", least=1, most=5)
    kinds = [kind_of(child.value) for child in inner]
    if any(kind in SELECTS or kind == Type.TEXT_INPUT for kind in kinds) and len(kinds) > 1:
        form.complain("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A row holds one select or five buttons.")
    _nested(inner, (Type.BUTTON, Type.TEXT_INPUT, *SELECTS))


def _button(form: Form) -> None:
    form.require("style")
    form.choice("style", (1, 2, 3, 4, 5, 6))
    form.text("label", most=80)
    form.text("custom_id", least=1, most=100)
    form.url("url", most=512, schemes=("http", "https", "discord"))
    form.flag("disabled")
    for problem in a_button_says_where_it_leads(form.value):
        form.problems.append(Problem((*form.path, *problem.path), problem.code, problem.message))


def _select(form: Form) -> None:
    form.require("custom_id")
    form.text("custom_id", least=1, most=100)
    form.text("placeholder", most=150)
    form.whole("min_values", least=0, most=25)
    form.whole("max_values", least=1, most=25)
    form.flag("disabled")
    form.flag("required")  # of modals alone; the library sends it with messages too, where it means nothing
    if form.value.get("type") == Type.STRING_SELECT:
        form.require("options")
        _options(form, least=1, most=25)
        most = form.value.get("max_values")
        picked = sum(bool(option.get("default")) for option in objects(form.value, "options"))
        if picked > (most if is_whole(most) else 1):
            form.complain("options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "Too many options are picked.")


def _options(form: Form, *, least: int, most: int) -> None:
    values: set[object] = set()
    for option in form.parts("options", least=least, most=most):
        option.require("label", "value")
        option.text("label", least=1, most=100)
        value = option.text("value", least=1, most=100)
        option.text("description", most=100)
        option.flag("default")
        if value in values:
            option.complain(
                "value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The option value is already used."
            )
        values.add(value)


def _text_input(form: Form) -> None:
    form.require("custom_id", "style")
    form.text("custom_id", least=1, most=100)
    form.choice("style", (1, 2))
    form.text("label", most=45)
    form.text("placeholder", most=100)
    form.text("value", most=4000)
    least = form.whole("min_length", least=0, most=4000)
    most = form.whole("max_length", least=1, most=4000)
    if least is not None and most is not None and least > most:
        form.complain("min_length", "TEXT_INPUT_COMPONENT_INVALID_LENGTH", "min_length is more than max_length.")
    value = form.value.get("value")
    if isinstance(value, str) and value and not (least or 0) <= len(value) <= (most or 4000):
        form.complain(
            "value", "BASE_TYPE_BAD_LENGTH", f"Must be between {least or 0} and {most or 4000} in length."
        )


def _section(form: Form) -> None:
    form.require("components", "accessory")
    _nested(form.parts("components", least=1, most=3), (Type.TEXT_DISPLAY,))
    accessory = form.part("accessory")
    if accessory is not None:
        _nested([accessory], (Type.BUTTON, Type.THUMBNAIL))


def _text_display(form: Form) -> None:
    form.require("content")
    form.text("content", least=1, most=4000)


def _media(form: Form, key: str = "media") -> None:
    form.require(key)
    media = form.part(key)
    if media is not None:
        media.require("url")
        media.url("url", schemes=("attachment",) if key == "file" else ("http", "https", "attachment"))
    form.text("description", most=1024)
    form.flag("spoiler")


def _gallery(form: Form) -> None:
    form.require("items")
    for item in form.parts("items", least=1, most=10):
        _media(item)


def _container(form: Form) -> None:
    form.whole("accent_color", least=0, most=0xFFFFFF)
    inside = (Type.ACTION_ROW, Type.TEXT_DISPLAY, Type.SECTION, Type.MEDIA_GALLERY, Type.SEPARATOR, Type.FILE)
    _nested(form.parts("components", least=1, most=40), inside)


def _label(form: Form) -> None:
    form.require("label", "component")
    form.text("label", least=1, most=45)
    form.text("description", most=100)
    inner = form.part("component")
    if inner is not None:
        fields = (Type.TEXT_INPUT, Type.FILE_UPLOAD, Type.RADIO_GROUP, Type.CHECKBOX_GROUP, Type.CHECKBOX, *SELECTS)
        inner.choice("type", fields)
        if inner.value.get("disabled"):
            inner.complain("disabled", "COMPONENT_DISABLED_INVALID", "Nothing in a modal can be disabled.")
        check_component(inner)


def _file_upload(form: Form) -> None:
    form.require("custom_id")
    form.text("custom_id", least=1, most=100)
    form.whole("min_values", least=0, most=10)
    form.whole("max_values", least=1, most=10)


def _radio_group(form: Form) -> None:
    form.require("custom_id", "options")
    _options(form, least=2, most=10)


def _checkbox_group(form: Form) -> None:
    form.require("custom_id", "options")
    _options(form, least=1, most=10)


def _checkbox(form: Form) -> None:
    form.require("custom_id")
    form.text("custom_id", least=1, most=100)


def _file(form: Form) -> None:
    _media(form, "file")


def _nested(inner: Iterable[Form], allowed: tuple[Type, ...]) -> None:
    for child in inner:
        if child.choice("type", allowed) is not None:
            check_component(child)


_SELECT: Callable[[Form], None] = _select
_CHECKS: dict[Type, Callable[[Form], None]] = {
    Type.ACTION_ROW: _row,
    Type.BUTTON: _button,
    Type.TEXT_INPUT: _text_input,
    Type.SECTION: _section,
    Type.TEXT_DISPLAY: _text_display,
    Type.THUMBNAIL: _media,
    Type.MEDIA_GALLERY: _gallery,
    Type.FILE: _file,
    Type.CONTAINER: _container,
    Type.LABEL: _label,
    Type.FILE_UPLOAD: _file_upload,
    Type.RADIO_GROUP: _radio_group,
    Type.CHECKBOX_GROUP: _checkbox_group,
    Type.CHECKBOX: _checkbox,
}
