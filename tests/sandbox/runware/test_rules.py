"""Each rule of the model page refuses what it must and nothing more; the upstream rules stay apart."""

from typing import Any

import pytest

from sandbox.runware import rules, upstream
from sandbox.runware.rules import PAGE
from sandbox.runware.sizes import SIZES
from sandbox.runware.upstream import Source
from tests.sandbox.runware.wire import Task, fed, png, text

VIDEO = {"video": "https://assets.runware.ai/a.mp4"}
IMAGE = {"frameImages": [png()]}
PLACE = {"x": 0.62, "y": 0.5, "width": 0.42, "height": 0.95}
EVERYTHING = {
    "outputType": "URL",
    "outputFormat": "WEBM",
    "outputQuality": 20,
    "webhookURL": "https://example.org/hook",
    "deliveryMethod": "async",
    "uploadEndpoint": "https://example.org/put?signed=1",
    "safety": {"checkContent": True, "mode": "full"},
    "ttl": 60,
    "numberResults": 4,
}
EDIT = {
    "strength": "reimagine_3",
    "controls": {
        "depthBlur": 0,
        "face": True,
        "normalsAugmentation": 0.5,
        "poseStrength": "coarse",
        "trajectorySparsity": 1,
    },
}


def codes(task: Task) -> list[str]:
    return [violation.code for violation in rules.violations(task)]


@pytest.mark.parametrize(
    "task",
    [
        text(duration=10, settings={"loop": False}, **EVERYTHING),
        text(width=1280, height=720, duration=5.0, settings={"hdr": True, "exrExport": True}),
        text(settings={"loop": True}),
        text(positivePrompt="x" * 6000),
        text(settings={}, inputs={}),
        fed(resolution="1080p", inputs=IMAGE),
        fed(inputs={"frameImages": [{"image": png(), "frame": "last"}, {"image": png(), "frame": 12}]}),
        text(
            inputs={"frameImages": [png().partition(",")[2], {"image": "https://example.org/a.png", "frame": -1}]}
        ),
        fed(resolution="720p", inputs=VIDEO, settings={"edit": EDIT}),
        fed(inputs={**VIDEO, **IMAGE}, settings={"edit": {"autoControls": True}, "hdr": True}),
        fed(inputs={"video": "4c942a59-3812-4cce-89cc-4b57e2273fe0"}),
        text(width=1920, height=1080, inputs=VIDEO, settings={"sourcePosition": PLACE}),
        text(inputs=VIDEO, settings={"sourcePosition": {"x": -2, "y": 2, "width": 2, "height": 0.001}}),
        *(text(width=width, height=height) for width, height in SIZES.values()),
    ],
)
def test_what_the_page_allows_is_allowed(task: Task) -> None:
    """All four kinds, every parameter, every size, every end of a range."""
    assert rules.violations(task) == []


BREAKS: list[tuple[str, Task]] = [
    ("`inputs.video` is provided, `duration`", fed(inputs=VIDEO, duration=5)),
    ("`resolution` cannot be used with", text(inputs=IMAGE, resolution="360p")),
    ("When `resolution` is provided", fed(resolution="720p")),
    ("`loop` cannot be used with `hdr`", text(width=1280, height=720, settings={"loop": True, "hdr": True})),
    ("`autoControls` cannot", fed(inputs=VIDEO, settings={"edit": {"autoControls": True, "strength": "flex_1"}})),
    ("`autoControls` cannot", fed(inputs=VIDEO, settings={"edit": {"autoControls": True, "controls": {}}})),
    ("`settings.edit` is provided, `width/height`", text(inputs=VIDEO, settings={"edit": {}})),
    ("`settings.edit` is provided, `inputs.video`", fed(inputs=IMAGE, settings={"edit": {}})),
    ("`settings.exrExport` is `true`", text(settings={"exrExport": True})),
    ("the 360p and 540p tiers", text(settings={"hdr": True})),
    ("the 360p and 540p tiers", text(width=720, height=720, settings={"hdr": True})),
    ("`resolution` is limited", fed(inputs=IMAGE, resolution="540p", settings={"hdr": True})),
    ("`hdr` is `true`, `duration`", text(width=1280, height=720, duration=10, settings={"hdr": True})),
    ("`loop` is `true`, `inputs.video`", fed(inputs=VIDEO, settings={"loop": True})),
    ("`loop` is `true`, `duration`", text(duration=10, settings={"loop": True})),
    ("`settings.sourcePosition` is provided", text(settings={"sourcePosition": PLACE})),
    ("`settings.sourcePosition` is provided", fed(inputs=VIDEO, settings={"sourcePosition": PLACE})),
    ("must be used together", text(height=None)),
    ("are required without", fed()),
    ("Only these dimensions", text(width=832, height=1104)),
    ("Only these dimensions", text(width=360, height=641)),
]


@pytest.mark.parametrize(("says", "task"), BREAKS)
def test_a_broken_rule_is_named_and_no_other(says: str, task: Task) -> None:
    """The page's own sentence is the message; a task that breaks one rule breaks only one."""
    found = rules.violations(task)
    assert len(found) == 1
    assert says.replace("`hdr`", "`settings.hdr`").replace("`loop` is", "`settings.loop` is") in found[
        0
    ].message or (says in found[0].message)


def test_every_rule_of_the_page_is_broken_above() -> None:
    """A rule added without its example fails here."""
    said = {rules.violations(task)[0].message for _, task in BREAKS}
    assert said == {rule.says for rule in PAGE}


def nest(path: str, value: Any) -> Task:
    """A task of the kind that has `path`, with `value` there."""
    task = fed(inputs=dict(VIDEO)) if path.startswith("settings.edit") else text()
    if path.startswith("settings.sourcePosition"):
        task = text(inputs=VIDEO, settings={"sourcePosition": dict(PLACE)})
    here = task
    *above, name = path.split(".")
    for part in above:
        here = here.setdefault(part, {})
    here[name] = value
    return task


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("taskUUID", "not-a-uuid", "invalidTaskUUID"),
        ("taskUUID", "dd31c3ed-2aae-1efe-ae61-8f50289b6ba5", "invalidTaskUUID"),  # version 1
        ("model", "luma:ray@3.1", "invalidModel"),
        ("positivePrompt", "", "invalidPositivePrompt"),
        ("positivePrompt", "x" * 6001, "invalidPositivePrompt"),
        ("positivePrompt", 7, "invalidPositivePrompt"),
        ("width", "640", "invalidWidth"),
        ("width", 640.0, "invalidWidth"),
        ("duration", 7, "unsupportedDuration"),
        ("duration", True, "invalidDuration"),
        ("duration", None, "invalidDuration"),
        ("outputType", "base64Data", "invalidOutputType"),
        ("outputFormat", "GIF", "invalidOutputFormat"),
        ("outputQuality", 19, "invalidOutputQuality"),
        ("outputQuality", 100, "invalidOutputQuality"),
        ("webhookURL", "ftp://example.org", "invalidWebhookURL"),
        ("uploadEndpoint", "example.org/put", "invalidUploadEndpoint"),
        ("deliveryMethod", "sync", "invalidDeliveryMethod"),
        ("safety", True, "invalidSafety"),
        ("safety.mode", "slow", "invalidMode"),
        ("safety.checkContent", "yes", "invalidCheckContent"),
        ("ttl", 59, "invalidTtl"),
        ("includeCost", 1, "invalidIncludeCost"),
        ("numberResults", 0, "invalidNumberResults"),
        ("numberResults", 5, "invalidNumberResults"),
        ("numberResults", 2.5, "invalidNumberResults"),
        ("inputs.frameImages", [], "arrayTooSmall"),
        ("inputs.frameImages", [7], "invalidFrameImages"),
        ("inputs.frameImages", ["no image!"], "invalidFrameImages"),
        ("inputs.frameImages", [{"frame": "first"}], "missingImage"),
        ("inputs.frameImages", [{"image": png(), "frame": "middle"}], "invalidFrame"),
        ("inputs.frameImages", [{"image": png(), "frame": -2}], "invalidFrame"),
        ("inputs.frameImages", [{"image": png(), "timestamp": 1}], "unsupportedParameter"),
        ("inputs.video", "data:video/mp4;base64,AAAA", "invalidVideo"),
        ("settings.edit.strength", "flex_4", "invalidStrength"),
        ("settings.edit.autoControls", "yes", "invalidAutoControls"),
        ("settings.edit.controls.depthBlur", 1.01, "invalidDepthBlur"),
        ("settings.edit.controls.normalsAugmentation", -0.1, "invalidNormalsAugmentation"),
        ("settings.edit.controls.trajectorySparsity", "0", "invalidTrajectorySparsity"),
        ("settings.edit.controls.face", 1, "invalidFace"),
        ("settings.edit.controls.poseStrength", "loose", "invalidPoseStrength"),
        ("settings.sourcePosition.x", 2.01, "invalidX"),
        ("settings.sourcePosition.y", -2.01, "invalidY"),
        ("settings.sourcePosition.width", 2.01, "invalidWidth"),
        ("settings.sourcePosition.height", 0, "invalidHeight"),
        ("settings.sourcePosition.x", float("nan"), "invalidX"),
        ("settings.sourcePosition", {"x": 0, "y": 0, "width": 1}, "missingHeight"),
        ("settings.hdr", 1, "invalidHdr"),
        ("settings.loop", "no", "invalidLoop"),
        ("settings.exrExport", None, "invalidExrExport"),
        ("seed", 7, "unsupportedParameter"),
        ("fps", 24, "unsupportedParameter"),
        ("negativePrompt", "blur", "unsupportedParameter"),
        ("settings.fps", 24, "unsupportedParameter"),
        ("settings.edit.controls.blur", 1, "unsupportedParameter"),
    ],
)
def test_a_parameter_outside_its_type_or_range_is_refused(path: str, value: Any, code: str) -> None:
    """One case for each type, range and list of the page, and for what it does not list."""
    assert code in codes(nest(path, value))


@pytest.mark.parametrize("name", ["taskUUID", "model", "positivePrompt"])
def test_a_missing_required_parameter_is_named(name: str) -> None:
    """`missing…`, with the parameter beside it."""
    found = rules.violations(text(**{name: None}))
    assert [(violation.code[:7], violation.parameter) for violation in found] == [("missing", name)]


def test_all_problems_are_reported_at_once() -> None:
    """Each becomes an error of its own."""
    found = codes(
        text(duration=10, numberResults=9, fps=30, settings={"loop": True, "hdr": True, "exrExport": True})
    )
    assert found.count("incompatibleParameters") == 4
    assert "invalidNumberResults" in found
    assert "unsupportedParameter" in found


@pytest.mark.parametrize(
    "task",
    [
        {"width": [], "height": {}, "settings": 3, "inputs": "x"},
        {"inputs": {"frameImages": {}, "video": 1}, "settings": {"edit": [], "sourcePosition": None}},
        {"width": True, "height": True, "duration": "5", "resolution": []},
    ],
)
def test_nonsense_is_refused_and_breaks_nothing(task: Task) -> None:
    """The rules meet whatever a client sends, before anything has checked its types."""
    assert rules.violations(task)


def frames(*where: str | int | None) -> dict[str, Any]:
    return {"frameImages": [{"image": png(), **({} if at is None else {"frame": at})} for at in where]}


def placed(**place: float) -> Task:
    """A reframe to the shape that SOURCE has already."""
    return text(width=1280, height=720, inputs=VIDEO, settings={"sourcePosition": place})


SOURCE = Source(width=1920, height=1080, microseconds=5_000_000)


@pytest.mark.parametrize(
    ("says", "task"),
    [
        ("needs a duration of 5", fed(inputs=frames("first"), duration=10)),
        ("needs a duration of 5", fed(inputs=frames(None, None), duration=10)),
        ("share a position", fed(inputs=frames(5, 5))),
        ("beyond frame 120", fed(inputs=frames(0, 121))),
        ("cannot be mixed", fed(inputs=frames("first", 60))),
        ("more than 64", fed(inputs=frames(*range(65)))),
        ("loop cannot", fed(inputs=frames("last"), settings={"loop": True})),
        ("loop cannot", fed(inputs=frames(0, 60), settings={"loop": True})),
        ("no end frame", fed(inputs={**VIDEO, **frames("last")})),
        ("beyond frame 120", fed(inputs={**VIDEO, **frames(121)})),
        ("standard dynamic range", text(width=960, height=960, inputs=VIDEO, settings={"hdr": True})),
        ("no frame images", text(width=480, height=480, inputs={**VIDEO, **frames("first")})),
        ("not available at 1080p", text(width=1080, height=1920, inputs=VIDEO)),
        ("not available at 1080p", text(width=1080, height=1440, inputs=VIDEO)),
        ("already has the target", text(width=1280, height=720, inputs=VIDEO)),
        ("already has the target", placed(x=0, y=0, width=1, height=1)),
        ("already has the target", placed(x=-0.5, y=-0.5, width=2, height=2)),
    ],
)
def test_an_upstream_rule_refuses_what_the_page_allows(says: str, task: Task) -> None:
    """Such a task passes at submit and fails later: the two lists never mix."""
    assert rules.violations(task) == []
    found = upstream.violations(task, SOURCE if "video" in task["inputs"] else None)
    assert [says in violation.message for violation in found] == [True]


@pytest.mark.parametrize(
    "task",
    [
        text(duration=10),
        fed(inputs=frames("first", "last")),
        fed(inputs=frames("first"), settings={"loop": True}),
        fed(inputs=frames(None), settings={"loop": True}),
        fed(inputs=frames(0, 120, 240), duration=10),
        fed(inputs=frames(None, None, None), duration=10),
        fed(inputs={**VIDEO, **frames("first")}),
        text(width=1440, height=1080, inputs=VIDEO),
        placed(x=0, y=0, width=0.9, height=0.9),
        placed(x=0.2, y=0, width=1, height=1),
    ],
)
def test_what_upstream_allows_is_allowed(task: Task) -> None:
    """The near side of each upstream rule."""
    assert rules.violations(task) == []
    assert upstream.violations(task, SOURCE if "video" in task.get("inputs", {}) else None) == []


def test_a_source_may_be_18_seconds_to_edit_and_30_to_reframe() -> None:
    """The strictest published limits."""
    edit, reframe = fed(inputs=VIDEO), text(inputs=VIDEO)
    for task, limit in ((edit, 18_000_000), (reframe, 30_000_000)):
        at, over = (Source(width=360, height=360, microseconds=limit + more) for more in (0, 1))
        assert (len(upstream.violations(task, at)), len(upstream.violations(task, over))) == (0, 1)


@pytest.mark.parametrize(
    ("width", "height", "same"),
    [
        (1920, 1080, True),
        (1616, 900, True),
        (1617, 900, False),
        (1584, 900, True),
        (1583, 900, False),
        (1080, 1920, False),
    ],
)
def test_proportions_are_alike_to_one_percent(width: int, height: int, same: bool) -> None:
    """Of the target's, both ways, the ends included: 16:9 here."""
    source = Source(width=width, height=height, microseconds=5_000_000)
    found = upstream.violations(text(width=1280, height=720, inputs=VIDEO), source)
    assert len(found) == (1 if same else 0)
