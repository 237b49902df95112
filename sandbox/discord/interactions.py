"""The first response to an interaction: POST /interactions/{interaction}/{token}/callback."""

from sandbox.discord import present
from sandbox.discord.call import NOTHING, Answer, Call, Route
from sandbox.discord.errors import Problem, invalid_form, refusal
from sandbox.discord.form import Form
from sandbox.discord.forms import EDIT_FLAGS, NEW_MESSAGE_FLAGS, modal_problems
from sandbox.discord.interaction import Callback, Interaction, InteractionType, metadata
from sandbox.discord.message import Flag, Message, MessageType
from sandbox.discord.posting import compose, edit
from sandbox.discord.rules import a_deferral_may_only_be_ephemeral, flags_of
from sandbox.discord.wire import Object, is_object

_ON_COMPONENT = {Callback.DEFERRED_UPDATE, Callback.UPDATE}
_ALLOWED: dict[InteractionType, set[Callback]] = {
    InteractionType.APPLICATION_COMMAND: {Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.MODAL},
    InteractionType.MESSAGE_COMPONENT: {
        Callback.MESSAGE,
        Callback.DEFERRED_MESSAGE,
        Callback.MODAL,
        *_ON_COMPONENT,
    },
    InteractionType.AUTOCOMPLETE: {Callback.AUTOCOMPLETE},
    InteractionType.MODAL_SUBMIT: {Callback.MESSAGE, Callback.DEFERRED_MESSAGE, *_ON_COMPONENT},
}


async def respond(call: Call) -> Answer:
    """Answer an interaction for the first time. 10062: it is unknown, or 3 s old; 40060: it has been answered."""
    one = call.discord.interactions.get(call.ids["token"])
    if one is None or one.id != call.id("interaction") or (one.callback is None and one.late):
        raise refusal(10062)
    if one.callback is not None:
        raise refusal(40060)
    payload = call.object()
    callback = _callback(one, payload)
    data = payload.get("data")
    await _EFFECTS[callback](call, one, data if is_object(data) else {})
    one.callback = callback
    call.discord.world.changes.announce()
    return Answer(_response(call, one)) if call.asks("with_response") else NOTHING


def _callback(one: Interaction, payload: Object) -> Callback:
    """The type, when this kind of interaction may be answered so."""
    form = Form(payload)
    form.require("type")
    form.choice("type", sorted(_ALLOWED[one.type]))
    form.part("data")
    if form.problems:
        raise invalid_form(form.problems)
    callback = Callback(payload["type"])
    if callback in _ON_COMPONENT and one.message is None:
        message = "Only a component's interaction has a message to update."
        raise invalid_form([Problem(("type",), "INTERACTION_CALLBACK_INVALID", message)])
    return callback


async def _message(call: Call, one: Interaction, data: Object) -> None:
    one.original = compose_for(call, one, data, ephemeral=bool(flags_of(data) & Flag.EPHEMERAL))
    one.updated = True
    await call.discord.publish(one.original)


async def _deferred_message(call: Call, one: Interaction, data: Object) -> None:
    form = Form(data, ("data",))
    form.whole("flags", least=0)
    problems = [*form.problems, *a_deferral_may_only_be_ephemeral(data)]
    if problems:
        raise invalid_form(problems)
    one.original = Message(
        id=call.discord.world.snowflake(),
        channel=one.channel,
        author=call.discord.world.bot,
        created_at=call.discord.clock.now(),
        type=kind_of(one),
        flags=Flag.LOADING,
        visible_to=one.user if flags_of(data) & Flag.EPHEMERAL else None,
        by_webhook=True,
        interaction=metadata(one),
    )
    await call.discord.publish(one.original)


async def _deferred_update(call: Call, one: Interaction, data: Object) -> None:
    one.original = one.message


async def _update(call: Call, one: Interaction, data: Object) -> None:
    message = one.message
    if message is None or message.deleted:
        raise refusal(10008)
    edit(call.discord.world, message, data, call.uploads, allowed_flags=EDIT_FLAGS)
    one.original, one.updated = message, True
    await call.discord.tell_edited(message)


async def _autocomplete(call: Call, one: Interaction, data: Object) -> None:
    form = Form(data, ("data",))
    form.require("choices")
    for choice in form.parts("choices", most=25):
        choice.require("name", "value")
        choice.text("name", least=1, most=100)
        if isinstance(choice.value.get("value"), str):
            choice.text("value", most=100)
    if form.problems:
        raise invalid_form(form.problems)
    one.choices = data["choices"]


async def _modal(call: Call, one: Interaction, data: Object) -> None:
    problems = modal_problems(data)
    if problems:
        raise invalid_form([Problem(("data", *each.path), each.code, each.message) for each in problems])
    one.modal = data


_EFFECTS = {
    Callback.MESSAGE: _message,
    Callback.DEFERRED_MESSAGE: _deferred_message,
    Callback.DEFERRED_UPDATE: _deferred_update,
    Callback.UPDATE: _update,
    Callback.AUTOCOMPLETE: _autocomplete,
    Callback.MODAL: _modal,
}


def compose_for(call: Call, one: Interaction, data: Object, *, ephemeral: bool, followup: bool = False) -> Message:
    """A message of the bot that answers `one`: its first response, or a follow-up."""
    reference = one.original if followup else one.message
    kind = MessageType.REPLY if followup and reference else kind_of(one)
    message = compose(
        call.discord.world,
        one.channel,
        data,
        call.uploads,
        allowed_flags=NEW_MESSAGE_FLAGS | Flag.EPHEMERAL,
        kind=kind,
        visible_to=one.user if ephemeral else None,
        by_webhook=True,
        interaction=metadata(one),
        reference=reference if kind is MessageType.REPLY else None,
    )
    message.flags &= ~Flag.EPHEMERAL
    return message


def kind_of(one: Interaction) -> MessageType:
    """What kind of message answers `one`: a command's, or a reply to the component's message."""
    if one.type is InteractionType.APPLICATION_COMMAND:
        return MessageType.CHAT_INPUT_COMMAND if one.data.get("type") == 1 else MessageType.CONTEXT_MENU_COMMAND
    return MessageType.REPLY if one.message is not None else MessageType.DEFAULT


def _response(call: Call, one: Interaction) -> Object:
    """The body that ?with_response=1 asks for."""
    message = one.original
    about: Object = {"id": str(one.id), "type": int(one.type)}
    if message is None:
        return {"interaction": about}
    about |= {
        "response_message_id": str(message.id),
        "response_message_loading": message.thinking,
        "response_message_ephemeral": message.ephemeral,
        "channel_id": str(one.channel.id),
    }
    if one.channel.server is not None:
        about["guild_id"] = str(one.channel.server.id)
    if one.callback is not Callback.MESSAGE and one.callback is not Callback.UPDATE:
        return {"interaction": about}
    written = present.message(call.discord.world, call.discord.origin, message)
    return {"interaction": about, "resource": {"type": one.callback.value, "message": written}}


ROUTES = (Route("POST", "/interactions/{interaction}/{token}/callback", respond, by_token=True),)
