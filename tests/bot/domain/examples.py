"""A plain request of each kind, and what is wrong with one that is changed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bot.domain.problem import InvalidRequest
from bot.domain.request import KINDS, EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.domain.source import Frame, Image, Position, Video

PROMPT: Final = "a lighthouse at dusk"


def picture(n: int = 0, *, width: int = 1280, height: int = 720) -> Image:
    """The `n`th picture."""
    return Image(sha256=f"{n:064x}", format="png", width=width, height=height)


def clip(microseconds: int = 5_000_000, *, width: int = 1280, height: int = 720) -> Video:
    """A video, 16:9 and of 5 s unless another is asked for."""
    return Video(sha256="f" * 64, format="mp4", width=width, height=height, microseconds=microseconds, sound=True)


def at(*positions: Position) -> tuple[Frame, ...]:
    """A picture of its own for each position."""
    return tuple(Frame(image=picture(n), at=position) for n, position in enumerate(positions))


PLAIN: Final[Mapping[type[Request], Mapping[str, Any]]] = MappingProxyType(
    {
        TextToVideo: {"prompt": PROMPT},
        ImageToVideo: {"prompt": PROMPT, "frames": at("first")},
        EditVideo: {"prompt": PROMPT, "video": clip()},
        ReframeVideo: {"prompt": PROMPT, "video": clip(), "aspect_ratio": "9:16"},
    }
)
"""What each kind needs at the least."""

ALL_KINDS: Final = tuple(KINDS.values())


def made(of: type[Request], **options: Any) -> Request:
    """A plain request of this kind with these options. Raises InvalidRequest."""
    given: dict[str, Any] = {**PLAIN[of], **options}
    return of(**given)


def problems(of: type[Request], **options: Any) -> list[tuple[str, str]]:
    """Options and sentences of what is wrong with it; none where it can be built."""
    try:
        made(of, **options)
    except InvalidRequest as refusal:
        return [(problem.option, problem.says) for problem in refusal.problems]
    return []
