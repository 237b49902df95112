"""The bot's own account: who it is, its gateway and commands, users and servers it may read, direct messages."""

from sandbox.discord import present
from sandbox.discord.call import Answer, Call, Route
from sandbox.discord.command_form import commands_problems
from sandbox.discord.errors import DiscordError, invalid_form, refusal
from sandbox.discord.permission import in_server
from sandbox.discord.place import Channel, Membership, Server, User
from sandbox.discord.wire import snowflake


async def read_self(call: Call) -> Answer:
    """GET /users/@me."""
    return Answer(present.own_user(call.discord.world.bot))


async def read_user(call: Call) -> Answer:
    """GET /users/{user}: 10013 when there is none."""
    return Answer(present.user(_user(call, call.id("user"), refusal(10013))))


async def read_application(call: Call) -> Answer:
    """GET /oauth2/applications/@me and /applications/@me."""
    world = call.discord.world
    return Answer(
        {
            "id": str(world.bot.id),
            "name": world.bot.name,
            "icon": None,
            "description": "",
            "type": None,
            "bot": present.user(world.bot),
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": present.user(world.server().owner),
            "team": None,
            "integration_types_config": {"0": {}},
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "approximate_guild_count": len(world.servers),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "event_webhooks_url": None,
            "event_webhooks_status": 1,
            "event_webhooks_types": [],
            "eligible_oauth2_scopes": [],
            "explicit_content_filter": 0,
            "rpc_origins": [],
            "max_participants": None,
            "tags": [],
            "flags_new": "0",
        }
    )


async def read_gateway(call: Call) -> Answer:
    """GET /gateway."""
    return Answer({"url": call.discord.gateway_url})


async def read_gateway_bot(call: Call) -> Answer:
    """GET /gateway/bot: one shard, and how many sessions may still be started today."""
    started = call.discord.gateway.identifies
    limit = {"total": 1000, "remaining": 1000 - started, "reset_after": 86_400_000, "max_concurrency": 1}
    return Answer({"url": call.discord.gateway_url, "shards": 1, "session_start_limit": limit})


async def read_commands(call: Call) -> Answer:
    """GET /applications/{application}/commands, or those of one server."""
    return Answer(call.discord.commands.registered(_scope(call)))


async def write_commands(call: Call) -> Answer:
    """PUT /applications/{application}/commands, or those of one server: replaces all of them."""
    scope = _scope(call)
    wanted = call.objects()
    problems = commands_problems(wanted)
    if problems:
        raise invalid_form(problems)
    return Answer(call.discord.commands.replace(scope, wanted))


async def open_direct(call: Call) -> Answer:
    """POST /users/@me/channels: the direct messages with a user; 50033 when there is no such user."""
    user = _user(call, snowflake(call.object().get("recipient_id")), refusal(50033))
    if user.bot:
        raise refusal(50007)
    return Answer(present.channel(call.discord.world.direct(user)))


async def read_servers(call: Call) -> Answer:
    """GET /users/@me/guilds: the servers that the bot is in, with what its roles grant there (no overwrites)."""
    world = call.discord.world
    found = [
        _listed(server, server.members[world.bot.id])
        for server in world.servers.values()
        if world.bot.id in server.members
    ]
    return Answer(found[: int(call.query.get("limit", "200"))])


def _listed(server: Server, membership: Membership) -> dict[str, object]:
    granted = in_server([server.everyone.permissions, *(role.permissions for role in membership.roles)])
    about: dict[str, object] = {
        "id": str(server.id),
        "name": server.name,
        "icon": None,
        "banner": None,
        "features": [],
    }
    return {**about, "owner": server.owner is membership.user, "permissions": str(int(granted))}


async def read_server(call: Call) -> Answer:
    """GET /guilds/{guild}: 10004 unless the bot is in it."""
    world = call.discord.world
    server = world.servers.get(call.id("guild") or 0)
    if server is None or world.bot.id not in server.members:
        raise refusal(10004)
    return Answer(present.server(server))


async def read_member(call: Call) -> Answer:
    """GET /guilds/{guild}/members/{user}: 10004 unless the bot is in it, 10013: nobody, 10007: no member."""
    world = call.discord.world
    server = world.servers.get(call.id("guild") or 0)
    if server is None or world.bot.id not in server.members:
        raise refusal(10004)
    user = _user(call, call.id("user"), refusal(10013))
    if user.id not in server.members:
        raise refusal(10007)
    return Answer(present.member(server.members[user.id]))


def may_reach(call: Call, channel: Channel) -> bool:
    """Whether messages in `channel` arrive: a recipient must let them in, and share a server with the bot."""
    world, user = call.discord.world, channel.recipient
    if user is None:
        return True
    together = any(user.id in each.members and world.bot.id in each.members for each in world.servers.values())
    return user.dms_open and together


def _user(call: Call, user_id: int | None, otherwise: DiscordError) -> User:
    user = call.discord.world.users.get(user_id or 0)
    if user is None:
        raise otherwise
    return user


def _scope(call: Call) -> int | None:
    """None for global commands, else the server. 20012: another application; 50001: a server without the bot."""
    world = call.discord.world
    if call.id("application") != world.bot.id:
        raise refusal(20012)
    if "guild" not in call.ids:
        return None
    server = world.servers.get(call.id("guild") or 0)
    if server is None or world.bot.id not in server.members:
        raise refusal(50001)
    return server.id


ROUTES = (
    Route("GET", "/users/@me", read_self),
    Route("POST", "/users/@me/channels", open_direct),
    Route("GET", "/users/@me/guilds", read_servers),
    Route("GET", "/users/{user}", read_user),
    Route("GET", "/oauth2/applications/@me", read_application),
    Route("GET", "/applications/@me", read_application),
    Route("GET", "/gateway", read_gateway),
    Route("GET", "/gateway/bot", read_gateway_bot),
    Route("GET", "/guilds/{guild}", read_server),
    Route("GET", "/guilds/{guild}/members/{user}", read_member),
    Route("GET", "/applications/{application}/commands", read_commands),
    Route("PUT", "/applications/{application}/commands", write_commands),
    Route("GET", "/applications/{application}/guilds/{guild}/commands", read_commands),
    Route("PUT", "/applications/{application}/guilds/{guild}/commands", write_commands),
)
