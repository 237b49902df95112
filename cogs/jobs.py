"""/jobs: my jobs, what runs and what is done, with Cancel where it is still possible."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import Raybot
from bot.domain.job import Job, State
from cogs import text
from cogs.buttons import cancel_button
from cogs.gate import Interaction, acknowledge, admit
from storage import jobs, posts

SHOWN = 8  # jobs; what fits an embed
CANCELLABLE = 5  # buttons; one row


class Jobs(commands.Cog):
    @app_commands.command(name="jobs", description="Your videos here: what is under way and what is done.")
    async def jobs(self, interaction: Interaction) -> None:
        await acknowledge(interaction, thinking=True)
        requester = await admit(interaction)
        read = interaction.client.database.read
        mine = await jobs.of_member(read, requester.server_id, requester.member_id, most=SHOWN)
        if not mine:
            await interaction.edit_original_response(content=text.NO_JOBS)
            return
        view = discord.ui.View(timeout=None)
        for job in [job for job in mine if job.state is State.QUEUED][:CANCELLABLE]:
            view.add_item(cancel_button(job, posts.nonce_of(job.id, "progress", 0)))
        listed = [(job, await self._links(interaction.client, job)) for job in mine]
        await interaction.edit_original_response(embed=text.job_list(listed), view=view)

    async def _links(self, bot: Raybot, job: Job) -> list[str]:
        """To the messages in the channel; to the video itself where it could not be posted."""
        links: list[str] = []
        for post in await posts.of_job(bot.database.read, job.id):
            if post.message_id is not None and post.kind == "result":
                where = f"https://discord.com/channels/{job.server_id}/{post.channel_id}/{post.message_id}"
                links.append(f"[Video {post.n}]({where})")
            elif post.state == "undelivered" and post.kind == "result":
                found = job.results[post.n - 1].links
                admitted = [link for link in found if bot.settings.link_hosts.admit(link)]
                links += admitted or [text.NOT_ADMITTED.format(n=post.n)]
        return links


async def setup(bot: Raybot) -> None:
    await bot.add_cog(Jobs())
