"""/edit: from which video, at what price, and what the provider then gets."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from sandbox.discord.client import ClientRefuses, Value
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.runware.script import Fails, Partial
from tests.bot.media.made import clip as made_clip
from tests.cogs.ordering import (
    ask,
    attached,
    buy,
    clip,
    fetched,
    left_on_disk,
    open_rich_house,
    parameters_of,
    photo,
    quotes_of,
    task_of,
)
from tests.house import House
from tests.tour import measure

FIVE: Final = 5_000_000
_MINUTES: Final = timedelta(minutes=2)


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


async def test_an_edit_from_the_attachment_to_the_posted_link(house: House, ada: Member, room: Channel):
    video = clip(360, 640, FIVE)
    bought = await buy(house, ada, room, "edit", {"video": attached(ada, video), "resolution": "720p"})
    assert bought.card.embeds[0]["title"] == "$1.08 for this video"
    assert "> The same fox, in rain\nedit of 5 s · 720p · automatic\n" in bought.card.text
    assert "720p edit, up to 5 s: **$1.08**" in bought.card.text
    assert [button.label for button in bought.card.buttons] == ["Confirm", "Edit", "Cancel"]
    [post] = await house.results(bought.job_id)
    assert post.text.startswith(
        f"{ada.mention} Your video is ready: edit of 5 s · 720p · automatic · $1.08\nAttached. "
    )
    assert [file.filename for file in post.attachments] == [f"{bought.job_id}-1.mp4"]
    assert list(post.unfurls) == [], "the attached file is the one player"
    task = await task_of(house, bought.job_id)
    assert not str(task["inputs"]["video"]).startswith("http"), "an upload's id, not somebody's address"
    assert (await parameters_of(house, bought.job_id))["inputs"] == {"video": video}
    assert await measure(post.links[0]) == ((720, 1280), 5, False)
    assert house.bill[task["taskUUID"]] == "1.08"
    assert house.books(bought.job_id) == {"hold": "1.08", "settle": "1.08"}


@pytest.mark.parametrize(
    ("microseconds", "resolution", "price", "title", "trims"),
    [
        (5_000_000, "720p", "1.08", "$1.08 for this video", None),
        (5_000_001, "360p", "1.08", "$1.08 for this video", "$0.54"),
        (5_040_000, "720p", "2.16", "$2.16 for this video", "$1.08"),
        (10_000_000, "540p", "1.44", "$1.44 for this video", "$0.72"),
        (10_000_001, "360p", "1.08", "Up to $1.09 for this video", "$0.54"),
        (12_000_000, "360p", "1.30", "Up to $1.30 for this video", "$0.54"),
        (18_000_000, "360p", "1.94", "Up to $1.95 for this video", "$0.54"),
    ],
)
async def test_what_an_edit_costs_by_its_length(
    house: House,
    ada: Member,
    room: Channel,
    microseconds: int,
    resolution: str,
    price: str,
    title: str,
    trims: str | None,
):
    video = clip(640, 360, microseconds)
    bought = await buy(house, ada, room, "edit", {"video": attached(ada, video), "resolution": resolution})
    card = bought.card
    assert card.embeds[0]["title"] == title
    labels = [button.label for button in card.buttons]
    assert labels == ["Confirm", "Edit", "Cancel", *([f"Trim to 5.000 s: {trims}"] if trims else [])]
    assert ("At most" in card.text or "the most that it can be" in card.text) == title.startswith("Up to")
    assert ("Trimmed to exactly 5.000 s it costs" in card.text) == (trims is not None)
    await house.results(bought.job_id)
    await house.quiet()
    books = house.books(bought.job_id)
    assert books["hold"] == price
    assert books["settle"] == house.bill[house.job(bought.job_id)["task_id"]]
    assert float(books["settle"]) <= float(price)


@pytest.mark.parametrize("microseconds", [18_000_001, 18_100_000, 30_000_000])
async def test_an_edit_of_more_than_18_seconds_is_refused(
    house: House, ada: Member, room: Channel, microseconds: int
):
    answer = await ask(house, ada, room, "edit", {"video": attached(ada, clip(64, 36, microseconds))})
    assert "• video lasts " in answer.text
    assert "and 18 s is the most here. Trim it and send it again." in answer.text
    assert "lasts 18.000 s" not in answer.text
    assert answer.buttons == []
    assert quotes_of(house, ada) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "360p · automatic"),
        ({"automatic": False}, "360p"),
        ({"strength": "flex_2"}, "360p · flex_2"),
        ({"depth_blur": 0.5, "face": True}, "360p · depth_blur 0.5 · face on"),
        ({"face": False}, "360p · face off"),
        (
            {"normals_augmentation": 0.25, "pose_strength": "precise", "trajectory_sparsity": 1.0},
            "360p · normals_augmentation 0.25 · pose_strength precise · trajectory_sparsity 1",
        ),
        ({"guide": 1}, "360p · automatic · with a guide"),
        ({"count": 2, "format": "MOV", "quality": 50}, "360p · automatic · MOV · quality 50 · 2 videos"),
        ({"resolution": "720p", "hdr": True, "exr": True}, "720p · automatic · HDR · EXR"),
    ],
)
async def test_the_card_says_in_words_what_was_chosen(
    house: House, ada: Member, room: Channel, options: dict[str, Value], says: str
):
    given = {
        name: attached(ada, photo(), "guide.png") if name == "guide" else value for name, value in options.items()
    }
    card = await ask(house, ada, room, "edit", {"video": attached(ada, clip(640, 360, FIVE)), **given})
    assert str(card.embeds[0]["description"]).splitlines()[1] == f"edit of 5 s · {says}"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"automatic": True, "strength": "flex_1", "face": True},
            "• automatic cannot be combined with strength and face. Leave one or the other out.",
        ),
        ({"hdr": True}, "• hdr works at 720p and 1080p, not at 360p. Choose 720p, or leave HDR off."),
        ({"exr": True}, "• exr is an extra of HDR."),
        ({"depth_blur": 1.5}, "• depth_blur cannot be “1.5”. Choose a number from 0 to 1, such as 0.5."),
        ({"trajectory_sparsity": -0.1}, "• trajectory_sparsity cannot be “-0.1”. Choose a number from 0 to 1"),
        ({"strength": "wild"}, "• strength cannot be “wild”. Choose adhere_1, "),
        ({"pose_strength": "exact"}, "• pose_strength cannot be “exact”. Choose precise or coarse."),
        ({"count": 5}, "• count cannot be “5”. Choose 1, 2, 3 or 4."),
        ({"quality": 19}, "• quality cannot be “19”. Choose a whole number from 20 to 99."),
        ({"format": "AVI"}, "• format cannot be “AVI”. Choose MP4, WEBM or MOV."),
        ({"safety": "paranoid"}, "• safety cannot be “paranoid”. Choose none, fast or full."),
    ],
)
async def test_what_an_edit_cannot_be_is_refused_in_words(
    house: House, ada: Member, room: Channel, options: dict[str, Value], says: str
):
    given = {"video": attached(ada, clip(640, 360, FIVE)), **options}
    answer = await ask(house, ada, room, "edit", given, forged=True)
    assert says in answer.text
    assert answer.visible_to is ada.user
    assert answer.buttons == []
    assert quotes_of(house, ada) == []


async def test_discords_own_client_offers_only_what_an_edit_can_be(house: House, ada: Member, room: Channel):
    for options in ({"strength": "wild"}, {"depth_blur": 1.5}, {"quality": 19}, {"count": 5}):
        with pytest.raises(ClientRefuses):
            await ask(house, ada, room, "edit", options)


# Which video -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["mp4", "mov", "webm"])
async def test_a_video_of_each_kind_arrives_byte_for_byte_whatever_its_name(
    house: House, ada: Member, room: Channel, form: str
):
    data = made_clip(form, frames=36)  # pyright: ignore[reportArgumentType] - each is one of them
    bought = await buy(house, ada, room, "edit", {"video": attached(ada, data, "notes.txt")})
    assert (await parameters_of(house, bought.job_id))["inputs"] == {"video": data}


@pytest.mark.parametrize(
    "options", [(), ("video", "video_url"), ("video", "result"), ("video", "video_url", "result")]
)
async def test_one_video_is_needed_and_only_one(house: House, ada: Member, room: Channel, options: tuple[str, ...]):
    all_of_them: dict[str, Value] = {
        "video": attached(ada, clip(640, 360, FIVE)),
        "video_url": "https://example.com/a.mp4",
        "result": "k3v9tq2m7d",
    }
    answer = await ask(house, ada, room, "edit", {name: all_of_them[name] for name in options})
    assert "of video, video_url and result." in answer.text
    assert answer.buttons == []
    assert quotes_of(house, ada) == []


async def test_a_finished_video_is_edited_by_its_jobs_id(house: House, ada: Member, room: Channel):
    first = await buy(house, ada, room, "generate", {"count": 2})
    posts = await house.results(first.job_id, 2)
    files = {n: await fetched(post.links[0]) for post in posts for n in (1, 2) if f"Video {n} of 2" in post.text}
    for written, n in (
        (first.job_id, 1),
        (f"{first.job_id}.1", 1),
        (f" {first.job_id.upper()}.2 ", 2),
        (f"{first.job_id}.r2", 2),
        (f"{first.job_id} 2", 2),
    ):
        bought = await buy(house, ada, room, "edit", {"result": written})
        assert (await parameters_of(house, bought.job_id))["inputs"] == {"video": files[n]}, written
        assert house.books(bought.job_id)["hold"] == "0.54"


async def test_a_result_that_is_not_ones_own_or_not_there_is_no_video(
    house: House, ada: Member, linus: Member, room: Channel
):
    theirs = await buy(house, linus, room, "generate", {})
    await house.results(theirs.job_id)
    house.runware.script(Fails())
    failed = await buy(house, ada, room, "generate", {})
    await house.notice(failed.job_id)
    house.runware.script(Partial(failed=(1,)))
    half = await buy(house, ada, room, "generate", {"count": 2})
    await house.results(half.job_id)
    await house.quiet()
    for written in (
        theirs.job_id,
        failed.job_id,
        f"{half.job_id}.2",
        f"{half.job_id}.3",
        f"{half.job_id}.9",
        "k3v9tq2m7d",
        "nonsense",
        "'; DROP TABLE jobs; --",
        "https://example.com/a.mp4",
        "．．／．．／etc",
    ):
        answer = await ask(house, ada, room, "edit", {"result": written})
        assert answer.text.startswith("This cannot be made as it is, so nothing was bought:\n• result is none of")
        assert "Give the id of a job of yours from /jobs, such as k3v9tq2m7d" in answer.text
        assert linus.name not in answer.text
    assert quotes_of(house, ada)[0]["id"] == house.job(half.job_id)["quote_id"], "no quote since"
    works = await ask(house, ada, room, "edit", {"result": half.job_id})
    assert works.buttons, "the one of the two that succeeded"


async def test_a_result_of_another_server_is_no_video_here(tmp_path: Path):
    async with open_rich_house(tmp_path, ALLOWED_SERVERS="*") as house:
        ada_here, room = house.discord.member("Ada"), house.channel()
        ada_there = house.discord.member("Ada", "Elsewhere")
        assert ada_here.user is ada_there.user
        made = await buy(house, ada_here, room, "generate", {})
        await house.results(made.job_id)
        there = house.discord.channel("lobby", "Elsewhere")
        answer = await ask(house, ada_there, there, "edit", {"result": made.job_id})
        assert "• result is none of your finished videos here." in answer.text
        assert (await ask(house, ada_here, room, "edit", {"result": made.job_id})).buttons


async def test_a_result_whose_file_has_expired_is_refused_with_what_to_do(tmp_path: Path):
    async with open_rich_house(tmp_path, RESULT_TTL="60") as house:
        ada, room = house.member(), house.channel()
        made = await buy(house, ada, room, "generate", {})
        await house.results(made.job_id)
        house.sandbox.clock.advance(_MINUTES)
        kept = list((house.database.parent / "media" / "results").iterdir())
        assert kept, "while it is kept here it can be edited, whatever the provider keeps"
        for file in kept:
            file.unlink()
        answer = await ask(house, ada, room, "edit", {"result": made.job_id})
        assert "• result cannot be used: the provider no longer keeps this video." in answer.text
        assert "send the file as video" in answer.text
        assert answer.buttons == []
        assert await left_on_disk(house) == []
