"""What only the maker of the model refuses: typed from the facts once more, each rule with its near side."""

from typing import Any

import pytest

from bot.domain import upstream
from bot.domain.placement import Rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request
from bot.domain.stored import unchecked
from tests.bot.domain.examples import PLAIN, at, clip, problems

# kind, what breaks the rule, the option named, what the sentence says, the advice followed
RULES: list[tuple[type[Request], dict[str, Any], str, str, dict[str, Any]]] = [
    (ImageToVideo, {"duration": 10}, "duration", "Choose 5", {"duration": 5}),
    (ImageToVideo, {"frames": at("first", "last"), "duration": 10}, "duration", "Choose 5", {"duration": 5}),
    (ImageToVideo, {"frames": at("last"), "duration": 10}, "duration", "as keyframes", {"frames": at(240)}),
    (ImageToVideo, {"frames": at("first", 60)}, "keyframe_1", "all pictures as keyframes", {"frames": at(0, 60)}),
    (ImageToVideo, {"frames": at(60, "last")}, "keyframe_1", "all pictures", {"frames": at(60, 120)}),
    (ImageToVideo, {"frames": at(*range(65))}, "keyframe_1", "Leave some out", {"frames": at(*range(64))}),
    (ImageToVideo, {"frames": at(0, 121)}, "moments", "between 0 and 5 s", {"frames": at(0, 120)}),
    (ImageToVideo, {"frames": at(241), "duration": 10}, "moments", "between 0 and 10 s", {"frames": at(240)}),
    (ImageToVideo, {"frames": at(-1, 5)}, "moments", "inside the video", {"frames": at(0, 5)}),
    (ImageToVideo, {"frames": at(48, 48)}, "moments", "0.05 s between", {"frames": at(48, 49)}),
    (ImageToVideo, {"frames": at("first", "first")}, "moments", "same", {"frames": at("first", "last")}),
    (ImageToVideo, {"frames": at("last"), "loop": True}, "loop", "first frame alone", {"frames": at("first")}),
    (ImageToVideo, {"frames": at("first", "last"), "loop": True}, "loop", "or loop off", {"loop": False}),
    (ImageToVideo, {"frames": at(0, 60), "loop": True}, "loop", "Leave the other", {"frames": at("first")}),
    (ImageToVideo, {"frames": at(0), "loop": True}, "loop", "or loop off", {"loop": False}),
    (EditVideo, {"video": clip(18_000_001)}, "video", "18 s is the most", {"video": clip(18_000_000)}),
    (ReframeVideo, {"video": clip(30_000_001)}, "video", "30 s is the most", {"video": clip(30_000_000)}),
    (ReframeVideo, {"resolution": "1080p"}, "resolution", "Choose 720p", {"resolution": "720p"}),
    (
        ReframeVideo,
        {"resolution": "1080p", "aspect_ratio": "3:4"},
        "resolution",
        "to 3:4. Choose 720p",
        {"resolution": "720p"},
    ),
    (ReframeVideo, {"aspect_ratio": "16:9"}, "aspect_ratio", "Choose another", {"aspect_ratio": "21:9"}),
    (
        ReframeVideo,
        {"aspect_ratio": "16:9"},
        "aspect_ratio",
        "placement smaller",
        {"placement": Rectangle(x=0.2, y=0.2, width=0.6, height=0.6)},
    ),
]


@pytest.mark.parametrize(("of", "broken", "option", "says", "advice"), RULES)
def test_a_rule_that_is_broken_alone_is_named_and_its_advice_works(
    of: type[Request], broken: dict[str, Any], option: str, says: str, advice: dict[str, Any]
) -> None:
    [(about, sentence)] = problems(of, **broken)
    assert about == option
    assert says in sentence
    assert problems(of, **{**broken, **advice}) == []


def test_every_rule_is_broken_above_and_has_a_source() -> None:
    """A rule that is added without its example fails here."""
    listed: dict[type[Request], tuple[upstream.Rule[Any], ...]] = {
        ImageToVideo: upstream.OF_IMAGES,
        EditVideo: upstream.OF_EDITS,
        ReframeVideo: upstream.OF_REFRAMES,
    }
    for of, rules in listed.items():
        broken = [unchecked(of, {**PLAIN[of], **options}) for each, options, *_ in RULES if each is of]
        for rule in rules:
            assert rule.source
            assert any(list(rule.problems(request)) for request in broken), rule


# Of each kind, ways to break its rules that can stand together: which options, and what then is named.
TOGETHER: dict[type[Request], list[tuple[dict[str, Any], list[str]]]] = {
    ImageToVideo: [
        ({"frames": at("first", 60), "duration": 10}, ["duration", "keyframe_1"]),
        ({"frames": at("first", "first"), "duration": 10}, ["duration", "moments"]),
        ({"frames": at("last"), "loop": True, "duration": 10}, ["loop", "duration", "loop"]),  # a page rule first
        ({"frames": at("first", *range(65))}, ["keyframe_1", "keyframe_1"]),
        ({"frames": at("first", 121)}, ["keyframe_1", "moments"]),
        ({"frames": at("first", 5, 5)}, ["keyframe_1", "moments"]),
        ({"frames": at("first", 5), "loop": True}, ["keyframe_1", "loop"]),
        ({"frames": at(*range(64), 121)}, ["keyframe_1", "moments"]),
        ({"frames": at(*range(64), 63)}, ["keyframe_1", "moments"]),
        ({"frames": at(*range(65)), "loop": True}, ["keyframe_1", "loop"]),
        ({"frames": at(121, 121)}, ["moments", "moments"]),
        ({"frames": at(121), "loop": True}, ["moments", "loop"]),
        ({"frames": at(5, 5), "loop": True}, ["moments", "loop"]),
        (
            {"frames": at("first", *range(64), 241, 241), "loop": True, "duration": 10},
            ["loop", "duration", "keyframe_1", "keyframe_1", "moments", "moments", "loop"],
        ),
    ],
    EditVideo: [],
    ReframeVideo: [
        ({"video": clip(30_000_001), "resolution": "1080p"}, ["video", "resolution"]),
        ({"video": clip(30_000_001), "aspect_ratio": "16:9"}, ["video", "aspect_ratio"]),
        ({"video": clip(width=720, height=1280), "resolution": "1080p"}, ["resolution", "aspect_ratio"]),
        (
            {"video": clip(30_000_001, width=720, height=1280), "resolution": "1080p"},
            ["video", "resolution", "aspect_ratio"],
        ),
    ],
}


@pytest.mark.parametrize(
    ("of", "broken", "named"), [(of, *case) for of, cases in TOGETHER.items() for case in cases]
)
def test_rules_that_are_broken_together_are_all_named(
    of: type[Request], broken: dict[str, Any], named: list[str]
) -> None:
    assert [option for option, _ in problems(of, **broken)] == named


def test_the_pages_rules_and_the_makers_are_said_together() -> None:
    """One answer, the page's first."""
    found = problems(EditVideo, prompt="", hdr=True, resolution="360p", strength="flex_1", video=clip(18_000_001))
    assert [option for option, _ in found] == ["prompt", "hdr", "automatic", "video"]
    placed = Rectangle(x=-3, y=0, width=9, height=1)
    tall = problems(ReframeVideo, resolution="1080p", placement=placed, quality=5, video=clip(30_000_001))
    assert [option for option, _ in tall] == ["quality", "source_x", "source_width", "video", "resolution"]


@pytest.mark.parametrize(
    ("of", "options"),
    [
        (ImageToVideo, {"frames": at("first", "last")}),
        (ImageToVideo, {"frames": at("first"), "loop": True}),
        (ImageToVideo, {"frames": at(0)}),  # ComfyUI wants two, Luma's own pages one
        (ImageToVideo, {"frames": at(0, 120, 240), "duration": 10}),
        (ImageToVideo, {"frames": at(*range(64)), "duration": 10}),
        (ImageToVideo, {"frames": at(120, 0, 60)}),  # in any order
        (EditVideo, {"video": clip(18_000_000)}),
        (ReframeVideo, {"video": clip(30_000_000)}),
        *(
            (ReframeVideo, {"resolution": "1080p", "aspect_ratio": ratio, "video": clip(width=9, height=16)})
            for ratio in ("1:1", "4:3", "16:9", "21:9")
        ),
        *((ReframeVideo, {"resolution": size}) for size in ("360p", "540p", "720p")),
    ],
)
def test_the_near_side_of_a_rule_is_allowed(of: type[Request], options: dict[str, Any]) -> None:
    assert problems(of, **options) == []


@pytest.mark.parametrize(
    ("ratio", "width", "height", "same"),
    [
        ("16:9", 1920, 1080, True),
        ("16:9", 1616, 900, True),  # wider by exactly a hundredth
        ("16:9", 1617, 900, False),
        ("16:9", 1584, 900, True),  # narrower by exactly a hundredth
        ("16:9", 1583, 900, False),
        ("9:16", 1080, 1920, True),
        ("9:16", 1920, 1080, False),
        ("1:1", 100, 101, True),
        ("1:1", 100, 102, False),
        ("21:9", 2520, 1080, True),
        ("3:4", 1080, 1440, True),
        ("4:3", 1440, 1080, True),
    ],
)
def test_two_shapes_are_the_same_within_a_hundredth(ratio: str, width: int, height: int, same: bool) -> None:
    video = clip(width=width, height=height)
    named = [option for option, _ in problems(ReframeVideo, aspect_ratio=ratio, video=video)]
    assert named == (["aspect_ratio"] if same else [])


def test_a_video_that_is_too_long_by_a_hair_does_not_look_allowed() -> None:
    assert problems(EditVideo, video=clip(18_000_001)) == [
        ("video", "lasts 18.001 s, and 18 s is the most here. Trim it and send it again.")
    ]


def test_the_same_shape_is_allowed_once_it_leaves_room() -> None:
    """And not where it covers the whole canvas, or more."""
    for place, named in (
        (Rectangle(x=0, y=0, width=0.9, height=0.9), []),
        (Rectangle(x=0.1, y=0, width=1, height=1), []),
        (Rectangle(x=0, y=0, width=1, height=1), ["aspect_ratio"]),
        (Rectangle(x=-0.5, y=-0.5, width=2, height=2), ["aspect_ratio"]),
    ):
        found = problems(ReframeVideo, aspect_ratio="16:9", placement=place)
        assert [option for option, _ in found] == named
