"""/jobs: what is mine, how it goes, and Cancel for as long as that is possible."""

import re
from collections.abc import Iterator

import pytest

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from sandbox.runware.script import Takes
from tests.house import RENDER_SECONDS, Bought, House, as_it_was

BUSY = Fault(
    status=429,
    body=b'{"errors": [{"code": "rateLimitExceeded", "message": "Too many requests."}]}',
    headers={"Content-Type": "application/json", "Retry-After": "1"},
)
"""While it lasts, jobs stay queued."""


@pytest.fixture(autouse=True)
def usual_speed(house: House) -> Iterator[None]:
    """A test may slow the provider down; the next one finds it as it was."""
    yield
    house.runware.render_seconds = RENDER_SECONDS


async def test_who_has_no_jobs_is_told_how_to_make_one(house: House, ada: Member, linus: Member, room: Channel):
    await house.buy(linus, room)
    listed = await _list(ada, room)
    assert listed.visible_to is ada.user
    assert listed.text == "You have no jobs here yet. /generate makes your first video."


async def test_my_running_and_finished_jobs_are_listed_newest_first_with_links_to_their_posts(
    house: House, ada: Member, linus: Member, room: Channel
):
    done = await house.buy(ada, room, prompt="A red kite", count=2)
    posts = await house.results(done.job_id, 2)
    house.runware.script(Takes(2), times=2)
    await house.buy(linus, room, prompt="Somebody else's")
    running = await house.buy(ada, room, prompt="A blue kite")
    await house.progress(running.job_id, "Rendering", timeout=40)  # the refusals before it add up to a pause

    listed = await _list(ada, room)
    assert listed.visible_to is ada.user
    assert [field["name"] for field in listed.embeds[0]["fields"]] == [
        f"Job {running.job_id}",
        f"Job {done.job_id}",
    ]
    first, second = (field["value"] for field in listed.embeds[0]["fields"])
    assert first.startswith("> A blue kite\n360p · 16:9 · 5 s · $0.06\n🎬 Rendering")
    assert second.startswith(
        "> A red kite\n360p · 16:9 · 5 s · 2 videos · $0.12\n✅ Both videos are ready. It cost $0.12."
    )
    for n, post in enumerate(posts, start=1):
        where = f"https://discord.com/channels/{house.server.id}/{room.id}/{post.id}"
        assert f"[Video {n}]({where})" in second
    assert "Somebody else's" not in listed.text
    assert [button.label for button in listed.buttons] == [f"Post {done.job_id} again"], "nothing can be cancelled"


async def test_a_video_that_went_as_a_direct_message_is_linked_to_there(house: House, ada: Member, room: Channel):
    house.runware.script(Takes(1))
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering", timeout=40)
    room.deny(house.discord.world.bot, Permission.VIEW_CHANNEL)
    [post] = await house.results(bought.job_id)
    assert post.channel is ada.direct
    await house.quiet()
    where = f"https://discord.com/channels/@me/{ada.direct.id}/{post.id}"
    assert f"[Video 1]({where})" in (await _list(ada, house.channel())).text


async def test_a_queued_job_says_why_it_waits_and_can_be_cancelled_from_the_list(
    house: House, ada: Member, room: Channel
):
    waiting = await _waiting(house, ada, room)
    listed = await _list(ada, room)
    assert "Waiting: the provider is busy. I try again shortly…" in listed.text
    assert [button.label for button in listed.buttons] == [f"Cancel {waiting.job_id}"]

    answer = await house.press(ada, listed, f"Cancel {waiting.job_id}")
    assert answer.visible_to is ada.user
    assert answer.text == f"Job `{waiting.job_id}` is cancelled, and $0.06 is yours to spend again."
    await _was_cancelled(house, waiting)


async def test_progress_messages_show_places_in_the_queue_and_when_a_video_is_usually_ready(
    house: House, ada: Member, linus: Member, room: Channel
):
    """After five renders of a kind there is something to say; whoever has had no turn comes before whoever had."""
    for _ in range(5):
        await house.results((await house.buy(ada, room)).job_id)
    house.runware.script(Takes(10), times=4)
    running = [await house.buy(ada, room) for _ in range(4)]
    for bought in running:
        says = (await house.progress(bought.job_id, "Rendering")).text
        assert re.search(r"Rendering since <t:\d+:R>; nine of ten such videos take 10 s at most…", says)
    first, second = await house.buy(ada, room), await house.buy(linus, room)
    assert "Next in the queue; usually ready by <t:" in (await house.progress(second.job_id, "queue")).text
    assert (
        "Number 2 in the queue; usually ready by <t:"
        in (await house.progress(first.job_id, "Number 2", timeout=40)).text
    )
    for bought, member in ((first, ada), (second, linus)):
        await house.press(member, await house.progress(bought.job_id, "queue"), "Cancel")


async def test_a_queued_job_can_be_cancelled_from_its_progress_message(house: House, ada: Member, room: Channel):
    waiting = await _waiting(house, ada, room)
    progress = await house.progress(waiting.job_id, "busy")
    assert [button.label for button in progress.buttons] == ["Cancel", "Details"]
    answer = await house.press(ada, progress, "Cancel")
    assert answer.visible_to is ada.user
    assert "is cancelled" in answer.text
    await _was_cancelled(house, waiting)
    assert [button.label for button in progress.buttons] == ["Details"]


async def test_nobody_cancels_somebody_elses_job(house: House, ada: Member, linus: Member, room: Channel):
    waiting = await _waiting(house, ada, room)
    progress = await house.progress(waiting.job_id, "busy")
    answer = await house.press(linus, progress, "Cancel")
    assert answer.visible_to is linus.user
    assert answer.text == "This job is somebody else's. Make one of your own with /generate."
    assert house.job(waiting.job_id)["state"] == "queued"
    await house.press(ada, progress, "Cancel")


async def test_a_second_cancel_says_that_it_is_over(house: House, ada: Member, room: Channel):
    waiting = await _waiting(house, ada, room)
    listed = await _list(ada, room)
    await house.press(ada, listed, f"Cancel {waiting.job_id}")
    answer = await house.press(ada, listed, f"Cancel {waiting.job_id}")
    assert answer.text == f"It is over already. Job `{waiting.job_id}` stays as it is; /jobs shows how it goes."
    assert house.books(waiting.job_id) == {"hold": "0.06", "release": "0.06"}


async def test_a_job_that_was_sent_cannot_be_cancelled_and_the_member_reads_why(
    house: House, ada: Member, room: Channel
):
    waiting = await _waiting(house, ada, room)
    listed = await _list(ada, room)
    late = as_it_was(listed)
    await house.press(ada, listed, f"Cancel {waiting.job_id}")
    house.runware.faults.clear()
    house.runware.render_seconds = 2.0
    running = await house.buy(ada, room)
    await house.progress(running.job_id, "Rendering", timeout=40)  # the refusals before it add up to a pause

    late = as_it_was(late, **{waiting.job_id: running.job_id})
    answer = await house.press(ada, late, custom_id=late.buttons[0].custom_id)
    assert answer.visible_to is ada.user
    assert "It was sent already, and the provider takes no job back." in answer.text
    assert house.job(running.job_id)["state"] == "running"
    await house.results(running.job_id)


async def test_cancel_gives_back_what_may_be_spent(house: House, ada: Member, room: Channel):
    waiting = await _waiting(house, ada, room)
    assert "You: $4.88 of $5.00" in (await house.ask(ada, room)).text
    await house.press(ada, await _list(ada, room), f"Cancel {waiting.job_id}")
    assert "You: $4.94 of $5.00" in (await house.ask(ada, room)).text


async def test_the_list_of_many_long_jobs_fits_a_message_and_cuts_no_link(house: House, ada: Member):
    """Eight jobs of four videos each, with prompts that get longer by being made inert."""
    rooms = [house.channel() for _ in range(8)]
    bought = [await house.buy(ada, room, prompt="*_~" * 1000, count=4) for room in rooms]
    for each in bought:
        await house.results(each.job_id, 4)
    await house.quiet()
    listed = await _list(ada, rooms[0])
    fields = listed.embeds[0]["fields"]
    assert len(fields) >= 5
    assert [field["name"] for field in fields] == [f"Job {each.job_id}" for each in reversed(bought)][: len(fields)]
    assert all(field["value"].count("[Video") == field["value"].count(")") == 4 for field in fields)


async def _list(member: Member, channel: Channel) -> Message:
    return await (await member.command("jobs", channel=channel)).answer()


async def _waiting(house: House, member: Member, channel: Channel) -> Bought:
    """A job that the provider does not take now."""
    house.runware.faults.add("videoInference", BUSY, times=100)
    bought = await house.buy(member, channel)
    await house.progress(bought.job_id, "busy")
    assert house.job(bought.job_id)["state"] == "queued"
    return bought


async def _was_cancelled(house: House, bought: Bought) -> None:
    progress = await house.progress(bought.job_id, "🚫 Cancelled before it was sent. Nothing was charged.")
    assert progress.channel is bought.channel
    assert house.books(bought.job_id) == {"hold": "0.06", "release": "0.06"}
    assert house.job(bought.job_id)["state"] == "cancelled"
    assert house.job(bought.job_id)["task_id"] not in house.runware.tasks
