"""What can go wrong with Discord, by name: a closed list. Each has a row in tests/faults/.

`post` and `edit` are messages in channels; `answer` is the first answer to an interaction, `card` what it shows
later; `look` reads a channel; `start` is the first request of all. The others happen at once: to the gateway's
sockets, or to the place in which the bot has last posted.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sandbox.discord.connection import Close
from sandbox.discord.faults import HANDSHAKE, banned, cut, refused, unavailable, web_page
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.discord.ratelimit import too_many
from sandbox.faults import Fault, Switch

if TYPE_CHECKING:
    from sandbox.discord.server import Discord

Flip: TypeAlias = "Callable[[Discord, int], None]"

POST: Final = "POST /channels/{channel}/messages"
EDIT: Final = "PATCH /channels/{channel}/messages/{message}"
LOOK: Final = "GET /channels/{channel}/messages"
ANSWER: Final = "POST /interactions/{interaction}/{token}/callback"
CARD: Final = "PATCH /webhooks/{application}/{token}/messages/@original"
DIRECT: Final = "POST /users/@me/channels"
START: Final = "GET /users/@me"

SOON: Final = 0.3
"""Seconds, where a rate limit names them."""

LONG: Final = 45.0
"""Seconds of a rate limit that nobody waits for with a request open."""


def _meets(operation: str, fault: Fault) -> Flip:
    """So many of the next requests of `operation` meet a fault."""
    return lambda discord, times: discord.faults.add(operation, fault, times=times)


def _now(happens: "Callable[[Discord], Coroutine[Any, Any, None]]") -> Flip:
    return lambda discord, _: discord.soon(happens(discord))


def _here(happens: "Callable[[Discord, Channel], None]") -> Flip:
    def at_once(discord: "Discord", _: int) -> None:
        happens(discord, place(discord))
        discord.world.changes.announce()

    return at_once


def place(discord: "Discord") -> Channel:
    """The channel or thread of a server in which the bot has last posted."""
    world = discord.world
    own = (each for each in reversed(world.messages.values()) if each.author is world.bot and not each.ephemeral)
    return next(each.channel for each in own if each.channel.server is not None)


def _loses(*permissions: Permission) -> Flip:
    def deny(discord: "Discord", channel: Channel) -> None:
        channel.deny(discord.world.bot, *permissions)

    return _here(deny)


async def _delete_last(discord: "Discord") -> None:
    channel = place(discord)
    await discord.remove(next(each for each in reversed(channel.messages) if each.author is discord.world.bot))


async def _kick(discord: "Discord") -> None:
    server = place(discord).server
    assert server is not None
    await discord.kick(server)


def _delete_channel(discord: "Discord", channel: Channel) -> None:
    discord.world.delete_channel(channel)


def _archive(_: "Discord", channel: Channel) -> None:
    channel.archived = True


def _lock(_: "Discord", channel: Channel) -> None:
    channel.locked = channel.archived = True


async def _unreadable(discord: "Discord") -> None:
    await discord.gateway.dispatch("INTERACTION_CREATE", {"id": "not a number", "type": 2})


_FLIPS: Final[Mapping[str, tuple[Flip, str]]] = {
    "post 429": (_meets(POST, too_many(SOON)), "Too many posts in this channel, for a moment."),
    "post 429 global": (
        _meets(POST, too_many(SOON, everywhere=True)),
        "Too many requests of all kinds, for a moment.",
    ),
    "post 429 long": (
        _meets(POST, too_many(LONG)),
        "Too many posts, and not to be tried again for most of a minute.",
    ),
    "post 429 long global": (
        _meets(POST, too_many(LONG, everywhere=True)),
        "Too many requests of all kinds, and none to be made for most of a minute.",
    ),
    "post 429 banned": (_meets(POST, banned(LONG)), "Cloudflare refuses a post, without a Via."),
    "post 500": (_meets(POST, unavailable(500)), "A fault of Discord's, and no message."),
    "post 503": (_meets(POST, unavailable(503)), "Discord is overloaded; there is no message."),
    "post 502 accepted": (
        _meets(POST, unavailable(takes_effect=True)),
        "The message is there; the answer is a 502.",
    ),
    "post 503 accepted": (
        _meets(POST, unavailable(503, takes_effect=True)),
        "The message is there; the answer is a 503, which the library does not try again.",
    ),
    "post cut": (_meets(POST, cut()), "The connection is cut, and there is no message."),
    "post cut accepted": (_meets(POST, cut(takes_effect=True)), "The message is there, and the connection is cut."),
    "edit 429": (_meets(EDIT, too_many(SOON)), "Too many edits, for a moment."),
    "edit 429 long": (_meets(EDIT, too_many(LONG)), "Too many edits, and not to be tried again for long."),
    "edit 500": (_meets(EDIT, unavailable(500)), "A fault of Discord's, and nothing is edited."),
    "edit 503": (_meets(EDIT, unavailable(503)), "Discord is overloaded; nothing is edited."),
    "edit 502 accepted": (_meets(EDIT, unavailable(takes_effect=True)), "It is edited; the answer is a 502."),
    "edit cut": (_meets(EDIT, cut()), "The connection is cut, and nothing is edited."),
    "edit cut accepted": (_meets(EDIT, cut(takes_effect=True)), "It is edited, and the connection is cut."),
    "look 503": (_meets(LOOK, unavailable(503)), "A channel cannot be read now."),
    "answer 429": (_meets(ANSWER, too_many(SOON)), "Too many answers, for a moment."),
    "answer 502": (_meets(ANSWER, unavailable()), "A fault of Discord's, and no answer."),
    "answer 502 accepted": (_meets(ANSWER, unavailable(takes_effect=True)), "It is answered; the answer is a 502."),
    "answer cut": (_meets(ANSWER, cut()), "The connection is cut, and there is no answer."),
    "answer cut accepted": (_meets(ANSWER, cut(takes_effect=True)), "It is answered, and the connection is cut."),
    "answer 10062": (_meets(ANSWER, refused(10062)), "The answer came too late: the interaction is gone."),
    "answer 40060": (_meets(ANSWER, refused(40060)), "It has been answered already, says Discord."),
    "card 500": (_meets(CARD, unavailable(500)), "A card cannot be changed now."),
    "card cut": (_meets(CARD, cut()), "The connection is cut, and the card is not changed."),
    "card 50027": (_meets(CARD, refused(50027)), "The interaction's token is no longer taken."),
    "card 10008": (_meets(CARD, refused(10008)), "The card was dismissed."),
    "direct 500": (_meets(DIRECT, unavailable(500)), "Direct messages cannot be opened now."),
    "direct 50007": (_meets(POST, refused(50007)), "A member takes no direct messages from the bot."),
    "start 502": (_meets(START, unavailable()), "A 502 at the start."),
    "start page": (_meets(START, web_page()), "A page at the start: this is not Discord."),
    "gateway handshake 503": (_meets(HANDSHAKE, unavailable(503)), "The gateway's handshake fails."),
    "gateway handshake cut": (_meets(HANDSHAKE, cut()), "The gateway's handshake is cut."),
}

_AT_ONCE: Final[Mapping[str, tuple[Flip, str]]] = {
    "gateway drop": (_now(lambda discord: discord.gateway.drop()), "The gateway's sockets are cut."),
    "gateway reconnect": (
        _now(lambda discord: discord.gateway.reconnect()),
        "The gateway asks to reconnect (op 7).",
    ),
    "gateway invalid": (_now(lambda discord: discord.gateway.invalidate()), "The session is invalid (op 9)."),
    "gateway invalid resumable": (
        _now(lambda discord: discord.gateway.invalidate(resumable=True)),
        "The session is invalid, and may be resumed (op 9).",
    ),
    "gateway unreadable event": (_now(_unreadable), "An event of the gateway's lacks what it needs."),
    "gateway malformed frame": (_now(lambda discord: discord.gateway.say('{"op": 0, "d"')), "A frame is no JSON."),
    "gateway 4004": (
        _now(lambda discord: discord.gateway.end(Close.AUTHENTICATION_FAILED)),
        "The token is no longer taken, and the gateway ends the session for good.",
    ),
    "progress deleted": (_now(_delete_last), "Somebody deletes the bot's last message."),
    "channel deleted": (_here(_delete_channel), "The channel is deleted."),
    "permission view": (_loses(Permission.VIEW_CHANNEL), "The bot may no longer see the channel."),
    "permission send": (
        _loses(Permission.SEND_MESSAGES, Permission.SEND_MESSAGES_IN_THREADS),
        "The bot may no longer post in the channel.",
    ),
    "permission embed": (_loses(Permission.EMBED_LINKS), "The bot may no longer embed links in the channel."),
    "permission attach": (_loses(Permission.ATTACH_FILES), "The bot may no longer attach files in the channel."),
    "permission history": (_loses(Permission.READ_MESSAGE_HISTORY), "The bot may no longer read what was said."),
    "thread archived": (_here(_archive), "The thread is archived."),
    "thread locked": (_here(_lock), "The thread is archived and locked."),
    "kicked": (_now(_kick), "The bot is taken out of the server."),
}

SWITCHES: Final[Mapping[str, "Switch[Discord]"]] = {
    **{name: Switch(says, turn_on) for name, (turn_on, says) in _FLIPS.items()},
    **{name: Switch(says, turn_on, at_once=True) for name, (turn_on, says) in _AT_ONCE.items()},
}
