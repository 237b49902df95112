"""What was entered into the form of a message's menu, as a request.

A modified client sends anything at all: each value goes to the request as it came, which says what is wrong.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias, cast

from bot.domain.alternatives import AUTOMATIC, SOURCE
from bot.domain.choices import Choices
from bot.domain.placement import Placement
from bot.domain.problem import Problem
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request
from bot.domain.size import SIZES
from bot.domain.source import Frame, Image, Video
from bot.hosts import Hosts
from bot.taking import NO_IMAGE, NO_VIDEO, Taking
from bot.words.speech import say
from cogs.reframe import place
from storage.targets import Medium, Target

Given: TypeAlias = Mapping[str, str]
"""What was entered, by field; nothing is an empty text."""

Options: TypeAlias = Mapping[str, Any]
"""As cogs/choosing.py gives them: chosen, and the server's defaults."""

Build: TypeAlias = Callable[[Taking, "Source", Given, Options], Awaitable[Request]]


class Source:
    """The picture or video that was picked. `links`: the hosts that links may lead to."""

    def __init__(self, target: Target, picked: str, *, links: Hosts) -> None:
        self._medium = _picked(target, picked)
        self._links = links

    async def image(self, taking: Taking) -> Image:
        """It is taken in; what is wrong with it is noted, for `taking.build`."""
        if self._medium is None:
            taking.note(Problem("source", say("sources.not_in_message")))
            return NO_IMAGE
        return await taking.image("image", self._medium.url, hosts=self._hosts(self._medium))

    async def video(self, taking: Taking) -> Video:
        """As `image`."""
        if self._medium is None:
            taking.note(Problem("source", say("sources.not_in_message")))
            return NO_VIDEO
        return await taking.video("video", self._medium.url, hosts=self._hosts(self._medium))

    def _hosts(self, medium: Medium) -> Hosts | None:
        return None if medium.is_attachment else self._links


def _picked(target: Target, number: str) -> Medium | None:
    """The only one where there was nothing to pick."""
    known = {str(n): each for n, each in enumerate(target.media)}
    return known.get(number or ("0" if len(known) == 1 else ""))


def choices(action: str, given: Given) -> Choices:
    """What was chosen, for the server's policy to fill in and to judge."""
    chosen: dict[str, Any] = {"resolution": given["resolution"]}
    if action == "animate":
        aspect_ratio = given["aspect_ratio"]
        chosen["aspect_ratio"] = None if aspect_ratio == SOURCE else aspect_ratio
        chosen["duration"] = {"5": 5, "10": 10}.get(given["duration"], given["duration"])
    elif action == "edit":
        chosen["strength"] = None if given["strength"] == AUTOMATIC else given["strength"]
    return Choices(**chosen)


async def _animate(taking: Taking, source: Source, given: Given, options: Options) -> Request:
    """A first frame makes 5 s; what lasts 10 s begins with a keyframe."""
    image = await source.image(taking)
    frames = (Frame(image=image, at=0 if options["duration"] == 10 else "first"),)
    return taking.build(ImageToVideo, prompt=given["prompt"], frames=frames, **options)


async def _edit(taking: Taking, source: Source, given: Given, options: Options) -> Request:
    video, automatic = await source.video(taking), options["strength"] is None
    return taking.build(EditVideo, prompt=given["prompt"], video=video, automatic=automatic, **options)


async def _reframe(taking: Taking, source: Source, given: Given, options: Options) -> Request:
    video, aspect_ratio = await source.video(taking), given["aspect_ratio"]
    placement = cast("Placement", given["placement"])  # which is looked at as one
    canvas = SIZES.get((options["resolution"], aspect_ratio))  # type: ignore[call-overload] # or anything
    return taking.build(
        ReframeVideo,
        prompt=given["prompt"],
        video=video,
        aspect_ratio=aspect_ratio,
        placement=place(taking, placement, {}, video, canvas),
        **options,
    )


BUILDERS: Final[Mapping[str, Build]] = {"animate": _animate, "edit": _edit, "reframe": _reframe}
"""By the action in the form's custom id."""
