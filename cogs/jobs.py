"""/jobs: my jobs, with Cancel while that is possible and Post again afterwards; for staff everybody's under way."""

import contextlib
from collections.abc import Sequence
from typing import Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.job import Job, State
from bot.words.speech import say
from cogs.again import again_button
from cogs.flagged import veils
from cogs.gate import Interaction, acknowledge, admit
from cogs.job_cards import job_list
from cogs.original import edit_original
from cogs.post_buttons import cancel_button
from cogs.staff import admit_staff
from cogs.translation import localized
from storage import deletions, jobs, posts

SHOWN: Final = 8  # jobs; what fits an embed
CANCELLABLE: Final = 5  # buttons; one row

FIRST: Final = {State.QUEUED: 0, State.UNRESOLVED: 1}


class Jobs(commands.Cog):
    @app_commands.command(name="jobs", description=localized("commands.jobs"))
    @app_commands.describe(everybody=localized("commands.jobs_everybody"))
    async def jobs(self, interaction: Interaction, everybody: bool = False) -> None:
        await acknowledge(interaction, thinking=True)
        if everybody:
            await self._of_everybody(interaction)
            return
        requester = await admit(interaction)
        read = interaction.client.database.read
        mine = await jobs.of_member(read, requester.server_id, requester.member_id, most=SHOWN)
        if not mine:
            await edit_original(interaction, content=say("progress.no_jobs"))
            return
        listed = [(job, await self._links(interaction, job)) for job in mine]
        await edit_original(interaction, embed=job_list(listed), view=_buttons(mine))

    async def _of_everybody(self, interaction: Interaction) -> None:
        """What can be cancelled first, then what waits for staff to resolve it; the oldest first."""
        requester = await admit_staff(interaction)
        found = await jobs.under_way(interaction.client.database.read, requester.server_id)
        if not found:
            await edit_original(interaction, content=say("progress.nothing_under_way"))
            return
        found.sort(key=lambda job: FIRST.get(job.state, len(FIRST)))
        card = job_list([(job, [say("progress.for_member", member=job.member_id)]) for job in found[:SHOWN]])
        card.title = say("progress.heading_everybodys")
        shown = found[: len(card.fields)]
        if len(shown) < len(found):
            card.set_footer(text=say("progress.more_under_way", n=len(found) - len(shown)))
        await edit_original(interaction, embed=card, view=_buttons(shown, again=False))

    async def _links(self, interaction: Interaction, job: Job) -> list[str]:
        """To the messages in the channel; to the video itself where it could not be posted, or was not shown."""
        bot, links = interaction.client, list[str]()
        veiled = await veils(bot, job, interaction.channel_id)
        stand = await deletions.standing(bot.database.read, job.id)
        deleted = await deletions.deleted(bot.database.read, job.id)
        for post in await posts.of_job(bot.database.read, job.id):
            if post.kind != "result" or post.state == "waiting":
                continue
            if (shown := stand.get(post.n)) is not None:
                within = await _within(bot, job, shown.channel_id)
                where = f"https://discord.com/channels/{within}/{shown.channel_id}/{shown.message_id}"
                links.append(say("progress.video_link", n=post.n, link=where))
            elif post.n in deleted:
                links.append(say("progress.deleted", n=post.n))
            if post.state == "undelivered" or veiled.get(post.n) == "restricted":
                links += _videos(bot, job, post.n, is_withheld=veiled.get(post.n) == "withheld")
        return links


async def _within(bot: Raybot, job: Job, channel_id: int) -> str:
    """What a link to a message names before its channel: the server, or `@me` for direct messages."""
    if channel_id != job.channel_id:
        with contextlib.suppress(discord.DiscordException, aiohttp.ClientError, OSError):
            if (await bot.create_dm(discord.Object(job.member_id))).id == channel_id:
                return "@me"
    return str(job.server_id)


def _videos(bot: Raybot, job: Job, n: int, *, is_withheld: bool) -> list[str]:
    """The links of a video itself, or why there are none."""
    if is_withheld:
        return [say("results.withheld_again", n=n)]
    admitted = [link for link in job.results[n - 1].links if bot.settings.link_hosts.admit(link)]
    return admitted or [say("progress.not_admitted", n=n)]


def _buttons(listed: Sequence[Job], *, again: bool = True) -> discord.ui.View:
    """Cancel for what waits, Post again for what has a video."""
    view = discord.ui.View(timeout=None)
    for job in [job for job in listed if job.state is State.QUEUED][:CANCELLABLE]:
        view.add_item(cancel_button(job, posts.nonce_of(job.id, "progress", 0)))
    for job in listed if again else ():
        if job.is_over and any(result.succeeded for result in job.results):
            view.add_item(again_button(job))
    return view


async def setup(bot: Raybot) -> None:
    await bot.add_cog(Jobs())
