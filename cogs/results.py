"""Going on from a finished video: each button opens a quote, in private, and nothing is bought by it.

Whoever presses pays. What somebody else's request was made from is used as it is kept, since it is part of what
everybody sees; where it is gone, the file is asked for. Deleting: cogs/result_deletion.py.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

import discord

from bot.app import Raybot
from bot.domain.job import Job, Result
from bot.domain.lineage import Origin, Way, bigger, can_continue, continued, shapes_for
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo, ReframeVideo, Request
from bot.finished import NoFile, VideoFile
from bot.intake import FileGone, Taking
from bot.offer import Offer, Requester
from bot.refusals import NoSuchJob
from cogs import errors, instead, modals, pace, quote_buttons
from cogs.deleted import hidden_from
from cogs.flagged import veils
from cogs.gate import Interaction, acknowledge, admit, check_permissions
from cogs.modals import Entered
from cogs.prompt_form import WRITTEN, YOUR_FILE, prompt_form, written
from cogs.quote_view import file_of
from cogs.result_buttons import ResultButton, more
from cogs.result_deletion import delete, erase
from cogs.staff import is_staff
from storage import jobs, policies

FORM: Final = re.compile(r"(?P<action>remix|edit|reframe):(?P<id>[0-9a-z]{10}\.[1-4])")

WITHIN: Final = 15.0  # seconds for a file that has to be fetched, while somebody waits
SHAPE: Final = "aspect_ratio"

WHAT_NEXT: Final = "What shall become of this video? You see the price first; nothing is bought by these buttons."
NOTHING_NEXT: Final = "This server's staff allow nothing more to be made of this video."
NEW_TAKE: Final = (
    "A new take at {resolution}: the model cannot make the same video twice, so this one will look different."
)
GOES_ON: Final = (
    "The new clip begins with the last frame of this video, and I join the two when it is ready. "
    "The prompt is that of the video so far."
)
ENDS_ANEW: Final = (
    "This is the new clip of a film once more, and I join it to what came before it when it is ready: "
    "another end for the same film."
)
ALONE: Final = (
    "This is the new clip of a film once more, and it comes alone: the film before it is not here any more."
)
ALONE_LARGER: Final = "It comes alone: the film before it is smaller, so the two cannot be joined."
OF_THE_CLIP: Final = (
    "This is about the new clip alone, and not about the film before it. For the whole film, save it and send it "
    "with {command} as video."
)
NOT_BIGGER: Final = (
    "This cannot be made any larger: 1080p is the most, and some requests do not work there. "
    "Remix makes another one of the same size."
)
NO_STILL: Final = (
    "An HDR video cannot be continued: its last frame would lose its range. Make it without HDR, and continue that."
)
IN_PRIVATE: Final = (
    "I can do this in the server only. There, /jobs posts this video again with the same buttons, "
    "and /edit and /reframe take `{job}.{n}` as their result."
)
WITHHELD_HERE: Final = (
    "The provider's check flags this video, so it is shown in age-restricted channels alone, and nothing was done. "
    "In one of those /jobs links to it, and /edit and /reframe take `{job}.{n}` as their result."
)
DELETED: Final = (
    "This video is deleted, so nothing was done. Whoever asked for it, and this server's staff, can still go on "
    "from it."
)
VIDEO_GONE: Final = (
    "I am sorry: this video is not here any more, and the provider's link does not lead to it any more. If you "
    "saved it, send the file: as video to /edit or /reframe, or a picture of its last frame to /generate."
)
NOT_NOW: Final = "This video could not be fetched just now, and nothing was done. Please try again in a minute."
TOO_LARGE: Final = (
    "This video has more than the {megabytes} MB that I may take in. Save it, make it smaller, and send that with "
    "/edit, /reframe or /generate."
)
PICTURE_GONE: Final = (
    "The pictures that this was made from are not here any more. If you have them, attach them to /generate; "
    "Details has the prompt to copy."
)
SOURCE_GONE: Final = (
    "The video that this was made from is not here any more. If you have it, send it with {command}; "
    "Details has the prompt to copy."
)


async def repeat(interaction: Interaction, about: str) -> None:
    """The same request once more."""
    await acknowledge(interaction, thinking=True)
    await _quote_same(interaction, about, Way.AGAIN, lambda request: replace(request))  # by today's rules


async def larger(interaction: Interaction, about: str) -> None:
    """The same request, one resolution up."""
    await acknowledge(interaction, thinking=True)
    await _quote_same(interaction, about, Way.BIGGER, _bigger)


def _bigger(request: Request) -> Request:
    up = bigger(request)
    if up is None:
        raise Refusal(NOT_BIGGER)
    return up


async def go_on(interaction: Interaction, about: str) -> None:
    """Five seconds more, from the last frame on."""
    await acknowledge(interaction, thinking=True)
    job, result = await _finished(interaction, about)
    if not can_continue(job.request):
        raise Refusal(NO_STILL)
    await _check_shown(interaction, job, result)
    requester = await _may_ask(interaction)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    film = await interaction.client.films.of(job, result, await _file(interaction, job, result))
    _check_size(interaction, film)
    async with pace.taking(interaction, requester) as taking:
        before = await taking.made_here("result", film.path)
        taking.check()
        request = policy.raised(continued(job.request, before, await taking.last_frame(before)))
        origin = Origin(job.id, result.n, Way.CONTINUE, before.sha256)
        found = await instead.quoted(interaction.client, request, requester, origin)
    await _show(interaction, found, GOES_ON)


async def rest(interaction: Interaction, about: str) -> None:
    """What there is no room for under the video."""
    await acknowledge(interaction, thinking=True)
    job, result = await _finished(interaction, about)
    requester = await admit(interaction)
    may_delete = job.member_id == requester.member_id or await is_staff(interaction, requester)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    view = more(job, result.n, policy, may_delete=may_delete)
    await interaction.edit_original_response(content=WHAT_NEXT if view.children else NOTHING_NEXT, view=view)


# With a form ---------------------------------------------------------------------------------------------------


async def open_remix(interaction: Interaction, about: str) -> None:
    """The prompt, filled in. A form opens only as the first answer, so it is read from the database at once."""
    job, _ = await _finished(interaction, about)
    await modals.send(interaction, prompt_form(f"remix:{about}", job.request.prompt, title="Remix: the prompt"))


async def open_edit(interaction: Interaction, about: str) -> None:
    """As `open_remix`; what is submitted is about the video itself."""
    job, _ = await _finished(interaction, about)
    await modals.send(interaction, prompt_form(f"edit:{about}", job.request.prompt, title="Edit: the prompt"))


async def open_reframe(interaction: Interaction, about: str) -> None:
    """As `open_edit`, with the new shape."""
    job, _ = await _finished(interaction, about)
    form = prompt_form(f"reframe:{about}", job.request.prompt, title="Reframe: what fills the new part")
    shapes = [discord.SelectOption(label=shape) for shape in shapes_for(job.request)]
    select = discord.ui.Select[Any](custom_id=SHAPE, options=shapes, placeholder="The new shape")
    form.add_item(discord.ui.Label(text="The new shape", component=select))
    await modals.send(interaction, form)


async def remix(interaction: Interaction, about: str, entered: Entered) -> None:
    """The same request with another prompt."""

    def rewritten(request: Request) -> Request:
        return replace(request, prompt=written(entered, was=request.prompt))

    await _quote_same(interaction, about, Way.REMIX, rewritten)


async def edit(interaction: Interaction, about: str, entered: Entered) -> None:
    """The video itself, made anew."""
    await _quote_video(
        interaction, about, Way.EDIT, entered, lambda taking, given: taking.build(EditVideo, **given)
    )


async def reframe(interaction: Interaction, about: str, entered: Entered) -> None:
    """The video itself, in another shape."""

    def build(taking: Taking, given: dict[str, Any]) -> Request:
        return taking.build(ReframeVideo, **given, aspect_ratio=modals.one(entered, SHAPE))

    await _quote_video(interaction, about, Way.REFRAME, entered, build)


# What they share -----------------------------------------------------------------------------------------------


async def _quote_same(interaction: Interaction, about: str, way: Way, change: Callable[[Request], Request]) -> None:
    """A quote for the request of a finished video, changed, made from what it was made from."""
    job, result = await _finished(interaction, about)
    requester = await _may_ask(interaction)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    request = policy.raised(change(job.request))
    async with pace.taking(interaction, requester) as taking:
        try:
            await taking.reuse(request.sources)
        except FileGone:
            raise Refusal(_gone(request)) from None
        origin = await _origin(taking, job, result, way)
        found = await instead.quoted(interaction.client, request, requester, origin)
    says = [NEW_TAKE.format(resolution=request.resolution)] if way is Way.BIGGER else []
    if job.origin is not None and job.origin.film is not None:
        says.append(ENDS_ANEW if origin.film else ALONE_LARGER if way is Way.BIGGER else ALONE)
    await _show(interaction, found, "\n".join(says) or None, wrote=request.prompt if way is Way.REMIX else "")


async def _origin(taking: Taking, job: Job, result: Result, way: Way) -> Origin:
    """What the new one goes on from: another take of a continuation from the same film, while that is kept."""
    before = job.origin
    if way is Way.BIGGER or before is None or before.film is None or not await taking.keeps(before.film):
        return Origin(job.id, result.n, way)
    return before


async def _quote_video(
    interaction: Interaction,
    about: str,
    way: Way,
    entered: Entered,
    build: Callable[[Taking, dict[str, Any]], Request],
) -> None:
    """A quote for what is made of the finished video itself, at its own resolution where that is allowed."""
    job, result = await _finished(interaction, about)
    await _check_shown(interaction, job, result)
    requester = await _may_ask(interaction)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    is_allowed = job.request.resolution in policy.resolutions
    file = await _file(interaction, job, result)
    _check_size(interaction, file)
    async with pace.taking(interaction, requester) as taking:
        given = {
            "prompt": written(entered, was=job.request.prompt),
            "resolution": job.request.resolution if is_allowed else policy.usual_resolution,
            "format": job.request.format,
            "quality": job.request.quality,
            "safety": job.request.safety,
            "video": await taking.made_here("result", file.path),
        }
        request = policy.raised(build(taking, given))
        found = await instead.quoted(interaction.client, request, requester, Origin(job.id, result.n, way))
    is_an_end = job.origin is not None and job.origin.film is not None
    says = OF_THE_CLIP.format(command=f"/{way}") if is_an_end else None
    await _show(interaction, found, says, wrote=request.prompt)


async def _finished(interaction: Interaction, about: str) -> tuple[Job, Result]:
    """The finished video that a button is about: anybody's in this server. Raises a Refusal."""
    job_id, _, n = about.partition(".")
    if interaction.guild_id is None:
        raise Refusal(IN_PRIVATE.format(job=job_id, n=n))
    requester = await admit(interaction)
    job = await jobs.get(interaction.client.database.read, job_id)
    if job is None or job.server_id != requester.server_id:
        raise NoSuchJob
    result = next((each for each in job.results if each.n == int(n) and each.succeeded), None)
    if result is None:
        raise NoSuchJob
    return job, result


async def _check_shown(interaction: Interaction, job: Job, result: Result) -> None:
    """What nobody is shown here, or not whoever presses, is not made into something that is. Raises a Refusal."""
    if result.n in await hidden_from(interaction, job):
        raise Refusal(DELETED)
    if (await veils(interaction.client, job, interaction.channel_id)).get(result.n) == "withheld":
        raise Refusal(WITHHELD_HERE.format(job=job.id, n=result.n))


async def _may_ask(interaction: Interaction) -> Requester:
    """Who asks for a quote, here and now. Raises a Refusal."""
    requester = await admit(interaction)
    check_permissions(interaction)
    await pace.check_pace(interaction, requester)
    return requester


async def _file(interaction: Interaction, job: Job, result: Result) -> VideoFile:
    """The finished video, fetched once more where it is not kept. Raises a Refusal."""
    most = interaction.client.settings.max_input_bytes
    try:
        return await interaction.client.finished.of(job, result, most=most, seconds=WITHIN, pauses=())
    except NoFile as missing:
        if missing.reason == "large":
            raise _too_large(interaction) from missing
        raise Refusal(VIDEO_GONE if missing.reason == "expired" else NOT_NOW) from missing


def _check_size(interaction: Interaction, file: VideoFile) -> None:
    if file.size > interaction.client.settings.max_input_bytes:
        raise _too_large(interaction)


def _too_large(interaction: Interaction) -> Refusal:
    return Refusal(TOO_LARGE.format(megabytes=interaction.client.settings.max_input_bytes // 10**6))


def _gone(request: Request) -> str:
    """What to send again."""
    if isinstance(request, EditVideo | ReframeVideo):
        return SOURCE_GONE.format(command="/edit" if isinstance(request, EditVideo) else "/reframe")
    return PICTURE_GONE


async def _show(
    interaction: Interaction, found: Offer | instead.Instead, says: str | None = None, *, wrote: str = ""
) -> None:
    """`wrote`: the prompt of a form, which is handed back where no quote has it."""
    if isinstance(found, Offer):
        await quote_buttons.show_quote(interaction, found, says)
    elif wrote and found.is_empty:
        await _hand_back(interaction, instead.says(found), wrote)
    else:
        await quote_buttons.show(interaction, found)


async def _hand_back(interaction: Interaction, says: str, wrote: str) -> None:
    whole = f"{says}\n{WRITTEN.format(file=YOUR_FILE)}"
    await errors.tell(interaction, whole, file=file_of(wrote, YOUR_FILE))


SUBMITTED: Final[dict[str, Callable[[Interaction, str, Entered], Awaitable[None]]]] = {
    "remix": remix,
    "edit": edit,
    "reframe": reframe,
}


async def submitted(interaction: Interaction, match: re.Match[str], entered: Entered) -> None:
    """A form comes back, perhaps after a restart. Where it is refused, what was written is handed back."""
    await acknowledge(interaction, thinking=True)
    try:
        await SUBMITTED[match["action"]](interaction, match["id"], entered)
    except Refusal as refusal:
        wrote = written(entered, was="")
        if not wrote.strip():
            raise
        await _hand_back(interaction, errors.says_of(refusal), wrote)


ResultButton.actions = {
    "repeat": repeat,
    "remix": open_remix,
    "continue": go_on,
    "edit": open_edit,
    "reframe": open_reframe,
    "bigger": larger,
    "more": rest,
    "delete": delete,
    "erase": erase,
}


async def setup(bot: Raybot) -> None:
    bot.add_dynamic_items(ResultButton)
    modals.route(bot, FORM, submitted)
