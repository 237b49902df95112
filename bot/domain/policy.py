"""A server's policy: which requests its staff allow, where, with what defaults, and what becomes of flagged videos.

To add a setting: a field of `Policy`, how it is read in `_READ`, its kind of change in `rules.py` (and in a
migration), its words in bot/words/en/settings.py and cogs/settings_text.py, its option in cogs/settings.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, get_args

from bot.domain.blocked import found, parse_words
from bot.domain.choices import Choices
from bot.domain.problem import Problem
from bot.domain.refusal import NotUnderstood, Refusal
from bot.domain.request import (
    HDR_RESOLUTIONS,
    Duration,
    EditVideo,
    Format,
    ImageToVideo,
    ReframeVideo,
    Request,
    Safety,
    TextToVideo,
)
from bot.domain.size import AspectRatio, Resolution
from bot.domain.values import MAX_QUALITY, MIN_QUALITY, choice
from bot.words.speech import phrase, say

RequestKind: TypeAlias = Literal["text", "image", "edit", "reframe"]
"""A kind of request, as staff call it."""

Flagged: TypeAlias = Literal["withhold", "spoiler", "show"]
"""What becomes of a video that the provider's check flags. `withhold`: age-restricted channels alone show it."""

REQUEST_KINDS: Final[Mapping[type[Request], RequestKind]] = {
    TextToVideo: "text",
    ImageToVideo: "image",
    EditVideo: "edit",
    ReframeVideo: "reframe",
}
MOST_CHANNELS: Final = 25

_USUAL: Final[tuple[Resolution, ...]] = ("720p", "540p", "360p", "1080p")
"""The bot's own default, and what takes its place where it is not allowed."""

_IN_WORDS: Final[Mapping[RequestKind, str]] = {
    "text": phrase("request.kind_text"),
    "image": phrase("request.kind_image"),
    "edit": phrase("request.kind_edit"),
    "reframe": phrase("request.kind_reframe"),
}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is in force in a server. None: the bot's own default.

    `resolution` to `quality`: for whoever chooses nothing. `safety`: a floor. `channels`: none named is everywhere.
    `blocked`: words, made plain.
    """

    resolution: Resolution | None = None
    aspect_ratio: AspectRatio | None = None
    duration: Duration | None = None
    format: Format | None = None
    quality: int | None = None
    resolutions: tuple[Resolution, ...] = get_args(Resolution)
    kinds: tuple[RequestKind, ...] = get_args(RequestKind)
    safety: Safety = "none"
    flagged: Flagged = "withhold"
    channels: tuple[int, ...] = ()
    results_channel: int | None = None
    blocked: tuple[str, ...] = ()

    @property
    def usual_resolution(self) -> Resolution:
        """The default: one that is allowed, always."""
        wished = () if self.resolution is None else (self.resolution,)
        return next(each for each in (*wished, *_USUAL) if each in self.resolutions)

    def filled(self, kind: RequestKind, chosen: Choices) -> dict[str, Any]:
        """The options of a request of this kind: what was chosen, then the server's defaults, then the bot's.

        A default gives way where what was chosen exists without it only: HDR at some resolutions, and loop, HDR and
        pictures at 5 s.
        """
        options: dict[str, Any] = {
            "resolution": _or(chosen.resolution, self._resolution_for(chosen)),
            "count": _or(chosen.count, 1),
            "format": _or(chosen.format, self.format or "MP4"),
            "quality": _or(chosen.quality, self.quality),
            "safety": _or(chosen.safety, self.safety),
        }
        if kind in ("text", "image"):
            shape = None if kind == "image" else self.aspect_ratio or "16:9"
            at_5_s = kind == "image" or chosen.loop or chosen.hdr
            options["aspect_ratio"] = _or(chosen.aspect_ratio, shape)
            options["duration"] = _or(chosen.duration, 5 if at_5_s else self.duration or 5)
            options["loop"] = _or(chosen.loop, False)
        if kind != "reframe":
            options |= {"hdr": _or(chosen.hdr, False), "exr": _or(chosen.exr, False)}
        if kind == "edit":
            options |= {"strength": chosen.strength, "keep_sound": _or(chosen.keep_sound, True)}
        return options

    def raised(self, request: Request) -> Request:
        """The request, checked by the provider as strictly as the server wants it by now."""
        modes: tuple[Safety, ...] = get_args(Safety)
        return replace(request, safety=max(request.safety, self.safety, key=modes.index))

    def problems(self, request: Request) -> tuple[Problem, ...]:
        """Everything about a request that the server does not allow."""
        return (
            *self.asked_problems(REQUEST_KINDS[type(request)], request.prompt),
            *self.chosen_problems(request.resolution, request.safety),
        )

    def allows(self, request: Request) -> bool:
        """Whether there is none."""
        return not self.problems(request)

    def asked_problems(self, kind: RequestKind, prompt: str) -> Iterator[Problem]:
        """What is known before any picture or video is fetched."""
        if kind not in self.kinds:
            allowed = choice([say(_IN_WORDS[each]) for each in self.kinds], "and")
            yield Problem("", say("request.kind_not_allowed", kind=say(_IN_WORDS[kind]), allowed=allowed))
        if words := found(prompt, self.blocked):
            told = choice([f"“{word}”" for word in words], "and")
            yield Problem("prompt", say("request.blocked_words", words=told))

    def chosen_problems(self, resolution: object, safety: object) -> Iterator[Problem]:
        """Values that there are, but not here."""
        if resolution in get_args(Resolution) and resolution not in self.resolutions:
            allowed = choice(self.resolutions)
            yield Problem(
                "resolution", say("request.resolution_not_allowed", resolution=resolution, allowed=allowed)
            )
        modes = get_args(Safety)
        if safety in modes and modes.index(safety) < modes.index(self.safety):
            allowed = choice(modes[modes.index(self.safety) :])
            yield Problem("safety", say("request.safety_not_allowed", safety=safety, allowed=allowed))

    def admit(self, request: Request, channel_id: int, parent_id: int | None) -> None:
        """Do nothing where all of it is allowed. Raises NotInThisChannel or NotAllowedHere."""
        self.admit_channel(channel_id, parent_id)
        if problems := self.problems(request):
            raise NotAllowedHere(problems)

    def admit_channel(self, channel_id: int, parent_id: int | None) -> None:
        """`parent_id`: of a thread, which counts as its channel does. Raises NotInThisChannel."""
        if self.channels and channel_id not in self.channels and parent_id not in self.channels:
            raise NotInThisChannel(self.channels)

    def _resolution_for(self, chosen: Choices) -> Resolution:
        usual = self.usual_resolution
        fitting: list[Resolution] = [each for each in HDR_RESOLUTIONS if each in self.resolutions]
        return fitting[0] if chosen.hdr and fitting and usual not in HDR_RESOLUTIONS else usual


class NotAllowedHere(Refusal):
    """A request that could be made, and that a server's staff do not allow."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([say("request.not_allowed"), *(problem.line for problem in self.problems)]))


class NotInThisChannel(Refusal):
    """A channel in which no videos are made. `channels`: where they are."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        self.channels = channels
        super().__init__(say("refusals.other_channels"))


def read(values: Mapping[str, str]) -> Policy:
    """The policy with these fields, as they are stored. Raises NotUnderstood."""
    return Policy(**{name: _READ[name](value) for name, value in values.items()})


def several(values: Iterable[str], text: str) -> tuple[str, ...]:
    """Some of these values, with commas or spaces between them, in the values' order. Raises NotUnderstood."""
    there_are = tuple(values)
    named = set(text.casefold().replace(",", " ").split())
    if not named or named - set(there_are):
        raise NotUnderstood(say("written.some_of", allowed=choice(there_are)))
    return tuple(each for each in there_are if each in named)


def _one(values: Iterable[Any]) -> Callable[[str], Any]:
    there_are = {str(each): each for each in values}

    def read_one(text: str) -> Any:
        if text not in there_are:
            raise NotUnderstood(say("written.one_of", allowed=choice(list(there_are))))
        return there_are[text]

    return read_one


def _some(values: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    there_are = tuple(values)
    return lambda text: several(there_are, text)


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 19 and 0 < int(text) < 2**63):
        raise NotUnderstood(say("written.channel"))
    return int(text)


def _ids(text: str) -> tuple[int, ...]:
    ids = tuple(sorted({_id(each) for each in text.split()}))
    if not 0 < len(ids) <= MOST_CHANNELS:
        raise NotUnderstood(say("written.channels", most=MOST_CHANNELS))
    return ids


def _quality(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 2 and MIN_QUALITY <= int(text) <= MAX_QUALITY):
        raise NotUnderstood(say("written.whole_number", least=MIN_QUALITY, most=MAX_QUALITY))
    return int(text)


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "resolution": _one(get_args(Resolution)),
    "aspect_ratio": _one(get_args(AspectRatio)),
    "duration": _one(get_args(Duration)),
    "format": _one(get_args(Format)),
    "quality": _quality,
    "resolutions": _some(get_args(Resolution)),
    "kinds": _some(get_args(RequestKind)),
    "safety": _one(get_args(Safety)),
    "flagged": _one(get_args(Flagged)),
    "channels": _ids,
    "results_channel": _id,
    "blocked": parse_words,
}


def _or(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value
