"""What was asked for, in words: on cards, in the channel, in lists. Pure."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Final, assert_never

from bot.domain.placement import Rectangle
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.size import SIZES
from bot.domain.source import FPS, Frame, Video
from bot.domain.values import choice
from bot.words.speech import say

_NO_PARAMETERS: Final = frozenset({"prompt", "frames", "video", "guide", "placement"})
_DEFAULTS: Final = {"format": "MP4", "quality": None, "safety": "none"}


def about(request: Request) -> str:
    """What was asked for, without its prompt: `1080p · 16:9 · 10 s · HDR`."""
    count = [say("asked.videos", n=request.count)] if request.count > 1 else []
    return " · ".join([*_kind(request), *_sound(request), *_output(request), *count])


def every(request: Request) -> str:
    """Each parameter with its value, and its files, but for the prompt: `resolution 720p · duration 5 · …`."""
    told = [
        f"{field.name} {_in_words(getattr(request, field.name))}"
        for field in fields(request)
        if field.name not in _NO_PARAMETERS
    ]
    if isinstance(request, TextToVideo | ImageToVideo | ReframeVideo) and request.aspect_ratio:
        size = SIZES[request.resolution, request.aspect_ratio]
        told.append(say("asked.pixels", width=size.width, height=size.height))
    return " · ".join([*told, *_files(request)])


def _files(request: Request) -> Iterator[str]:
    """What it is made from, in words."""
    if isinstance(request, ImageToVideo):
        yield _pictures(request.frames)
    if isinstance(request, EditVideo | ReframeVideo):
        video, length = request.video, _length(request.video)
        yield say("asked.source_video", width=video.width, height=video.height, length=length)
    if isinstance(request, EditVideo):
        yield f"guide {_in_words(request.guide is not None)}"
    if isinstance(request, ReframeVideo):
        yield _place(request.placement) if request.placement else say("asked.in_the_middle")


def about_one(request: Request) -> str:
    """The same of one of its videos, once it is there: whether it has its sound is said beside it."""
    return " · ".join([*_kind(request), *_output(request)])


def _kind(request: Request) -> list[str]:
    match request:
        case TextToVideo():
            size = [request.resolution, request.aspect_ratio, say("asked.seconds", seconds=request.duration)]
            return [*size, *_switches(loop=request.loop, HDR=request.hdr, EXR=request.exr)]
        case ImageToVideo():
            shape = request.aspect_ratio or say("asked.pictures_shape")
            size = [request.resolution, shape, say("asked.seconds", seconds=request.duration)]
            return [
                *size,
                _pictures(request.frames),
                *_switches(loop=request.loop, HDR=request.hdr, EXR=request.exr),
            ]
        case EditVideo():
            edit = say("asked.edit", length=_length(request.video))
            source = [edit, request.resolution, *_conditioning(request)]
            return [*source, *_switches(HDR=request.hdr, EXR=request.exr)]
        case ReframeVideo():
            reframe = say("asked.reframe", length=_length(request.video))
            return [
                reframe,
                request.resolution,
                request.aspect_ratio,
                *([_place(request.placement)] if request.placement else []),
            ]
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
    ends = {frame.at for frame in frames if isinstance(frame.at, str)}
    if len(ends) == 2:
        return say("asked.first_and_last_frame")
    if ends:
        return say("asked.first_frame") if "first" in ends else say("asked.last_frame")
    moments = [f"{frame.at / FPS:.2f}".rstrip("0").rstrip(".") for frame in frames if isinstance(frame.at, int)]
    return say("asked.keyframes", n=len(moments), moments=choice(moments, "and"))


def _conditioning(request: EditVideo) -> list[str]:
    chosen = [request.strength or say("asked.automatic")] if request.strength or request.automatic else []
    controls = {name: getattr(request, name) for name in request.CONTROLS if getattr(request, name) is not None}
    told = [f"{name} {_in_words(value)}" for name, value in controls.items()]
    return [*chosen, *told, *([say("asked.with_guide")] if request.guide else [])]


def _in_words(value: object) -> str:
    if value is None:
        return say("asked.not_set")
    if isinstance(value, bool):
        return say("asked.on") if value else say("asked.off")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sound(request: Request) -> list[str]:
    keeps = isinstance(request, EditVideo) and request.keep_sound and request.video.sound
    return [say("asked.keeps_sound")] if keeps else []


def _length(video: Video) -> str:
    return say("asked.seconds", seconds=f"{video.seconds:f}")


def _place(place: Rectangle) -> str:
    """`at 0 % across, 68.4 % down, 100 % × 31.6 % of the canvas`."""
    x, y, width, height = (f"{side * 100:.3g} %" for side in (place.x, place.y, place.width, place.height))
    return say("asked.place", x=x, y=y, width=width, height=height)
