"""Quotes for what goes on from a finished video: who may have one, what it is made from, and what is said of it.

Whoever presses pays. What somebody else's request was made from is used as it is kept, since it is part of what
everybody sees; where it is gone, the file is asked for.
"""

from collections.abc import Callable
from typing import Any, Final

from bot.domain.job import Job, Result
from bot.domain.lineage import Origin, Way, can_continue, continued
from bot.domain.refusal import Refusal
from bot.domain.request import EditVideo, ReframeVideo, Request
from bot.finished import NoFile, VideoFile
from bot.offer import Offer, Requester
from bot.refusals import NoSuchJob
from bot.taking import FileGone, Taking
from bot.words.speech import say
from cogs import asking, instead, quote_buttons
from cogs.deleted import hidden_from
from cogs.flagged import veils
from cogs.gate import Interaction, admit, check_permissions
from cogs.modals import Entered
from cogs.prompt_form import hand_back, written
from storage import jobs, policies

WITHIN: Final = 15.0  # seconds for a file that has to be fetched, while somebody waits


async def quote_same(interaction: Interaction, about: str, way: Way, change: Callable[[Request], Request]) -> None:
    """A quote for the request of a finished video, changed, made from what it was made from."""
    job, result = await finished(interaction, about)
    requester = await _may_ask(interaction)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    request = policy.raised(change(job.request))
    async with asking.taking(interaction, requester) as taking:
        try:
            await taking.reuse(request.sources)
        except FileGone:
            raise Refusal(_gone(request)) from None
        origin = await _origin(taking, job, result, way)
        found = await instead.quoted(interaction.client, request, requester, origin)
    says = [say("results.new_take", resolution=request.resolution)] if way is Way.BIGGER else []
    if job.origin is not None and job.origin.film is not None:
        says.append(_of_its_film(origin, way))
    await _show(interaction, found, "\n".join(says) or None, wrote=request.prompt if way is Way.REMIX else "")


def _of_its_film(origin: Origin, way: Way) -> str:
    """What becomes of the film that a continuation ends, when it is made once more."""
    if origin.film:
        return say("results.ends_anew")
    return say("results.alone_larger") if way is Way.BIGGER else say("results.alone")


async def _origin(taking: Taking, job: Job, result: Result, way: Way) -> Origin:
    """What the new one goes on from: another take of a continuation from the same film, while that is kept."""
    before = job.origin
    if way is Way.BIGGER or before is None or before.film is None or not await taking.keeps(before.film):
        return Origin(job.id, result.n, way)
    return before


async def quote_video(
    interaction: Interaction,
    about: str,
    way: Way,
    entered: Entered,
    build: Callable[[Taking, dict[str, Any]], Request],
) -> None:
    """A quote for what is made of the finished video itself, at its own resolution where that is allowed."""
    job, result = await finished(interaction, about)
    await _check_shown(interaction, job, result)
    requester = await _may_ask(interaction)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    is_allowed = job.request.resolution in policy.resolutions
    video = await _file(interaction, job, result)
    _check_size(interaction, video)
    async with asking.taking(interaction, requester) as taking:
        given = {
            "prompt": written(entered, was=job.request.prompt),
            "resolution": job.request.resolution if is_allowed else policy.usual_resolution,
            "format": job.request.format,
            "quality": job.request.quality,
            "safety": job.request.safety,
            "video": await taking.made_here("result", video.path),
        }
        request = policy.raised(build(taking, given))
        found = await instead.quoted(interaction.client, request, requester, Origin(job.id, result.n, way))
    is_an_end = job.origin is not None and job.origin.film is not None
    says = say("results.of_the_clip", command=f"/{way}") if is_an_end else None
    await _show(interaction, found, says, wrote=request.prompt)


async def quote_continued(interaction: Interaction, about: str) -> None:
    """A quote for five seconds more, from the last frame on."""
    job, result = await finished(interaction, about)
    if not can_continue(job.request):
        raise Refusal(say("results.no_still"))
    await _check_shown(interaction, job, result)
    requester = await _may_ask(interaction)
    policy = await policies.in_force(interaction.client.database.read, requester.server_id)
    film = await interaction.client.films.of(job, result, await _file(interaction, job, result))
    _check_size(interaction, film)
    async with asking.taking(interaction, requester) as taking:
        before = await taking.made_here("result", film.path)
        taking.check()
        request = policy.raised(continued(job.request, before, await taking.last_frame(before)))
        origin = Origin(job.id, result.n, Way.CONTINUE, before.sha256)
        found = await instead.quoted(interaction.client, request, requester, origin)
    await _show(interaction, found, say("results.goes_on"))


async def finished(interaction: Interaction, about: str) -> tuple[Job, Result]:
    """The finished video that a button is about: anybody's in this server. Raises a Refusal."""
    job_id, _, n = about.partition(".")
    if interaction.guild_id is None:
        raise Refusal(say("results.in_private", job=job_id, n=n))
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
        raise Refusal(say("results.is_deleted"))
    if (await veils(interaction.client, job, interaction.channel_id)).get(result.n) == "withheld":
        raise Refusal(say("results.withheld_here", job=job.id, n=result.n))


async def _may_ask(interaction: Interaction) -> Requester:
    """Who asks for a quote, here and now. Raises a Refusal."""
    requester = await admit(interaction)
    check_permissions(interaction)
    await asking.check(interaction, requester)
    return requester


async def _file(interaction: Interaction, job: Job, result: Result) -> VideoFile:
    """The finished video, fetched once more where it is not kept. Raises a Refusal."""
    most = interaction.client.settings.max_input_bytes
    try:
        return await interaction.client.finished.of(job, result, most=most, seconds=WITHIN, pauses=())
    except NoFile as missing:
        if missing.reason == "large":
            raise _too_large(interaction) from missing
        is_gone = missing.reason == "expired"
        raise Refusal(say("results.video_gone") if is_gone else say("results.not_now")) from missing


def _check_size(interaction: Interaction, video: VideoFile) -> None:
    """Raises a Refusal of a video that is too large to be taken in."""
    if video.size > interaction.client.settings.max_input_bytes:
        raise _too_large(interaction)


def _too_large(interaction: Interaction) -> Refusal:
    return Refusal(say("results.too_large", megabytes=interaction.client.settings.max_input_bytes // 10**6))


def _gone(request: Request) -> str:
    """What to send again."""
    if isinstance(request, EditVideo | ReframeVideo):
        command = "/edit" if isinstance(request, EditVideo) else "/reframe"
        return say("results.source_gone", command=command)
    return say("results.pictures_gone")


async def _show(
    interaction: Interaction, found: Offer | instead.Instead, says: str | None = None, *, wrote: str = ""
) -> None:
    """`wrote`: the prompt of a form, which is handed back where no quote has it."""
    if isinstance(found, Offer):
        await quote_buttons.show_quote(interaction, found, says)
    elif wrote and found.is_empty:
        await hand_back(interaction, instead.says(found), wrote)
    else:
        await quote_buttons.show(interaction, found)
