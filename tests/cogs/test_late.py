"""/limits resolve asks the provider once more, and what comes after it is posted all the same."""

from dataclasses import replace

from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from tests.cogs.limiting import limits, unresolved
from tests.house import House


async def test_a_job_that_the_provider_knows_after_all_is_not_decided_and_one_that_comes_later_is_posted(
    house: House, ada: Member, mary: Member, room: Channel
):
    found, late = await unresolved(house, ada, room), await unresolved(house, ada, room)
    remember(house, found.job_id)
    answer = await limits(mary, "resolve", job=found.job_id, outcome="release")
    assert answer.text == (
        f"Job `{found.job_id}` of {ada.mention} is found: the provider knows it after all. Nothing is left to "
        "decide, and nothing was settled or released by hand.\n✅ The video is ready. It cost $0.06."
    )
    assert house.books(found.job_id) == {"hold": "0.06", "settle": "0.06"}
    await limits(mary, "resolve", job=late.job_id, outcome="release")
    notice = await house.notice(late.job_id)
    assert "staff have released it. Nothing was charged." in notice.text
    remember(house, late.job_id)
    await house.restart()  # which looks at once
    [post] = await house.results(late.job_id)
    assert f"{ada.mention} Your video is ready: " in post.text
    assert "$0.06, late: this server's staff had ended the job, so you pay nothing more" in post.text
    says = "✅ The video is ready. This server's staff had released it before it came. You were not charged; "
    await house.progress(late.job_id, f"{says}the provider billed the server $0.06 for it.")
    assert house.books(late.job_id) == {"hold": "0.06", "release": "0.06", "overrun": "0.06"}


def remember(house: House, job_id: str) -> None:
    """The provider knows a job again, and it is ready."""
    task = house.runware.tasks[house.job(job_id)["task_id"]]
    task.forgotten = None
    task.items = tuple(replace(item, ready_at=house.sandbox.clock.now()) for item in task.items)
