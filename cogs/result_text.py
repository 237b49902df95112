"""What is said of finished videos: when one is ready, and when it is posted once more. Pure, as text.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from discord.utils import format_dt

from bot.domain.job import Job, Result
from bot.finished import Join, wants_sound
from cogs import text
from cogs.asked import about, about_one

Attached: TypeAlias = Literal["attached", "joined", "silent", "large", "forbidden", "missing"]
"""What became of a video's file: it is attached; it is, joined to the film before it, or without the sound that was
wanted; or why it is not."""

ATTACHED: Final = "Attached. The provider's own file, for as long as it is kept there: <{link}>"
ATTACHED_UNTIL: Final = "Attached. The provider's own file, kept there until {until} at least: <{link}>"
WITH_SOUND: Final = "Attached with its sound. The provider's own file is silent: <{link}>"
SILENT: Final = (
    "Attached. Its sound could not be put back, so this is the provider's own file, which is silent. "
    "Your own video still has the sound, for an editor to lay over it: <{link}>"
)
WITHOUT_SOUND: Final[Mapping[Attached, str]] = {
    "missing": "Its sound could not be put back, so this is the provider's own file, which is silent. "
    "Your own video still has the sound, for an editor to lay over it:",
    "forbidden": "I may not attach files here, so this is the provider's own file, which is silent. "
    "In a channel where I may, edit it again, or ask the server's staff to allow Attach Files:",
    "large": "With its sound the file is larger than this server takes, so this is the provider's own file, "
    "which is silent. A smaller resolution fits better:",
}
JOINED: Final = "Attached: the whole film, with the new clip at its end. The new clip alone: <{link}>"
NOT_JOINED: Final[Mapping[Join, str]] = {
    "unlike": "This is the new clip alone: it is stored in another way than the film before it, so the two cannot "
    "be joined as they are. An editor can put one after the other.",
    "gone": "This is the new clip alone: the film before it is not here any more.",
    "large": "This is the new clip alone: joined with the film before it, the file is larger than may be attached "
    "here. An editor can put one after the other.",
    "failed": "This is the new clip alone: it could not be joined with the film before it just now. "
    "Post again, in /jobs, tries once more.",
}
UNTIL: Final = "This link works until {until} at least. Save the video if you want to keep it."
LATE: Final = "late: this server's staff had ended the job, so you pay nothing more"
MORE_LINKS: Final = "The other links are in the file, and under Details."
MORE_UNDER_DETAILS: Final = "Press Details for the other links."
LINK_UNDER_DETAILS: Final = "Its link is too long for a message. Press Details for it."

WITHHELD: Final = (
    "The provider's check says that it is not for everybody, so I do not show it here. It is kept: use /jobs in an "
    "age-restricted channel of your server to open it."
)
WITHHELD_AGAIN: Final = (
    "Video {n} is not for everybody, so I do not show it here. Use /jobs in an age-restricted channel to open it."
)

AGAIN: Final = "The video of <@{member}>, once more: {about}"
ALL_AGAIN: Final = "The videos of <@{member}>, once more: {about}"
GONE: Final = "Video {n} is not here any more, and the provider's link to it has expired."
LINKS_IN_FILE: Final = "The links are in the file, and under Details."
LINKS_UNDER_DETAILS: Final = "Press Details for the links."


def result_post(
    job: Job,
    result: Result,
    links: Sequence[str],
    *,
    file: Attached = "missing",
    join: Join | None = None,
    until: datetime | None = None,
    elsewhere: bool = False,
    spoiler: bool = False,
    attaches: bool = True,
) -> tuple[str, Sequence[str]]:
    """A finished video, and what it really cost: as a file, with its links beside it; else its bare links, which
    Discord plays. And the links for which there is no room.

    `until`: for how long the links work at least, where that is known. `elsewhere`: this is not the channel that it
    was asked for in. `spoiler`: what would be played is hidden until it is pressed. An attached file is played, so
    no link beside it is. `attaches`: whether a file may hold the rest. `join`: of a continuation alone, what became
    of its film.
    """
    asked = _ready(job, result)
    sorry = (f"I could not post it in <#{job.channel_id}>, so here it is:",) if elsewhere else ()
    if spoiler and file not in ("attached", "joined", "silent"):
        links = [spoilered(link) for link in links]
    video, *others = links
    shown = _video(job, video, file, join, until)
    beside = [f"<{link}>" for link in others] if file in ("attached", "joined", "silent") else others
    whole = "\n".join((asked, *sorry, shown, *beside))
    if len(whole) <= text.MOST_OF_A_MESSAGE:
        return whole, ()
    whole = "\n".join((asked, *sorry, shown, MORE_LINKS if attaches else MORE_UNDER_DETAILS))
    if others and len(whole) <= text.MOST_OF_A_MESSAGE:
        return whole, others
    return "\n".join((asked, *sorry, LINK_UNDER_DETAILS)), (video, *others)


def result_withheld(job: Job, result: Result, *, elsewhere: bool) -> str:
    """A finished video that this place does not show."""
    sorry = (f"I could not post this in <#{job.channel_id}>.",) if elsewhere else ()
    return "\n".join((_ready(job, result), *sorry, WITHHELD))


def _ready(job: Job, result: Result) -> str:
    """Whose video is ready, what was asked for, and what it cost."""
    which = "Your video is ready" if job.request.count == 1 else f"Video {result.n} of {job.request.count} is ready"
    share = job.hold.share(job.request.count)
    cost = str(result.cost) if result.cost else f"about {share}"
    if job.resolved_at is not None and result.arrived_at >= job.resolved_at:
        cost = f"{cost}, {LATE}"
    elif result.cost is not None and result.cost > share:
        cost = f"{cost}, of which you pay no more than your quote of {job.hold}"
    return f"<@{job.member_id}> {which}: {about_one(job.request)} · {cost}"


def _video(job: Job, link: str, file: Attached, join: Join | None, until: datetime | None) -> str:
    """The video's own link, in the form and with the words that its file asks for."""
    if file == "joined":
        return JOINED.format(link=link)
    if join is not None and join != "joined":
        return "\n".join((NOT_JOINED[join], _video(job, link, file, None, until)))
    if file == "silent":
        return SILENT.format(link=link)
    if file == "attached":
        if wants_sound(job):
            return WITH_SOUND.format(link=link)
        return ATTACHED.format(link=link) if until is None else ATTACHED_UNTIL.format(link=link, until=_at(until))
    lines = [WITHOUT_SOUND[file]] if wants_sound(job) else []
    lines += [link] if until is None else [link, UNTIL.format(until=_at(until))]
    return "\n".join(lines)


def again(
    job: Job,
    links: Mapping[int, str | None],
    *,
    until: datetime | None,
    attaches: bool,
    withheld: Sequence[int] = (),
) -> tuple[str, Sequence[str]]:
    """Finished videos once more: the attached ones need no word, and the others have their links.

    `links`: by number, of those that are not attached; None of one that is nowhere any more. `withheld`:
    the numbers of those that this place does not show. The rest as above.
    """
    head = (AGAIN if job.request.count == 1 else ALL_AGAIN).format(member=job.member_id, about=about(job.request))
    gone = [GONE.format(n=n) for n, link in sorted(links.items()) if link is None]
    gone += [WITHHELD_AGAIN.format(n=n) for n in withheld]
    there = [link for _, link in sorted(links.items()) if link is not None]
    said = [UNTIL.format(until=_at(until))] if there and until is not None else []
    whole = "\n".join((head, *there, *said, *gone))
    if len(whole) <= text.MOST_OF_A_MESSAGE:
        return whole, ()
    return "\n".join((head, LINKS_IN_FILE if attaches else LINKS_UNDER_DETAILS, *gone)), there


def spoilered(link: str) -> str:
    """A link whose preview Discord hides until it is pressed."""
    return f"|| {link} ||"


def _at(until: datetime) -> str:
    """In the reader's own time zone, as Discord shows it."""
    return format_dt(until, "f")
