"""What the maker of the model refuses although the provider's page does not say so: one list, a source for each.

Such a request would be accepted and then fail. None of these was seen from the live service; to lift one that
proves wrong, remove its line here and in `sandbox/runware/upstream.py`. Collected on 2026-11-20.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from bot.domain.problem import Problem
from bot.domain.source import last_frame
from bot.words.speech import say

if TYPE_CHECKING:
    from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo

R = TypeVar("R")

LONGEST_EDIT: Final = 18_000_000  # microseconds
LONGEST_REFRAME: Final = 30_000_000  # microseconds
MOST_KEYFRAMES: Final = 64
SAME_SHAPE: Final = 1  # percent by which two shapes may differ and still look the same


class Rule(NamedTuple, Generic[R]):
    """One thing that is refused, and who says so."""

    source: str
    problems: Callable[[R], Iterator[Problem]]


def problems(rules: "tuple[Rule[R], ...]", request: R) -> Iterator[Problem]:
    """Everything that these rules find wrong."""
    for rule in rules:
        yield from rule.problems(request)


def _ends_are_five_seconds(request: "ImageToVideo") -> Iterator[Problem]:
    if request.duration != 5 and any(isinstance(frame.at, str) for frame in request.frames):
        yield Problem("duration", say("request.ends_5_s"))


def _ends_or_keyframes(request: "ImageToVideo") -> Iterator[Problem]:
    if len({type(frame.at) for frame in request.frames}) > 1:
        yield Problem("keyframe_1", say("request.ends_or_keyframes"))


def _keyframes_on_the_grid(request: "ImageToVideo") -> Iterator[Problem]:
    at = [frame.at for frame in request.frames if isinstance(frame.at, int)]
    if len(at) > MOST_KEYFRAMES:
        yield Problem("keyframe_1", say("request.many_keyframes", number=len(at), most=MOST_KEYFRAMES))
    if any(not 0 <= frame <= last_frame(request.duration) for frame in at):
        yield Problem("moments", say("request.moments_outside", seconds=request.duration))


def _one_picture_each(request: "ImageToVideo") -> Iterator[Problem]:
    at = [frame.at for frame in request.frames]
    if len(set(at)) != len(at):
        yield Problem("moments", say("request.moments_same"))


def _loop_from_a_first_frame(request: "ImageToVideo") -> Iterator[Problem]:
    if request.loop and request.frames and [frame.at for frame in request.frames] != ["first"]:
        yield Problem("loop", say("request.loop_pictures"))


def _edit_of_18_seconds(request: "EditVideo") -> Iterator[Problem]:
    yield from _length("video", request.video.microseconds, LONGEST_EDIT)


def _reframe_of_30_seconds(request: "ReframeVideo") -> Iterator[Problem]:
    yield from _length("video", request.video.microseconds, LONGEST_REFRAME)


def _no_tall_reframe_at_1080p(request: "ReframeVideo") -> Iterator[Problem]:
    if request.resolution == "1080p" and request.aspect_ratio in ("9:16", "3:4"):
        yield Problem("resolution", say("request.tall_reframe", aspect_ratio=request.aspect_ratio))


def _another_shape(request: "ReframeVideo") -> Iterator[Problem]:
    if request.placement is not None and not request.placement.covers:
        return
    across, down = map(int, request.aspect_ratio.split(":"))
    source, target = request.video.width * down, request.video.height * across
    if abs(source - target) * 100 <= target * SAME_SHAPE:
        yield Problem("aspect_ratio", say("request.same_shape", aspect_ratio=request.aspect_ratio))


def _length(option: str, microseconds: int, most: int) -> Iterator[Problem]:
    if microseconds > most:
        milliseconds = -(-microseconds // 1000)  # rounded up, so that it never looks like the most itself
        seconds = f"{milliseconds / 1000:.3f}"
        yield Problem(option, say("request.long_video", seconds=seconds, most=most // 1_000_000))


OF_IMAGES: "Final[tuple[Rule[ImageToVideo], ...]]" = (
    Rule(
        source="ComfyUI, Replicate, Scenario, GMI, fal: 10 s with text or keyframes only",
        problems=_ends_are_five_seconds,
    ),
    Rule(source="fal, Luma's Python SDK: start and end frame, or keyframes", problems=_ends_or_keyframes),
    Rule(
        source="Luma's pages, fal, ComfyUI: 1 to 64 keyframes on a 24 fps grid, 0-120 or 0-240",
        problems=_keyframes_on_the_grid,
    ),
    Rule(source="Luma's pages, fal: unique frame indexes", problems=_one_picture_each),
    Rule(
        source="Runware's ComfyUI node, fal, ComfyUI: no loop with an end frame or keyframes",
        problems=_loop_from_a_first_frame,
    ),
)

OF_EDITS: "Final[tuple[Rule[EditVideo], ...]]" = (
    Rule(source="ComfyUI enforces 18 s; Luma's marketing says 20, GMI 30", problems=_edit_of_18_seconds),
)

OF_REFRAMES: "Final[tuple[Rule[ReframeVideo], ...]]" = (
    Rule(source="ComfyUI, GMI: 30 s; fal says 10", problems=_reframe_of_30_seconds),
    Rule(source="ComfyUI, MaxVideoAI: no 9:16 and 3:4 at 1080p", problems=_no_tall_reframe_at_1080p),
    Rule(
        source="GMI: the shape must differ; Runware's skills: unless the source is placed smaller",
        problems=_another_shape,
    ),
)
