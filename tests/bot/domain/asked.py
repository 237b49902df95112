"""Random requests of all four kinds, as options: such as can be, and such as a modified client may send."""

from math import inf, nan
from typing import Any, TypeAlias, cast

from hypothesis import strategies as st

from bot.domain.placement import Rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Position
from tests.bot.domain.examples import at, clip, made, picture, problems

Options: TypeAlias = dict[str, Any]
Asked: TypeAlias = tuple[type[Request], Options]

RESOLUTIONS = ("360p", "540p", "720p", "1080p")
RATIOS = ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")
STRENGTHS = [f"{name}_{n}" for name in ("adhere", "flex", "reimagine") for n in (1, 2, 3)]
CONTROLS = {
    "depth_blur": st.floats(0, 1) | st.sampled_from([0, 1]),
    "face": st.booleans(),
    "normals_augmentation": st.floats(0, 1),
    "pose_strength": st.sampled_from(["precise", "coarse"]),
    "trajectory_sparsity": st.floats(0, 1),
}

PROMPTS = st.text(max_size=40).map("a heron".__add__) | st.just("x" * 6000)
OUTPUT = st.fixed_dictionaries(
    {},
    optional={
        "count": st.sampled_from([1, 2, 3, 4]),
        "format": st.sampled_from(["MP4", "WEBM", "MOV"]),
        "quality": st.none() | st.integers(20, 99),
        "safety": st.sampled_from(["none", "fast", "full"]),
    },
)
LENGTHS = st.integers(1, 32_000_000) | st.sampled_from(
    [limit * 1_000_000 + more for limit in (5, 10, 18, 30) for more in (-1, 0, 1)]
)
SIDES = st.sampled_from([360, 720, 900, 1080, 1280, 1600, 1616, 1617, 1920]) | st.integers(1, 8192)
CLIPS = st.builds(clip, LENGTHS, width=SIDES, height=SIDES) | st.builds(clip, LENGTHS)
PLACES = st.builds(
    Rectangle,
    x=st.floats(-2, 2) | st.sampled_from([0, -1]),
    y=st.floats(-2, 2) | st.sampled_from([0, -1]),
    width=st.floats(0.01, 2) | st.sampled_from([1, 2]),
    height=st.floats(0.01, 2) | st.sampled_from([1, 2]),
)
ENDS = st.sampled_from([["first"], ["last"], ["first", "last"]])
KEYFRAMES = st.lists(st.integers(0, 120) | st.integers(0, 240), min_size=1, max_size=6, unique=True)
EDGES = st.sampled_from(["first", "last", 0, 1, 119, 120, 121, 239, 240, 241, 9_999])
MIXED = st.lists(EDGES, min_size=1, max_size=4)
MANY = st.integers(63, 66).map(range).map(list)
FRAMES = st.one_of(ENDS, KEYFRAMES, MIXED, MANY).map(lambda positions: at(*cast("list[Position]", positions)))


@st.composite
def ranges(draw: st.DrawFn) -> Options:
    """A resolution, and the dynamic range that the page allows with it."""
    resolution = draw(st.sampled_from(RESOLUTIONS))
    hdr = resolution in ("720p", "1080p") and draw(st.booleans())
    return {"resolution": resolution, "hdr": hdr, "exr": hdr and draw(st.booleans())}


@st.composite
def generations(draw: st.DrawFn) -> Options:
    """What the page allows of both kinds of new video."""
    options = draw(ranges())
    duration = 5 if options["hdr"] else draw(st.sampled_from([5, 10]))
    loop = not options["hdr"] and duration == 5 and draw(st.booleans())
    return {**options, "duration": duration, "loop": loop}


@st.composite
def conditioning(draw: st.DrawFn) -> Options:
    """What the page allows of an edit's own settings."""
    if draw(st.booleans()):
        return {"automatic": True}
    optional = {"strength": st.sampled_from(STRENGTHS), **CONTROLS}
    return {"automatic": False, **draw(st.fixed_dictionaries({}, optional=optional))}


@st.composite
def by_the_page(draw: st.DrawFn) -> Asked:
    """A request that breaks no rule of the page, and perhaps some of the maker's."""
    of = draw(st.sampled_from([TextToVideo, ImageToVideo, EditVideo, ReframeVideo]))
    options = {"prompt": draw(PROMPTS), **draw(OUTPUT)}
    if of in (TextToVideo, ImageToVideo):
        options |= draw(generations())
    ratio = draw(st.sampled_from(RATIOS))
    if of is TextToVideo:
        options["aspect_ratio"] = ratio
    elif of is ImageToVideo:
        options |= {"frames": draw(FRAMES), "aspect_ratio": draw(st.sampled_from([None, ratio]))}
    elif of is EditVideo:
        guide = draw(st.sampled_from([None, picture(7)]))
        options |= {**draw(ranges()), **draw(conditioning()), "video": draw(CLIPS), "guide": guide}
        options["keep_sound"] = draw(st.booleans())
    else:
        options |= {"resolution": draw(st.sampled_from(RESOLUTIONS)), "aspect_ratio": ratio}
        options |= {"video": draw(CLIPS), "placement": draw(st.none() | PLACES)}
    return of, options


BY_THE_PAGE = by_the_page()
ALLOWED = BY_THE_PAGE.filter(lambda asked: not problems(asked[0], **asked[1])).map(
    lambda asked: made(asked[0], **asked[1])
)
"""Requests that can be built."""

NO_TEXT: list[Any] = [None, 7, True, [], ["a"], {}]
NO_NUMBER: list[Any] = [-0.01, 1.01, -1, 2, nan, inf, -inf, 10**400, True, False, "0.5", "", [], {}]
WRONG: dict[str, list[Any]] = {
    "prompt": ["", "x" * 6001, *NO_TEXT],
    "resolution": ["9000p", "720P", "", *NO_TEXT],
    "count": [0, 5, 99, -1, 10**400, True, 2.5, 2.0, nan, inf, "1", None, []],
    "format": ["GIF", "mp4", "", *NO_TEXT],
    "quality": [19, 100, -1, 10**400, True, 95.0, nan, inf, "95", [], {}],
    "safety": ["slow", "", *NO_TEXT],
    "duration": [0, 7, 999, -5, 10**400, True, 5.5, nan, inf, "5", None, []],
    "strength": ["flex_4", "", *NO_TEXT[1:]],
    "depth_blur": NO_NUMBER,
    "face": ["yes", 1, 0, "", []],
    "normals_augmentation": NO_NUMBER,
    "pose_strength": ["loose", "", *NO_TEXT[1:]],
    "trajectory_sparsity": NO_NUMBER,
}
"""By field: values that the page does not have."""
WRONG_PLACES: dict[str, list[Any]] = {
    "x": [-2.01, 2.01, nan, inf, -inf, 10**400, True, "0.5", []],
    "y": [-2.01, 2.01, nan, inf, -inf, 10**400, True, "0.5", []],
    "width": [0, 0.0, -1, 2.01, nan, inf, 10**400, True, "1", []],
    "height": [0, 0.0, -1, 2.01, nan, inf, 10**400, True, "1", []],
}
WRONG_POSITIONS: list[Any] = ["middle", "", 1.5, nan, inf, True, None, [], {}]


@st.composite
def anything(draw: st.DrawFn) -> Asked:
    """Page rules broken at will, and now and then a value that does not exist."""
    of, options = draw(BY_THE_PAGE)
    switches = [name for name in ("loop", "hdr", "exr", "automatic") if name in options]
    loosened: Options = {name: draw(st.booleans()) for name in switches}
    if "duration" in options:
        loosened["duration"] = draw(st.sampled_from([5, 10]))
    if of is EditVideo:
        loosened |= draw(st.fixed_dictionaries({}, optional=CONTROLS))
    if of is ImageToVideo and draw(st.integers(0, 9)) == 0:
        loosened["frames"] = ()
    loosened["resolution"] = draw(st.sampled_from(RESOLUTIONS))
    known = [name for name in WRONG if name in {**options, **loosened}]
    for name in draw(st.lists(st.sampled_from(known), max_size=2)):
        loosened[name] = draw(st.sampled_from(WRONG[name]))
    return of, {**options, **loosened}


ANYTHING = anything()
