"""Our verdict and the sandbox provider's, whose rules other hands typed from the same pages: both always agree.

They are compared by topic, not only by yes and no, so that two mistakes cannot make up for each other.
"""

import json
import re
import uuid
from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings

from bot.domain.placement import Rectangle
from bot.domain.problem import InvalidRequest, Problem
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.size import SIZES
from bot.domain.source import Frame
from bot.domain.stored import unchecked
from bot.runware.task import Storage, body
from sandbox.runware import rules, upstream
from sandbox.runware.violation import Violation
from tests.bot.domain.asked import (
    ANYTHING,
    BY_THE_PAGE,
    RATIOS,
    WRONG,
    WRONG_PLACES,
    WRONG_POSITIONS,
    Asked,
    Options,
)
from tests.bot.domain.examples import PLAIN, at, clip, picture

Topics = frozenset[str]
BOUNDED = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# topic: our option and words, the sandbox's words
PAGE: Final[dict[str, tuple[tuple[str, str], tuple[str, ...]]]] = {
    "HDR is for 720p and 1080p": (
        ("hdr", "works at 720p and 1080p"),
        ("360p and 540p tiers", "`resolution` is limited"),
    ),
    "HDR is for 5 s": (("hdr", "not for 10 s"), ("`settings.hdr` is `true`, `duration`",)),
    "loop is for 5 s": (("loop", "not for 10 s"), ("`settings.loop` is `true`, `duration`",)),
    "loop excludes HDR": (("loop", "combined with HDR"), ("`loop` cannot be used with `hdr`",)),
    "EXR needs HDR": (("exr", "extra of HDR"), ("`settings.exrExport` is `true`",)),
    "automatic excludes choices": (("automatic", "cannot be combined"), ("`autoControls` cannot be used",)),
}
UPSTREAM: Final[dict[str, tuple[tuple[str, str], str]]] = {
    "ends are for 5 s": (("duration", "is 5 with"), "needs a duration of 5"),
    "ends or keyframes": (("keyframe_1", "cannot be combined"), "cannot be mixed"),
    "64 keyframes": (("keyframe_1", "are the most"), "more than 64"),
    "on the grid": (("moments", "must lie between"), "beyond frame"),
    "one picture each": (("moments", "are the same"), "share a position"),
    "loop from a first frame": (("loop", "first frame alone"), "loop cannot be combined with an end frame"),
    "edits of 18 s": (("video", "18 s is the most"), "longer than 18"),
    "reframes of 30 s": (("video", "30 s is the most"), "longer than 30"),
    "no tall reframe at 1080p": (("resolution", "not available for a reframe"), "not available at 1080p"),
    "another shape": (("aspect_ratio", "shape that this video has"), "already has the target"),
}
# what our fields are called there
VALUES: Final = {
    "prompt": "positivePrompt",
    "resolution": "resolution",
    "count": "numberResults",
    "format": "outputFormat",
    "quality": "outputQuality",
    "safety": "mode",
    "duration": "duration",
    "first_frame": "frameImages",
    "strength": "strength",
    "depth_blur": "depthBlur",
    "face": "face",
    "normals_augmentation": "normalsAugmentation",
    "pose_strength": "poseStrength",
    "trajectory_sparsity": "trajectorySparsity",
    "source_x": "x",
    "source_y": "y",
    "source_width": "width",
    "source_height": "height",
}

# Rules of the sandbox's that nothing of ours can break, since our requests have no way to say such a thing.
UNSAYABLE: Final = {
    "When `inputs.video` is provided, `duration` cannot be used.": "edits and reframes have no duration",
    "`resolution` cannot be used with `width/height`.": "`body` sends the one or the other",
    "When `resolution` is provided, `inputs.frameImages` or `inputs.video` is required.": "text sends a size",
    "When `settings.edit` is provided, `width/height` cannot be used.": "an edit sends no size",
    "When `settings.edit` is provided, `inputs.video` is required.": "an edit has a video",
    "When `settings.loop` is `true`, `inputs.video` cannot be used.": "edits and reframes have no loop",
    "When `settings.sourcePosition` is provided, `inputs.video`, `width`, and `height` is required.": (
        "only reframes have a placement"
    ),
    "`width` and `height` must be used together.": "a size is both",
    "`width` and `height` are required without `resolution` or an input.": "text has a size",
}


def task_of(request: Request) -> dict[str, Any]:
    """What would be sent, with addresses where our references stand. A size that is none becomes 9000x9000."""
    ratio = getattr(request, "aspect_ratio", None)
    sizeless = ratio is not None and not _sized(request.resolution, ratio)
    if sizeless:
        options: Options = {**vars(request), "resolution": "720p", "aspect_ratio": "16:9"}
        request = unchecked(type(request), options)
    sent = body(request, task_id=str(uuid.uuid4()), storage=Storage())
    task = json.loads(re.sub(r'"source:([0-9a-f]{64})"', r'"https://example.org/\1"', sent))
    return task | ({"width": 9000, "height": 9000} if sizeless else {})


def _sized(resolution: object, ratio: object) -> bool:
    return any((resolution, ratio) == each for each in SIZES)


def source_of(request: Request) -> upstream.Source | None:
    if not isinstance(request, EditVideo | ReframeVideo):
        return None
    video = request.video
    return upstream.Source(width=video.width, height=video.height, microseconds=video.microseconds)


def ours(request: Request) -> tuple[Topics, Topics]:
    """The topics of what we refuse: the page's and the maker's."""
    try:
        replace(request)
    except InvalidRequest as refused:
        makers = {topic for problem in refused.problems if (topic := _makers(problem))}
        pages = {_pages(request, problem) for problem in refused.problems if not _makers(problem)}
        return frozenset(pages), frozenset(makers)
    return frozenset(), frozenset()


def _makers(problem: Problem) -> str | None:
    for topic, ((option, words), _) in UPSTREAM.items():
        if problem.option == option and words in problem.says:
            return topic
    return None


def _pages(request: Request, problem: Problem) -> str:
    for topic, ((option, words), _) in PAGE.items():
        if problem.option == option and words in problem.says:
            return topic
    sized = isinstance(request, TextToVideo | ReframeVideo) or getattr(request, "aspect_ratio", None) is not None
    if problem.option == "aspect_ratio" or (problem.option == "resolution" and sized):
        return "size"
    if problem.option == "placement":  # said of a rectangle beside what is wrong in it
        return "placement"
    return VALUES[problem.option]


def theirs(task: dict[str, Any]) -> Topics:
    """The topics of what the sandbox's page rules refuse."""
    return frozenset(_topic(violation) for violation in rules.violations(task))


def _topic(violation: Violation) -> str:
    for topic, (_, words) in PAGE.items():
        if any(each in violation.message for each in words):
            return topic
    if violation.code == "unsupportedDimensions":
        return "size"
    if isinstance(violation.parameter, str) and "frameImages" in violation.parameter:
        return "frameImages"
    return violation.message if isinstance(violation.parameter, tuple) else str(violation.parameter).split(".")[-1]


def theirs_upstream(request: Request, task: dict[str, Any]) -> Topics:
    said = [violation.message for violation in upstream.violations(task, source_of(request))]
    named = {topic for topic, (_, words) in UPSTREAM.items() if any(words in message for message in said)}
    assert len(named) == len(said), said
    return frozenset(named)


def agreed(said: Topics, there: Topics) -> bool:
    """Whether both name the same, but for what is said once here and again there for the same cause."""
    again: set[str] = set()
    if "duration" in said & there:
        again |= {"HDR is for 5 s", "loop is for 5 s"}  # there, whatever is not 5
    if "size" in said & there:
        again |= {"HDR is for 720p and 1080p"}  # there, no size is small that is not listed
    if said & there & {"x", "y", "width", "height"}:
        again |= {"placement"}
    return said - again == there - again


def test_page_rules_are_the_same_of_anything() -> None:
    """Both refuse or neither, for the same reasons."""
    verdicts: Counter[bool] = Counter()

    @given(ANYTHING)
    @BOUNDED
    def compare(asked: Asked) -> None:
        request = unchecked(*asked)
        said, there = ours(request)[0], theirs(task_of(request))
        assert agreed(said, there), (asked, said ^ there)
        assert bool(said) == bool(there)
        verdicts[bool(said)] += 1

    compare()
    assert min(verdicts[True], verdicts[False]) > 20, verdicts


def test_upstream_rules_are_the_same_of_whatever_the_page_allows() -> None:
    """Nothing of it is refused by either page, and the makers' refusals are the same."""
    verdicts: Counter[bool] = Counter()

    @given(BY_THE_PAGE)
    @BOUNDED
    def compare(asked: Asked) -> None:
        request = unchecked(*asked)
        task = task_of(request)
        pages, makers = ours(request)
        assert pages == theirs(task) == frozenset()
        assert makers == theirs_upstream(request, task)
        verdicts[bool(makers)] += 1

    compare()
    assert min(verdicts[True], verdicts[False]) > 20, verdicts


@pytest.mark.parametrize("ratio", RATIOS)
def test_both_take_the_same_shapes_for_alike(ratio: str) -> None:
    """By a thousandth at a time, from three hundredths narrower to three wider."""
    across, down = map(int, ratio.split(":"))
    verdicts: Counter[bool] = Counter()
    for thousandths in range(970, 1031):
        video = clip(width=across * thousandths, height=down * 1000)
        request = unchecked(ReframeVideo, {"prompt": "x", "video": video, "aspect_ratio": ratio})
        makers = ours(request)[1]
        assert makers == theirs_upstream(request, task_of(request)), thousandths
        verdicts[bool(makers)] += 1
    assert verdicts == {True: 21, False: 40}


# Every topic by itself, so that none depends on chance.
ALONE: list[tuple[str, type[Request], Options]] = [
    ("HDR is for 720p and 1080p", TextToVideo, {"hdr": True, "resolution": "360p"}),
    ("HDR is for 720p and 1080p", ImageToVideo, {"hdr": True, "resolution": "540p"}),
    ("HDR is for 720p and 1080p", ImageToVideo, {"hdr": True, "resolution": "540p", "aspect_ratio": "1:1"}),
    ("HDR is for 720p and 1080p", EditVideo, {"hdr": True, "resolution": "360p"}),
    ("HDR is for 5 s", TextToVideo, {"hdr": True, "duration": 10}),
    ("HDR is for 5 s", ImageToVideo, {"hdr": True, "duration": 10, "frames": at(0)}),
    ("loop is for 5 s", TextToVideo, {"loop": True, "duration": 10}),
    ("loop excludes HDR", TextToVideo, {"loop": True, "hdr": True}),
    ("loop excludes HDR", ImageToVideo, {"loop": True, "hdr": True}),
    ("EXR needs HDR", TextToVideo, {"exr": True}),
    ("EXR needs HDR", ImageToVideo, {"exr": True}),
    ("EXR needs HDR", EditVideo, {"exr": True}),
    ("automatic excludes choices", EditVideo, {"strength": "flex_1"}),
    ("automatic excludes choices", EditVideo, {"face": False}),
    ("automatic excludes choices", EditVideo, {"depth_blur": 0}),
    ("size", TextToVideo, {"aspect_ratio": "16:10"}),
    ("size", TextToVideo, {"resolution": "9000p"}),
    ("size", ReframeVideo, {"aspect_ratio": "2:1"}),
    ("resolution", EditVideo, {"resolution": "9000p"}),
    ("resolution", ImageToVideo, {"resolution": "720P"}),
    ("frameImages", ImageToVideo, {"frames": ()}),
    *(("frameImages", ImageToVideo, {"frames": (Frame(image=picture(), at=where),)}) for where in WRONG_POSITIONS),
    ("ends are for 5 s", ImageToVideo, {"duration": 10}),
    ("ends or keyframes", ImageToVideo, {"frames": at("first", 60)}),
    ("64 keyframes", ImageToVideo, {"frames": at(*range(65))}),
    ("on the grid", ImageToVideo, {"frames": at(0, 121)}),
    ("one picture each", ImageToVideo, {"frames": at(5, 5)}),
    ("loop from a first frame", ImageToVideo, {"frames": at("last"), "loop": True}),
    ("edits of 18 s", EditVideo, {"video": clip(18_000_001)}),
    ("reframes of 30 s", ReframeVideo, {"video": clip(30_000_001)}),
    ("no tall reframe at 1080p", ReframeVideo, {"resolution": "1080p", "aspect_ratio": "3:4"}),
    ("another shape", ReframeVideo, {"aspect_ratio": "16:9"}),
    ("another shape", ReframeVideo, {"aspect_ratio": "16:9", "video": clip(width=1616, height=900)}),
    ("another shape", ReframeVideo, {"aspect_ratio": "16:9", "placement": Rectangle(x=0, y=0, width=1, height=1)}),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "of", "options"), ALONE)
def test_each_rule_is_the_same_on_both_sides(topic: str, of: type[Request], options: Options) -> None:
    request = unchecked(of, {**PLAIN[of], **options})
    task = task_of(request)
    pages, makers = ours(request)
    assert pages | makers == {topic}
    if topic in UPSTREAM:
        assert theirs(task) == frozenset()
        assert theirs_upstream(request, task) == makers
    else:
        assert theirs(task) == pages


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG.items() for value in values]
)
def test_each_value_that_does_not_exist_is_refused_on_both_sides(field: str, value: Any) -> None:
    """In every kind that has the field."""
    kinds = [of for of in PLAIN if field in of.__dataclass_fields__]
    assert kinds
    for of in kinds:
        free = {"automatic": False} if of is EditVideo else {}
        request = unchecked(of, {**PLAIN[of], **free, field: value})
        said = ours(request)[0]
        assert len(said) == 1, said
        assert said == theirs(task_of(request))


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG_PLACES.items() for value in values]
)
def test_each_fraction_that_does_not_exist_is_refused_on_both_sides(field: str, value: Any) -> None:
    place = Rectangle(**{"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5, field: value})
    request = unchecked(ReframeVideo, {**PLAIN[ReframeVideo], "placement": place})
    said = ours(request)[0]
    assert said - {"placement"} == theirs(task_of(request)) == {field}


def test_every_rule_of_either_side_is_met_above_or_cannot_be_said() -> None:
    """A rule that is added on one side only fails here."""
    met = {topic for topic, *_ in ALONE}
    assert met >= PAGE.keys() | UPSTREAM.keys() | {"size", "resolution", "frameImages"}
    assert met | {VALUES[field] for field in WRONG} | WRONG_PLACES.keys() == met | set(VALUES.values())
    here = {words for _, words in PAGE.values()}
    for rule in rules.PAGE:
        compared = any(part in rule.says for words in here for part in words) or "Only these" in rule.says
        assert compared != (rule.says in UNSAYABLE), rule.says


# Where the two differ, each with its reason. Everything else is above.


def test_a_blank_prompt_is_taken_there_and_a_member_would_pay_for_it() -> None:
    request = unchecked(TextToVideo, {"prompt": " \u200b\n"})
    assert ours(request) == ({"positivePrompt"}, frozenset())
    assert theirs(task_of(request)) == frozenset()


@pytest.mark.parametrize("duration", [5.0, 10.0])
def test_a_duration_is_a_float_there_and_whole_here(duration: float) -> None:
    """The page says float; the prices are found by whole seconds, and one spelling of a request is enough."""
    request = unchecked(TextToVideo, {"prompt": "x", "duration": duration})
    assert ours(request)[0] == {"duration"}
    assert theirs(task_of(request)) == frozenset()


@pytest.mark.parametrize("option", ["loop", "hdr", "exr", "automatic", "keep_sound"])
def test_a_switch_is_sent_as_true_or_not_at_all(option: str) -> None:
    """So what is neither is refused here alone; the sound is nothing that the provider hears of."""
    of = EditVideo if option in ("automatic", "keep_sound") else TextToVideo
    for value in ("yes", 1, None, "false"):
        hdr = {"hdr": True} if option == "exr" else {}
        request = unchecked(of, {**PLAIN[of], **hdr, option: value})
        with pytest.raises(InvalidRequest) as refused:
            replace(request)
        assert refused.value.problems[0].option == option
        assert theirs(task_of(request)) == frozenset()


@pytest.mark.parametrize(("frame", "page"), [(-1, frozenset[str]()), (-2, frozenset({"frameImages"}))])
def test_a_frame_counted_from_the_end_is_refused_here(frame: int, page: Topics) -> None:
    """The page has -1 for the last; Luma's grid, and so our list, begins at 0, and `last` says it better."""
    request = unchecked(ImageToVideo, {"prompt": "x", "frames": at(frame)})
    assert ours(request) == (frozenset(), {"on the grid"})
    assert theirs(task_of(request)) == page
