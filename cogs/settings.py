"""/settings: what staff decide about requests and where they go. Each command is one transaction, with its lines in
the log of /limits.

Discord shows the command to members with Manage Server; who may use it is asked here, at each use.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.policy import Flagged, Policy
from bot.domain.refusal import Refusal
from bot.domain.request import Safety
from bot.domain.rules import Kind
from bot.offer import Requester
from bot.words.speech import say, speaking
from cogs import errors, limits_input, settings_input, settings_text, text
from cogs.gate import Interaction
from cogs.original import edit_original
from cogs.staff import begin_as_staff
from cogs.translation import localized
from storage import limits, policies
from storage.limits import MOST_REASON

Words: TypeAlias = app_commands.Range[str, 1, 100]
List: TypeAlias = app_commands.Range[str, 1, 2000]
Reason: TypeAlias = app_commands.Range[str, 1, MOST_REASON] | None
Place: TypeAlias = app_commands.Transform[limits_input.Channel, limits_input.Writable]
DefaultResolution: TypeAlias = Literal["360p", "540p", "720p", "1080p", "inherit"]
DefaultShape: TypeAlias = Literal["9:16", "3:4", "1:1", "4:3", "16:9", "21:9", "inherit"]
DefaultDuration: TypeAlias = Literal["5", "10", "inherit"]
DefaultFormat: TypeAlias = Literal["MP4", "WEBM", "MOV", "inherit"]
New: TypeAlias = Callable[[Policy], str | None]
"""A value as it is stored, made from the policy that it changes; None inherits."""

REASON: Final = localized("commands.reason")


class CannotPostThere(Refusal):
    """`channel_id`: in which a first message was tried."""

    def __init__(self, channel_id: int) -> None:
        super().__init__(say("settings.cannot_post_there", channel=channel_id))


class SettingCommands(commands.Cog):
    """Reads the options, changes, answers in private."""

    group = app_commands.Group(
        name="settings",
        description=localized("commands.settings"),
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @group.command(name="defaults", description=localized("commands.settings_defaults"))
    @app_commands.describe(
        resolution=localized("commands.settings_defaults_resolution"),
        aspect_ratio=localized("commands.settings_defaults_aspect_ratio"),
        duration=localized("commands.settings_defaults_duration"),
        format=localized("commands.settings_defaults_format"),
        quality=localized("commands.settings_defaults_quality"),
        reason=REASON,
    )
    async def defaults(
        self,
        interaction: Interaction,
        resolution: DefaultResolution | None = None,
        aspect_ratio: DefaultShape | None = None,
        duration: DefaultDuration | None = None,
        format: DefaultFormat | None = None,
        quality: Words | None = None,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        given = {
            Kind.RESOLUTION: ("resolution", resolution),
            Kind.ASPECT_RATIO: ("aspect_ratio", aspect_ratio),
            Kind.DURATION: ("duration", duration),
            Kind.FORMAT: ("format", format),
            Kind.QUALITY: ("quality", quality),
        }
        await _set_given(interaction, requester, "defaults", given, reason)

    @group.command(name="allow", description=localized("commands.settings_allow"))
    @app_commands.describe(
        resolutions=localized("commands.settings_allow_resolutions"),
        kinds=localized("commands.settings_allow_kinds"),
        reason=REASON,
    )
    async def allow(
        self,
        interaction: Interaction,
        resolutions: Words | None = None,
        kinds: Words | None = None,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        given = {Kind.RESOLUTIONS: ("resolutions", resolutions), Kind.KINDS: ("kinds", kinds)}
        await _set_given(interaction, requester, "allow", given, reason)

    @group.command(name="safety", description=localized("commands.settings_safety"))
    @app_commands.describe(
        mode=localized("commands.settings_safety_mode"),
        flagged=localized("commands.settings_safety_flagged"),
        reason=REASON,
    )
    async def safety(
        self,
        interaction: Interaction,
        mode: Safety | None = None,
        flagged: Flagged | None = None,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        given = {Kind.SAFETY: ("mode", mode), Kind.FLAGGED: ("flagged", flagged)}
        await _set_given(interaction, requester, "safety", given, reason)

    @group.command(name="channels", description=localized("commands.settings_channels"))
    @app_commands.describe(
        add=localized("commands.settings_channels_add"),
        remove=localized("commands.settings_channels_remove"),
        everywhere=localized("commands.settings_channels_everywhere"),
        reason=REASON,
    )
    async def channels(
        self,
        interaction: Interaction,
        add: Place | None = None,
        remove: Place | None = None,
        everywhere: bool = False,
        reason: Reason = None,
    ) -> None:
        requester = await begin_as_staff(interaction)
        if add is None and remove is None and everywhere is not True:
            raise settings_input.NothingNamed("channels", ("add", "remove", "everywhere"))
        more = None if add is None else settings_input.channel(add, requester.server_id)
        less = None if remove is None else remove.id

        def channels(policy: Policy) -> str | None:
            return settings_input.channels(() if everywhere is True else policy.channels, more, less)

        await _set(interaction, requester, {Kind.CHANNELS: channels}, reason)

    @group.command(name="results", description=localized("commands.settings_results"))
    @app_commands.describe(channel=localized("commands.settings_results_channel"), reason=REASON)
    async def results(self, interaction: Interaction, channel: Place | None = None, reason: Reason = None) -> None:
        requester = await begin_as_staff(interaction)
        value = None
        if channel is not None:
            value = settings_input.channel(channel, requester.server_id)
            policy = await policies.in_force(interaction.client.database.read, requester.server_id)
            if value != policy.results_channel:
                await _try(interaction, value)
        stored = None if value is None else str(value)
        await _set(interaction, requester, {Kind.RESULTS_CHANNEL: lambda _: stored}, reason)

    @group.command(name="words", description=localized("commands.settings_words"))
    @app_commands.describe(
        block=localized("commands.settings_words_block"),
        allow=localized("commands.settings_words_allow"),
        reason=REASON,
    )
    async def words(
        self, interaction: Interaction, block: List | None = None, allow: List | None = None, reason: Reason = None
    ) -> None:
        requester = await begin_as_staff(interaction)
        if block is None and allow is None:
            raise settings_input.NothingNamed("words", ("block", "allow"))

        def words(policy: Policy) -> str | None:
            return settings_input.words(policy.blocked, block, allow)

        await _set(interaction, requester, {Kind.BLOCKED_WORDS: words}, reason)

    @group.command(name="show", description=localized("commands.settings_show"))
    async def show(self, interaction: Interaction) -> None:
        requester = await begin_as_staff(interaction)
        read = interaction.client.database.read
        found = await limits.all_in_force(read, requester.server_id)
        policy = await policies.in_force(read, requester.server_id)
        await edit_original(interaction, embed=settings_text.in_force(found, policy))


async def _try(interaction: Interaction, channel_id: int) -> None:
    """Post there once, which proves that it is possible. Raises CannotPostThere."""
    place = interaction.client.get_partial_messageable(channel_id)
    with speaking(str(interaction.guild_locale)):  # everybody there reads it
        says = say("settings.hello", member=interaction.user.id)
    try:
        await place.send(says, allowed_mentions=discord.AllowedMentions.none())
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise CannotPostThere(channel_id) from error


async def _set_given(
    interaction: Interaction,
    requester: Requester,
    command: str,
    given: Mapping[Kind, tuple[str, object]],
    reason: object,
) -> None:
    """Put those options in force that were given; raises NothingNamed for none."""
    values = {
        kind: settings_input.value(kind, option, each) for kind, (option, each) in given.items() if each is not None
    }
    if not values:
        raise settings_input.NothingNamed(command, [option for option, _ in given.values()])
    await _set(interaction, requester, {kind: lambda _, it=it: it for kind, it in values.items()}, reason)


async def _set(interaction: Interaction, requester: Requester, values: Mapping[Kind, New], reason: object) -> None:
    """Put them in force together, each with its line in the log, and say what was and what is."""
    bot, server_id, now = interaction.client, requester.server_id, interaction.client.now()
    why = limits_input.reason(reason)
    says: list[str] = []
    async with bot.database.transaction() as tx:
        for kind, new in values.items():
            value = new(await policies.in_force(tx, server_id))
            is_new = await limits.change(
                tx, server_id, kind, None, value, actor_id=requester.member_id, reason=why, at=now
            )
            if is_new:
                [latest] = await limits.log(tx, server_id, most=1)
                policy = await policies.in_force(tx, server_id)
                says.append(settings_text.changed(latest, policy))
            else:
                says.append(settings_text.unchanged(kind, value))
    await errors.tell(interaction, "\n".join([*says, *text.reason(why)]))


async def setup(bot: Raybot) -> None:
    await bot.add_cog(SettingCommands())
