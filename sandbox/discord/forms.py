"""Message payloads as forms: the type and limits of each field. What spans several fields is in rules.py."""

from sandbox.discord.component import Type
from sandbox.discord.component_form import check_component
from sandbox.discord.errors import Problem
from sandbox.discord.form import Form
from sandbox.discord.message import Flag
from sandbox.discord.rules import (
    MESSAGE_RULES,
    a_modal_has_one_to_five_components,
    custom_ids_are_unique,
)
from sandbox.discord.wire import Object, array

NEW_MESSAGE_FLAGS = (
    Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.IS_VOICE_MESSAGE | Flag.IS_COMPONENTS_V2
)
"""What a channel post may set; an interaction's message may be ephemeral as well."""

EDIT_FLAGS = Flag.SUPPRESS_EMBEDS | Flag.IS_COMPONENTS_V2
"""What an edit may set."""


def message_problems(payload: Object, *, allowed_flags: Flag) -> list[Problem]:
    """Everything that is wrong with a message payload, new or edited."""
    form = Form(payload)
    form.text("content")
    form.flag("tts")
    form.flag("enforce_nonce")
    if isinstance(payload.get("nonce"), str):
        form.text("nonce", most=25)
    else:
        form.whole("nonce", least=-(2**63), most=2**63 - 1)
    flags = form.whole("flags", least=0, most=2**31 - 1)
    if flags is not None and Flag(flags) & ~allowed_flags:
        form.complain("flags", "MESSAGE_FLAGS_INVALID", "Invalid or unsupported flags.")
    for embed in form.parts("embeds", most=10):
        _embed(embed)
    for component in form.parts("components", most=40):
        check_component(component)
    _mentions(form.part("allowed_mentions"))
    _attachments(form)
    reference = form.part("message_reference")
    if reference is not None:
        reference.require("message_id")
    for rule in MESSAGE_RULES:
        form.problems.extend(rule(payload))
    return form.problems


def modal_problems(data: Object) -> list[Problem]:
    """Everything that is wrong with the data of a modal (callback type 9)."""
    form = Form(data)
    form.require("title", "custom_id", "components")
    form.text("title", least=1, most=45)
    form.text("custom_id", least=1, most=100)
    allowed = (Type.ACTION_ROW, Type.TEXT_DISPLAY, Type.LABEL)
    for component in form.parts("components"):
        component.choice("type", allowed)
        check_component(component)
    form.problems.extend(a_modal_has_one_to_five_components(data))
    form.problems.extend(custom_ids_are_unique(data))
    return form.problems


def _embed(form: Form) -> None:
    form.text("title", most=256)
    form.text("description", most=4096)
    form.url("url")
    form.whole("color", least=0, most=0xFFFFFF)
    form.text("timestamp")
    for key, part, most in (("footer", "text", 2048), ("author", "name", 256)):
        inner = form.part(key)
        if inner is not None:
            inner.require(part)
            inner.text(part, least=1, most=most)
    for key in ("image", "thumbnail"):
        inner = form.part(key)
        if inner is not None:
            inner.require("url")
            inner.url("url", schemes=("http", "https", "attachment"))
    for field in form.parts("fields", most=25):
        field.require("name", "value")
        field.text("name", least=1, most=256)
        field.text("value", least=1, most=1024)
        field.flag("inline")


def _mentions(form: Form | None) -> None:
    if form is None:
        return
    form.flag("replied_user")
    for key in ("users", "roles"):
        form.ids(key, most=100)
    for kind in array(form.value.get("parse")):
        if kind not in ("users", "roles", "everyone"):
            form.complain("parse", "BASE_TYPE_CHOICES", "Value must be one of ('users', 'roles', 'everyone').")


def _attachments(form: Form) -> None:
    for attachment in form.parts("attachments", most=10):
        attachment.require("id")
        attachment.text("filename", least=1, most=1024)
        attachment.text("description", most=1024)
