"""The rules of Luma behind Runware (runware.md 9.4), which Runware's page does not list.

A task that breaks one is accepted and then fails; the failure is seen through `getResponse` and is not
billed (whether it would be is UNKNOWN). Kept apart from `rules.py` because a live test may lift any of
these.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sandbox.runware.request import FPS, Json, canvas, kind, positions, tier, value
from sandbox.runware.sizes import SIZES, Size
from sandbox.runware.violation import Violation

CODE: Final = "providerError"
MOST_KEYFRAMES: Final = 64
LONGEST_EDIT: Final = 18_000_000  # microseconds; ComfyUI's figure, the strictest
LONGEST_REFRAME: Final = 30_000_000


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a stored video is: its size in pixels, and how long its *container* lasts."""

    width: int
    height: int
    microseconds: int

    @property
    def frames(self) -> int:
        """How many frames of 24 per second it makes; never none."""
        return max(1, round(self.microseconds * FPS / 1_000_000))


def violations(task: Json, source: Source | None) -> list[Violation]:
    """Everything that Luma refuses about a `task` that the page allows; `source` is its `inputs.video`."""
    match kind(task):
        case "text":
            said: list[str] = []
        case "image":
            said = _image(task)
        case "edit":
            said = _edit(task, source)
        case "reframe":
            said = _reframe(task, source)
    return [Violation(code=CODE, message=f"The provider rejected the request: {what}.") for what in said]


def _image(task: Json) -> list[str]:
    last = FPS * int(task.get("duration", 5))
    where = positions(task, last)
    named = [position for position in where if isinstance(position, str)]
    said = _places(task, last)
    if named and last > FPS * 5:
        said.append("a start or end frame needs a duration of 5 seconds")
    if value(task, "settings.loop") is True and where != ["first"]:
        said.append("loop cannot be combined with an end frame or keyframes")
    return said


def _edit(task: Json, source: Source | None) -> list[str]:
    last = source.frames if source else FPS * 5
    said = _places(task, last)
    if "last" in positions(task, last):
        said.append("an edit takes no end frame")
    if source and source.microseconds > LONGEST_EDIT:
        said.append("the source video is longer than 18 seconds")
    return said


def _reframe(task: Json, source: Source | None) -> list[str]:
    said: list[str] = []
    if value(task, "settings.hdr") is True:
        said.append("a reframe is standard dynamic range only")
    if value(task, "inputs.frameImages"):
        said.append("a reframe takes no frame images")
    if tier(task) == "1080p" and canvas(task) in (SIZES["1080p", "9:16"], SIZES["1080p", "3:4"]):
        said.append("a reframe to 9:16 or 3:4 is not available at 1080p")
    if source and source.microseconds > LONGEST_REFRAME:
        said.append("the source video is longer than 30 seconds")
    if source and _same_shape(source, canvas(task)) and not _leaves_room(task):
        said.append("the source video already has the target aspect ratio")
    return said


def _same_shape(source: Source, target: Size | None) -> bool:
    """Whether the proportions are alike to one percent (GMI refuses that; by how much is UNKNOWN)."""
    if target is None:
        return False
    return abs(Fraction(source.width * target[1], source.height * target[0]) - 1) <= Fraction(1, 100)


def _leaves_room(task: Json) -> bool:
    """Whether a placed source leaves part of the canvas to be filled (Runware's skills: the same shape may then be
    asked for). x and y are taken for its left and upper edge, as Luma has them."""
    place: Json | None = value(task, "settings.sourcePosition")
    if place is None:
        return False
    return any(place[at] > 0 or place[at] + place[side] < 1 for at, side in (("x", "width"), ("y", "height")))


def _places(task: Json, last: int) -> list[str]:
    """What is wrong with where frame images go, on a grid that ends at frame `last`."""
    where = positions(task, last)
    keyframes = [position for position in where if isinstance(position, int)]
    said: list[str] = []
    if keyframes and len(keyframes) != len(where):
        said.append("start and end frames cannot be mixed with keyframes")
    if len(keyframes) > MOST_KEYFRAMES:
        said.append(f"there are more than {MOST_KEYFRAMES} keyframes")
    if any(frame > last for frame in keyframes):
        said.append(f"a keyframe lies beyond frame {last}")
    if len(set(where)) != len(where):
        said.append("two frame images share a position")
    return said
