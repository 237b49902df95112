"""The world as JSON: users, roles, members, channels, servers, messages as Discord writes them."""

from sandbox.discord.attachment import Attachment
from sandbox.discord.component import presented
from sandbox.discord.message import Flag, Message
from sandbox.discord.place import Channel, ChannelType, Membership, Role, Server, User
from sandbox.discord.wire import Object, array, stamp
from sandbox.discord.world import World


def user(one: User) -> Object:
    """A user."""
    return {
        "id": str(one.id),
        "username": one.name.lower().replace(" ", "_").replace("'", ""),
        "global_name": None if one.bot else one.name,
        "discriminator": "0000" if one.bot else "0",
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
        **({"bot": True} if one.bot else {}),
    }


def own_user(one: User) -> Object:
    """The bot about itself."""
    return {
        **user(one),
        "mfa_enabled": True,
        "locale": one.locale,
        "verified": True,
        "email": None,
        "premium_type": 0,
    }


def role(one: Role) -> Object:
    """A role."""
    return {
        "id": str(one.id),
        "name": one.name,
        "description": None,
        "permissions": str(int(one.permissions)),
        "position": one.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": one.managed,
        "mentionable": one.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def member(one: Membership) -> Object:
    """A member without their permissions."""
    return {
        "user": user(one.user),
        "roles": [str(role.id) for role in one.roles],
        "nick": one.nick,
        "avatar": None,
        "banner": None,
        "joined_at": stamp(one.joined_at),
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def channel(one: Channel) -> Object:
    """A channel, thread or direct message."""
    last = str(one.messages[-1].id) if one.messages else None
    common: Object = {"id": str(one.id), "type": int(one.type), "flags": 0, "last_message_id": last}
    if one.type is ChannelType.DM:
        return {**common, "recipients": [user(one.recipient)] if one.recipient else []}
    server_id = str(one.server.id) if one.server else None
    common |= {"guild_id": server_id, "name": one.name, "rate_limit_per_user": 0}
    if one.parent is not None:
        return common | _thread(one, one.parent)
    return common | {
        "topic": None,
        "position": 0,
        "parent_id": None,
        "nsfw": one.nsfw,
        "permission_overwrites": [
            {
                "id": str(overwrite.target_id),
                "type": int(overwrite.for_member),
                "allow": str(int(overwrite.allow)),
                "deny": str(int(overwrite.deny)),
            }
            for overwrite in one.overwrites
        ],
    }


def server(one: Server) -> Object:
    """A server, as GET /guilds/{guild} and GUILD_CREATE begin."""
    return {
        "id": str(one.id),
        "name": one.name,
        "owner_id": str(one.owner.id),
        "roles": [role(each) for each in one.roles.values()],
        "preferred_locale": one.locale,
        "premium_tier": one.boost_tier,
        "premium_subscription_count": 0,
        "max_members": 500000,
        "nsfw_level": 0,
        "nsfw": False,
        "features": [],
        "emojis": [],
        "stickers": [],
        **_SERVER_DEFAULTS,
    }


def server_create(world: World, one: Server) -> Object:
    """The payload of GUILD_CREATE. Without the members intent only the bot's own member comes along."""
    channels = [each for each in one.channels.values() if not each.is_thread]
    threads = [each for each in one.channels.values() if each.is_thread and not each.archived]
    return server(one) | {
        "joined_at": stamp(one.joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(one.members),
        "members": [member(one.members[world.bot.id])],
        "channels": [channel(each) for each in channels],
        "threads": [channel(each) for each in threads],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment(world: World, origin: str, one: Attachment) -> Object:
    """A file, with fresh links under `origin`."""
    url = one.link(origin, world.clock.now())
    optional: Object = {
        "content_type": one.content_type,
        "description": one.description,
        "width": one.width,
        "height": one.height,
        "duration_secs": one.duration_secs,
        "ephemeral": one.ephemeral or None,
    }
    written: Object = {
        "id": str(one.id),
        "filename": one.filename,
        "size": len(one.data),
        "url": url,
        "proxy_url": url,
    }
    return written | {key: value for key, value in optional.items() if value is not None}


def message(world: World, origin: str, one: Message, *, with_reference: bool = True) -> Object:
    """A message. The nonce is only in the answer to its creation, so it is not here."""
    written: Object = {
        "id": str(one.id),
        "type": int(one.type),
        "channel_id": str(one.channel.id),
        "author": user(one.author),
        "content": one.content,
        "timestamp": stamp(one.created_at),
        "edited_timestamp": stamp(one.edited_at) if one.edited_at else None,
        "tts": False,
        "pinned": False,
        "flags": int(one.flags) | (Flag.EPHEMERAL if one.ephemeral else 0),
        "mention_everyone": one.mention_everyone,
        "mentions": [user(each) for each in one.mentions],
        "mention_roles": [str(each) for each in one.mention_roles],
        "embeds": [_embed(each) for each in one.embeds],
        "components": presented(one.components),
        "attachments": [attachment(world, origin, each) for each in one.attachments],
    }
    if one.by_webhook:
        written |= {"application_id": str(world.bot.id), "webhook_id": str(world.bot.id)}
    if one.interaction is not None:
        written["interaction_metadata"] = one.interaction
    if one.reference is not None and with_reference:
        written |= _reference(world, origin, one.reference)
    return written


def _embed(one: Object) -> Object:
    fields = [{"inline": False, **each} for each in array(one.get("fields"))]
    return {
        key: value for key, value in ({"type": "rich", **one, "fields": fields}).items() if value not in (None, [])
    }


def _reference(world: World, origin: str, to: Message) -> Object:
    reference: Object = {"type": 0, "message_id": str(to.id), "channel_id": str(to.channel.id)}
    if to.channel.server is not None:
        reference["guild_id"] = str(to.channel.server.id)
    shown = None if to.deleted else message(world, origin, to, with_reference=False)
    return {"message_reference": reference, "referenced_message": shown}


def _thread(one: Channel, parent: Channel) -> Object:
    return {
        "parent_id": str(parent.id),
        "owner_id": str(one.server.owner.id if one.server else 0),
        "message_count": len(one.messages),
        "total_message_sent": len(one.messages),
        "member_count": 1,
        "thread_metadata": {
            "archived": one.archived,
            "auto_archive_duration": 4320,
            "archive_timestamp": "2026-01-01T00:00:00.000000+00:00",
            "locked": one.locked,
            "create_timestamp": "2026-01-01T00:00:00.000000+00:00",
        },
    }


_SERVER_DEFAULTS: Object = {
    "icon": None,
    "description": None,
    "home_header": None,
    "splash": None,
    "discovery_splash": None,
    "banner": None,
    "application_id": None,
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 0,
    "default_message_notifications": 0,
    "mfa_level": 0,
    "explicit_content_filter": 0,
    "max_presences": None,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "vanity_url_code": None,
    "premium_progress_bar_enabled": False,
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "public_updates_channel_id": None,
    "incidents_data": None,
}
