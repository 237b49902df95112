"""What is sent: golden JSON for each field of each kind, and nothing that was not asked for."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings

from bot.domain.placement import Rectangle
from bot.domain.request import EditVideo, Format, ImageToVideo, ReframeVideo, Request, Safety, Strength, TextToVideo
from bot.domain.size import SIZES
from bot.runware.task import Storage, body, reference, source_position
from tests.bot.domain.asked import ALLOWED
from tests.bot.domain.examples import ALL_KINDS, at, clip, made, picture

TASK_ID = "24cd5dff-cb81-4db5-8506-b72a9425f9d1"
CLIP = "source:" + "f" * 64
PICTURES = [f"source:{n:064x}" for n in range(4)]

SHARED = {
    "taskType": "videoInference",
    "taskUUID": TASK_ID,
    "model": "luma:ray@3.2",
    "positivePrompt": "a lighthouse at dusk",
    "numberResults": 1,
    "outputType": "URL",
    "deliveryMethod": "async",
    "includeCost": True,
}
AUTOMATIC = {"settings": {"edit": {"autoControls": True}}}
PLAIN: dict[type[Request], dict[str, Any]] = {
    TextToVideo: {**SHARED, "width": 1280, "height": 720, "duration": 5},
    ImageToVideo: {
        **SHARED,
        "resolution": "720p",
        "duration": 5,
        "inputs": {"frameImages": [{"image": PICTURES[0], "frame": "first"}]},
    },
    EditVideo: {**SHARED, **AUTOMATIC, "resolution": "720p", "inputs": {"video": CLIP}},
    ReframeVideo: {**SHARED, "width": 720, "height": 1280, "inputs": {"video": CLIP}},
}


def sent(request: Request, storage: Storage | None = None) -> dict[str, Any]:
    """The task for a request, as the provider reads it."""
    return json.loads(body(request, task_id=TASK_ID, storage=storage or Storage()))


def edit(**settings: Any) -> dict[str, Any]:
    return {"settings": {"edit": settings}}


def frame_images(*frames: tuple[int, str | int]) -> dict[str, Any]:
    return {"inputs": {"frameImages": [{"image": PICTURES[n], "frame": where} for n, where in frames]}}


PLACE = Rectangle(x=0.62, y=-0.5, width=0.42, height=1.95)
WHERE = {"x": 0.62, "y": -0.5, "width": 0.42, "height": 1.95}
OTHER = replace(clip(), sha256="0e" * 32)
BOTH = (TextToVideo, ImageToVideo)

# kinds, the request's fields, what changes in the task
GOLDEN: list[tuple[tuple[type[Request], ...], dict[str, Any], dict[str, Any]]] = [
    (ALL_KINDS, {"prompt": "two herons"}, {"positivePrompt": "two herons"}),
    *((ALL_KINDS, {"count": n}, {"numberResults": n}) for n in (1, 2, 3, 4)),
    (ALL_KINDS, {"format": "WEBM"}, {"outputFormat": "WEBM"}),
    (ALL_KINDS, {"format": "MOV"}, {"outputFormat": "MOV"}),
    (ALL_KINDS, {"format": "MP4"}, {}),  # the provider's default
    (ALL_KINDS, {"quality": 20}, {"outputQuality": 20}),
    (ALL_KINDS, {"quality": 95}, {"outputQuality": 95}),
    (ALL_KINDS, {"quality": 99}, {"outputQuality": 99}),
    (ALL_KINDS, {"quality": None}, {}),
    (ALL_KINDS, {"safety": "fast"}, {"safety": {"checkContent": True, "mode": "fast"}}),
    (ALL_KINDS, {"safety": "full"}, {"safety": {"checkContent": True, "mode": "full"}}),
    (ALL_KINDS, {"safety": "none"}, {}),
    # new videos
    (BOTH, {"loop": True}, {"settings": {"loop": True}}),
    (BOTH, {"hdr": True}, {"settings": {"hdr": True}}),
    (BOTH, {"hdr": True, "exr": True}, {"settings": {"hdr": True, "exrExport": True}}),
    ((TextToVideo,), {"duration": 10}, {"duration": 10}),
    ((TextToVideo,), {"resolution": "360p"}, {"width": 640, "height": 360}),
    ((TextToVideo,), {"resolution": "1080p"}, {"width": 1920, "height": 1080}),
    ((TextToVideo,), {"aspect_ratio": "9:16"}, {"width": 720, "height": 1280}),
    ((TextToVideo,), {"aspect_ratio": "21:9"}, {"width": 1680, "height": 720}),
    *(((ImageToVideo,), {"resolution": size}, {"resolution": size}) for size in ("360p", "540p", "1080p")),
    ((ImageToVideo,), {"frames": at("last")}, frame_images((0, "last"))),
    ((ImageToVideo,), {"frames": at("first", "last")}, frame_images((0, "first"), (1, "last"))),
    ((ImageToVideo,), {"frames": at(0, 48, 120)}, frame_images((0, 0), (1, 48), (2, 120))),
    (
        (ImageToVideo,),
        {"frames": at(0, 240), "duration": 10},
        {**frame_images((0, 0), (1, 240)), "duration": 10},
    ),
    # edits
    *(((EditVideo,), {"resolution": size}, {"resolution": size}) for size in ("360p", "540p", "1080p")),
    ((EditVideo,), {"automatic": True}, edit(autoControls=True)),
    ((EditVideo,), {"automatic": False}, edit(autoControls=False)),
    *(
        ((EditVideo,), {"automatic": False, "strength": preset}, edit(strength=preset))
        for preset in get_args(Strength)
    ),
    ((EditVideo,), {"automatic": False, "depth_blur": 0}, edit(controls={"depthBlur": 0})),
    ((EditVideo,), {"automatic": False, "depth_blur": 0.25}, edit(controls={"depthBlur": 0.25})),
    ((EditVideo,), {"automatic": False, "face": True}, edit(controls={"face": True})),
    ((EditVideo,), {"automatic": False, "face": False}, edit(controls={"face": False})),
    (
        (EditVideo,),
        {"automatic": False, "normals_augmentation": 1},
        edit(controls={"normalsAugmentation": 1}),
    ),
    *(
        ((EditVideo,), {"automatic": False, "pose_strength": how}, edit(controls={"poseStrength": how}))
        for how in ("precise", "coarse")
    ),
    (
        (EditVideo,),
        {"automatic": False, "trajectory_sparsity": 0.5},
        edit(controls={"trajectorySparsity": 0.5}),
    ),
    (
        (EditVideo,),
        {
            "automatic": False, "strength": "reimagine_3", "depth_blur": 0.1, "face": True,
            "normals_augmentation": 0.2, "pose_strength": "coarse", "trajectory_sparsity": 0.3,
        },
        edit(
            strength="reimagine_3",
            controls={
                "depthBlur": 0.1, "face": True, "normalsAugmentation": 0.2, "poseStrength": "coarse",
                "trajectorySparsity": 0.3,
            },
        ),
    ),
    (
        (EditVideo,),
        {"guide": picture(3)},
        {"inputs": {"video": CLIP, "frameImages": [{"image": PICTURES[3], "frame": "first"}]}},
    ),
    ((EditVideo,), {"hdr": True}, {"settings": {"edit": {"autoControls": True}, "hdr": True}}),
    (
        (EditVideo,),
        {"hdr": True, "exr": True},
        {"settings": {"edit": {"autoControls": True}, "hdr": True, "exrExport": True}},
    ),
    ((EditVideo,), {"keep_sound": False}, {}),  # done by the bot: the provider's results are silent
    ((EditVideo,), {"video": OTHER}, {"inputs": {"video": "source:" + "0e" * 32}}),
    # reframes
    ((ReframeVideo,), {"resolution": "360p"}, {"width": 360, "height": 640}),
    ((ReframeVideo,), {"aspect_ratio": "21:9", "resolution": "1080p"}, {"width": 2520, "height": 1080}),
    ((ReframeVideo,), {"placement": None}, {}),  # the provider fits it into the middle
    ((ReframeVideo,), {"placement": PLACE}, {"settings": {"sourcePosition": WHERE}}),
    ((ReframeVideo,), {"video": OTHER}, {"inputs": {"video": "source:" + "0e" * 32}}),
]  # fmt: skip


def rows() -> Iterator[tuple[type[Request], dict[str, Any], dict[str, Any]]]:
    for kinds, options, changes in GOLDEN:
        yield from ((of, options, changes) for of in kinds)
    for (resolution, ratio), (width, height) in SIZES.items():
        options = {"resolution": resolution, "aspect_ratio": ratio}
        yield TextToVideo, options, {"width": width, "height": height}
        yield ImageToVideo, options, {"width": width, "height": height, "resolution": None}


@pytest.mark.parametrize("of", ALL_KINDS)
def test_a_plain_request_is_sent_without_anything_that_is_not_set(of: type[Request]) -> None:
    """No empty `settings`, no `ttl`, no nulls: some parameters exclude each other by being there at all."""
    assert sent(made(of)) == PLAIN[of]


@pytest.mark.parametrize(("of", "options", "changes"), list(rows()))
def test_each_field_changes_its_own_part_of_the_task(
    of: type[Request], options: dict[str, Any], changes: dict[str, Any]
) -> None:
    """None takes a parameter away."""
    expected = {name: value for name, value in {**PLAIN[of], **changes}.items() if value is not None}
    found = sent(made(of, **options))
    assert found == expected
    assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)  # 1 is not true, nor 1.0


def test_every_field_of_every_kind_has_a_golden_row() -> None:
    """A field that is added without one fails here."""
    for of in ALL_KINDS:
        shown = {name for kind, options, _ in rows() if kind is of for name in options}
        assert shown == {field.name for field in fields(of)}


@pytest.mark.parametrize("of", ALL_KINDS)
def test_the_settings_reach_every_task(of: type[Request]) -> None:
    address = "https://bucket.example/put?sig=a/"
    assert sent(made(of), Storage(ttl=60)) == {**PLAIN[of], "ttl": 60}
    assert sent(made(of), Storage(upload_endpoint=address)) == {**PLAIN[of], "uploadEndpoint": address}


# "Request Parameters" of the model page, in its order.
PAGE_PARAMETERS = """
    taskType taskUUID outputType outputFormat outputQuality webhookURL deliveryMethod uploadEndpoint
    safety safety.checkContent safety.mode ttl includeCost numberResults
    inputs.frameImages inputs.frameImages.image inputs.frameImages.frame inputs.video
    model positivePrompt width height resolution duration
    settings.edit settings.edit.strength settings.edit.autoControls settings.edit.controls
    settings.edit.controls.depthBlur settings.edit.controls.face settings.edit.controls.normalsAugmentation
    settings.edit.controls.poseStrength settings.edit.controls.trajectorySparsity
    settings.exrExport settings.hdr settings.loop
    settings.sourcePosition settings.sourcePosition.width settings.sourcePosition.height
    settings.sourcePosition.x settings.sourcePosition.y
"""

CONSTANT = {
    "taskType": "the model has one",
    "taskUUID": "ours, chosen before sending",
    "model": "the bot has one",
    "outputType": "URL is all there is",
    "deliveryMethod": "async is all there is",
    "includeCost": "the books need it",
}
UNUSED = {
    "webhookURL": "the bot asks; it has no address of its own",
}
FROM_SETTINGS = {
    "ttl": "RESULT_TTL",
    "uploadEndpoint": "UPLOAD_ENDPOINT",
}


def paths(value: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """The dotted path of everything in a task, with its value as JSON; a list's items share their path."""
    if isinstance(value, dict):
        for name, inner in value.items():  # type: ignore[reportUnknownVariableType] # JSON
            path = f"{above}.{name}" if above else str(name)  # type: ignore[reportUnknownArgumentType]
            yield path, json.dumps(inner)
            yield from paths(inner, path)
    if isinstance(value, list):
        for inner in value:  # type: ignore[reportUnknownVariableType]
            yield from paths(inner, above)


def test_every_parameter_of_the_page_has_a_golden_row() -> None:
    """One in which an option changes it, or a reason why none does; nothing is sent that is not the page's."""
    everything = set(PAGE_PARAMETERS.split())
    assert len(everything) == 41
    changed: set[str] = set()
    always: set[str] = set()
    for of, options, _ in rows():
        plain, task = set(paths(sent(made(of)))), set(paths(sent(made(of, **options))))
        changed |= {path for path, _ in plain ^ task}
        always |= {path for path, _ in plain | task}
    always -= {"inputs", "settings"}  # under which the page lists the others
    changed -= {"inputs", "settings"}
    assert changed == everything - CONSTANT.keys() - UNUSED.keys() - FROM_SETTINGS.keys()
    assert always == everything - UNUSED.keys() - FROM_SETTINGS.keys()
    with_settings = sent(made(TextToVideo), Storage(60, "https://a.example/put"))
    assert with_settings.keys() & FROM_SETTINGS.keys() == FROM_SETTINGS.keys()


def test_a_source_stands_in_the_task_as_its_hash() -> None:
    """What it is sent as is put in when it is sent; the stored body stays as it is."""
    assert reference(OTHER) == sent(made(EditVideo, video=OTHER))["inputs"]["video"]
    assert reference(picture(2)) == PICTURES[2]


def test_every_value_that_can_be_chosen_reaches_the_task() -> None:
    """The lists of the page, whole: no value is lost on the way."""
    assert {sent(made(TextToVideo, format=each)).get("outputFormat", "MP4") for each in get_args(Format)} == {
        "MP4", "WEBM", "MOV",
    }  # fmt: skip
    modes = {
        sent(made(TextToVideo, safety=each)).get("safety", {}).get("mode", "none") for each in get_args(Safety)
    }
    assert modes == {"none", "fast", "full"}


@given(ALLOWED)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_task_never_has_what_excludes_each_other(request_: Request) -> None:
    """The page's rules about presence, and no null anywhere."""
    task = sent(request_)
    given_ = {path for path, _ in paths(task)}
    assert all(value != "null" for _, value in paths(task))
    assert ("resolution" in given_) != ("width" in given_)
    assert ("width" in given_) == ("height" in given_)
    assert "inputs.video" not in given_ or not given_ & {"duration", "settings.loop"}
    assert not {"settings.loop", "settings.hdr"} <= given_
    if "settings.edit.autoControls" in given_:
        assert not given_ & {"settings.edit.strength", "settings.edit.controls"}
    if "settings.edit" in given_:
        assert "width" not in given_
        assert "inputs.video" in given_
    images = task.get("inputs", {}).get("frameImages", [])
    assert all("frame" in image for image in images)  # without it a lone last picture would be the first


def test_x_and_y_mean_the_left_and_upper_edge_unless_a_live_test_says_otherwise() -> None:
    """One function knows; the switch is all that has to change."""
    assert source_position(PLACE) == source_position(PLACE, "edge") == WHERE
    centred = source_position(Rectangle(x=0.25, y=0, width=0.5, height=0.75), "centre")
    assert centred == {"x": 0.5, "y": 0.375, "width": 0.5, "height": 0.75}
    assert sent(made(ReframeVideo, placement=PLACE))["settings"]["sourcePosition"] == source_position(PLACE)


def test_the_same_place_under_both_meanings_is_the_same_rectangle() -> None:
    """Half a width and half a height apart."""
    edge, centre = source_position(PLACE, "edge"), source_position(PLACE, "centre")
    assert centre["x"] - edge["x"] == pytest.approx(edge["width"] / 2)
    assert centre["y"] - edge["y"] == pytest.approx(edge["height"] / 2)
    assert (centre["width"], centre["height"]) == (edge["width"], edge["height"])


@pytest.mark.parametrize(
    "prompt",
    [
        "x" * 6_000,
        "🌊" * 6_000,
        '  "quoted" \\ back\\u0041slash\n\ttab, <@123> @everyone **bold** `code` \u2028 \u202e \x7f  ',
        "naïve — 日本語 ‘curly’ ﬁ e\u0301",
        "source:" + "f" * 64,
    ],
    ids=[
        "long",
        "long, outside the first plane",
        "characters with a meaning elsewhere",
        "not normalised",
        "source",
    ],
)
def test_a_prompt_reaches_the_provider_unchanged(prompt: str) -> None:
    """Byte for byte: not trimmed, not escaped, not normalised."""
    for of in ALL_KINDS:
        assert sent(made(of, prompt=prompt))["positivePrompt"].encode() == prompt.encode()


@given(ALLOWED)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_the_same_request_is_the_same_body(request_: Request) -> None:
    """What is sent a second time under the same id has to be identical."""
    assert len({body(request_, task_id=TASK_ID, storage=Storage(ttl=60)) for _ in range(3)}) == 1
