"""Channels and their messages, as the bot reaches them with its own token."""

from datetime import timedelta

from sandbox.discord import present
from sandbox.discord.account import may_reach
from sandbox.discord.call import NOTHING, Answer, Call, Route
from sandbox.discord.errors import Problem, invalid_form, refusal
from sandbox.discord.form import Form
from sandbox.discord.forms import EDIT_FLAGS, NEW_MESSAGE_FLAGS
from sandbox.discord.message import Message, MessageType
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.discord.posting import compose, edit
from sandbox.discord.wire import Object, is_object, snowflake

NONCE_LIFE = timedelta(minutes=5)
"""How long a nonce is remembered; Discord says "the past few minutes"."""


async def read_channel(call: Call) -> Answer:
    """GET /channels/{channel}."""
    return Answer(present.channel(_visible(call)))


async def create_message(call: Call) -> Answer:
    """POST /channels/{channel}/messages. With enforce_nonce, a message that has this nonce already is returned."""
    channel = _visible(call)
    payload = call.object()
    _check_may_post(call, channel, payload)
    reference = _reference(call, channel, payload)
    message = compose(
        call.discord.world,
        channel,
        payload,
        call.uploads,
        allowed_flags=NEW_MESSAGE_FLAGS,
        kind=MessageType.REPLY if reference else MessageType.DEFAULT,
        reference=reference,
    )
    earlier = _same_nonce(call, channel, payload)
    if earlier is None:
        channel.archived = False  # a post wakes a thread
        await call.discord.publish(message)
    shown = earlier or message
    nonce = {} if shown.nonce is None else {"nonce": shown.nonce}
    return Answer({**_present(call, shown), **nonce})


async def read_messages(call: Call) -> Answer:
    """GET /channels/{channel}/messages, newest first: limit (1 to 100; 50) and one of around, before, after.

    Without READ_MESSAGE_HISTORY the list is empty, as with Discord.
    """
    channel = _visible(call)
    limit, anchors = _page(call)
    if not _may(call, channel) & Permission.READ_MESSAGE_HISTORY:
        return Answer([])
    messages = list(reversed(channel.messages))
    if "before" in anchors:
        chosen = [each for each in messages if each.id < anchors["before"]][:limit]
    elif "after" in anchors:
        chosen = [each for each in messages if each.id > anchors["after"]][-limit:]
    elif "around" in anchors:
        older = [each for each in messages if each.id <= anchors["around"]][: limit // 2 + 1]
        newer = [each for each in messages if each.id > anchors["around"]]
        chosen = (newer[max(len(newer) - limit // 2, 0) :] + older)[:limit]
    else:
        chosen = messages[:limit]
    return Answer([_present(call, each) for each in chosen])


async def read_message(call: Call) -> Answer:
    """GET /channels/{channel}/messages/{message}: needs READ_MESSAGE_HISTORY."""
    channel = _visible(call)
    if not _may(call, channel) & Permission.READ_MESSAGE_HISTORY:
        raise refusal(50013)
    return Answer(_present(call, call.discord.world.message(channel, call.id("message"))))


async def edit_message(call: Call) -> Answer:
    """PATCH /channels/{channel}/messages/{message}: only the bot's own (50005), and none in an archived thread."""
    channel = _visible(call)
    message = call.discord.world.message(channel, call.id("message"))
    if message.author is not call.discord.world.bot:
        raise refusal(50005)
    if channel.archived:
        raise refusal(50083)
    edit(call.discord.world, message, call.object(), call.uploads, allowed_flags=EDIT_FLAGS)
    await call.discord.tell_edited(message)
    return Answer(_present(call, message))


async def delete_message(call: Call) -> Answer:
    """DELETE /channels/{channel}/messages/{message}: those of others need MANAGE_MESSAGES."""
    channel = _visible(call)
    message = call.discord.world.message(channel, call.id("message"))
    own = message.author is call.discord.world.bot
    if not own and not _may(call, channel) & Permission.MANAGE_MESSAGES:
        raise refusal(50013)
    if channel.archived:
        raise refusal(50083)
    await call.discord.remove(message)
    return NOTHING


def _may(call: Call, channel: Channel) -> Permission:
    return call.discord.world.permissions(call.discord.world.bot, channel)


def _visible(call: Call) -> Channel:
    """The channel in the path, when the bot can see it; 10003 or 50001."""
    channel = call.channel
    if not _may(call, channel) & Permission.VIEW_CHANNEL:
        raise refusal(50001)
    return channel


def _check_may_post(call: Call, channel: Channel, payload: Object) -> None:
    may = _may(call, channel)
    if not may_reach(call, channel):
        raise refusal(50007)
    if channel.locked and not may & Permission.MANAGE_THREADS:
        raise refusal(50083 if channel.archived else 160005)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if channel.recipient is None and not may & needed:
        raise refusal(50013)
    if payload.get("embeds") and not may & Permission.EMBED_LINKS:
        raise refusal(50013)
    if call.uploads and not may & Permission.ATTACH_FILES:
        raise refusal(50013)


def _reference(call: Call, channel: Channel, payload: Object) -> Message | None:
    """The message that is replied to; an unknown one is an error unless fail_if_not_exists is false."""
    given = payload.get("message_reference")
    if not is_object(given) or given.get("message_id") is None:
        return None
    if not _may(call, channel) & Permission.READ_MESSAGE_HISTORY:
        raise refusal(160002)
    message = call.discord.world.messages.get(snowflake(given["message_id"]) or 0)
    if message is not None and message.channel is channel and not message.deleted and not message.ephemeral:
        return message
    if given.get("fail_if_not_exists", True):
        raise invalid_form([Problem(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")])
    return None


def _same_nonce(call: Call, channel: Channel, payload: Object) -> Message | None:
    nonce = payload.get("nonce")
    if nonce is None or not payload.get("enforce_nonce"):
        return None
    world = call.discord.world
    for message in reversed(channel.timeline):
        if world.clock.now() - message.created_at > NONCE_LIFE:
            return None
        if message.author is world.bot and str(message.nonce) == str(nonce) and not message.deleted:
            return message
    return None


def _page(call: Call) -> tuple[int, dict[str, int]]:
    anchors = {key: snowflake(call.query[key]) for key in ("around", "before", "after") if key in call.query}
    known = {key: value for key, value in anchors.items() if value is not None}
    limit = snowflake(call.query.get("limit", "50"))
    form = Form({"limit": limit if limit is not None else call.query.get("limit")})
    form.whole("limit", least=1, most=100)
    for key in anchors.keys() - known.keys():
        form.complain(key, "NUMBER_TYPE_COERCE", f'Value "{call.query[key]}" is not snowflake.')
    if len(anchors) > 1:
        form.complain(None, "MESSAGES_ANCHORS_EXCLUSIVE", "around, before and after are mutually exclusive.")
    if form.problems or limit is None:
        raise invalid_form(form.problems)
    return limit, known


def _present(call: Call, message: Message) -> Object:
    """The message as the bot may read it: without the message content intent, others' messages come empty."""
    written = present.message(call.discord.world, call.discord.origin, message)
    bot = call.discord.world.bot
    readable = message.author is bot or message.channel.recipient is not None or bot in message.mentions
    if not readable:
        written |= {"content": "", "embeds": [], "attachments": [], "components": []}
    return written


ROUTES = (
    Route("GET", "/channels/{channel}", read_channel),
    Route("GET", "/channels/{channel}/messages", read_messages),
    Route("POST", "/channels/{channel}/messages", create_message),
    Route("GET", "/channels/{channel}/messages/{message}", read_message),
    Route("PATCH", "/channels/{channel}/messages/{message}", edit_message),
    Route("DELETE", "/channels/{channel}/messages/{message}", delete_message),
)
