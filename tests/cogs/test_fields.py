"""Every option of every command, from what a member chooses to the provider's JSON, and nothing else with it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.discord.client import Value
from sandbox.discord.member import Member
from sandbox.discord.place import Channel
from tests.cogs.ordering import attached, buy, clip, open_rich_house, parameters_of, photo, task_of
from tests.house import House

VIDEO: Final = clip(640, 360, 5_000_000)
PHOTOS: Final = [photo(n) for n in range(1, 11)]

SIZE: Final = {"width": 640, "height": 360}
TALL: Final = {"width": 360, "height": 640}
TEXT: Final = {"positivePrompt": "A fox in the snow", "numberResults": 1, "duration": 5, **SIZE}
IMAGE: Final = {"positivePrompt": "A fox in the snow", "numberResults": 1, "duration": 5, "resolution": "360p"}
EDIT: Final = {"positivePrompt": "The same fox, in rain", "numberResults": 1, "resolution": "360p"}
REFRAME: Final = {"positivePrompt": "More snow", "numberResults": 1, "inputs": {"video": VIDEO}, **TALL}
AUTOMATIC: Final = {"edit": {"autoControls": True}}


def framed(*at: str | int) -> dict[str, Any]:
    """The photos in their order, each at its frame."""
    return {"frameImages": [{"image": PHOTOS[n], "frame": frame} for n, frame in enumerate(at)]}


def edited(settings: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {**EDIT, "inputs": {"video": VIDEO}, "settings": settings or AUTOMATIC, **more}


def conditioned(**controls: Any) -> dict[str, Any]:
    return edited({"edit": {"controls": controls}})


def placed(x: float, y: float, width: float, height: float) -> dict[str, Any]:
    return {**REFRAME, "settings": {"sourcePosition": {"x": x, "y": y, "width": width, "height": height}}}


KEYFRAMES: Final = [f"keyframe_{n}" for n in range(1, 11)]
PICTURES: Final = ("first_frame", "last_frame", "guide", *KEYFRAMES)
ROWS: Final[list[tuple[str, dict[str, Value], dict[str, Any]]]] = [
    ("generate", {}, TEXT),
    ("generate", {"prompt": " Ein Füchslein 🦊\n"}, {**TEXT, "positivePrompt": " Ein Füchslein 🦊\n"}),
    ("generate", {"resolution": "540p"}, {**TEXT, "width": 960, "height": 540}),
    ("generate", {"aspect_ratio": "21:9"}, {**TEXT, "width": 840}),
    ("generate", {"duration": 10}, {**TEXT, "duration": 10}),
    ("generate", {"loop": True}, {**TEXT, "settings": {"loop": True}}),
    ("generate", {"loop": False, "hdr": False, "exr": False}, TEXT),
    (
        "generate",
        {"resolution": "720p", "hdr": True},
        {**TEXT, "width": 1280, "height": 720, "settings": {"hdr": True}},
    ),
    (
        "generate",
        {"resolution": "720p", "hdr": True, "exr": True},
        {**TEXT, "width": 1280, "height": 720, "settings": {"hdr": True, "exrExport": True}},
    ),
    ("generate", {"count": 4}, {**TEXT, "numberResults": 4}),
    ("generate", {"format": "MP4"}, TEXT),
    ("generate", {"format": "WEBM"}, {**TEXT, "outputFormat": "WEBM"}),
    ("generate", {"quality": 20}, {**TEXT, "outputQuality": 20}),
    ("generate", {"safety": "none"}, TEXT),
    ("generate", {"safety": "fast"}, {**TEXT, "safety": {"checkContent": True, "mode": "fast"}}),
    ("generate", {"safety": "full"}, {**TEXT, "safety": {"checkContent": True, "mode": "full"}}),
    ("generate", {"first_frame": 0}, {**IMAGE, "inputs": framed("first")}),
    ("generate", {"last_frame": 0}, {**IMAGE, "inputs": framed("last")}),
    ("generate", {"last_frame": 1, "first_frame": 0}, {**IMAGE, "inputs": framed("first", "last")}),
    ("generate", {"first_frame": 0, "aspect_ratio": "16:9"}, {**TEXT, "inputs": framed("first")}),
    (
        "generate",
        {"first_frame": 0, "loop": True},
        {**IMAGE, "inputs": framed("first"), "settings": {"loop": True}},
    ),
    ("generate", {"keyframe_1": 0}, {**IMAGE, "inputs": framed(0)}),
    (
        "generate",
        {name: n for n, name in enumerate(KEYFRAMES)},
        {**IMAGE, "inputs": framed(0, 13, 27, 40, 53, 67, 80, 93, 107, 120)},
    ),
    (
        "generate",
        {"keyframe_1": 0, "keyframe_2": 1, "keyframe_3": 2, "moments": "0, 2.5, 10", "duration": 10},
        {**IMAGE, "duration": 10, "inputs": framed(0, 60, 240)},
    ),
    ("edit", {}, edited()),
    ("edit", {"prompt": "As a woodcut"}, edited(positivePrompt="As a woodcut")),
    ("edit", {"resolution": "1080p"}, edited(resolution="1080p")),
    ("edit", {"strength": "adhere_1"}, edited({"edit": {"strength": "adhere_1"}})),
    ("edit", {"strength": "reimagine_3"}, edited({"edit": {"strength": "reimagine_3"}})),
    ("edit", {"automatic": True}, edited()),
    ("edit", {"automatic": False}, edited({"edit": {"autoControls": False}})),
    ("edit", {"automatic": False, "face": True}, conditioned(face=True)),
    ("edit", {"depth_blur": 0.25}, conditioned(depthBlur=0.25)),
    ("edit", {"depth_blur": 0.0}, conditioned(depthBlur=0)),
    ("edit", {"face": True}, conditioned(face=True)),
    ("edit", {"face": False}, conditioned(face=False)),
    ("edit", {"normals_augmentation": 1.0}, conditioned(normalsAugmentation=1)),
    ("edit", {"pose_strength": "coarse"}, conditioned(poseStrength="coarse")),
    ("edit", {"trajectory_sparsity": 0.75}, conditioned(trajectorySparsity=0.75)),
    (
        "edit",
        {"strength": "flex_2", "face": True, "pose_strength": "precise"},
        edited({"edit": {"strength": "flex_2", "controls": {"face": True, "poseStrength": "precise"}}}),
    ),
    ("edit", {"guide": 0}, edited(inputs={"video": VIDEO, **framed("first")})),
    ("edit", {"keep_sound": False}, edited()),
    ("edit", {"keep_sound": True}, edited()),
    ("edit", {"resolution": "720p", "hdr": True}, edited({**AUTOMATIC, "hdr": True}, resolution="720p")),
    (
        "edit",
        {"resolution": "720p", "hdr": True, "exr": True},
        edited({**AUTOMATIC, "hdr": True, "exrExport": True}, resolution="720p"),
    ),
    ("edit", {"count": 2}, edited(numberResults=2)),
    ("edit", {"format": "MOV"}, edited(outputFormat="MOV")),
    ("edit", {"quality": 99}, edited(outputQuality=99)),
    ("edit", {"safety": "full"}, edited(safety={"checkContent": True, "mode": "full"})),
    ("reframe", {}, REFRAME),
    ("reframe", {"prompt": "A wide beach"}, {**REFRAME, "positivePrompt": "A wide beach"}),
    ("reframe", {"aspect_ratio": "1:1"}, {**REFRAME, "width": 480, "height": 480}),
    ("reframe", {"resolution": "720p"}, {**REFRAME, "width": 720, "height": 1280}),
    ("reframe", {"placement": "fit"}, REFRAME),
    ("reframe", {"placement": "top"}, placed(0, 0, 1, 0.316406)),
    (
        "reframe",
        {"source_x": -2.0, "source_y": 2.0, "source_width": 0.001, "source_height": 2.0},
        placed(-2, 2, 0.001, 2),
    ),
    ("reframe", {"count": 3}, {**REFRAME, "numberResults": 3}),
    ("reframe", {"format": "WEBM"}, {**REFRAME, "outputFormat": "WEBM"}),
    ("reframe", {"quality": 95}, {**REFRAME, "outputQuality": 95}),
    ("reframe", {"safety": "fast"}, {**REFRAME, "safety": {"checkContent": True, "mode": "fast"}}),
]
"""Command, options (pictures by their number), and the whole task but its head. Compared with a command's first
row, each shows what an option adds. The other two ways to give a video are below."""


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_rich_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.mark.parametrize(("command", "options", "parameters"), ROWS, ids=lambda value: str(value)[:60])
async def test_an_option_reaches_the_provider_and_brings_nothing_else_along(
    house: House, ada: Member, room: Channel, command: str, options: dict[str, Value], parameters: dict[str, Any]
):
    given = {
        name: attached(ada, PHOTOS[int(str(value))], f"{name}.png") if name in PICTURES else value
        for name, value in options.items()
    }
    if command != "generate":
        given["video"] = attached(ada, VIDEO)
    bought = await buy(house, ada, room, command, given)
    assert await parameters_of(house, bought.job_id) == parameters


@pytest.mark.parametrize("command", ["edit", "reframe"])
async def test_a_link_and_a_finished_video_reach_the_provider_as_an_attachment_does(
    house: House, ada: Member, room: Channel, command: str
):
    parameters = next(row[2] for row in ROWS if row[0] == command)
    first = await buy(house, ada, room, "generate", {"quality": 90})
    [post] = await house.results(first.job_id)
    for option in ({"result": first.job_id}, {"video_url": post.links[0]}):
        bought = await buy(house, ada, room, command, option)
        found = await parameters_of(house, bought.job_id)
        video = found["inputs"].pop("video")
        assert found == {**parameters, "inputs": {}}
        assert b"ftyp" in video[:12]


async def test_the_head_of_a_task_is_always_the_same(house: House, ada: Member, room: Channel):
    bought = await buy(house, ada, room, "edit", {"video": attached(ada, VIDEO)})
    task = await task_of(house, bought.job_id)
    job = house.job(bought.job_id)
    assert {name: task[name] for name in task if name not in edited()} == {
        "taskType": "videoInference",
        "taskUUID": job["task_id"],
        "model": "luma:ray@3.2",
        "outputType": "URL",
        "deliveryMethod": "async",
        "includeCost": True,
    }


async def test_every_option_of_the_three_commands_is_in_a_row(house: House):
    """What Discord has registered, not what the code says that it registers."""
    elsewhere = {"preset"}  # tests/cogs/test_presets.py: what it stands for is in these rows
    videos = {"video", "video_url", "result", *elsewhere}
    tested: dict[str, set[str]] = {"generate": elsewhere, "edit": {*videos}, "reframe": {*videos}}
    for command, options, _ in ROWS:
        tested[command] |= options.keys()
    registered = {
        each["name"]: {option["name"] for option in each["options"]}
        for each in house.discord.commands.registered()
        if each["name"] in tested
    }
    assert registered == tested


async def test_the_time_to_keep_and_the_upload_address_come_from_the_settings(tmp_path: Path):
    where = "https://storage.example/put?signature=a&b=c"
    async with open_rich_house(tmp_path, RESULT_TTL="3600", UPLOAD_ENDPOINT=where) as house:
        ada, room = house.member(), house.channel()
        for command in ("generate", "edit", "reframe"):
            video: dict[str, Value] = {} if command == "generate" else {"video": attached(ada, VIDEO)}
            bought = await buy(house, ada, room, command, video)
            expected = next(row[2] for row in ROWS if row[0] == command)
            found = await parameters_of(house, bought.job_id)
            assert found == {**expected, "ttl": 3600, "uploadEndpoint": where}
