"""`./run doctor`: looks at everything that has to be right, says a line of each, and changes nothing.

Each check stands by itself and ends in time, so that one that fails hides no other; the bot may run meanwhile.
Exit status: 0 all is well, 1 something is wrong, 2 the doctor itself cannot work.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import httpx

from bot import logs
from bot.doctor import database, files
from bot.doctor.clock import Clocks
from bot.doctor.finding import Finding, Mark, look, ok, wrong
from bot.doctor.platform import Discord
from bot.doctor.provider import check_account, check_prices
from bot.settings import NOT_SET, Listen, Settings, examine

LONGEST: Final = 20.0  # seconds for each check
CANNOT_WORK: Final = 2
TIMEOUT: Final = httpx.Timeout(10, connect=5)  # seconds


def main() -> int:
    if len(sys.argv) > 1:
        print("doctor: it takes no words; see README, When something is wrong", file=sys.stderr)  # noqa: T201
        return CANNOT_WORK
    settings, wrongs = examine()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr] # a terminal that has no ✓
    logs.configure("CRITICAL", settings.secrets)
    found = asyncio.run(examined(settings, wrongs))
    for finding in found:
        print(logs.hide(str(finding), settings.secrets))  # noqa: T201 - what it is for
    return int(any(finding.mark is Mark.WRONG for finding in found))


async def examined(settings: Settings, wrongs: dict[str, str]) -> list[Finding]:
    """Every finding, in an order that begins with what has to be mended first."""
    clocks = Clocks()
    async with httpx.AsyncClient(
        timeout=TIMEOUT, follow_redirects=False, trust_env=False, event_hooks={"response": [clocks.note]}
    ) as http:
        groups = await asyncio.gather(
            _in_time("files", _thread_files(settings)),
            _in_time("database", _thread_database(settings, wrongs)),
            _in_time("Discord", _discord(http, settings, wrongs)),
            _in_time("provider", _provider(http, settings, wrongs)),
            _in_time("prices", check_prices(http, settings, datetime.now(UTC).date())),
            _in_time("health", _health(settings.health)),
        )
    return [*_settings(wrongs), *(finding for group in groups for finding in group), *clocks.findings()]


def _settings(wrongs: dict[str, str]) -> list[Finding]:
    if not wrongs:
        return [ok("settings", "all can be read")]
    return [wrong(name, says, _mended(name)) for name, says in wrongs.items()]


def _mended(name: str) -> str:
    """How: a setting has its line in a file, and the file itself may be what is wrong."""
    if name.endswith(".env"):
        return f"save {name} as UTF-8 text; it was read as if it were not there"
    return f"mend {name} in .env; .env.example says more"


async def _in_time(what: str, check: Awaitable[Iterable[Finding]]) -> list[Finding]:
    """Its findings; one that says so where it fails or takes too long."""
    try:
        async with asyncio.timeout(LONGEST):
            return list(await check)
    except TimeoutError:
        return [wrong(what, f"it took more than {LONGEST:g} s", "try again; if it stays so, something hangs there")]
    except Exception as error:  # one check that fails hides no other
        return [
            wrong(what, f"it could not be looked at: {type(error).__name__}: {error}", "report it (SECURITY.md)")
        ]


async def _thread_files(settings: Settings) -> list[Finding]:
    return await asyncio.to_thread(lambda: list(files.check(settings)))


async def _thread_database(settings: Settings, wrongs: dict[str, str]) -> list[Finding]:
    if "DATABASE_URL" in wrongs:
        return [look("database", "it was not looked at, since DATABASE_URL is wrong")]
    return await asyncio.to_thread(lambda: list(database.check(settings.database, now=time.time())))


async def _discord(http: httpx.AsyncClient, settings: Settings, wrongs: dict[str, str]) -> list[Finding]:
    if "DISCORD_API_URL" in wrongs:
        return [look("Discord", "it was not asked, since DISCORD_API_URL is wrong")]
    names = await asyncio.to_thread(database.registered, settings.database)
    return await Discord(http, settings).check(names)


async def _provider(http: httpx.AsyncClient, settings: Settings, wrongs: dict[str, str]) -> list[Finding]:
    missing = next((name for name in ("RUNWARE_API_URL", "RUNWARE_API_KEY") if name in wrongs), None)
    if missing or settings.runware_api_key == NOT_SET:
        return [look("provider", f"it was not asked, since {missing} is missing or wrong")]
    return await check_account(http, settings)


async def _health(listen: Listen | None) -> list[Finding]:
    """What a bot that runs says of itself, where it says so. Not through the client whose answers set the clock
    right: the bot's is the clock of this machine.
    """
    if listen is None:
        return []
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104 - asked, not bound
    where = f"http://{f'[{host}]' if ':' in host else host}:{listen.port}/health"
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as http:
            response = await http.get(where)
    except httpx.HTTPError as error:
        return [look("health", f"{where} does not answer ({type(error).__name__})", "start the bot")]
    if response.status_code != 200:
        return [wrong("health", f"the bot says that it is not well: {response.text[:300]}", "look at its log")]
    return [ok("health", "the bot runs, and says that it is well")]


if __name__ == "__main__":
    sys.exit(main())
