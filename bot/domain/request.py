"""What a member may ask Ray3.2 for. A request that exists is valid.

To add a parameter: a field here, its rule in `problems`, its place in `bot/runware/task.py`, its option in the
cog; the golden tests say what was forgotten. The rules here are the provider's model page's
(https://runware.ai/docs/models/luma-ray3-2, "Compatibility & Validation", read on 2026-11-20); what only the maker
of the model is known to refuse is in `upstream.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias, assert_never, get_args

from bot.domain import upstream
from bot.domain.placement import Rectangle
from bot.domain.problem import InvalidRequest, Problem
from bot.domain.size import SIZES, AspectRatio, Resolution, Size
from bot.domain.source import Frame, Image, Source, Video
from bot.domain.values import choice, fits, number_problems, prompt_problems, quality_problems, unknown_values
from bot.words.speech import say

Duration: TypeAlias = Literal[5, 10]  # seconds
Count: TypeAlias = Literal[1, 2, 3, 4]  # results of one request; each is rendered, and billed, by itself
Format: TypeAlias = Literal["MP4", "WEBM", "MOV"]
Safety: TypeAlias = Literal["none", "fast", "full"]
Strength: TypeAlias = Literal[
    "adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3"
]  # from closest to the source to freest
PoseStrength: TypeAlias = Literal["precise", "coarse"]

HDR_RESOLUTIONS: Final[tuple[Resolution, ...]] = ("720p", "1080p")


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What all four share. Raises InvalidRequest, with all that is wrong, when the request cannot be.

    `quality`: of the compression, 20 to 99; None leaves it to the provider, whose default is 95.
    """

    prompt: str
    resolution: Resolution = "720p"
    count: Count = 1
    format: Format = "MP4"
    quality: int | None = None
    safety: Safety = "none"

    def __post_init__(self) -> None:
        found = (*unknown_values(self), *prompt_problems(self.prompt), *quality_problems(self.quality))
        # the maker's rules reckon with the values, and so are asked only about such as can be
        upstream_problems = self.upstream_problems() if fits(type(self), self) else ()
        if problems := (*found, *self.problems(), *upstream_problems):
            raise InvalidRequest(problems)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The pictures and videos that it is made from."""
        return ()

    def problems(self) -> Iterator[Problem]:
        """The page's rules that touch this kind, one `yield` each."""
        yield from ()

    def upstream_problems(self) -> Iterator[Problem]:
        """What only the maker of the model is known to refuse."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class _Generation(_Asked):
    """A new video."""

    duration: Duration = 5
    loop: bool = False
    hdr: bool = False
    exr: bool = False

    def problems(self) -> Iterator[Problem]:
        yield from _range_problems(self.hdr, self.exr, self.resolution)
        if self.hdr and self.duration == 10:
            yield Problem("hdr", say("request.hdr_10_s"))
        if self.loop and self.duration == 10:
            yield Problem("loop", say("request.loop_10_s"))
        if self.loop and self.hdr:
            yield Problem("loop", say("request.loop_hdr"))


@dataclass(frozen=True, kw_only=True)
class TextToVideo(_Generation):
    """A video from words alone."""

    kind: ClassVar[str] = "text_to_video"

    aspect_ratio: AspectRatio = "16:9"

    @property
    def size(self) -> Size:
        return SIZES[self.resolution, self.aspect_ratio]


@dataclass(frozen=True, kw_only=True)
class ImageToVideo(_Generation):
    """A video that passes through pictures: through a first and a last one, or through keyframes.

    `aspect_ratio`: None takes the shape of the picture.
    """

    kind: ClassVar[str] = "image_to_video"

    frames: tuple[Frame, ...]
    aspect_ratio: AspectRatio | None = None

    @property
    def size(self) -> Size | None:
        return SIZES[self.resolution, self.aspect_ratio] if self.aspect_ratio else None

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(frame.image for frame in self.frames)

    def problems(self) -> Iterator[Problem]:
        if not self.frames:
            yield Problem("first_frame", say("request.no_first_frame"))
        yield from super().problems()

    def upstream_problems(self) -> Iterator[Problem]:
        yield from upstream.problems(upstream.OF_IMAGES, self)


@dataclass(frozen=True, kw_only=True)
class EditVideo(_Asked):
    """A video made anew from one that is there: same length, same shape.

    `automatic`: the provider derives all of the conditioning from the source. `CONTROLS`: None leaves one to the
    provider. `guide`: a picture of how the first frame should look. `keep_sound`: the source's sound is put back
    onto the result, which comes silent.
    """

    kind: ClassVar[str] = "edit_video"

    video: Video
    strength: Strength | None = None
    automatic: bool = True
    depth_blur: float | None = None
    face: bool | None = None
    normals_augmentation: float | None = None
    pose_strength: PoseStrength | None = None
    trajectory_sparsity: float | None = None
    guide: Image | None = None
    hdr: bool = False
    exr: bool = False
    keep_sound: bool = True

    CONTROLS: ClassVar[tuple[str, ...]] = (
        "depth_blur", "face", "normals_augmentation", "pose_strength", "trajectory_sparsity",
    )  # fmt: skip

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.video, *([self.guide] if self.guide else []))

    def problems(self) -> Iterator[Problem]:
        yield from _range_problems(self.hdr, self.exr, self.resolution)
        for name in ("depth_blur", "normals_augmentation", "trajectory_sparsity"):
            yield from number_problems(name, getattr(self, name), 0, 1)
        chosen = [name for name in ("strength", *self.CONTROLS) if getattr(self, name) is not None]
        if self.automatic and chosen:
            yield Problem("automatic", say("request.automatic_with", chosen=choice(chosen, "and")))

    def upstream_problems(self) -> Iterator[Problem]:
        yield from upstream.problems(upstream.OF_EDITS, self)


@dataclass(frozen=True, kw_only=True)
class ReframeVideo(_Asked):
    """A video on a canvas of another shape, which the provider fills. `placement`: None fits it into the middle."""

    kind: ClassVar[str] = "reframe_video"

    video: Video
    aspect_ratio: AspectRatio
    placement: Rectangle | None = None

    @property
    def size(self) -> Size:
        return SIZES[self.resolution, self.aspect_ratio]

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.video,)

    def problems(self) -> Iterator[Problem]:
        for name, least in (("x", -2), ("y", -2), ("width", 0), ("height", 0)):
            fraction = getattr(self.placement, name, None)
            yield from number_problems(f"source_{name}", fraction, least, 2, above=least == 0)

    def upstream_problems(self) -> Iterator[Problem]:
        yield from upstream.problems(upstream.OF_REFRAMES, self)


Request: TypeAlias = TextToVideo | ImageToVideo | EditVideo | ReframeVideo
"""Everything that can be asked for: a closed union."""


def look(request: Request) -> Literal["SDR", "HDR", "HDR+EXR"]:
    """The dynamic range that is asked for, and whether an OpenEXR sequence comes with it."""
    match request:
        case TextToVideo() | ImageToVideo() | EditVideo():
            return "HDR+EXR" if request.exr else "HDR" if request.hdr else "SDR"
        case ReframeVideo():
            return "SDR"
        case _:
            assert_never(request)


def _range_problems(hdr: bool, exr: bool, resolution: Resolution) -> Iterator[Problem]:
    if hdr and resolution in get_args(Resolution) and resolution not in HDR_RESOLUTIONS:
        yield Problem("hdr", say("request.hdr_resolution", resolution=resolution))
    if exr and not hdr:
        yield Problem("exr", say("request.exr_alone"))


KINDS: Final[Mapping[str, type[Request]]] = {
    kind.kind: kind for kind in (TextToVideo, ImageToVideo, EditVideo, ReframeVideo)
}
