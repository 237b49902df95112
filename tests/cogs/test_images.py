"""/generate with pictures: where they go in the video, what shape it has, and what the card says of it."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest

from sandbox.clip import photo as a_photo
from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from sandbox.faults import Fault
from tests.bot.media.made import picture
from tests.cogs.ordering import (
    ask,
    attached,
    buy,
    left_on_disk,
    open_rich_house,
    parameters_of,
    photo,
    quotes_of,
    sent,
    task_of,
)
from tests.house import House
from tests.tour import measure

TEN: Final = [f"keyframe_{n}" for n in range(1, 11)]


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.mark.parametrize(
    ("options", "says", "at"),
    [
        (["first_frame"], "360p · your picture's shape · 5 s · with a first frame", ["first"]),
        (["last_frame"], "360p · your picture's shape · 5 s · with a last frame", ["last"]),
        (
            ["first_frame", "last_frame"],
            "360p · your picture's shape · 5 s · with a first and a last frame",
            ["first", "last"],
        ),
        (["keyframe_1"], "360p · your picture's shape · 5 s · keyframe at 0 s", [0]),
        (["keyframe_3", "keyframe_7"], "360p · your picture's shape · 5 s · keyframes at 0 and 5 s", [0, 120]),
    ],
)
async def test_pictures_go_where_they_belong_byte_for_byte_and_the_card_says_where(
    house: House, ada: Member, room: Channel, options: list[str], says: str, at: list[str | int]
):
    given = {name: attached(ada, photo(n), f"{n}.png") for n, name in enumerate(options)}
    bought = await buy(house, ada, room, "generate", given)
    assert says in bought.card.text
    frames = (await parameters_of(house, bought.job_id))["inputs"]["frameImages"]
    assert frames == [{"image": photo(n), "frame": where} for n, where in enumerate(at)]
    [post] = await house.results(bought.job_id)
    assert says in post.text
    await house.progress(bought.job_id, "✅ The video is ready. It cost $0.06.")
    assert house.bill[house.job(bought.job_id)["task_id"]] == "0.06"


@pytest.mark.parametrize(
    ("moments", "duration", "at", "says"),
    [
        ("0, 2.5, 5", 5, [0, 60, 120], "keyframes at 0, 2.5 and 5 s"),
        ("0 1,25 10", 10, None, ""),  # with a comma as the separator, 1,25 are two moments
        ("0; 1,25; 10", 10, [0, 30, 240], "keyframes at 0, 1.25 and 10 s"),
        ("0.5s 1s 9.99s", 10, [12, 24, 240], "keyframes at 0.5, 1 and 10 s"),
        ("5, 2.5, 0", 5, [120, 60, 0], "keyframes at 5, 2.5 and 0 s"),
    ],
)
async def test_moments_become_frames_of_the_24_fps_grid(
    house: House,
    ada: Member,
    room: Channel,
    moments: str,
    duration: int,
    at: list[int] | None,
    says: str,
):
    given: dict[str, Value] = {name: attached(ada, photo(n), "a.png") for n, name in enumerate(TEN[:3])}
    options = {**given, "moments": moments, "duration": duration}
    if at is None:
        answer = await ask(house, ada, room, "generate", options)
        assert "moments are not as many as the keyframes: 4, and 3. Write one for each, or none." in answer.text
        return
    bought = await buy(house, ada, room, "generate", options)
    assert says in bought.card.text
    frames = (await task_of(house, bought.job_id))["inputs"]["frameImages"]
    assert [frame["frame"] for frame in frames] == at


async def test_a_picture_has_its_own_shape_unless_another_is_chosen(house: House, ada: Member, room: Channel):
    tall = a_photo(300, 600)
    own = await buy(house, ada, room, "generate", {"first_frame": attached(ada, tall, "a.png")})
    chosen = await buy(
        house, ada, room, "generate", {"first_frame": attached(ada, tall, "a.png"), "aspect_ratio": "4:3"}
    )
    sizes = list[Any]()
    for bought in (own, chosen):
        [post] = await house.results(bought.job_id)
        sizes.append((await measure(post.links[0]))[0])
    assert "your picture's shape" in own.card.text
    assert "360p · 4:3 · 5 s · with a first frame" in chosen.card.text
    assert {"width", "height"}.isdisjoint(await task_of(house, own.job_id))
    assert "resolution" not in await task_of(house, chosen.job_id)
    assert sizes[0][0] < sizes[0][1]
    assert sizes[1] == (480, 360)


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
async def test_a_picture_of_each_kind_arrives_under_its_own_kind_whatever_its_name(
    house: House, ada: Member, room: Channel, form: Any
):
    data = picture(form, (96, 64), orientation=6)
    bought = await buy(house, ada, room, "generate", {"first_frame": attached(ada, data, "holiday.gif")})
    [frame] = (await task_of(house, bought.job_id))["inputs"]["frameImages"]
    assert frame["image"].startswith(f"data:image/{form};base64,")
    assert (await parameters_of(house, bought.job_id))["inputs"]["frameImages"][0]["image"] == data


async def test_the_same_picture_may_stand_at_both_ends(house: House, ada: Member, room: Channel):
    given = {name: attached(ada, photo(), "a.png") for name in ("first_frame", "last_frame")}
    bought = await buy(house, ada, room, "generate", given)
    frames = (await parameters_of(house, bought.job_id))["inputs"]["frameImages"]
    assert frames == [{"image": photo(), "frame": "first"}, {"image": photo(), "frame": "last"}]


FORBIDDEN: Final[list[tuple[list[str], Mapping[str, Value], list[str]]]] = [
    (["first_frame"], {"duration": 10}, ["• duration is 5 with a first or last frame. Choose 5, or "]),
    (["last_frame"], {"loop": True}, ["• loop works with a first frame alone."]),
    (
        ["first_frame", "keyframe_1"],
        {},
        ["• keyframe_1 cannot be combined with first_frame or last_frame. Give all pictures as keyframes"],
    ),
    (
        ["keyframe_1"],
        {"moments": "5.1"},
        ["• moments must lie between 0 and 5 s. Choose moments inside the video."],
    ),
    (
        ["keyframe_1", "keyframe_2"],
        {"moments": "1, 1.01"},
        ["• moments of two pictures are the same. Put at least 0.05 s between them."],
    ),
    (["keyframe_1", "keyframe_2"], {"moments": "soon, later"}, ["• moments cannot be read. Write seconds"]),
    (["keyframe_1"], {"moments": "-1"}, ["• moments cannot be read."]),
    (["first_frame"], {"moments": "1"}, ["• moments are those of keyframes. Attach keyframe_1"]),
    ([], {"moments": "1"}, ["• moments are those of keyframes. Attach keyframe_1"]),
    (["first_frame"], {"hdr": True}, ["• hdr works at 720p and 1080p, not at 360p."]),
    (
        ["first_frame", "last_frame", "keyframe_1"],
        {"duration": 10, "loop": True, "hdr": True, "moments": "20"},
        [
            "• hdr works at 720p and 1080p",
            "• hdr works for 5 s",
            "• loop works for 5 s",
            "• loop cannot be combined with HDR",
            "• duration is 5 with",
            "• keyframe_1 cannot be combined",
            "• moments must lie between 0 and 10 s",
            "• loop works with a first frame alone",
        ],
    ),
]


@pytest.mark.parametrize(("pictures", "options", "says"), FORBIDDEN, ids=lambda value: str(value)[:40])
async def test_pictures_that_cannot_go_together_are_refused_with_all_that_is_wrong_and_nothing_is_kept(
    house: House, ada: Member, room: Channel, pictures: list[str], options: Mapping[str, Value], says: list[str]
):
    kept = sorted(await left_on_disk(house))
    given = {name: attached(ada, a_photo(200 + n, 77), "a.png") for n, name in enumerate(pictures)}
    answer = await ask(house, ada, room, "generate", {**given, **options})
    assert [sentence for sentence in says if sentence not in answer.text] == []
    assert answer.text.count("•") == len(says)
    assert answer.text.startswith("This cannot be made as it is, so nothing was bought:")
    assert answer.visible_to is ada.user
    assert quotes_of(house, ada) == []
    assert sorted(await left_on_disk(house)) == kept


async def test_ten_seconds_work_with_keyframes(house: House, ada: Member, room: Channel):
    given = {name: attached(ada, photo(n), "a.png") for n, name in enumerate(TEN)}
    bought = await buy(house, ada, room, "generate", {**given, "duration": 10})
    [post] = await house.results(bought.job_id)
    _, seconds, _ = await measure(post.links[0])
    frames = (await task_of(house, bought.job_id))["inputs"]["frameImages"]
    assert [frame["frame"] for frame in frames] == [0, 27, 53, 80, 107, 133, 160, 187, 213, 240]
    assert seconds == 10
    assert house.books(bought.job_id) == {"hold": "0.18", "settle": "0.18"}


async def test_a_picture_that_the_provider_could_not_read_is_sent_once_more_by_the_other_way(
    house: House, ada: Member, room: Channel
):
    refusal = {"errors": [{"code": "failedToTransferImage", "message": "no", "taskType": "videoInference"}]}
    json_body = {"Content-Type": "application/json"}
    house.runware.faults.add(
        "videoInference", Fault(status=400, body=json.dumps(refusal).encode(), headers=json_body)
    )
    bought = await buy(house, ada, room, "generate", {"first_frame": attached(ada, photo(), "a.png")})
    await house.results(bought.job_id)
    [frame] = (await task_of(house, bought.job_id))["inputs"]["frameImages"]
    assert not frame["image"].startswith("data:")
    assert await sent(house, frame["image"]) == photo()
    assert house.books(bought.job_id) == {"hold": "0.06", "settle": "0.06"}
