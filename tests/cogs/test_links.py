"""Links that last: a finished video is attached where it fits, and where it does not its link says for how long."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from PIL import Image

from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.cogs.ordering import attached, fetched, open_rich_house
from tests.house import POST, RENDER_SECONDS, Bought, House

TTL: Final = 3600
MIB: Final = 2**20
HEAD: Final = b"\0\0\0\x18ftypisom"  # how an MP4 begins


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(autouse=True)
def usual_speed(house: House) -> Iterator[None]:
    yield
    house.runware.render_seconds = RENDER_SECONDS


async def test_the_attached_file_is_the_providers_to_the_byte_and_one_video_plays(
    house: House, ada: Member, room: Channel
):
    bought = await house.buy(ada, room, count=2)
    for n, post in enumerate(await house.results(bought.job_id, 2), start=1):
        [file] = post.attachments
        assert file.filename == f"{bought.job_id}-{n}.mp4"
        assert await _read(house, post) == await fetched(post.links[0])
        assert "Attached. The provider's own file, for as long as it is kept there: <http" in post.text
        assert post.unfurls == ()


async def test_the_attachment_plays_on_when_the_providers_link_is_gone(house: House, ada: Member, room: Channel):
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    theirs = await fetched(post.links[0])
    house.sandbox.clock.advance(timedelta(days=8))
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(post.links[0])).status_code == 404
    assert await _read(house, post) == theirs


async def test_every_link_beside_an_attached_file_is_a_link_alone(house: House, ada: Member, room: Channel):
    """A second player would show the same video, or one that is none."""
    house.runware.render_seconds = 1.0
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    [post] = await house.results(bought.job_id)
    assert [url for url in post.links if f"<{url}>" not in post.content] == []


async def test_a_large_file_stays_a_link_that_plays(house: House, ada: Member, room: Channel):
    """Its lifetime is not known here, so nothing is said of it."""
    bought = await _with_file(house, ada, room, HEAD + bytes(10 * MIB))
    [post] = await house.results(bought.job_id)
    assert post.attachments == []
    assert list(post.unfurls) == post.links
    assert "<t:" not in post.content


async def test_a_file_that_is_just_not_too_large_is_attached(house: House, ada: Member, room: Channel):
    large = HEAD + bytes(10 * MIB - len(HEAD))
    bought = await _with_file(house, ada, room, large)
    [post] = await house.results(bought.job_id)
    assert await _read(house, post) == large


async def test_without_attach_files_it_is_a_link_that_plays(house: House, ada: Member, room: Channel):
    room.deny(house.server.role(house.discord.world.bot.name), Permission.ATTACH_FILES)
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    assert (post.channel, post.attachments) == (room, [])
    assert list(post.unfurls) == post.links


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503),
        Fault(status=404),
        Fault(status=200, body=b"<html>not here</html>"),
        Fault(status=200, body=b""),
        Fault(status=302, headers={"Location": "http://127.0.0.1:9/video.mp4"}),
    ],
    ids=["down", "gone", "no video", "empty", "leads elsewhere"],
)
async def test_a_file_that_cannot_be_had_is_a_link_and_nothing_is_lost(
    house: House, ada: Member, room: Channel, fault: Fault
):
    house.runware.faults.add("media", fault, times=3)
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id, timeout=30)
    assert post.attachments == []
    assert list(post.unfurls) == post.links
    await house.quiet()
    assert house.books(bought.job_id) == {"hold": "0.06", "settle": "0.06"}
    assert _left_over(house) == []


async def test_a_file_that_comes_at_the_second_try_is_attached(house: House, ada: Member, room: Channel):
    house.runware.faults.add("media", Fault(status=503))
    bought = await house.buy(ada, room)
    [post] = await house.results(bought.job_id)
    assert await _read(house, post) == await fetched(post.links[0])


async def test_while_a_file_is_slow_the_progress_message_says_so(house: House, ada: Member, room: Channel):
    house.runware.faults.add("media", Fault(takes_effect=False, status=200, body=HEAD + b"film", delay=4))
    bought = await house.buy(ada, room)
    progress = await house.progress(bought.job_id, "📥 I am fetching the file, and post it here in a moment…")
    assert "✅ The video is ready." in progress.text
    assert house.posts(bought.job_id, "r") == []
    [post] = await house.results(bought.job_id)
    assert await _read(house, post) == HEAD + b"film"
    await house.quiet()
    assert "📥" not in progress.text
    assert "✅ The video is ready." in progress.text


async def test_one_slow_file_holds_no_other_up_for_longer_than_itself(house: House, ada: Member, room: Channel):
    """Four slow ones are as slow as one: they come together."""
    house.runware.faults.add("media", Fault(status=200, body=HEAD, delay=3), times=4)
    bought = await house.buy(ada, room, count=4)
    waits = "SELECT count(*) AS waiting FROM posts WHERE job_id = ? AND kind = 'result' AND state = 'waiting'"
    await house.until(lambda: house.rows(waits, bought.job_id)[0]["waiting"] == 4, "four results")
    await house.until(lambda: len(_left_over(house)) == 4, "four downloads at once")
    assert len(await house.results(bought.job_id, 4, timeout=20)) == 4


@pytest.mark.parametrize("takes_effect", [False, True], ids=["before Discord has it", "after"])
async def test_killed_between_the_download_and_the_post_it_is_posted_once_with_its_file(
    house: House, ada: Member, room: Channel, takes_effect: bool
):
    house.runware.render_seconds = 1.0
    bought = await house.buy(ada, room)
    await house.progress(bought.job_id, "Rendering")
    house.discord.faults.add(POST, Fault(delay=0 if takes_effect else 30, takes_effect=takes_effect), times=20)
    attempted = "SELECT attempted_at FROM posts WHERE job_id = ? AND kind = 'result' AND attempted_at IS NOT NULL"
    await house.until(lambda: house.rows(attempted, bought.job_id), "an attempt")
    if takes_effect:
        await house.results(bought.job_id)
    await house.bot.kill()
    house.discord.faults.clear()
    house.runware.faults.add("media", Fault(), times=20)  # it is there already
    identified = house.discord.gateway.identifies
    await house.bot.start()
    await house.discord.gateway.ready(15, identifies=identified + 1)
    await house.quiet(30)
    house.runware.faults.clear()
    [post] = house.posts(bought.job_id, "r")
    assert await _read(house, post) == await fetched(post.links[0])
    assert [message.pings for message in room.messages] == [frozenset(), {ada.name}]


async def test_where_the_host_is_not_admitted_nothing_is_fetched_and_the_link_is_posted(tmp_path: Path):
    async with open_rich_house(tmp_path, RUNWARE_MEDIA_HOSTS="*.runware.ai") as house:
        ada, room = house.member(), house.channel()
        house.runware.faults.add("media", Fault(status=500))  # nobody meets it
        bought = await house.buy(ada, room)
        [post] = await house.results(bought.job_id)
        assert post.attachments == []
        assert list(post.unfurls) == post.links
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(post.links[0])).status_code == 500, "it was not asked before"


async def test_the_server_decides_how_large_a_file_may_be_and_a_link_says_until_when_it_works(tmp_path: Path):
    async with open_rich_house(tmp_path, RESULT_TTL=str(TTL)) as house:
        house.server.boost_tier = 2
        ada, room = house.member(), house.channel()
        body = HEAD + bytes(12 * MIB)
        [post] = await house.results((await _with_file(house, ada, room, body)).job_id)
        assert await _read(house, post) == body
        assert _until_at_least(house, post) < datetime.now(UTC) + timedelta(seconds=TTL)

        bought = await _with_file(house, ada, room, HEAD + bytes(50 * MIB))
        [post] = await house.results(bought.job_id)
        assert post.attachments == []
        [link] = post.links
        assert "This link works until <t:" in post.text
        until = _until_at_least(house, post)
        assert datetime.now(UTC) + timedelta(seconds=TTL - 60) < until
        house.sandbox.clock.advance(until - datetime.now(UTC) - timedelta(seconds=1))
        assert await fetched(link)

        house.runware.render_seconds = 1.0
        bought = await _with_file(house, ada, room, body)
        await house.progress(bought.job_id, "Rendering")
        room.deny(house.discord.world.bot, Permission.VIEW_CHANNEL)
        [post] = await house.results(bought.job_id)
        assert (post.channel, post.attachments) == (ada.direct, []), "direct messages take less"


async def test_a_full_folder_leaves_a_link(tmp_path: Path):
    """What an open quote needs stays, and what has no room is not kept."""
    async with open_rich_house(tmp_path, MEDIA_MAX_BYTES="1 MB") as house:
        ada, linus, room = house.member(), house.member(), house.channel()
        picture = await asyncio.to_thread(_noise)
        assert len(picture) > 600_000
        card = await house.ask(linus, room, {"first_frame": attached(linus, picture, "noise.png")})
        bought = await _with_file(house, ada, room, HEAD + bytes(500_000))
        [post] = await house.results(bought.job_id)
        assert post.attachments == []
        assert list(post.unfurls) == post.links
        assert (await house.press(linus, card, "Confirm")).text.startswith("Confirmed")
        await house.quiet()


async def _with_file(house: House, member: Member, channel: Channel, body: bytes) -> Bought:
    """A job whose video is these bytes."""
    house.runware.faults.add("media", Fault(status=200, body=body))
    return await house.buy(member, channel)


async def _read(house: House, post: Message) -> bytes:
    """What Discord serves of the one file of a post."""
    [file] = post.attachments
    return await fetched(house.discord.link(file))


def _until_at_least(house: House, post: Message) -> datetime:
    """The moment that a post names."""
    [stamp] = re.findall(r"<t:(\d+):f> at least", post.content)
    return datetime.fromtimestamp(int(stamp), UTC)


def _left_over(house: House) -> list[Path]:
    """What is on its way into MEDIA_DIR."""
    return [*(house.database.parent / "media").glob("incoming/*")]


def _noise() -> bytes:
    """A PNG that does not pack."""
    made = io.BytesIO()
    noise: Any = Image.effect_noise((512, 512), 120)
    Image.merge("RGB", [noise.rotate(angle) for angle in (0, 90, 180)]).save(made, "png")
    return made.getvalue()
