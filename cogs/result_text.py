"""What is said of finished videos: when one is ready, and when it is posted once more. Pure, as text.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from discord.utils import format_dt

from bot.domain.job import Job, Result
from bot.finished import Join, wants_sound
from bot.words.speech import phrase, say
from cogs import text
from cogs.asked import about, about_one

Attached: TypeAlias = Literal["attached", "joined", "silent", "large", "forbidden", "missing"]
"""What became of a video's file: it is attached; it is, joined to the film before it, or without the sound that was
wanted; or why it is not."""

_WITHOUT_SOUND: Final[Mapping[Attached, str]] = {
    "missing": phrase("results.sound_missing"),
    "forbidden": phrase("results.sound_forbidden"),
    "large": phrase("results.sound_large"),
}
_NOT_JOINED: Final[Mapping[Join, str]] = {
    "unlike": phrase("results.not_joined_unlike"),
    "gone": phrase("results.not_joined_gone"),
    "large": phrase("results.not_joined_large"),
    "failed": phrase("results.not_joined_failed"),
}


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
    sorry = (say("results.elsewhere", channel=job.channel_id),) if elsewhere else ()
    if spoiler and file not in ("attached", "joined", "silent"):
        links = [spoilered(link) for link in links]
    video, *others = links
    shown = _video(job, video, file, join, until)
    beside = [f"<{link}>" for link in others] if file in ("attached", "joined", "silent") else others
    whole = "\n".join((asked, *sorry, shown, *beside))
    if len(whole) <= text.MOST_OF_A_MESSAGE:
        return whole, ()
    more = say("results.more_links") if attaches else say("results.more_under_details")
    whole = "\n".join((asked, *sorry, shown, more))
    if others and len(whole) <= text.MOST_OF_A_MESSAGE:
        return whole, others
    return "\n".join((asked, *sorry, say("results.link_under_details"))), (video, *others)


def result_withheld(job: Job, result: Result, *, elsewhere: bool) -> str:
    """A finished video that this place does not show."""
    sorry = (say("results.withheld_elsewhere", channel=job.channel_id),) if elsewhere else ()
    return "\n".join((_ready(job, result), *sorry, say("results.withheld")))


def _ready(job: Job, result: Result) -> str:
    """Whose video is ready, what was asked for, and what it cost."""
    share = job.hold.share(job.request.count)
    cost = str(result.cost) if result.cost else say("results.about_cost", cost=share)
    if job.resolved_at is not None and result.arrived_at >= job.resolved_at:
        cost = say("results.late", cost=cost)
    elif result.cost is not None and result.cost > share:
        cost = say("results.more_than_quote", cost=cost, hold=job.hold)
    member, count, what = job.member_id, job.request.count, about_one(job.request)
    if count == 1:
        return say("results.ready", member=member, about=what, cost=cost)
    return say("results.one_is_ready", member=member, n=result.n, count=count, about=what, cost=cost)


def _video(job: Job, link: str, file: Attached, join: Join | None, until: datetime | None) -> str:
    """The video's own link, in the form and with the words that its file asks for."""
    if file == "joined":
        return say("results.joined", link=link)
    if join is not None and join != "joined":
        return "\n".join((say(_NOT_JOINED[join]), _video(job, link, file, None, until)))
    if file == "silent":
        return say("results.silent", link=link)
    if file == "attached":
        if wants_sound(job):
            return say("results.with_sound", link=link)
        if until is None:
            return say("results.attached", link=link)
        return say("results.attached_until", link=link, until=_at(until))
    lines = [say(_WITHOUT_SOUND[file])] if wants_sound(job) else []
    lines += [link] if until is None else [link, say("results.works_until", until=_at(until))]
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
    head = say("results.again", n=job.request.count, member=job.member_id, about=about(job.request))
    gone = [say("results.number_gone", n=n) for n, link in sorted(links.items()) if link is None]
    gone += [say("results.withheld_again", n=n) for n in withheld]
    there = [link for _, link in sorted(links.items()) if link is not None]
    said = [say("results.works_until", until=_at(until))] if there and until is not None else []
    whole = "\n".join((head, *there, *said, *gone))
    if len(whole) <= text.MOST_OF_A_MESSAGE:
        return whole, ()
    links_elsewhere = say("results.links_in_file") if attaches else say("results.links_under_details")
    return "\n".join((head, links_elsewhere, *gone)), there


def spoilered(link: str) -> str:
    """A link whose preview Discord hides until it is pressed."""
    return f"|| {link} ||"


def _at(until: datetime) -> str:
    """In the reader's own time zone, as Discord shows it."""
    return format_dt(until, "f")
