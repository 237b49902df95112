"""Animate this image, Edit this video, Reframe this video: the menus of a message, in Discord under "Apps".

What the message shows is kept under an id (storage/targets.py), a form opens with that id in its custom id, and
what is sent becomes a request, as from a command. Nothing is fetched before the form is sent, since Discord opens
forms within 3 s only. To add a field: in cogs/menu_forms.py, and in cogs/menu_requests.py.
"""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import discord
from discord import app_commands

from bot.app import Raybot
from bot.domain.policy import NotAllowedHere
from bot.domain.refusal import Refusal
from bot.words.speech import say
from cogs import asking, choosing, errors, instead, menu_forms, menu_requests, message_media, modals, quote_buttons
from cogs.button import Button
from cogs.gate import Interaction, acknowledge, admit, check_permissions
from cogs.menu_forms import FORMS, MOST_ENTERED
from cogs.menu_requests import BUILDERS, Source
from cogs.modals import Entered
from cogs.translation import localized
from storage import policies, targets
from storage.targets import Target

T = TypeVar("T")

PATIENCE: Final = 2.0
"""Seconds for the database, of the three in which Discord opens a form."""

FORM: Final = re.compile(r"(?P<action>animate|edit|reframe):(?P<id>[0-9a-f]{16})")
ANEW: Final = re.compile(r"(?P<action>(?:animate|edit|reframe)-anew):(?P<id>[0-9a-f]{16})")


@app_commands.context_menu(name=localized("commands.menu_animate"))
async def animate(interaction: Interaction, message: discord.Message) -> None:
    await _open(interaction, message, "animate", say("forms.no_image_here"))


@app_commands.context_menu(name=localized("commands.menu_edit"))
async def edit(interaction: Interaction, message: discord.Message) -> None:
    await _open(interaction, message, "edit", say("forms.no_video_here", command="edit"))


@app_commands.context_menu(name=localized("commands.menu_reframe"))
async def reframe(interaction: Interaction, message: discord.Message) -> None:
    await _open(interaction, message, "reframe", say("forms.no_video_here", command="reframe"))


async def _open(interaction: Interaction, message: discord.Message, action: str, nothing: str) -> None:
    """The form, with what the message shows; or, in private, why there is none."""
    bot = interaction.client
    bot.answering.begin(lambda: bot.interrupted(interaction))
    requester = await _in_time(admit(interaction))
    check_permissions(interaction)
    settings = bot.settings
    found = message_media.media(
        message, FORMS[action].takes, attachments=settings.discord_media_hosts, links=settings.link_hosts
    )
    if not found:
        raise Refusal(nothing)
    policy = await _in_time(policies.in_force(bot.database.read, requester.server_id))
    policy.admit_channel(requester.channel_id, requester.parent_id)
    if problems := [*policy.asked_problems(FORMS[action].kind, "")]:
        raise NotAllowedHere(problems)
    who = (requester.server_id, requester.member_id)

    async def keep() -> Target:
        async with bot.database.transaction() as tx:
            return await targets.add(tx, *who, found, at=bot.now())

    target = await _in_time(keep())
    await modals.send(
        interaction, menu_forms.form(action, target, {"prompt": message_media.words(message)}, policy)
    )


async def submitted(interaction: Interaction, match: re.Match[str], entered: Entered) -> None:
    """Make the request, and answer with its card; where it cannot be, nothing of what was typed is lost."""
    await acknowledge(interaction, thinking=True)
    requester = await admit(interaction)
    check_permissions(interaction)
    bot, action = interaction.client, match["action"]
    target = await _target(interaction, match["id"])
    given = {field: modals.one(entered, field)[:MOST_ENTERED] for field in FORMS[action].fields}
    async with bot.database.transaction() as tx:
        await targets.enter(tx, target.id, given)
    try:
        await asking.check(interaction, requester)
        chosen = menu_requests.choices(action, given)
        kind, prompt = FORMS[action].kind, given["prompt"]
        options = await choosing.choose(interaction, requester, kind, prompt, chosen, None)
        async with asking.taking(interaction, requester) as taking:
            source = Source(target, given["source"], links=bot.settings.link_hosts)
            request = await BUILDERS[action](taking, source, given, options)
            found = await instead.quoted(bot, request, requester)
    except Refusal as refusal:
        await errors.tell(interaction, errors.says_of(refusal), view=_change_it(action, target))
        return
    if isinstance(found, instead.Instead) and found.is_empty:
        await errors.tell(interaction, instead.says(found), view=_change_it(action, target))
        return
    await quote_buttons.show(interaction, found)


class FormButton(Button, template=ANEW):
    """Change it: under a refusal, the form once more with what was sent."""


def _change_it(action: str, target: Target) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    label, custom_id = say("forms.button_change_it"), f"{action}-anew:{target.id}"
    view.add_item(FormButton(discord.ui.Button(label=label, custom_id=custom_id)))
    return view


def _anew(action: str) -> Any:
    async def opened(interaction: Interaction, target_id: str) -> None:
        bot = interaction.client
        bot.answering.begin(lambda: bot.interrupted(interaction))
        requester = await _in_time(admit(interaction))
        target = await _in_time(_target(interaction, target_id))
        policy = await _in_time(policies.in_force(bot.database.read, requester.server_id))
        await modals.send(interaction, menu_forms.form(action, target, target.entered or {}, policy))

    return opened


async def _target(interaction: Interaction, target_id: str) -> Target:
    """What this member used a menu on. Raises a Refusal where that was too long ago, or somebody else."""
    bot, requester = interaction.client, await admit(interaction)
    who = (requester.server_id, requester.member_id)
    target = await targets.get(bot.database.read, target_id, *who, now=bot.now())
    if target is None:
        raise Refusal(say("forms.gone"))
    return target


async def _in_time(work: Coroutine[Any, Any, T]) -> T:
    """Raises a Refusal where the database is too busy to open a form in time; the work itself comes to its end."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=PATIENCE)
    if not done:
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody waits for it
        raise Refusal(say("forms.busy"))
    return task.result()


FormButton.actions = {f"{action}-anew": _anew(action) for action in FORMS}


async def setup(bot: Raybot) -> None:
    for menu in (animate, edit, reframe):
        bot.tree.add_command(menu)
    modals.route(bot, FORM, submitted)
    bot.add_dynamic_items(FormButton)
