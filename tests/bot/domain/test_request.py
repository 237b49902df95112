"""What may be asked for: the model page's rules, each alone and with every other, typed from the page once more."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, get_args

import pytest

from bot.domain import request as requests
from bot.domain.placement import Rectangle
from bot.domain.problem import InvalidRequest
from bot.domain.refusal import Refusal
from bot.domain.request import (
    KINDS,
    Count,
    Duration,
    EditVideo,
    Format,
    ImageToVideo,
    PoseStrength,
    ReframeVideo,
    Request,
    Safety,
    Strength,
    TextToVideo,
    look,
)
from bot.domain.values import MAX_PROMPT
from bot.runware.task import Storage, body
from tests.bot.domain.examples import ALL_KINDS, PROMPT, at, clip, made, picture, problems

RESOLUTIONS = ("360p", "540p", "720p", "1080p")
SWITCH = (False, True)


@dataclass(frozen=True)
class Rule:
    """A sentence of the page, in the words of a request; what a member must read when it is broken."""

    option: str
    names: str
    helps: str
    broken: Callable[[dict[str, Any]], bool]


PAGE_RULES = (
    Rule("hdr", "not at ", "Choose 720p", lambda of: of["hdr"] and of["resolution"] in ("360p", "540p")),
    Rule("exr", "extra of HDR", "Turn hdr on", lambda of: of["exr"] and not of["hdr"]),
    Rule("hdr", "not for 10 s", "duration of 5", lambda of: of["hdr"] and of["duration"] == 10),
    Rule("loop", "not for 10 s", "duration of 5", lambda of: of["loop"] and of["duration"] == 10),
    Rule("loop", "combined with HDR", "Leave one of the two off", lambda of: of["loop"] and of["hdr"]),
    Rule(
        "automatic",
        "cannot be combined with",
        "Leave one or the other out",
        lambda of: of["automatic"] and any(of[name] is not None for name in CHOSEN),
    ),
)
CHOSEN = (
    "strength",
    "depth_blur",
    "face",
    "normals_augmentation",
    "pose_strength",
    "trajectory_sparsity",
)

GENERATION: dict[str, tuple[Any, ...]] = {
    "resolution": RESOLUTIONS,
    "duration": (5, 10),
    "loop": SWITCH,
    "hdr": SWITCH,
    "exr": SWITCH,
}
EVERYTHING: dict[type[Request], dict[str, tuple[Any, ...]]] = {
    TextToVideo: {**GENERATION, "aspect_ratio": ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")},
    # `first` for 5 s and keyframes for 10: the only two that no rule of the maker's meets
    ImageToVideo: {**GENERATION, "aspect_ratio": (None, "16:9")},
    EditVideo: {
        "resolution": RESOLUTIONS,
        "hdr": SWITCH,
        "exr": SWITCH,
        "automatic": SWITCH,
        "strength": (None, "adhere_1"),
        "depth_blur": (None, 0.0),  # what is nothing to an `if` is chosen all the same
        "face": (None, False),
        "normals_augmentation": (None, 0),
        "pose_strength": (None, "coarse"),
        "trajectory_sparsity": (None, 1),
    },
}
NEUTRAL: dict[str, Any] = {
    "duration": 5, "loop": False, "hdr": False, "exr": False, "automatic": False, **dict.fromkeys(CHOSEN)
}  # fmt: skip


def combinations(of: type[Request]) -> Iterator[dict[str, Any]]:
    """Every value of every option that a rule speaks of, with every other."""
    for values in itertools.product(*EVERYTHING[of].values()):
        yield dict(zip(EVERYTHING[of], values, strict=True))


@pytest.mark.parametrize(("of", "most"), [(TextToVideo, 4), (ImageToVideo, 4), (EditVideo, 2)])
def test_each_combination_of_options_breaks_exactly_the_pages_rules(of: type[Request], most: int) -> None:
    """Every rule alone, in pairs, and all together: each broken one is named, and no other."""
    together: set[frozenset[tuple[str, str]]] = set()
    for options in combinations(of):
        expected = [(r.option, r.names) for r in PAGE_RULES if r.broken({**NEUTRAL, **options})]
        given = {"frames": at(0)} if of is ImageToVideo and options["duration"] == 10 else {}
        found = [(option, says) for option, says in problems(of, **given, **options)]
        if given and options["loop"]:
            assert "first frame alone" in found.pop()[1]  # keyframes do not loop, says the maker
        assert [option for option, _ in found] == [option for option, _ in expected], options
        assert all(names in says for (_, says), (_, names) in zip(found, expected, strict=True)), options
        together.add(frozenset(expected))
    assert max(map(len, together)) == most  # EXR without HDR excludes the others of HDR


@pytest.mark.parametrize(
    ("of", "rule", "options", "advice"),
    [
        *(
            case
            for of in (TextToVideo, ImageToVideo)
            for case in (
                (of, 0, {"hdr": True, "resolution": "360p"}, {"resolution": "720p"}),
                (of, 0, {"hdr": True, "resolution": "540p"}, {"hdr": False}),
                (of, 1, {"exr": True}, {"hdr": True}),
                (of, 1, {"exr": True, "resolution": "1080p"}, {"exr": False}),
                (of, 4, {"loop": True, "hdr": True}, {"loop": False}),
                (of, 4, {"loop": True, "hdr": True}, {"hdr": False}),
            )
        ),
        (TextToVideo, 2, {"hdr": True, "duration": 10}, {"duration": 5}),
        (TextToVideo, 2, {"hdr": True, "duration": 10}, {"hdr": False}),
        (TextToVideo, 3, {"loop": True, "duration": 10}, {"duration": 5}),
        (TextToVideo, 3, {"loop": True, "duration": 10}, {"loop": False}),
        (ImageToVideo, 2, {"hdr": True, "duration": 10, "frames": at(0)}, {"duration": 5}),
        (EditVideo, 0, {"hdr": True, "resolution": "540p"}, {"resolution": "1080p"}),
        (EditVideo, 1, {"exr": True}, {"hdr": True}),
        *((EditVideo, 5, {name: value}, {"automatic": False}) for name, value in (
            ("strength", "flex_2"), ("depth_blur", 0), ("face", False), ("normals_augmentation", 0.5),
            ("pose_strength", "precise"), ("trajectory_sparsity", 1.0),
        )),
        (EditVideo, 5, {"strength": "flex_2"}, {"strength": None}),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_alone_says_what_works(
    of: type[Request], rule: int, options: dict[str, Any], advice: dict[str, Any]
) -> None:
    broken = PAGE_RULES[rule]
    [(option, says)] = problems(of, **options)
    assert option == broken.option
    assert broken.names in says
    assert broken.helps in says
    assert problems(of, **{**options, **advice}) == []


def test_what_excludes_automatic_is_named() -> None:
    [(_, says)] = problems(EditVideo, strength="flex_1", face=True, depth_blur=0.0)
    assert says == "cannot be combined with strength, depth_blur and face. Leave one or the other out."


def test_images_are_needed_to_make_a_video_from_images() -> None:
    [(option, says)] = problems(ImageToVideo, frames=())
    assert option == "first_frame"
    assert "Attach a picture" in says


def test_a_request_that_breaks_everything_hears_of_everything() -> None:
    """Values that do not exist, a prompt that is too long, and rules between options: one answer names all."""
    found = problems(
        TextToVideo,
        prompt="x" * 6001, resolution="360p", aspect_ratio="2:1", duration=10, loop=True, hdr=True, count=99,
        format="GIF", quality=7, safety="none at all",
    )  # fmt: skip
    named = ["count", "format", "safety", "aspect_ratio", "prompt", "quality", "hdr", "hdr", "loop", "loop"]
    assert [option for option, _ in found] == named


def test_the_refusal_is_one_line_for_each_problem() -> None:
    with pytest.raises(InvalidRequest) as refused:
        TextToVideo(prompt="x", loop=True, hdr=True, exr=True, resolution="360p")
    assert isinstance(refused.value, Refusal)
    assert refused.value.says.splitlines()[1:] == [
        "• hdr works at 720p and 1080p, not at 360p. Choose 720p, or leave HDR off.",
        "• loop cannot be combined with HDR. Leave one of the two off.",
    ]
    assert "nothing was bought" in refused.value.says


def test_the_options_offer_what_the_page_lists() -> None:
    presets = [f"{name}_{n}" for name in ("adhere", "flex", "reimagine") for n in (1, 2, 3)]
    assert get_args(Strength) == tuple(presets)
    assert get_args(PoseStrength) == ("precise", "coarse")
    assert get_args(Duration) == (5, 10)
    assert get_args(Count) == (1, 2, 3, 4)
    assert get_args(Format) == ("MP4", "WEBM", "MOV")
    assert get_args(Safety) == ("none", "fast", "full")
    assert MAX_PROMPT == 6000


def test_a_request_has_the_pages_defaults() -> None:
    """720p, 5 s and the output's are the provider's own; the shape and automatic are ours, as it has none."""
    for of in ALL_KINDS:
        request = made(of)
        output = (request.resolution, request.count, request.format, request.quality, request.safety)
        assert output == ("720p", 1, "MP4", None, "none")
    generated = TextToVideo(prompt="a lighthouse")
    assert (generated.duration, generated.loop, generated.hdr, generated.exr) == (5, False, False, False)
    assert generated.size == (1280, 720)
    edit = EditVideo(prompt="x", video=clip())
    assert (edit.automatic, edit.hdr, edit.exr, edit.keep_sound) == (True, False, False, True)
    assert [getattr(edit, name) for name in CHOSEN] == [None] * 6


def test_a_video_from_images_has_a_size_only_where_a_shape_is_chosen() -> None:
    assert ImageToVideo(prompt="x", frames=at("first")).size is None
    wide = ImageToVideo(prompt="x", frames=at("first"), resolution="1080p", aspect_ratio="21:9")
    assert wide.size == (2520, 1080)
    assert ReframeVideo(prompt="x", video=clip(), aspect_ratio="1:1", resolution="360p").size == (480, 480)


def test_a_request_names_all_that_it_is_made_from() -> None:
    """These are the bytes that are kept, and sent."""
    assert made(TextToVideo).sources == ()
    assert made(ImageToVideo, frames=at(0, 5, 9)).sources == (picture(0), picture(1), picture(2))
    assert made(EditVideo).sources == (clip(),)
    assert made(EditVideo, guide=picture(3)).sources == (clip(), picture(3))
    assert made(ReframeVideo).sources == (clip(),)


@pytest.mark.parametrize("of", [TextToVideo, ImageToVideo, EditVideo])
def test_the_look_is_what_the_range_options_say(of: type[Request]) -> None:
    assert look(made(of)) == "SDR"
    assert look(made(of, hdr=True)) == "HDR"
    assert look(made(of, hdr=True, exr=True)) == "HDR+EXR"


def test_a_reframe_is_always_of_standard_range_and_takes_nothing_that_the_maker_refuses_it() -> None:
    """No HDR, EXR, loop, frame images or edit controls (Luma's SDK): there are no such fields."""
    assert look(made(ReframeVideo)) == "SDR"
    assert {field.name for field in fields(ReframeVideo)} == {
        "prompt", "resolution", "count", "format", "quality", "safety", "video", "aspect_ratio", "placement",
    }  # fmt: skip
    assert {field.name for field in fields(EditVideo)}.isdisjoint({"loop", "duration", "aspect_ratio", "frames"})


def test_the_kinds_are_the_union() -> None:
    assert set(ALL_KINDS) == set(get_args(requests.Request))
    assert all(of.kind == kind for kind, of in KINDS.items())


@pytest.mark.parametrize("edge", [-2, 2, 0, 0.62, -2.0])
def test_a_placement_may_stand_anywhere_in_the_pages_range(edge: float) -> None:
    assert problems(ReframeVideo, placement=Rectangle(x=edge, y=edge, width=0.42, height=0.95)) == []


@pytest.mark.parametrize("side", [2, 0.0001, 1])
def test_a_placement_may_be_of_any_size_up_to_twice_the_canvas(side: float) -> None:
    assert problems(ReframeVideo, placement=Rectangle(x=0, y=0, width=side, height=side)) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "x" * 6000,
        "é" * 6000,
        "🎬",
        "x",
        " x ",
        "@everyone **bold** <@1> `code` https://example.org/",
        "a\nb\tc\x00",
    ],
)
def test_a_prompt_is_kept_to_the_letter(prompt: str) -> None:
    """Not stripped, not escaped: the provider reads what the member wrote."""
    for of in ALL_KINDS:
        request = made(of, prompt=prompt)
        assert request.prompt == prompt != PROMPT
        assert json.loads(body(request, task_id="t", storage=Storage()))["positivePrompt"] == prompt
