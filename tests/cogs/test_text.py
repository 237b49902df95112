"""The words: pure functions, so no house is needed. Whatever a prompt holds, a card stays a card."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import discord
import pytest

from bot.domain.forecast import Usual
from bot.domain.job import Job, Reason, Result, State
from bot.domain.money import Usd
from bot.domain.request import TextToVideo
from bot.words.speech import say
from cogs import job_cards, job_text, result_text, text

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNDER_WAY = (State.QUEUED, State.SENDING, State.RUNNING, State.UNRESOLVED)


def job(state: State, **changes: Any) -> Job:
    """A job in this state, of one video where nothing else is said."""
    made = Job(
        id="abcdefghjk",
        server_id=1,
        channel_id=2,
        member_id=3,
        request=TextToVideo(prompt="A fox"),
        hold=Usd.of("0.30"),
        task_id="t",
        state=state,
        version=1,
        held_at=NOW,
        sent_at=None,
        accepted_at=None,
        tries=0,
        next_try_at=None,
        reason=None,
        settled=None,
        overrun=None,
        estimated=False,
        results=(),
    )
    return replace(made, **changes)


def result(
    n: int, *, failure: Reason | None = None, links: tuple[str, ...] = ("https://cdn.example/v.mp4",)
) -> Result:
    return Result(
        video_id=str(n), links=() if failure else links, cost=Usd.of("0.30"), failure=failure, n=n, arrived_at=NOW
    )


@pytest.mark.parametrize(
    "prompt", ["*" * 6000, "x" * 6000, "<@123456789012345678>" * 285, "🦊" * 6000, "a://" * 1500]
)
def test_every_picture_made_of_words_fits_discords_limits(prompt: str):
    asked = TextToVideo(prompt=prompt, resolution="1080p", hdr=True, exr=True, count=4)
    links = tuple(f"https://cdn.example/{'x' * 300}/{n}.exr" for n in range(3))
    results = tuple(result(n, links=links) for n in (1, 2, 3, 4))
    done = job(State.DONE, request=asked, results=results, settled=Usd(1_000_000_001), overrun=Usd(123_456_789))
    found = [f"[Video {n}](https://discord.com/channels/{'1' * 20}/{'2' * 20}/{'3' * 20})" for n in (1, 2, 3, 4)]
    pictures = [
        job_cards.progress(done, kept=4),
        job_cards.receipt(done),
        job_cards.job_list([(done, found)] * 8),
        job_cards.job_list([(done, [link for one in results for link in one.links])] * 8),
        job_cards.job_list([(done, [say("progress.not_admitted", n=n) for n in (1, 2, 3, 4)])] * 8),
    ]
    for picture in pictures:
        assert _broken(picture) == []


def test_a_list_of_jobs_keeps_at_least_the_newest_and_every_link_whole():
    done = job(State.DONE, results=(result(1),), settled=Usd.of("0.30"))
    listed = job_cards.job_list([(done, [f"[Video {n}](https://discord.com/{'x' * 90})" for n in range(20)])])
    [field] = listed.fields
    assert field.value is not None
    assert field.value.endswith(")")
    assert field.value.count("[Video") == field.value.count("x)") >= 5


@pytest.mark.parametrize("state", UNDER_WAY)
@pytest.mark.parametrize("reason", [None, *Reason])
def test_a_sentence_about_what_is_not_over_ends_in_an_ellipsis(state: State, reason: Reason | None):
    assert job_text.how_it_goes(job(state, reason=reason)).endswith("…")


@pytest.mark.parametrize("reason", list(Reason))
def test_a_sentence_about_what_has_failed_says_what_it_cost_and_is_no_machines(reason: Reason):
    failed = job(State.FAILED, reason=reason)
    for says in (job_text.how_it_goes(failed), job_text.notice(failed)):
        assert "Nothing was charged." in says
        assert not re.search(r"None|Reason|Error|\{|\}|  ", says)


@pytest.mark.parametrize(
    ("takes", "says"),
    [
        (None, "this usually takes a few minutes…"),
        (Usual(61, 71), "half of such videos take 70 s at most, nine of ten 80 s…"),
        (Usual(90, 91), "half of such videos take 90 s at most, nine of ten 2 min…"),
        (Usual(121, 180), "nine of ten such videos take 3 min at most…"),
    ],
)
def test_what_is_said_of_a_render_is_true_however_late_it_is_read(takes: Usual | None, says: str):
    running = job(State.RUNNING, accepted_at=NOW)
    rendering = f"🎬 Rendering since <t:{int(NOW.timestamp())}:R>; "
    assert job_text.how_it_goes(running, job_text.Wait(takes=takes)) == rendering + says


def test_what_a_failure_cost_is_said_to_be_the_servers():
    failed = job(State.FAILED, reason=Reason.BROKEN, overrun=Usd.of("0.05"))
    assert "You were not charged; the provider billed the server $0.05 for it." in job_text.notice(failed)


@pytest.mark.parametrize(("count", "says"), [(1, "The video is"), (2, "Both videos are"), (3, "All 3 videos are")])
def test_what_is_ready_is_counted_as_people_count(count: Any, says: str):
    results = tuple(result(n + 1) for n in range(count))
    done = job(
        State.DONE, request=TextToVideo(prompt="A fox", count=count), results=results, settled=Usd.of("0.30")
    )
    assert job_text.how_it_goes(done) == f"✅ {says} ready. It cost $0.30."


def test_one_of_two_is_not_two():
    some = job(
        State.DONE,
        request=TextToVideo(prompt="A fox", count=2),
        results=(result(1), result(2, failure=Reason.BROKEN)),
        settled=Usd.of("0.30"),
    )
    assert job_text.how_it_goes(some).startswith(
        "✅ 1 of 2 videos is ready. It cost $0.30. The rest did not work out. It went"
    )


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        (1, "It could not be posted here. Whoever asked finds it with /jobs."),
        (3, "3 of them could not be posted here."),
    ],
)
def test_what_could_not_be_posted_is_said_where_it_is_missed(kept: int, says: str):
    assert says in (job_cards.progress(job(State.DONE, results=(result(1),)), kept=kept).description or "")


def test_a_video_that_comes_elsewhere_says_where_it_was_asked_for():
    done = job(State.DONE, results=(result(1),))
    assert result_text.result_post(done, result(1), ("https://cdn.example/v.mp4",), elsewhere=True)[
        0
    ].splitlines() == [
        "<@3> Your video is ready: 720p · 16:9 · 5 s · $0.30",
        "I could not post it in <#2>, so here it is:",
        "https://cdn.example/v.mp4",
    ]


def test_links_that_do_not_fit_a_message_go_into_a_file_and_the_video_stays():
    links = ("https://cdn.example/v.mp4", *(f"https://cdn.example/{'x' * 400}/{n}.exr" for n in range(6)))
    says, more = result_text.result_post(job(State.DONE, results=(result(1),)), result(1), links)
    assert len(says) <= 2000
    assert says.splitlines()[1:] == ["https://cdn.example/v.mp4", say("results.more_links")]
    assert tuple(more) == links[1:]


def test_where_no_file_may_be_attached_the_other_links_are_under_details():
    links = ("https://cdn.example/v.mp4", *(f"https://cdn.example/{'x' * 400}/{n}.exr" for n in range(6)))
    says, _ = result_text.result_post(job(State.DONE, results=(result(1),)), result(1), links, attaches=False)
    assert says.splitlines()[1:] == ["https://cdn.example/v.mp4", say("results.more_under_details")]


def test_a_link_that_fits_no_message_is_said_to_be_elsewhere():
    link = f"https://cdn.example/{'x' * 2000}.mp4"
    says, more = result_text.result_post(job(State.DONE, results=(result(1),)), result(1), (link,))
    assert len(says) <= 2000
    assert (says.splitlines()[1:], tuple(more)) == ([say("results.link_under_details")], (link,))


def test_a_job_that_staff_have_ended_says_so():
    assert "staff have released it" in job_text.how_it_goes(job(State.FAILED, reason=Reason.LOST))
    settled = job(State.DONE, reason=Reason.LOST, settled=Usd.of("0.30"))
    assert "staff have settled it. It cost $0.30." in job_text.how_it_goes(settled)


def _broken(embed: discord.Embed) -> list[str]:
    """Which of Discord's limits for an embed it breaks."""
    found = [f"{len(embed)} characters in all"] if len(embed) > 6000 else []
    found += ["its title"] if len(embed.title or "") > 256 else []
    found += ["its description"] if len(embed.description or "") > 4096 else []
    found += ["its fields"] if len(embed.fields) > 25 else []
    return found + [f"{field.name}" for field in embed.fields if not 1 <= len(field.value or "") <= 1024]


RELEASED = {"state": State.FAILED, "reason": Reason.LOST, "resolved_at": NOW, "overrun": Usd.of("0.30")}
SETTLED = {"state": State.DONE, "reason": Reason.LOST, "resolved_at": NOW, "settled": Usd.of("0.30")}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {**RELEASED, "results": (result(1),)},
            "✅ The video is ready. This server's staff had released it before it came. You were not charged; the "
            "provider billed the server $0.30 for it.",
        ),
        (
            {**RELEASED, "results": (result(1),), "request": TextToVideo(prompt="A fox", count=2)},
            "✅ 1 of 2 videos is ready. The provider never said what became of the rest, so this server's staff "
            "have ended the job. You were not charged; the provider billed the server $0.30 for it.",
        ),
        ({**SETTLED, "results": (result(1),)}, "✅ The video is ready. It cost $0.30."),
        (
            {**SETTLED, "results": (result(1),), "request": TextToVideo(prompt="A fox", count=2)},
            "✅ 1 of 2 videos is ready. It cost $0.30. The provider never said what became of the rest, so this "
            "server's staff have ended the job.",
        ),
    ],
)
def test_what_comes_after_staff_have_ended_a_job_is_said_with_who_pays(changes: dict[str, Any], says: str):
    found = job(**changes)
    assert job_text.how_it_goes(found) == says
    assert job_cards.progress(found).colour == text.GOOD
    post, _ = result_text.result_post(found, result(1), ["https://cdn.example/v.mp4"])
    assert "$0.30, late: this server's staff had ended the job, so you pay nothing more" in post
