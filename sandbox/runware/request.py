"""Reading a `videoInference` task as it came over the wire: nothing here assumes that the task is valid."""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, cast

from sandbox.runware.sizes import Size, Tier, tier_of

Json: TypeAlias = Mapping[str, Any]
Kind: TypeAlias = Literal["text", "image", "edit", "reframe"]
Position: TypeAlias = str | int
"""`first`, `last`, or a frame's number."""

FPS: Final = 24
"""Ray3.2's frame rate, and the grid on which `frame` counts (runware.md 9.4)."""


def value(task: Json, path: str) -> Any:
    """What `task` says at a dotted `path`; None where it says nothing there."""
    here: Any = task
    for name in path.split("."):
        if not isinstance(here, Mapping):
            return None
        here = cast(Json, here).get(name)
    return here


def given(task: Json, path: str) -> bool:
    """Whether `task` says anything at all at a dotted `path`; `false`, `null` and `{}` count as said."""
    *above, name = path.split(".")
    group = value(task, ".".join(above)) if above else task
    return isinstance(group, Mapping) and name in group


def kind(task: Json) -> Kind:
    """Which of the four kinds a task is. A video with a size is a reframe, else an edit (INFERRED)."""
    if given(task, "inputs.video"):
        return "reframe" if given(task, "width") or given(task, "height") else "edit"
    return "image" if given(task, "inputs.frameImages") else "text"


def canvas(task: Json) -> Size | None:
    """The size in pixels that the task names, or None."""
    return (task["width"], task["height"]) if given(task, "width") and given(task, "height") else None


def tier(task: Json) -> Tier:
    """The tier of a valid task: that of its size, else its `resolution`, else the default, 720p."""
    size = canvas(task)
    found = tier_of(size) if size else task.get("resolution", "720p")
    if found is None:
        raise ValueError(f"{size} is not a size that the page lists")
    return found


def results(task: Json) -> int:
    """`numberResults`, or its default."""
    return task.get("numberResults", 1)


def positions(task: Json, last_frame: int) -> list[Position]:
    """Where each of the task's frame images goes, in their order, with omitted `frame`s filled in as the
    page says.

    `first` and `last` stand for themselves (-1 is `last`). Three or more images of which any leaves its
    `frame` out are spread over 0 to `last_frame` as keyframes. How the service maps these onto Luma's two
    forms is UNKNOWN.
    """
    images: list[str | Json] = value(task, "inputs.frameImages") or []
    said = [_position(image) for image in images]
    if len(said) <= 2:
        ends: tuple[Position, Position] = ("first", "last")
        return [ends[n] if position is None else position for n, position in enumerate(said)]
    if None not in said:
        return [position for position in said if position is not None]
    spread = [round(n * last_frame / (len(said) - 1)) for n in range(len(said))]
    moments: dict[Position | None, int] = {"first": 0, "last": last_frame}
    return [
        position if isinstance(position, int) else moments.get(position, spread[n])
        for n, position in enumerate(said)
    ]


def _position(image: str | Json) -> Position | None:
    frame: Position | None = None if isinstance(image, str) else image.get("frame")
    return "last" if frame == -1 else frame
