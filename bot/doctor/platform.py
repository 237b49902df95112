"""Discord: the token, the gateway, the servers with what the bot may do there, and its commands.

Read over REST, and with a connection to the gateway that ends before it identifies: nothing that a bot which runs
would notice, and none of the sessions that it may start in a day.
"""

from typing import Any, Final, cast

import aiohttp
import httpx

from bot.doctor.finding import Finding, look, ok, wrong
from bot.settings import NOT_SET, Settings

ADMINISTRATOR: Final = 1 << 3
NEEDED: Final = {
    1 << 10: "View Channel",
    1 << 11: "Send Messages",
    1 << 14: "Embed Links",
    1 << 16: "Read Message History",
    1 << 38: "Send Messages in Threads",
}
WANTED: Final = {1 << 15: "Attach Files"}
"""Bits of Discord's permissions, as its documentation numbers them; the README's invite link asks for these."""

FEW_SESSIONS: Final = 50
INVITE: Final = "open the README's invite link once more"
HELLO: Final = 10  # the gateway's first word


class Unanswered(Exception):
    """Discord gave no answer that can be read. The message says which."""


class Discord:
    """`http` needs no authorization of its own: the token goes with each request, and to this address alone."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings

    async def get(self, path: str) -> Any:
        """An answer's JSON. Raises Unanswered, with the status where there is one."""
        headers = {"Authorization": f"Bot {self._settings.discord_token}"}
        try:
            response = await self._http.get(f"{self._settings.discord_api_url}{path}", headers=headers)
            if response.status_code != 200:
                raise Unanswered(f"HTTP {response.status_code}")
            return response.json()
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise Unanswered(type(error).__name__) from error

    async def check(self, registered: frozenset[str] | None) -> list[Finding]:
        """Everything. `registered`: the names of the commands that the bot gave to Discord, if it ever did."""
        if self._settings.discord_token == NOT_SET:
            return [look("Discord", "it was not asked, since DISCORD_TOKEN is missing or wrong")]
        try:
            me = cast("dict[str, Any]", await self.get("/users/@me"))
        except Unanswered as error:
            if str(error) == "HTTP 401":
                mend = "reset it in the developer portal (Bot > Reset Token), and copy the new one"
                return [wrong("DISCORD_TOKEN", "Discord refuses this token", mend)]
            mend = "look at this machine's network, at DISCORD_API_URL, and at discordstatus.com"
            return [wrong("Discord", f"it does not answer as it should: {error}", mend)]
        found = [ok("DISCORD_TOKEN", f"Discord knows it as {me.get('username')}")]
        for check in (self._gateway(), self._servers(), self._commands(registered)):
            try:
                found += await check
            except (Unanswered, KeyError, TypeError, ValueError, AttributeError) as error:
                found.append(look("Discord", f"an answer could not be read: {type(error).__name__} {error}"))
        return found

    async def _gateway(self) -> list[Finding]:
        told = await self.get("/gateway/bot")
        limit = told["session_start_limit"]
        left, hours = int(limit["remaining"]), int(limit["reset_after"]) / 3_600_000
        mend = "look whether a firewall lets WebSockets out"
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{told['url']}?v=10&encoding=json", max_msg_size=100_000) as gateway,
            ):
                hello = await gateway.receive_json(timeout=5)
        except (aiohttp.ClientError, OSError, TimeoutError, TypeError, ValueError) as error:
            return [wrong("gateway", f"it cannot be reached: {type(error).__name__}", mend)]
        if not isinstance(hello, dict) or cast("dict[str, Any]", hello).get("op") != HELLO:
            return [wrong("gateway", "what answers there is no gateway of Discord's", mend)]
        says = f"it answers; {left} sessions may still be started in the next {hours:.0f} h"
        if left < FEW_SESSIONS:
            return [look("gateway", says, "find out why the bot starts so often, before it runs out of them")]
        return [ok("gateway", says)]

    async def _servers(self) -> list[Finding]:
        servers = cast("list[dict[str, Any]]", await self.get("/users/@me/guilds?limit=200"))
        if not servers:
            return [look("servers", "the bot is in none", "invite it with the README's link")]
        found: list[Finding] = []
        fine = 0
        for server in servers:
            granted = int(server["permissions"])
            missing = [
                name for bit, name in (NEEDED | WANTED).items() if not granted & bit and not granted & ADMINISTRATOR
            ]
            says = f"in {str(server['name'])[:60]} ({server['id']}) it lacks {', '.join(missing)}"
            if set(missing) & set(NEEDED.values()):
                found.append(wrong("permissions", says, f"{INVITE}, or give its role these"))
            elif missing:
                found.append(look("permissions", says, f"{INVITE}: edits are posted without their sound otherwise"))
            else:
                fine += 1
        if fine:
            note = "a channel of its own rules may still deny them, which is said there before anything is bought"
            found.append(ok("permissions", f"all that are asked for, in {fine} of {len(servers)} servers; {note}"))
        return [*found, *self._strangers(servers)]

    def _strangers(self, servers: list[dict[str, Any]]) -> list[Finding]:
        allowed = self._settings.allowed_servers
        if allowed is None or allowed == "*":
            return []
        absent = sorted(allowed - {int(server["id"]) for server in servers})
        names = ", ".join(map(str, absent))
        return (
            [look("ALLOWED_SERVERS", f"the bot is not in {names}", "invite it there, or mend the id")]
            if absent
            else []
        )

    async def _commands(self, registered: frozenset[str] | None) -> list[Finding]:
        application = await self.get("/oauth2/applications/@me")
        theirs = {str(each["name"]) for each in await self.get(f"/applications/{application['id']}/commands")}
        if registered is None:
            return [look("commands", "they were not registered from this database yet", "start the bot once")]
        if theirs ^ registered:
            differing = ", ".join(_written(name) for name in sorted(theirs ^ registered))
            says = f"Discord has others than were registered: {differing}"
            return [wrong("commands", says, "restart the bot; no other program may use its token")]
        return [ok("commands", f"Discord has all {len(theirs)}")]


def _written(name: str) -> str:
    """A slash command as it is typed; the name of a menu on messages has capitals and spaces."""
    return f"/{name}" if name.islower() and " " not in name else f"“{name}”"
