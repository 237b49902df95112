"""What a member may ask Ray3.2 for. A request that exists is valid.

To add a parameter: a field here, its rule in `problems`, its place in `bot/runware/task.py`, its option in the
cog; the golden tests say what was forgotten. Rules and sizes are from the provider's model page
(https://runware.ai/docs/models/luma-ray3-2, "Compatibility & Validation"), read on 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints
from unicodedata import category

from bot.domain.refusal import Refusal

Resolution: TypeAlias = Literal["360p", "540p", "720p", "1080p"]
AspectRatio: TypeAlias = Literal["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"]
Duration: TypeAlias = Literal[5, 10]  # seconds
Count: TypeAlias = Literal[1, 2, 3, 4]  # results of one request; each is rendered, and billed, by itself

MAX_PROMPT: Final = 6_000  # characters

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode's categories of spaces, controls and zero-width characters: a prompt of nothing else is blank."""

HDR_RESOLUTIONS: Final[tuple[Resolution, ...]] = ("720p", "1080p")


class Size(NamedTuple):
    """A picture's width and height, in pixels."""

    width: int
    height: int


SIZES: Final[Mapping[tuple[Resolution, AspectRatio], Size]] = MappingProxyType(
    {
        ("360p", "9:16"): Size(360, 640),
        ("360p", "3:4"): Size(360, 480),
        ("360p", "1:1"): Size(480, 480),
        ("360p", "4:3"): Size(480, 360),
        ("360p", "16:9"): Size(640, 360),
        ("360p", "21:9"): Size(840, 360),
        ("540p", "9:16"): Size(540, 960),
        ("540p", "3:4"): Size(540, 720),
        ("540p", "1:1"): Size(720, 720),
        ("540p", "4:3"): Size(720, 540),
        ("540p", "16:9"): Size(960, 540),
        ("540p", "21:9"): Size(1260, 540),
        ("720p", "9:16"): Size(720, 1280),
        ("720p", "3:4"): Size(720, 960),
        ("720p", "1:1"): Size(960, 960),
        ("720p", "4:3"): Size(960, 720),
        ("720p", "16:9"): Size(1280, 720),
        ("720p", "21:9"): Size(1680, 720),
        ("1080p", "9:16"): Size(1080, 1920),
        ("1080p", "3:4"): Size(1080, 1440),
        ("1080p", "1:1"): Size(1440, 1440),
        ("1080p", "4:3"): Size(1440, 1080),
        ("1080p", "16:9"): Size(1920, 1080),
        ("1080p", "21:9"): Size(2520, 1080),
    }
)
"""The page's size table, whole."""


class Problem(NamedTuple):
    """One thing that is wrong with a request: the option it is about, and the sentence for the member."""

    option: str
    says: str


class InvalidRequest(Refusal):
    """A request that cannot be built. `problems` names everything that is wrong with it, not the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        listed = "\n".join(f"• {problem.option} {problem.says}" for problem in problems)
        super().__init__(f"This cannot be made as it is, so nothing was bought:\n{listed}")


@dataclass(frozen=True, kw_only=True)
class TextToVideo:
    """A video from words alone. Raises InvalidRequest, with all that is wrong, when it cannot be."""

    kind: ClassVar[str] = "text_to_video"

    prompt: str
    resolution: Resolution = "720p"
    aspect_ratio: AspectRatio = "16:9"
    duration: Duration = 5
    loop: bool = False
    hdr: bool = False
    exr: bool = False
    count: Count = 1

    def __post_init__(self) -> None:
        if problems := (*_unknown_values(self), *_prompt_problems(self.prompt), *self.problems()):
            raise InvalidRequest(problems)

    @property
    def size(self) -> Size:
        return SIZES[self.resolution, self.aspect_ratio]

    def problems(self) -> Iterator[Problem]:
        """The page's rules that touch text to video, one `yield` each."""
        if self.hdr and self.resolution in get_args(Resolution) and self.resolution not in HDR_RESOLUTIONS:
            yield Problem(
                "hdr", f"works at 720p and 1080p, not at {self.resolution}. Choose 720p, or leave HDR off."
            )
        if self.hdr and self.duration == 10:
            yield Problem("hdr", "works for 5 s, not for 10 s. Choose a duration of 5, or leave HDR off.")
        if self.loop and self.duration == 10:
            yield Problem("loop", "works for 5 s, not for 10 s. Choose a duration of 5, or leave loop off.")
        if self.loop and self.hdr:
            yield Problem("loop", "cannot be combined with HDR. Leave one of the two off.")
        if self.exr and not self.hdr:
            yield Problem("exr", "is an extra of HDR. Turn hdr on too (720p or 1080p, 5 s), or leave EXR off.")


Request: TypeAlias = TextToVideo
"""Everything that can be asked for: a closed union. Image to video, edit and reframe join it."""

_KINDS: Final[Mapping[str, type[Request]]] = {TextToVideo.kind: TextToVideo}


def to_json(request: Request) -> dict[str, Any]:
    """The request as plain values, for storage."""
    return {"kind": request.kind, **asdict(request)}


def from_json(stored: Mapping[str, Any]) -> Request:
    """The request that `to_json` wrote: valid by the rules of its day, which today's need not be.

    `dataclasses.replace(request)` holds it against today's.
    """
    request = object.__new__(_KINDS[stored["kind"]])
    for name, value in stored.items():
        if name != "kind":
            object.__setattr__(request, name, value)
    return request


def _unknown_values(request: Request) -> Iterator[Problem]:
    """A modified client may send any value at all; the fields' own types say which there are."""
    types = get_type_hints(type(request))
    for field in fields(request):
        value = getattr(request, field.name)
        allowed = _values(types[field.name])
        if allowed and not any(type(value) is type(choice) and value == choice for choice in allowed):
            yield Problem(field.name, f"cannot be {_shown(value)}. Choose {_choice(allowed)}.")


def _values(of: Any) -> tuple[object, ...]:
    """The values of a field's type; none for a type whose values cannot be listed."""
    if of is bool:
        return (True, False)
    return get_args(of) if get_origin(of) is Literal else ()


def _prompt_problems(prompt: object) -> Iterator[Problem]:
    if not isinstance(prompt, str):
        yield Problem("prompt", "is not a text. Say in a sentence or two what the video should show.")
        return
    if all(category(character) in _INVISIBLE for character in prompt):
        yield Problem("prompt", "is empty. Say in a sentence or two what the video should show.")
    if len(prompt) > MAX_PROMPT:
        yield Problem(
            "prompt",
            f"has {len(prompt):,} characters, and {MAX_PROMPT:,} is the most. "
            f"Shorten it by {len(prompt) - MAX_PROMPT:,}.",
        )


def _shown(value: object) -> str:
    """Somebody's value, safe in a sentence: short, and nothing that Discord would act on."""
    text = "".join(c for c in str(value) if c.isalnum() or c in " .:-+_")[:20]
    return f"“{text}”" if text else "like that"


def _choice(allowed: tuple[object, ...]) -> str:
    *most, last = (str(value) for value in allowed)
    return f"{', '.join(most)} or {last}"
