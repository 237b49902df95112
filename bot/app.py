"""The composition root: builds everything, in order, with `async with`. Nothing is global."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.balance import Balance
from bot.checkout import Checkout
from bot.fetch import open_downloads
from bot.finished import Finished
from bot.intake import Intake
from bot.kept import CannotKeep, Kept
from bot.queue import Queue
from bot.render_times import RenderTimes
from bot.runner import Runner, Work
from bot.runware.client import Account, Runware, open_http
from bot.runware.errors import KeyRefused, RunwareError
from bot.runware.task import Storage
from bot.settings import Settings
from bot.transfer import Transfer
from bot.watch import Watch
from storage import installation, turns
from storage.database import CannotOpen, Database

log = logging.getLogger(__name__)

COGS: Final = (
    "cogs.delivery",
    "cogs.alerts",
    "cogs.errors",
    "cogs.buttons",
    "cogs.again",
    "cogs.generate",
    "cogs.edit",
    "cogs.reframe",
    "cogs.jobs",
    "cogs.spending",
    "cogs.limits",
    "cogs.settings",
    "cogs.presets",
)
"""Loaded by name, so that nothing here imports what members see. The first two post: the runner needs them."""


MAY_STILL_RENDER: Final = frozenset({"HTTP 403", "forbidden", "permissionDenied", "insufficientPermissions"})
"""A key that may not read the account may still be good for what it is for."""


OF_OUR_TIME: Final = timedelta(days=30)
"""Renders that are older say nothing of how long one takes now."""


class CannotStart(Exception):
    """One line for the operator, that names the setting to look at."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Unreadable(app_commands.AppCommandError):
    """Options that no client of Discord's sends: of another kind, or about a file that is not there."""


class Commands(app_commands.CommandTree["Raybot"]):
    """The commands. What the library cannot read raises in it, past all error handlers: it is told apart here."""

    async def interaction_check(self, interaction: discord.Interaction["Raybot"], /) -> bool:
        data: Any = interaction.data or {}
        command, options = self.get_command(str(data.get("name"))), data.get("options", [])
        while isinstance(command, app_commands.Group) and options:
            command, options = command.get_command(options[0]["name"]), options[0].get("options", [])
        if isinstance(command, app_commands.Command):
            for option in options:
                parameter = command.get_parameter(option["name"])
                if parameter is not None and not _is_readable(option, parameter.type, data.get("resolved", {})):
                    raise Unreadable(option["name"])
        return True


def _is_readable(option: Any, kind: discord.AppCommandOptionType, resolved: Any) -> bool:
    """Whether the library can read it: a number is one, and what is referred to comes with it. The domain judges
    the rest, in words."""
    value = option.get("value")
    match kind:
        case discord.AppCommandOptionType.number:
            return type(value) in (int, float)
        case (
            discord.AppCommandOptionType.string
            | discord.AppCommandOptionType.integer
            | discord.AppCommandOptionType.boolean
        ):
            return type(value) in (str, int, float, bool)
        case discord.AppCommandOptionType.attachment:
            return str(value) in resolved.get("attachments", {})
        case _:
            return any(str(value) in referred for referred in resolved.values())


class Raybot(commands.AutoShardedBot):
    """The bot, with what its cogs need. It asks for no intent at all: interactions come without one."""

    deliver: Callable[[str], Awaitable[None]]  # set by cogs.delivery
    post_alerts: Work  # set by cogs.alerts
    runner: Runner  # set by `run`, which needs `deliver`
    queue: Queue  # set by `run`
    watch: Watch  # set by `run`

    def __init__(
        self,
        settings: Settings,
        database: Database,
        checkout: Checkout,
        intake: Intake,
        finished: Finished,
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
        )
        self.settings = settings
        self.database = database
        self.checkout = checkout
        self.intake = intake
        self.finished = finished
        self.now = utc_now

    async def setup_hook(self) -> None:
        """Logged in, not yet connected: load the cogs, register the commands, learn where the gateway is."""
        for name in COGS:
            await self.load_extension(name)
        await self._register_commands()
        _, gateway, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)  # where a session that cannot be resumed begins anew

    async def on_ready(self) -> None:
        log.info("ready as %s, in %d servers", self.user, len(self.guilds))

    async def _register_commands(self) -> None:
        """Give Discord the commands, if they are not the ones that it was given last: it counts such calls."""
        commands = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps([self.application_id, commands], sort_keys=True).encode()).hexdigest()
        if await installation.remembered(self.database.read, installation.COMMANDS) == digest:
            return
        await self.tree.sync()
        async with self.database.transaction() as tx:
            await installation.remember(tx, installation.COMMANDS, digest)
        log.info("registered %d commands", len(commands))


async def run(settings: Settings) -> None:
    """Run until cancelled. Raises CannotStart where a setting does not work."""
    Route.BASE = settings.discord_api_url
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(Database.open(settings.database))
        except CannotOpen as error:
            raise CannotStart(f"DATABASE_URL: {error}") from error
        try:
            kept = await stack.enter_async_context(_open_kept(settings, database))
        except CannotKeep as error:
            raise CannotStart(str(error)) from error
        downloads = await stack.enter_async_context(open_downloads())
        # of their own, so that members' slow links keep neither attachments nor finished videos waiting
        links = await stack.enter_async_context(open_downloads())
        results = await stack.enter_async_context(open_downloads())
        http = await stack.enter_async_context(open_http())
        runware = Runware(http, url=settings.runware_api_url, key=settings.runware_api_key)
        balance = Balance()
        account = await _check_key(runware)
        watch = Watch(database, runware, balance, account=account, limits=settings.limits, now=utc_now)
        storage = Storage(settings.result_ttl, settings.upload_endpoint)
        checkout = Checkout(database, settings.limits, storage=storage, now=utc_now, balance=balance)
        intake = Intake(
            kept, downloads, links, attachments=settings.discord_media_hosts, most=settings.max_input_bytes
        )
        finished = Finished(results, kept, hosts=settings.runware_media_hosts)
        bot = await stack.enter_async_context(Raybot(settings, database, checkout, intake, finished))
        bot.watch = watch
        await _log_in(bot, settings)
        render_times = RenderTimes(await turns.renders(database.read, since=utc_now() - OF_OUR_TIME))
        bot.queue = Queue(
            database,
            render_times,
            max_jobs=settings.max_jobs,
            now=utc_now,
            changed=lambda: bot.runner.wake(),  # which is built below
        )
        bot.runner = Runner(
            database,
            runware,
            transfer=Transfer(database, runware, kept.path, now=utc_now),
            deliver=bot.deliver,
            max_jobs=settings.max_jobs,
            poll_seconds=settings.poll_seconds,
            now=utc_now,
            render_times=render_times,
            limits=settings.limits,
            also=(bot.post_alerts, watch.work, bot.queue.work),
        )
        await _work(bot, kept)


def _open_kept(settings: Settings, database: Database) -> AbstractAsyncContextManager[Kept]:
    keep = timedelta(days=settings.media_keep_days)
    return Kept.open(settings.media_dir, database, keep=keep, most=settings.media_max_bytes, now=utc_now)


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
    try:
        await bot.login(settings.discord_token)
    except discord.LoginFailure as error:
        raise CannotStart("DISCORD_TOKEN: Discord refuses this token; reset it and copy the new one") from error
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
        raise CannotStart(f"DISCORD_API_URL: Discord does not answer: {type(error).__name__}") from error


async def _work(bot: Raybot, kept: Kept) -> None:
    """The gateway brings interactions and the runner carries jobs, until one of them ends or both are cancelled."""
    ended: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(bot.runner.run()), group.create_task(kept.run())]
            await bot.connect()
            for task in running:
                task.cancel()
    except* discord.ConnectionClosed as closed:
        ended.extend(closed.exceptions)
    if ended:
        raise CannotStart(f"DISCORD_TOKEN: Discord's gateway has ended the session for good: {ended[0]}")
