"""The composition root: builds everything, in order, with `async with`. Nothing is global."""

import asyncio
import contextlib
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.answering import Answering
from bot.asking import Asking
from bot.balance import Balance
from bot.checkout import Checkout
from bot.clock import Clock, WrongClock
from bot.fetch import authorities, open_downloads
from bot.films import Films
from bot.finished import Finished
from bot.intake import Intake
from bot.kept import CannotKeep, Kept
from bot.pictures import Pictures
from bot.queue import Queue
from bot.render_times import RenderTimes
from bot.runner import Runner, Work
from bot.runware.client import Account, Runware, open_http
from bot.runware.errors import KeyRefused, RunwareError
from bot.runware.task import Storage
from bot.settings import Settings
from bot.transfer import Transfer
from bot.unreadable import Commands, survive
from bot.watch import Watch
from storage import installation, render_times
from storage.database import CannotOpen, Database

log = logging.getLogger(__name__)

COGS: Final = (
    "cogs.delivery",
    "cogs.alerts",
    "cogs.errors",
    "cogs.modals",
    "cogs.quote_buttons",
    "cogs.quote_changes",
    "cogs.post_buttons",
    "cogs.unknown_buttons",
    "cogs.again",
    "cogs.results",
    "cogs.generate",
    "cogs.edit",
    "cogs.reframe",
    "cogs.menus",
    "cogs.jobs",
    "cogs.spending",
    "cogs.limits",
    "cogs.settings",
    "cogs.presets",
    "cogs.translation",
)
"""Loaded by name, so that nothing here imports what members see. The first two post: the runner needs them."""


MAY_STILL_RENDER: Final = frozenset({"HTTP 403", "forbidden", "permissionDenied", "insufficientPermissions"})
"""A key that may not read the account may still be good for what it is for."""


LONGEST_LIMIT: Final = 30.0
"""Seconds that the library waits for a rate limit; a longer one is an error, and what met it is tried later."""

PATIENCE: Final = 5.0
"""Seconds after which the operator reads that Discord does not answer. The library tries for half a minute."""

LEAVING: Final = 1.0
"""Seconds for saying goodbye to the gateway."""

AnyCommand: TypeAlias = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu

OF_OUR_TIME: Final = timedelta(days=30)
"""Renders that are older say nothing of how long one takes now."""


class CannotStart(Exception):
    """One line for the operator, that names the setting to look at."""


class Stopped(Exception):
    """One line for the operator: why it has ended although the settings work. Starting it again helps."""


class Raybot(commands.AutoShardedBot):
    """The bot, with what its cogs need. It asks for no intent at all: interactions come without one."""

    deliver: Callable[[str], Awaitable[None]]  # set by cogs.delivery
    post_alerts: Work  # set by cogs.alerts
    interrupted: Callable[[discord.Interaction["Raybot"]], Awaitable[None]]  # set by cogs.errors
    runner: Runner  # set by `run`, which needs `deliver`
    queue: Queue  # set by `run`
    watch: Watch  # set by `run`
    asking: Asking  # set by `run`
    pictures: Pictures  # set by `run`

    def __init__(
        self,
        settings: Settings,
        database: Database,
        checkout: Checkout,
        intake: Intake,
        finished: Finished,
        films: Films,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,  # demanded by the class; without intents no message is read
            help_command=None,
            tree_cls=Commands,
            intents=discord.Intents.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
            max_messages=None,
            max_ratelimit_timeout=LONGEST_LIMIT,
        )
        survive(self._connection.parsers)
        self.settings = settings
        self.database = database
        self.checkout = checkout
        self.intake = intake
        self.finished = finished
        self.films = films
        self.answering = Answering()
        self.now = now

    async def setup_hook(self) -> None:
        """Logged in, not yet connected: load the cogs, register the commands, learn where the gateway is."""
        for name in COGS:
            await self.load_extension(name)
        await self._register_commands()
        _, gateway, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)  # where a session that cannot be resumed begins anew

    def heartbeat(self) -> float | None:
        """How long the last heartbeat took, in seconds; None while the gateway is down."""
        if any(shard.is_closed() for shard in self.shards.values()):
            return None
        return max((latency for _, latency in self.latencies), default=None)  # none while there is no shard

    async def leave(self) -> None:
        """Take no more of what members ask, and let what is under way come to its end."""
        with contextlib.suppress(TimeoutError):  # where the gateway does not say goodbye
            async with asyncio.timeout(LEAVING):
                await asyncio.gather(
                    *(shard.disconnect() for shard in self.shards.values()), return_exceptions=True
                )
        await self.answering.finish()

    async def on_ready(self) -> None:
        log.info("ready as %s, in %d servers", self.user, len(self.guilds))

    async def _register_commands(self) -> None:
        """Give Discord the commands, if they are not the ones that it was given last: it counts such calls."""
        commands = [await self._as_registered(command) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps([self.application_id, commands], sort_keys=True).encode()).hexdigest()
        names = {command.name for command in self.tree.get_commands()}
        is_known = await installation.remembered(self.database.read, installation.COMMANDS) == digest
        if is_known and {command.name for command in await self.tree.fetch_commands()} == names:
            return  # another program with this token may have replaced them meanwhile
        await self.tree.sync()
        async with self.database.transaction() as tx:
            await installation.remember(tx, installation.COMMANDS, digest)
            await installation.remember(tx, installation.COMMAND_NAMES, "\n".join(sorted(names)))
        log.info("registered %d commands", len(commands))

    async def _as_registered(self, command: AnyCommand) -> dict[str, Any]:
        """With what the library's `sync` says of it in other languages."""
        if (translator := self.tree.translator) is None:
            return command.to_dict(self.tree)
        return await command.get_translated_payload(self.tree, translator)


async def run(settings: Settings) -> None:
    """Run until cancelled. Raises CannotStart where a setting does not work."""
    Route.BASE = settings.discord_api_url
    now = _clock(settings).now
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(Database.open(settings.database))
        except CannotOpen as error:
            raise CannotStart(f"DATABASE_URL: {error}") from error
        try:
            kept = await stack.enter_async_context(_open_kept(settings, database, now))
        except CannotKeep as error:
            raise CannotStart(str(error)) from error
        trust = authorities()
        downloads = await stack.enter_async_context(open_downloads(trust=trust))
        # of their own, so that members' slow links keep neither attachments nor finished videos waiting
        links = await stack.enter_async_context(open_downloads(trust=trust))
        results = await stack.enter_async_context(open_downloads(trust=trust))
        http = await stack.enter_async_context(open_http(trust))
        runware = Runware(
            http, url=settings.runware_api_url, key=settings.runware_api_key, timeout=settings.runware_timeout
        )
        balance = Balance()
        account = await _check_key(runware)
        watch = Watch(
            database,
            runware,
            balance,
            account=account,
            limits=settings.limits,
            serves_several=settings.serves_several,
            now=now,
        )
        storage = Storage(settings.result_ttl, settings.upload_endpoint)
        checkout = Checkout(database, settings.limits, storage=storage, now=now, balance=balance)
        intake = Intake(
            kept, downloads, links, attachments=settings.discord_media_hosts, most=settings.max_input_bytes
        )
        finished = Finished(results, kept, hosts=settings.runware_media_hosts)
        bot = await stack.enter_async_context(
            Raybot(settings, database, checkout, intake, finished, Films(kept), now)
        )
        bot.watch = watch
        bot.asking = Asking(
            database, kept, per_minute=settings.quotes_per_minute, most=settings.media_max_bytes, now=now
        )
        bot.pictures = Pictures(kept)
        await _log_in(bot, settings)
        took = RenderTimes(await render_times.latest(database.history, since=now() - OF_OUR_TIME))
        bot.queue = Queue(
            database,
            took,
            max_jobs=settings.max_jobs,
            now=now,
            changed=lambda: bot.runner.wake(),  # which is built below
        )
        bot.runner = Runner(
            database,
            runware,
            transfer=Transfer(database, runware, kept.path, now=now),
            deliver=bot.deliver,
            max_jobs=settings.max_jobs,
            poll_seconds=settings.poll_seconds,
            now=now,
            render_times=took,
            limits=settings.limits,
            also=(bot.post_alerts, watch.work, bot.queue.work),
        )
        if settings.health is not None:
            from bot.health import CannotListen, Health  # with a web server, which few ask for

            health = Health(database, latency=bot.heartbeat, turns=lambda: bot.runner.turns, now=now)
            try:
                await stack.enter_async_context(health.served(settings.health))
            except CannotListen as error:
                raise CannotStart(str(error)) from error
        await _work(bot, kept)


def _clock(settings: Settings) -> Clock:
    """Raises CannotStart."""
    try:
        return Clock(settings.clock_file)
    except WrongClock as error:
        raise CannotStart(str(error)) from error


def _open_kept(
    settings: Settings, database: Database, now: Callable[[], datetime]
) -> AbstractAsyncContextManager[Kept]:
    keep = timedelta(days=settings.media_keep_days)
    return Kept.open(settings.media_dir, database, keep=keep, most=settings.media_max_bytes, now=now)


async def _check_key(runware: Runware) -> Account | None:
    """A key that is refused ends the start; a provider that cannot be reached does not, since jobs can wait."""
    try:
        return await runware.account()
    except KeyRefused as error:
        if error.code not in MAY_STILL_RENDER:
            raise CannotStart("RUNWARE_API_KEY: the provider refuses this key; copy it once more") from error
        log.warning("this key may not read the account, so its balance is not known: %s", error)
    except RunwareError as error:
        log.warning("the provider does not answer; jobs wait until it does: %s", error)
    return None


async def _log_in(bot: Raybot, settings: Settings) -> None:
    """Raises CannotStart where Discord does not let us in, or where it is not Discord that answers; Stopped where
    it does not let us in yet.
    """
    patience = asyncio.get_running_loop().call_later(
        PATIENCE, log.warning, "Discord does not answer yet; I go on trying"
    )
    try:
        await bot.login(settings.discord_token)
    except discord.LoginFailure as error:
        raise CannotStart("DISCORD_TOKEN: Discord refuses this token; reset it and copy the new one") from error
    except discord.RateLimited as error:
        wait = f"wants to be left alone for {error.retry_after:.0f} s"
        raise Stopped(f"Discord answers that it {wait}; nothing is lost, please start me again then") from error
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
        raise CannotStart(f"DISCORD_API_URL: Discord does not answer: {type(error).__name__}") from error
    except (TypeError, LookupError, ValueError, AttributeError) as error:  # from reading an answer of another kind
        log.debug("an answer at the start cannot be read", exc_info=error)
        raise CannotStart(
            "DISCORD_API_URL: what answers there is not Discord's API; look at this address"
        ) from error
    finally:
        patience.cancel()


async def _work(bot: Raybot, kept: Kept) -> None:
    """The gateway brings interactions and the runner carries jobs, until one of them ends or both are cancelled."""
    ended: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(work) for work in (bot.runner.run(), kept.run(), _watch(bot.database))]
            try:
                await _listen(bot)
            finally:
                for task in running:
                    task.cancel()
                await bot.leave()
    except* (CannotStart, Stopped) as said:
        ended.extend(said.exceptions)
    if ended:
        raise ended[0]


async def _watch(database: Database) -> None:
    """Raises Stopped once the database's file is not the one that was opened: what is stored now is lost."""
    await database.taken_away()
    raise Stopped(
        f"DATABASE_URL: {database.writes.path} was taken away or replaced while I was running, so I have bought "
        "nothing more; see that the right file is there, and start me again"
    )


async def _listen(bot: Raybot) -> None:
    """Hear of interactions until the gateway ends that for good, which is said in a line.

    Its library reconnects by itself wherever that can help. Raises CannotStart, or Stopped.
    """
    try:
        await bot.connect()
    except discord.ConnectionClosed as error:
        what = f"DISCORD_TOKEN: Discord's gateway has ended the session for good: {error}"
        raise CannotStart(what) from error
    except Exception as error:
        log.debug("the gateway has ended", exc_info=error)
        what = f"Discord's gateway said what cannot be read ({type(error).__name__}: {str(error)[:200]})"
        raise Stopped(f"{what}; nothing is lost, please start me again") from error
