"""What an interaction's token allows for 15 minutes: @original, and follow-ups. Needs no bot token."""

from sandbox.discord import present
from sandbox.discord.call import NOTHING, Answer, Call, Route
from sandbox.discord.errors import refusal
from sandbox.discord.forms import EDIT_FLAGS
from sandbox.discord.interaction import Interaction
from sandbox.discord.interactions import compose_for
from sandbox.discord.message import Flag, Message
from sandbox.discord.posting import edit
from sandbox.discord.rules import flags_of
from sandbox.discord.wire import Object


async def create_followup(call: Call) -> Answer:
    """POST /webhooks/{application}/{token}. Right after a deferral it fills the placeholder (deprecated)."""
    one = _interaction(call)
    payload = call.object()
    if one.original is not None and one.original.thinking and not one.original.deleted:
        await _edit(call, one, one.original, {key: payload[key] for key in payload.keys() - {"flags"}})
        message = one.original
    else:
        message = compose_for(call, one, payload, ephemeral=bool(flags_of(payload) & Flag.EPHEMERAL), followup=True)
        one.followups.append(message)
        await call.discord.publish(message)
    return Answer(_present(call, message)) if call.asks("wait") else NOTHING


async def read_original(call: Call) -> Answer:
    """GET /webhooks/{application}/{token}/messages/@original."""
    return Answer(_present(call, _original(_interaction(call))))


async def edit_original(call: Call) -> Answer:
    """PATCH /webhooks/{application}/{token}/messages/@original. Whether it is ephemeral cannot be changed."""
    one = _interaction(call)
    message = _original(one)
    await _edit(call, one, message, call.object())
    return Answer(_present(call, message))


async def delete_original(call: Call) -> Answer:
    """DELETE /webhooks/{application}/{token}/messages/@original."""
    await call.discord.remove(_original(_interaction(call)))
    return NOTHING


async def read_followup(call: Call) -> Answer:
    """GET /webhooks/{application}/{token}/messages/{message}."""
    return Answer(_present(call, _followup(call, _interaction(call))))


async def edit_followup(call: Call) -> Answer:
    """PATCH /webhooks/{application}/{token}/messages/{message}."""
    one = _interaction(call)
    message = _followup(call, one)
    await _edit(call, one, message, call.object())
    return Answer(_present(call, message))


async def delete_followup(call: Call) -> Answer:
    """DELETE /webhooks/{application}/{token}/messages/{message}."""
    await call.discord.remove(_followup(call, _interaction(call)))
    return NOTHING


def _interaction(call: Call) -> Interaction:
    """The interaction whose token this is. 50027: unknown or 15 minutes old; 10015: before the first response."""
    one = call.discord.interactions.get(call.ids["token"])
    if call.id("application") != call.discord.world.bot.id:
        raise refusal(10015)
    if one is None or one.expired:
        raise refusal(50027)
    if one.callback is None:
        raise refusal(10015)
    return one


def _original(one: Interaction) -> Message:
    if one.original is None or one.original.deleted:
        raise refusal(10008)
    return one.original


def _followup(call: Call, one: Interaction) -> Message:
    wanted = call.id("message")
    for message in (*one.followups, one.original):
        if message is not None and message.id == wanted and not message.deleted:
            return message
    raise refusal(10008)


async def _edit(call: Call, one: Interaction, message: Message, payload: Object) -> None:
    edit(call.discord.world, message, payload, call.uploads, allowed_flags=EDIT_FLAGS)
    if message is one.original:
        one.updated = True
    call.discord.world.changes.announce()
    await call.discord.tell_edited(message)


def _present(call: Call, message: Message) -> Object:
    return present.message(call.discord.world, call.discord.origin, message)


_BASE = "/webhooks/{application}/{token}"
_ORIGINAL = f"{_BASE}/messages/@original"
_MESSAGE = f"{_BASE}/messages/{{message}}"

ROUTES = (
    Route("POST", _BASE, create_followup, by_token=True),
    Route("GET", _ORIGINAL, read_original, by_token=True),
    Route("PATCH", _ORIGINAL, edit_original, by_token=True),
    Route("DELETE", _ORIGINAL, delete_original, by_token=True),
    Route("GET", _MESSAGE, read_followup, by_token=True),
    Route("PATCH", _MESSAGE, edit_followup, by_token=True),
    Route("DELETE", _MESSAGE, delete_followup, by_token=True),
)
