# PyAV's types speak of numpy, which is not installed:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""keep_sound: the provider's video comes silent, and the source's own sound is posted with it."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any, Final

import av
import pytest
from PIL import Image

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.bot.media.filmed import Tone, beeps, film, picture_packets, streams
from tests.cogs.ordering import ask, attached, buy, confirm, fetched, open_rich_house, parameters_of
from tests.house import POST, RENDER_SECONDS, Bought, House

LOUD: Final = film(tones=[Tone(beep=1.0)])
"""Two seconds, with a beep after one."""

QUIET: Final = film()
MUTE: Final = (
    "Its sound could not be put back, so this is the provider's own file, which is silent. "
    "Your own video still has the sound, for an editor to lay over it:"
)
TOO_LARGE: Final = (
    "With its sound the file is larger than this server takes, so this is the provider's own file, "
    "which is silent. A smaller resolution fits better:"
)
FORBIDDEN: Final = (
    "I may not attach files here, so this is the provider's own file, which is silent. "
    "In a channel where I may, edit it again, or ask the server's staff to allow Attach Files:"
)
NOT_HERE: Final = "I may not attach files in this channel"


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.mark.parametrize("form", ["MP4", "MOV", "WEBM"])
async def test_an_edit_is_posted_with_the_sound_of_its_source_and_the_picture_of_the_provider(
    house: House, ada: Member, room: Channel, form: str
):
    bought = await _buy(house, ada, room, format=form)
    assert "keeps its sound" in bought.card.text
    [post] = await house.results(bought.job_id, timeout=30)
    [file] = post.attachments
    assert file.filename == f"{bought.job_id}-1.{form.lower()}"
    theirs = await fetched(post.links[0])
    assert picture_packets(file.data) == picture_packets(theirs)
    assert [kind for kind, _ in streams(theirs)] == ["video"]
    assert sorted(kind for kind, _ in streams(file.data)) == ["audio", "video"]
    assert beeps(file.data) == pytest.approx([1.0], abs=1 / 24)
    assert f"Attached with its sound. The provider's own file is silent: <{post.links[0]}>" in post.text
    assert post.unfurls == (), "one video plays, not two"
    assert house.books(bought.job_id) == {"hold": "0.54", "settle": "0.54"}


@pytest.mark.parametrize(
    ("video", "options"), [(LOUD, {"keep_sound": False}), (QUIET, {}), (QUIET, {"keep_sound": True})]
)
async def test_without_sound_to_keep_the_providers_own_file_is_attached(
    house: House, ada: Member, room: Channel, video: bytes, options: dict[str, Value]
):
    bought = await _buy(house, ada, room, video, **options)
    assert "sound" not in bought.card.text
    [post] = await house.results(bought.job_id)
    assert post.attachments[0].data == await fetched(post.links[0])
    assert "sound" not in post.text
    assert post.unfurls == (), "one video plays, not two"


async def test_each_of_several_results_has_the_sound(house: House, ada: Member, room: Channel):
    bought = await _buy(house, ada, room, count=2)
    posts = await house.results(bought.job_id, 2, timeout=30)
    assert sorted(post.attachments[0].filename for post in posts) == [
        f"{bought.job_id}-1.mp4",
        f"{bought.job_id}-2.mp4",
    ]
    for post in posts:
        assert picture_packets(post.attachments[0].data) == picture_packets(await fetched(post.links[0]))
        assert beeps(post.attachments[0].data) == pytest.approx([1.0], abs=1 / 24)


async def test_a_file_that_is_too_large_for_the_server_goes_as_a_link(house: House, ada: Member, room: Channel):
    large = _noise(12_000_000)
    assert len(large) > 10 * 2**20
    house.runware.faults.add("media", Fault(status=200, body=large))
    bought = await _buy(house, ada, room)
    [post] = await house.results(bought.job_id, timeout=60)
    assert post.attachments == []
    assert f"{TOO_LARGE}\n{post.links[0]}" in post.text
    assert list(post.unfurls) == post.links


async def test_where_files_may_not_be_attached_the_card_says_so_and_the_post_goes_without(
    house: House, ada: Member, room: Channel
):
    room.deny(house.server.role(house.discord.world.bot.name), Permission.ATTACH_FILES)
    bought = await _buy(house, ada, room)
    assert f"{NOT_HERE}, so the video would be posted without its sound." in bought.card.text
    assert "Ask the server's staff to allow Attach Files, or leave keep_sound off." in bought.card.text
    silent = await ask(house, ada, room, "edit", {"video": attached(ada, QUIET)})
    off = await ask(house, ada, room, "edit", {"video": attached(ada, LOUD), "keep_sound": False})
    assert [card.text for card in (silent, off) if NOT_HERE in card.text] == []
    [post] = await house.results(bought.job_id, timeout=30)
    assert post.channel is room
    assert post.attachments == []
    assert FORBIDDEN in post.text


async def test_a_video_that_cannot_be_had_at_first_is_posted_with_its_sound_later(
    house: House, ada: Member, room: Channel
):
    house.runware.faults.add("media", Fault(status=503))
    house.runware.faults.add("media", Fault())
    bought = await _buy(house, ada, room)
    [post] = await house.results(bought.job_id, timeout=60)
    assert len(post.attachments) == 1
    assert beeps(post.attachments[0].data) == pytest.approx([1.0], abs=1 / 24)


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(status=200, body=b"<html>")], ids=["down", "no video"])
async def test_a_video_that_cannot_be_had_at_all_is_posted_without_its_sound(
    house: House, ada: Member, room: Channel, fault: Fault
):
    house.runware.faults.add("media", fault, times=20)
    bought = await _buy(house, ada, room)
    [post] = await house.results(bought.job_id, timeout=60)
    assert post.attachments == []
    assert MUTE in post.text
    assert list(post.unfurls) == post.links
    assert house.books(bought.job_id) == {"hold": "0.54", "settle": "0.54"}


async def test_a_source_that_is_gone_leaves_the_link(house: House, ada: Member, room: Channel):
    house.runware.render_seconds = 1.5
    try:
        bought = await _buy(house, ada, room, film(times=[0, 500_000, 1_000_000], tones=[Tone(end=1)]))
        await house.progress(bought.job_id, "Rendering")
    finally:
        house.runware.render_seconds = RENDER_SECONDS
    for path in await asyncio.to_thread(lambda: [*(house.database.parent / "media" / "inputs").iterdir()]):
        path.unlink()
    [post] = await house.results(bought.job_id, timeout=30)
    assert MUTE in post.text


async def test_a_direct_message_has_the_sound_too(house: House, ada: Member, room: Channel):
    house.runware.render_seconds = 1.5
    try:
        bought = await _buy(house, ada, room)
        await house.progress(bought.job_id, "Rendering")
    finally:
        house.runware.render_seconds = RENDER_SECONDS
    room.deny(house.server.role(house.discord.world.bot.name), Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL)
    [post] = await house.results(bought.job_id, timeout=30)
    assert post.channel is ada.direct
    assert len(post.attachments) == 1


@pytest.mark.parametrize("during", ["fetching", "posting"])
async def test_killed_over_the_sound_the_bot_posts_it_once_with_its_sound(
    house: House, ada: Member, room: Channel, during: str
):
    house.runware.render_seconds = 0.5
    slow = Fault(delay=30)
    try:
        bought = await _buy(house, ada, room)
        await house.progress(bought.job_id, "Rendering")
        if during == "fetching":
            house.runware.faults.add("media", slow)
        else:
            house.discord.faults.add(POST, slow)
        await house.until(lambda: _is_under_way(house, bought.job_id, during), during)
    finally:
        house.runware.render_seconds = RENDER_SECONDS
    await house.bot.kill()
    for faults in (house.discord.faults, house.runware.faults):
        faults.clear()  # it may have been killed before it met them
    identified = house.discord.gateway.identifies
    await house.bot.start()
    await house.discord.gateway.ready(15, identifies=identified + 1)
    [post] = await house.results(bought.job_id, timeout=30)
    await house.quiet()
    assert len(house.posts(bought.job_id, "r")) == 1
    assert beeps(post.attachments[0].data) == pytest.approx([1.0], abs=1 / 24)
    assert [message.pings for message in room.messages] == [frozenset(), {ada.name}]


async def test_an_edit_of_an_edit_begins_with_what_was_posted(house: House, ada: Member, room: Channel):
    first = await _buy(house, ada, room)
    [post] = await house.results(first.job_id, timeout=30)
    again = await buy(house, ada, room, "edit", {"result": first.job_id})
    assert (await parameters_of(house, again.job_id))["inputs"] == {"video": post.attachments[0].data}
    [post] = await house.results(again.job_id, timeout=30)
    assert beeps(post.attachments[0].data) == pytest.approx([1.0], abs=1 / 24)


async def test_a_trimmed_source_gives_its_own_sound(house: House, ada: Member, room: Channel):
    """The first five seconds of it, and the beep where it was."""
    long = film(times=[number * 1_000_000 // 24 for number in range(24 * 7)], tones=[Tone(end=7, beep=3.0)])
    card = await ask(house, ada, room, "edit", {"video": attached(ada, long)})
    await ada.click(card, "Trim to 5.000 s: $0.54")
    await house.until(lambda: card.content.startswith("Trimmed."), "a trimmed video", 30)
    bought = await confirm(house, ada, room, card)
    [post] = await house.results(bought.job_id, timeout=30)
    assert beeps(post.attachments[0].data) == pytest.approx([3.0], abs=1 / 24)


async def _buy(house: House, member: Member, channel: Channel, video: bytes = LOUD, **options: Value) -> Bought:
    return await buy(house, member, channel, "edit", {"video": attached(member, video), **options})


def _is_under_way(house: House, job_id: str, during: str) -> bool:
    """Whether the bot waits for the file, or for Discord to take it."""
    if house.job(job_id)["state"] != "done":
        return False
    media = house.database.parent / "media"
    made = [*media.glob(f"results/{job_id}*")]
    attempted = house.rows("SELECT attempted_at FROM posts WHERE job_id = ? AND kind = 'result'", job_id)
    if during == "fetching":
        return bool([*media.glob("incoming/*")]) and not made
    return bool(made) and attempted[0]["attempted_at"] is not None


def _noise(size: int) -> bytes:
    """An MP4 of about so many bytes: noise, and nothing of it lost."""
    written = BytesIO()
    with av.open(written, "w", format="mp4") as container:
        options = {"preset": "ultrafast", "qp": "0"}
        stream = container.add_stream("libx264", rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        noise: Any = Image.effect_noise((640, 360), 120).convert("RGB")
        number = 0
        while written.tell() < size:
            frame = av.VideoFrame.from_image(noise.rotate(number * 7))
            frame.pts, number = number, number + 1
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return written.getvalue()
