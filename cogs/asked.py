"""What was asked for, in words: on cards, in the channel, in lists. Pure."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Final, assert_never

from bot.domain.placement import Rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.size import SIZES
from bot.domain.source import FPS, Frame, Video
from bot.domain.values import choice

KEEPS_SOUND: Final = "keeps its sound"
_NO_PARAMETERS: Final = frozenset({"prompt", "frames", "video", "guide", "placement"})
_DEFAULTS: Final = {"format": "MP4", "quality": None, "safety": "none"}


def about(request: Request) -> str:
    """What was asked for, without its prompt: `1080p · 16:9 · 10 s · HDR`."""
    parts = [*_kind(request), *_output(request)]
    if request.count > 1:
        parts.append(f"{request.count} videos")
    return " · ".join(parts)


def every(request: Request) -> str:
    """Each parameter with its value, and its files, but for the prompt: `resolution 720p · duration 5 · …`."""
    told = [
        f"{field.name} {_in_words(getattr(request, field.name))}"
        for field in fields(request)
        if field.name not in _NO_PARAMETERS
    ]
    if isinstance(request, TextToVideo | ImageToVideo | ReframeVideo) and request.aspect_ratio:
        size = SIZES[request.resolution, request.aspect_ratio]
        told.append(f"{size.width}×{size.height} pixels")
    return " · ".join([*told, *_files(request)])


def _files(request: Request) -> Iterator[str]:
    """What it is made from, in words."""
    if isinstance(request, ImageToVideo):
        yield _pictures(request.frames)
    if isinstance(request, EditVideo | ReframeVideo):
        yield f"a video of {request.video.width}×{request.video.height} pixels and {_length(request.video)}"
    if isinstance(request, EditVideo):
        yield f"guide {_in_words(request.guide is not None)}"
    if isinstance(request, ReframeVideo):
        yield _place(request.placement) if request.placement else "in the middle"


def about_one(request: Request) -> str:
    """The same of one of its videos, once it is there: whether it has its sound is said beside it."""
    return " · ".join(part for part in (*_kind(request), *_output(request)) if part != KEEPS_SOUND)


def _kind(request: Request) -> list[str]:
    match request:
        case TextToVideo():
            size = [request.resolution, request.aspect_ratio, f"{request.duration} s"]
            return [*size, *_switches(loop=request.loop, HDR=request.hdr, EXR=request.exr)]
        case ImageToVideo():
            shape = request.aspect_ratio or "your picture's shape"
            size = [request.resolution, shape, f"{request.duration} s", _pictures(request.frames)]
            return [*size, *_switches(loop=request.loop, HDR=request.hdr, EXR=request.exr)]
        case EditVideo():
            source = [f"edit of {_length(request.video)}", request.resolution, *_conditioning(request)]
            return [*source, *_switches(HDR=request.hdr, EXR=request.exr), *_sound(request)]
        case ReframeVideo():
            size = [f"reframe of {_length(request.video)}", request.resolution, request.aspect_ratio]
            return [*size, *([_place(request.placement)] if request.placement else [])]
        case _:
            assert_never(request)


def _switches(**switches: bool) -> list[str]:
    return [name for name, on in switches.items() if on]


def _output(request: Request) -> list[str]:
    """The file's own settings, where they are not as usual."""
    chosen = {name: getattr(request, name) for name, usual in _DEFAULTS.items() if getattr(request, name) != usual}
    return [str(value) if name == "format" else f"{name} {value}" for name, value in chosen.items()]


def _pictures(frames: tuple[Frame, ...]) -> str:
    """`with a first and a last frame`, `keyframes at 0, 2.5 and 5 s`."""
    ends = [f"a {frame.at}" for frame in frames if isinstance(frame.at, str)]
    if ends:
        return f"with {' and '.join(ends)} frame"
    moments = [f"{frame.at / FPS:.2f}".rstrip("0").rstrip(".") for frame in frames if isinstance(frame.at, int)]
    return f"{'keyframe' if len(moments) == 1 else 'keyframes'} at {choice(moments, 'and')} s"


def _conditioning(request: EditVideo) -> list[str]:
    chosen = [request.strength or "automatic"] if request.strength or request.automatic else []
    controls = {name: getattr(request, name) for name in request.CONTROLS if getattr(request, name) is not None}
    told = [f"{name} {_in_words(value)}" for name, value in controls.items()]
    return [*chosen, *told, *(["with a guide"] if request.guide else [])]


def _in_words(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sound(request: EditVideo) -> list[str]:
    return [KEEPS_SOUND] if request.keep_sound and request.video.sound else []


def _length(video: Video) -> str:
    return f"{video.seconds:f} s"


def _place(place: Rectangle) -> str:
    """`at 0 % across, 68.4 % down, 100 % × 31.6 % of the canvas`."""
    x, y, width, height = (f"{side * 100:.3g} %" for side in (place.x, place.y, place.width, place.height))
    return f"at {x} across, {y} down, {width} × {height} of the canvas"
