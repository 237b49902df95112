"""Continue: the last frame begins a new clip, and the two are joined into one film, beside the new clip's link."""

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from bot.media.inspection import inspect
from bot.media.last_frame import still
from sandbox.discord.member import Member
from sandbox.discord.message import Message
from sandbox.discord.permission import Permission
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.bot.media.filmed import Tone, beeps, film, picture_packets, streams
from tests.cogs.ordering import attached, buy, fetched, open_rich_house
from tests.cogs.test_quote_changes import menus
from tests.house import POST, RENDER_SECONDS, Bought, House

FIVE_SECONDS = 5_000_000  # microseconds
ONE_FRAME = 1_000_000 // 24 + 1
WHOLE = "Attached: the whole film, with the new clip at its end. The new clip alone: <{link}>"


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house"), QUOTES_PER_MINUTE="600") as house:
        yield house


async def test_the_new_clip_begins_with_the_last_frame_and_both_are_one_film(
    house: House, ada: Member, linus: Member, room: Channel
):
    bought, post = await _finished(house, ada, room)
    before = post.attachments[0].data
    card = await house.press(linus, post, "Continue")
    assert "360p · 16:9 · 5 s · with a first frame" in card.text
    assert "I join the two when it is ready" in card.text
    job_id = await _confirm(house, linus, card)
    _same_picture(_sent(house, job_id), still(before))
    [child] = await house.results(job_id, timeout=30)
    [link] = child.links
    clip = await fetched(link)
    [file] = child.attachments
    assert WHOLE.format(link=link) in child.text
    packets = [packet[0] for packet in (*picture_packets(before), *picture_packets(clip))]
    assert [packet[0] for packet in picture_packets(file.data)] == packets, "neither is encoded anew"
    whole, *parts = (inspect(each) for each in (file.data, before, clip))
    assert abs(whole.microseconds - sum(part.microseconds for part in parts)) <= ONE_FRAME
    assert (whole.width, whole.height) == (parts[0].width, parts[0].height) == (640, 360)
    assert streams(file.data) == streams(before)
    await house.progress(job_id, "It goes on from [this video]")
    assert bought.job_id != job_id


@pytest.mark.parametrize("form", ["MOV", "WEBM"])
async def test_in_every_container(house: House, ada: Member, room: Channel, form: str):
    _, post = await _finished(house, ada, room, format=form)
    _, child = await _continued(house, ada, post)
    assert abs(inspect(child.attachments[0].data).microseconds - 2 * FIVE_SECONDS) <= ONE_FRAME
    assert child.attachments[0].filename.endswith(f"-1.{form.lower()}")


async def test_a_film_grows_and_is_posted_again_whole(house: House, ada: Member, room: Channel):
    _, post = await _finished(house, ada, room)
    _, second = await _continued(house, ada, post)
    job_id, third = await _continued(house, ada, second)
    data = third.attachments[0].data
    assert abs(inspect(data).microseconds - 3 * FIVE_SECONDS) <= 2 * ONE_FRAME
    await house.quiet()
    listed = await (await ada.command("jobs", channel=room)).answer()
    await house.press(ada, listed, f"Post {job_id} again")
    [again] = house.posts(job_id, "a")
    assert again.attachments[0].data == data


async def test_the_sound_of_an_edit_stays_in_the_film(house: House, ada: Member, room: Channel):
    video = film(size=(640, 360), tones=[Tone(beep=1.0)])
    bought = await buy(house, ada, room, "edit", {"video": attached(ada, video)})
    [post] = await house.results(bought.job_id, timeout=30)
    await house.quiet()
    _, child = await _continued(house, ada, post)
    assert "whole film" in child.text
    assert beeps(child.attachments[0].data) == pytest.approx([1.0], abs=1 / 24)


async def test_where_the_two_are_stored_in_different_ways_the_clip_comes_alone_and_says_so(
    house: House, ada: Member, room: Channel
):
    """As after the provider has changed how it stores what it makes."""
    _, post = await _finished(house, ada, room)
    card = await house.press(ada, post, "Continue")
    [kept] = _films(house, ada)
    (house.database.parent / "media" / "inputs" / kept).write_bytes(film(size=(320, 200)))
    job_id = await _confirm(house, ada, card)
    [child] = await house.results(job_id, timeout=30)
    assert "This is the new clip alone: it is stored in another way than the film before it" in child.text
    assert child.attachments[0].data == await fetched(child.links[0])


async def test_where_nothing_may_be_attached_the_new_link_comes_alone(house: House, ada: Member, room: Channel):
    _, post = await _finished(house, ada, room)
    card = await house.press(ada, post, "Continue")
    room.deny(house.server.role(house.discord.world.bot.name), Permission.ATTACH_FILES)
    job_id = await _confirm(house, ada, card)
    [child] = await house.results(job_id, timeout=30)
    assert child.attachments == []
    assert len(child.links) == 1


@pytest.mark.parametrize("takes_effect", [False, True], ids=["before Discord has it", "after"])
async def test_killed_over_it_the_film_is_posted_once(house: House, ada: Member, room: Channel, takes_effect: bool):
    """First while the clip is on its way and the film is made; then over the post."""
    _, post = await _finished(house, ada, room)
    card = await house.press(ada, post, "Continue")
    house.runware.render_seconds = 0.6
    try:
        job_id = await _confirm(house, ada, card)
        await house.progress(job_id, "Rendering")
    finally:
        house.runware.render_seconds = RENDER_SECONDS
    media = house.database.parent / "media"
    await house.until(lambda: list(media.glob("incoming/*/*")), "a clip that comes in", 20)
    await house.bot.kill()
    house.discord.faults.add(POST, Fault(delay=0 if takes_effect else 30, takes_effect=takes_effect), times=20)
    await _start(house)
    attempted = "SELECT nonce FROM posts WHERE job_id = ? AND kind = 'result' AND attempted_at IS NOT NULL"
    await house.until(lambda: house.rows(attempted, job_id), "an attempt", 30)
    if takes_effect:
        await house.until(lambda: house.posts(job_id, "r"), "a post", 30)
    await house.bot.kill()
    house.discord.faults.clear()
    await _start(house)
    await house.quiet(30)
    [child] = house.posts(job_id, "r")
    assert abs(inspect(child.attachments[0].data).microseconds - 2 * FIVE_SECONDS) <= ONE_FRAME


async def test_the_film_before_it_stays_until_the_clip_is_there(house: House, ada: Member, room: Channel):
    """It is a source of the quote, by its hash: no sweep takes it, even where the parent's own file is gone."""
    bought, post = await _finished(house, ada, room)
    card = await house.press(ada, post, "Continue")
    for path in (house.database.parent / "media" / "results").glob(f"{bought.job_id}.*"):
        path.unlink()
    await house.restart()  # which sweeps
    job_id = await _confirm(house, ada, card)
    [child] = await house.results(job_id, timeout=30)
    assert "whole film" in child.text


async def test_another_take_of_a_continuation_is_another_end_for_the_same_film(
    house: House, ada: Member, linus: Member, room: Channel
):
    bought, post = await _finished(house, ada, room)
    _, child = await _continued(house, ada, post)
    again = await house.press(linus, child, "Again")
    opened = await linus.click(child, "Remix")
    remix = await (await linus.submit(opened, {"first": "It stops snowing"})).answer()
    for card in (again, remix):
        assert "another end for the same film" in card.text
        job_id = await _confirm(house, linus, card)
        [end] = await house.results(job_id, timeout=30)
        assert "Attached: the whole film" in end.text
        assert abs(inspect(end.attachments[0].data).microseconds - 2 * FIVE_SECONDS) <= ONE_FRAME
        await house.progress(job_id, "It goes on from [this video]")
    assert {row["parent_id"] for row in _lineage(house, linus)} == {bought.job_id}


async def test_what_cannot_be_joined_says_so_on_its_card(house: House, ada: Member, room: Channel):
    _, post = await _finished(house, ada, room)
    _, child = await _continued(house, ada, post)
    rest = await house.press(ada, child, "More…")
    for label, fields in (("Edit", {"first": "In rain"}), ("Reframe", {"first": "More", "aspect_ratio": ["9:16"]})):
        card = await (await ada.submit(await ada.click(rest, label), fields)).answer()
        assert "This is about the new clip alone, and not about the film before it." in card.text
        assert f"send it with /{label.lower()} as video" in card.text
    assert "It comes alone: the film before it is smaller" in (await house.press(ada, rest, "Bigger: 540p")).text
    [kept] = filter(None, _films(house, ada))
    (house.database.parent / "media" / "inputs" / kept).unlink()
    assert "the film before it is not here any more" in (await house.press(ada, child, "Again")).text


async def test_nothing_is_offered_that_could_not_be_joined(house: House, ada: Member, linus: Member, room: Channel):
    _, post = await _finished(house, ada, room, resolution="540p")
    card = await house.press(linus, post, "Continue")
    assert list(menus(card)) == ["count"]
    mary = house.discord.member("Mary")
    await (await mary.command("limits member", {"member": linus.user, "limit": "0.10"})).answer()
    assert "These fit" not in (await house.press(linus, post, "Continue")).text


async def _start(house: House) -> None:
    identified = house.discord.gateway.identifies
    await house.bot.start()
    await house.discord.gateway.ready(15, identifies=identified + 1)


async def _finished(house: House, member: Member, room: Channel, **options: str) -> tuple[Bought, Message]:
    bought = await house.buy(member, room, **options)
    [post] = await house.results(bought.job_id)
    await house.quiet()
    return bought, post


async def _continued(house: House, member: Member, post: Message) -> tuple[str, Message]:
    job_id = await _confirm(house, member, await house.press(member, post, "Continue"))
    [child] = await house.results(job_id, timeout=30)
    await house.quiet()
    return job_id, child


async def _confirm(house: House, member: Member, card: Message) -> str:
    assert "Confirm" in [button.label for button in card.buttons], card.text
    answer = await house.press(member, card, "Confirm")
    found = house.rows("SELECT id FROM jobs WHERE member_id = ? ORDER BY held_at DESC LIMIT 1", member.id)
    assert found, answer.text
    return str(found[0]["id"])


def _lineage(house: House, member: Member) -> list[dict[str, object]]:
    return house.rows(
        "SELECT lineage.* FROM lineage JOIN quotes ON quotes.id = quote_id WHERE member_id = ?", member.id
    )


def _films(house: House, member: Member) -> list[str]:
    """The hashes of the films that a member's quotes are joined to."""
    sql = "SELECT film FROM lineage JOIN quotes ON quotes.id = quote_id WHERE member_id = ?"
    return [row["film"] for row in house.rows(sql, member.id)]


def _sent(house: House, job_id: str) -> bytes:
    """The picture that the provider was given."""
    [row] = house.rows(
        "SELECT sha256 FROM sources JOIN jobs USING (quote_id) WHERE jobs.id = ? "
        "AND sha256 NOT IN (SELECT film FROM lineage WHERE film IS NOT NULL)",
        job_id,
    )
    return (house.database.parent / "media" / "inputs" / str(row["sha256"])).read_bytes()


def _same_picture(ours: bytes, theirs: bytes) -> None:
    a, b = (Image.open(BytesIO(each)) for each in (ours, theirs))
    assert a.size == b.size == (640, 360)
    assert ImageChops.difference(a, b).getbbox() is None
