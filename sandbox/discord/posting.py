"""Payload to message: makes and edits messages in the world. Whether the bot may was checked before."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.discord.attachment import Attachment
from sandbox.discord.component import Type, walk
from sandbox.discord.errors import invalid_form, refusal
from sandbox.discord.forms import message_problems
from sandbox.discord.mention import mentioned, unfurled
from sandbox.discord.message import Flag, Message, MessageType
from sandbox.discord.place import Channel, User, upload_limit
from sandbox.discord.rules import is_empty, objects
from sandbox.discord.wire import Object, snowflake
from sandbox.discord.world import World


@dataclass(frozen=True)
class Upload:
    """A file in a multipart request: the part `files[n]`."""

    filename: str
    data: bytes


Uploads = Mapping[int, Upload]


def compose(
    world: World,
    channel: Channel,
    payload: Object,
    uploads: Uploads,
    *,
    allowed_flags: Flag,
    author: User | None = None,
    kind: MessageType = MessageType.DEFAULT,
    visible_to: User | None = None,
    by_webhook: bool = False,
    interaction: Object | None = None,
    reference: Message | None = None,
) -> Message:
    """A new message of the bot (or of `author`) from `payload`, not yet in its channel.

    50035 with all problems, or 50006 when it is empty.
    """
    problems = message_problems(payload, allowed_flags=allowed_flags)
    if problems:
        raise invalid_form(problems)
    if is_empty(payload, files=len(uploads)):
        raise refusal(50006)
    message = Message(
        id=world.snowflake(),
        channel=channel,
        author=author or world.bot,
        created_at=world.clock.now(),
        type=kind,
        visible_to=visible_to,
        nonce=payload.get("nonce"),
        by_webhook=by_webhook,
        interaction=interaction,
        reference=reference,
    )
    fill(world, message, payload, uploads)
    _ping(world, message, payload.get("allowed_mentions"), new=True)
    return message


def edit(world: World, message: Message, payload: Object, uploads: Uploads, *, allowed_flags: Flag) -> None:
    """Change `message` as `payload` says: what is not in it stays. 50035 or 50006 when the result is no message."""
    after = _after(message, payload)
    unchanged = message.flags | Flag.LOADING | Flag.EPHEMERAL  # a client sends back the bits that it read
    problems = message_problems(after, allowed_flags=allowed_flags | unchanged)
    if problems:
        raise invalid_form(problems)
    if is_empty(after, files=len(uploads) + len(_kept(message, payload))):
        raise refusal(50006)
    was_thinking = message.thinking
    fill(world, message, payload, uploads)
    _ping(world, message, payload.get("allowed_mentions"), new=was_thinking)
    if not was_thinking:
        message.edited_at = world.clock.now()
        message.edits += 1
    world.changes.announce()


def fill(world: World, message: Message, payload: Object, uploads: Uploads) -> None:
    """Put what `payload` has into `message`; a placeholder stops thinking."""
    if "content" in payload:
        message.content = (payload["content"] or "").strip()
    for key in ("embeds", "components"):
        if key in payload:
            setattr(message, key, payload[key] or [])
    if payload.get("flags") is not None:
        message.flags = Flag(payload["flags"]) & ~Flag.EPHEMERAL | message.flags & Flag.IS_COMPONENTS_V2
    message.flags &= ~Flag.LOADING
    message.attachments = _kept(message, payload) + _uploaded(world, message, payload, uploads)


def _after(message: Message, payload: Object) -> Object:
    """The payload that would make `message` as it is after the edit."""
    now: Object = {"content": message.content, "embeds": message.embeds, "components": message.components}
    after = {**now, **payload}
    if message.flags & Flag.IS_COMPONENTS_V2 or after.get("flags") is not None:
        after["flags"] = (after.get("flags") or 0) | (message.flags & Flag.IS_COMPONENTS_V2)
    return after


def _kept(message: Message, payload: Object) -> list[Attachment]:
    if payload.get("attachments") is None:
        return message.attachments if "attachments" not in payload else []
    ids = {snowflake(each.get("id")) for each in objects(payload, "attachments")}
    return [attachment for attachment in message.attachments if attachment.id in ids]


def _uploaded(world: World, message: Message, payload: Object, uploads: Uploads) -> list[Attachment]:
    described = {snowflake(each.get("id")): each for each in objects(payload, "attachments")}
    added: list[Attachment] = []
    for number, upload in sorted(uploads.items()):
        if len(upload.data) > upload_limit(message.channel.server):
            raise refusal(40005)
        about = described.get(number, {})
        attachment = world.add_file(
            about.get("filename") or upload.filename, upload.data, channel_id=message.channel.id
        )
        attachment.description = about.get("description")
        added.append(attachment)
    return added


def _ping(world: World, message: Message, allowed: object, *, new: bool) -> None:
    """Recompute mentions and unfurls. Only a new message notifies anybody."""
    texts = [each.get("content") for each in walk(message.components) if each.get("type") == Type.TEXT_DISPLAY]
    text = "\n".join([message.content, *(each for each in texts if isinstance(each, str))])
    may = world.permissions(message.author, message.channel)
    found = mentioned(
        text,
        message.channel,
        allowed,
        may=may,
        users=world.users.values(),
        users_only=message.by_webhook,
        reply_to=message.reference if not message.by_webhook else None,
    )
    message.mentions = found.users
    message.mention_roles = [role.id for role in found.roles]
    message.mention_everyone = found.everyone
    if new:
        message.pings = found.names
    message.unfurls = unfurled(message.content, message.flags, may=may)
