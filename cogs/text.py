"""The words that members read, and the pictures made of words. Pure: values in, embeds and sentences out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final, assert_never

import discord

from bot.domain.forecast import Usual
from bot.domain.job import Job, Reason, State
from bot.domain.lineage import Origin, Way
from bot.domain.money import Usd
from cogs.asked import about, every
from cogs.prompt import shortened

COLOUR: Final = discord.Colour(0x5B5BD6)
GOOD: Final = discord.Colour(0x2E9E5B)
BAD: Final = discord.Colour(0xC2483D)

MOST_OF_A_MESSAGE: Final = 2_000  # characters, as the other two
MOST_OF_A_FIELD: Final = 1_024
MOST_OF_AN_EMBED: Final = 6_000
WHOLE_PROMPT: Final = 3_800  # characters that fit one embed beside the other lines

CONFIRMED: Final = "Confirmed, and {price} is on hold for it. The progress message below keeps you posted."
NOTHING_BOUGHT: Final = "Cancelled. Nothing was bought."
ON_ITS_WAY: Final = "📥 I am fetching the file, and post it here in a moment…"
ON_THEIR_WAY: Final = "📥 I am fetching the files of {number} videos, and post them here in a moment…"
RESOLVED: Final = "The provider never said what became of it, so this server's staff have settled it."
REST_RESOLVED: Final = "The provider never said what became of the rest, so this server's staff have ended the job."
RELEASED: Final = "This server's staff had released it before it came."
TRIMMING: Final = (
    "Trimming your video to exactly 5.000 s. This may take a minute; if nothing comes, ask again with /edit…"
)
TRIMMED: Final = "Trimmed. Nothing is bought yet; this is the price now:"
NOT_TRIMMED: Final = "The video could not be trimmed, and nothing was bought. Please ask again with /edit."
NOTHING_TO_TRIM: Final = "This quote has no video that could be trimmed, so nothing was changed."
CANNOT_POST: Final = (
    "I could not post in this channel, so nothing was bought and nothing is on hold. "
    "Please try another channel, or ask the server's staff to let me write here."
)
INTERRUPTED: Final = (
    "I am being restarted. What you have confirmed goes on by itself. "
    "For anything else, please ask again in a minute."
)
UNKNOWN_BUTTON: Final = (
    "This button does not work any more, and nothing has changed. "
    "/jobs shows your videos, and /generate starts a new one."
)
NOT_ADMITTED: Final = (
    "Video {n} is kept, but its link leads to a host that I may not show. "
    "Please ask whoever runs this bot to look at LINK_HOSTS."
)
DELETED: Final = "Video {n} is deleted."
OUTDATED_COMMAND: Final = (
    "Your Discord shows an older form of this command, so nothing was done. "
    "Please restart Discord (on a computer: Ctrl+R) and try again."
)
UNREADABLE: Final = (
    "What was chosen for `{option}` is not here any more, or cannot be read, so nothing was done. "
    "Please choose it again, or restart Discord (on a computer: Ctrl+R) if it is still offered."
)
CANNOT_WRITE: Final = (
    "I cannot write anything down just now, so nothing was bought or changed. Please try again in a few minutes."
)

NOT_TAKEN: Final = (
    "Discord did not take my answer. /jobs shows whether anything was bought; for the rest, please ask again."
)

BUG: Final = (
    "Something went wrong on my side. /jobs shows whether anything was bought. "
    "If it happens again, tell whoever runs this bot: reference `{reference}`."
)
JOB_CANCELLED: Final = "Job `{job}` is cancelled, and {price} is yours to spend again."
NO_JOBS: Final = "You have no jobs here yet. /generate makes your first video."


FROM: Final[Mapping[Way, str]] = {
    Way.AGAIN: "Another take of {video}",
    Way.REMIX: "A remix of {video}",
    Way.BIGGER: "A larger take of {video}",
    Way.CONTINUE: "It goes on from {video}",
    Way.EDIT: "An edit of {video}",
    Way.REFRAME: "A reframe of {video}",
}


@dataclass(frozen=True)
class Wait:
    """What is known of when a job may be ready; all of it may be unknown.

    `ahead`: how many are sent before it. `usually`: half of such videos are ready by then; `at_the_latest`: nine
    of ten. `takes`: how long such videos render, of one that is being rendered.
    """

    ahead: int | None = None
    usually: datetime | None = None
    at_the_latest: datetime | None = None
    takes: Usual | None = None


UNKNOWN: Final = Wait()


def progress(
    job: Job, *, kept: int = 0, coming: int = 0, wait: Wait = UNKNOWN, parent: str | None = None
) -> discord.Embed:
    """The one message in the channel that shows who asked for what, and how it goes.

    `kept`: how many of its videos could not be posted. `coming`: how many are finished, and not posted yet.
    `wait`: what is known of when it may be ready. `parent`: the address of the message that it goes on from.
    """
    colour = {State.DONE: GOOD, State.FAILED: BAD, State.CANCELLED: BAD}.get(job.state, COLOUR)
    colour = GOOD if job.is_over and _ready(job) else colour
    what = "a video" if job.request.count == 1 else f"{job.request.count} videos"
    says = [how_it_goes(job, wait)]
    comes_from = f"\n{origin(job.origin, parent)}" if job.origin is not None else ""
    says += [_kept(kept)] if kept else []
    says += [ON_ITS_WAY if coming == 1 else ON_THEIR_WAY.format(number=coming)] if coming else []
    return discord.Embed(
        description=f"<@{job.member_id}> asked for {what}\n> {shortened(job.request.prompt)}\n"
        f"{about(job.request)} · {job.hold}{comes_from}\n\n" + "\n".join(says),
        colour=colour,
    ).set_footer(text=f"Job {job.id}")


def origin(comes: Origin, parent: str | None) -> str:
    """What a job goes on from, with a link to its message where there is one."""
    which = f"[this video]({parent})" if parent is not None else f"video {comes.n} of job `{comes.job_id}`"
    return f"🔗 {FROM[comes.way].format(video=which)}"


def _kept(videos: int) -> str:
    which = "It" if videos == 1 else f"{videos} of them"
    return f"📦 {which} could not be posted here. Whoever asked finds {'it' if videos == 1 else 'them'} with /jobs."


def how_it_goes(job: Job, wait: Wait = UNKNOWN) -> str:
    """The state of a job in a sentence. Sentences about what is not over end in an ellipsis."""
    match job.state:
        case State.QUEUED:
            return _waiting(job, wait)
        case State.SENDING:
            return "⏳ Sending it to the provider…"
        case State.RUNNING:
            ready = _ready(job)
            some = f" {ready} of {job.request.count} are ready…" if ready else ""
            return f"🎬 Rendering{_for(job, wait.takes)}…{some}"
        case State.DONE:
            return f"✅ {_done(job)}"
        case State.FAILED:
            return f"✅ {_released(job)}" if _ready(job) else f"❌ {_failed(job)}"
        case State.CANCELLED:
            return "🚫 Cancelled before it was sent. Nothing was charged."
        case State.UNRESOLVED:
            return f"❓ The provider does not say what became of it. {job.hold} stays on hold, and I keep asking…"
        case _:
            assert_never(job.state)


def _for(job: Job, takes: Usual | None) -> str:
    """Since when, and how long such videos render here: what stays true however late it is read."""
    since = "" if job.accepted_at is None else f" since <t:{int(job.accepted_at.timestamp())}:R>"
    if takes is None:
        return f"{since}; this usually takes a few minutes"
    half, nine = _about(takes.median), _about(takes.slow)
    half = "" if half == nine else f"half of such videos take {half} at most, "
    return f"{since}; {half}nine of ten {'' if half else 'such videos take '}{nine}{'' if half else ' at most'}"


def _about(seconds: float) -> str:
    """Rounded up: `50 s`, `3 min`."""
    return f"{max(ceil(seconds / 10), 1) * 10} s" if seconds <= 90 else f"{ceil(seconds / 60)} min"


def _usually(wait: Wait) -> str:
    """When it may be ready, by this bot's own last renders of such videos; empty where those say too little. By the
    clock, so that it does not read as if it were over when that time has passed.
    """
    if wait.usually is None or wait.at_the_latest is None:
        return ""
    usually, latest = int(wait.usually.timestamp()), int(wait.at_the_latest.timestamp())
    return f"usually ready by <t:{usually}:t>, nine times of ten by <t:{latest}:t>"


def _waiting(job: Job, wait: Wait) -> str:
    match job.reason:
        case Reason.OUT_OF_CREDIT:
            return "⏸️ Waiting: the shared account is out of credit. It goes on by itself once that is topped up…"
        case Reason.KEY_REFUSED:
            return "⏸️ Waiting: the provider does not accept the bot's key. Whoever runs this bot has to mend that…"
        case Reason.BUSY | Reason.UNREACHABLE:
            return "⏳ Waiting: the provider is busy. I try again shortly…"
        case _:
            if wait.ahead is None:
                return "⏳ Waiting for its turn…"
            place = f"Number {wait.ahead + 1} in the queue" if wait.ahead else "Next in the queue"
            usually = _usually(wait)
            return f"⏳ {place}; {usually}…" if usually else f"⏳ {place}…"


def _done(job: Job) -> str:
    """How it ended, and what it really cost."""
    ready = _ready(job)
    cost = f"It cost {job.settled}{', estimated' if job.estimated else ''}." if job.settled else ""
    if job.overrun:
        cost = f"{cost} The provider billed {job.overrun} more, which is the server's."
    if ready == job.request.count:
        return f"{_which(job)} ready. {cost}"
    if job.reason is Reason.LOST:
        return f"{_which(job)} ready. {cost} {REST_RESOLVED}" if ready else f"{RESOLVED} {cost}"
    missing = next(result.failure for result in job.results if result.failure is not None)
    return f"{_which(job)} ready. {cost} The rest did not work out. {_why(missing)}"


def _ready(job: Job) -> int:
    return sum(result.succeeded for result in job.results)


def _which(job: Job) -> str:
    ready, count = _ready(job), job.request.count
    if ready < count:
        return f"{ready} of {count} videos {'is' if ready == 1 else 'are'}"
    return {1: "The video is", 2: "Both videos are"}.get(ready, f"All {ready} videos are")


def _released(job: Job) -> str:
    """Staff have released it, and there are videos all the same."""
    why = RELEASED if _ready(job) == job.request.count else REST_RESOLVED
    return f"{_which(job)} ready. {why} {_not_charged(job)}"


def _not_charged(job: Job) -> str:
    if job.overrun:
        return f"You were not charged; the provider billed the server {job.overrun} for it."
    return "Nothing was charged."


def _failed(job: Job) -> str:
    charged = _not_charged(job)
    if job.reason is Reason.NO_CHANNEL:
        return f"I could not post in <#{job.channel_id}>, so it was not sent. Please try another channel. {charged}"
    return f"{_why(job.reason)} {charged}"


def _why(reason: Reason | None) -> str:
    match reason:
        case Reason.MODERATED:
            return "The provider's moderation refused it. Rewording the prompt usually helps."
        case Reason.REFUSED:
            return "The provider refused this request as it is. Another resolution, duration or prompt may work."
        case Reason.BROKEN:
            return "It went wrong at the provider. Asking for it again often works."
        case Reason.TIMED_OUT:
            return "The provider took too long and gave up. Asking for it again often works."
        case Reason.EXPIRED:
            return "It waited for 24 hours and could not be sent. Please ask again later."
        case Reason.NOT_TRANSFERRED:
            return "The provider could not read your picture or video. Saving it anew and sending that may help."
        case Reason.SOURCE_GONE:
            return "I no longer have the picture or video that it is made from. Please ask again, with the file."
        case Reason.NO_CHANNEL | Reason.BUSY | Reason.OUT_OF_CREDIT | Reason.KEY_REFUSED | Reason.UNREACHABLE:
            return "It could not be sent."
        case Reason.LOST:
            return "The provider never said what became of it, so this server's staff have released it."
        case None:
            return "It did not work."
        case _:
            assert_never(reason)


def notice(job: Job) -> str:
    """The message that tells a member that there will be no video."""
    return f"<@{job.member_id}> Your video did not work out. {_failed(job)} (job `{job.id}`)"


def receipt(job: Job, parent: str | None = None) -> discord.Embed:
    """All there is to know of a job, for whoever presses Details. `parent`: as in `progress`."""
    prompt = job.request.prompt
    card = discord.Embed(
        title=f"Job {job.id}",
        description=f"> {shortened(prompt, WHOLE_PROMPT)}",
        colour=COLOUR,
    )
    card.add_field(name="Asked for", value=about(job.request), inline=False)
    card.add_field(name="Every parameter", value=every(job.request)[:MOST_OF_A_FIELD], inline=False)
    if job.origin is not None:
        card.add_field(name="Comes from", value=origin(job.origin, parent), inline=False)
    card.add_field(name="By", value=f"<@{job.member_id}>, <t:{int(job.held_at.timestamp())}:f>", inline=False)
    card.add_field(name="How it goes", value=how_it_goes(job), inline=False)
    card.add_field(name="Books", value=_books(job), inline=False)
    return card


def _books(job: Job) -> str:
    entries = [f"held {job.hold}"]
    if job.settled:
        entries.append(f"settled {job.settled}{', estimated' if job.estimated else ''}")
    if job.is_over and (job.settled or Usd(0)) < job.hold:
        entries.append(f"returned {job.hold - (job.settled or Usd(0))}")
    if job.overrun:
        entries.append(f"{job.overrun} more, on the server")
    return " · ".join(entries)


def job_list(jobs: Sequence[tuple[Job, Sequence[str]]]) -> discord.Embed:
    """My jobs, the newest first, each with the links that lead to it; as many as an embed takes."""
    card = discord.Embed(title="Your latest jobs here", colour=COLOUR)
    for job, links in jobs:
        says = f"> {shortened(job.request.prompt, 100)}\n{about(job.request)} · {job.hold}\n{how_it_goes(job)}"
        value = fitting((says, *links), MOST_OF_A_FIELD)
        if len(card) + len(value) > MOST_OF_AN_EMBED - 50:
            return card
        card.add_field(name=f"Job {job.id}", value=value, inline=False)
    return card


def fitting(lines: Sequence[str], most: int) -> str:
    """The lines from the first on that fit, whole: half a link leads nowhere."""
    fitting = lines[0]
    for line in lines[1:]:
        if len(fitting) + 1 + len(line) > most:
            break
        fitting += f"\n{line}"
    return fitting
