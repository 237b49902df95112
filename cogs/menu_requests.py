"""What was entered into the form of a message's menu, as a request.

A modified client sends anything at all: each value goes to the request as it came, which says what is wrong.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias, cast

from bot.domain.placement import Placement
from bot.domain.problem import Problem
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request
from bot.domain.size import SIZES
from bot.domain.source import Frame, Image, Video
from bot.hosts import Hosts
from bot.intake import NO_IMAGE, NO_VIDEO, Taking
from cogs.menu_forms import AS_THE_PICTURE, AUTOMATIC
from cogs.reframe import place
from storage.targets import Medium, Target

Given: TypeAlias = Mapping[str, str]
"""What was entered, by field; nothing is an empty text."""

Build: TypeAlias = Callable[[Taking, "Source", Given], Awaitable[Request]]

TEN_SECONDS: Final = "10"
NOT_IN_THE_MESSAGE: Final = "is none of those that the message shows. Choose one of them."


class Source:
    """The picture or video that was picked. `links`: the hosts that links may lead to."""

    def __init__(self, target: Target, picked: str, *, links: Hosts) -> None:
        self._medium = _picked(target, picked)
        self._links = links

    async def image(self, taking: Taking) -> Image:
        """It is taken in; what is wrong with it is noted, for `taking.build`."""
        if self._medium is None:
            taking.note(Problem("source", NOT_IN_THE_MESSAGE))
            return NO_IMAGE
        return await taking.image("image", self._medium.url, hosts=self._hosts(self._medium))

    async def video(self, taking: Taking) -> Video:
        """As `image`."""
        if self._medium is None:
            taking.note(Problem("source", NOT_IN_THE_MESSAGE))
            return NO_VIDEO
        return await taking.video("video", self._medium.url, hosts=self._hosts(self._medium))

    def _hosts(self, medium: Medium) -> Hosts | None:
        return None if medium.is_attachment else self._links


def _picked(target: Target, number: str) -> Medium | None:
    """The only one where there was nothing to pick."""
    known = {str(n): each for n, each in enumerate(target.media)}
    return known.get(number or ("0" if len(known) == 1 else ""))


async def _animate(taking: Taking, source: Source, given: Given) -> Request:
    """A first frame makes 5 s; what lasts 10 s begins with a keyframe."""
    duration = {"5": 5, TEN_SECONDS: 10}.get(given["duration"], given["duration"])
    image = await source.image(taking)
    aspect_ratio = given["aspect_ratio"]
    return taking.build(
        ImageToVideo,
        prompt=given["prompt"],
        resolution=given["resolution"],
        duration=duration,
        aspect_ratio=None if aspect_ratio == AS_THE_PICTURE else aspect_ratio,
        frames=(Frame(image=image, at=0 if duration == 10 else "first"),),
    )


async def _edit(taking: Taking, source: Source, given: Given) -> Request:
    strength = None if given["strength"] == AUTOMATIC else given["strength"]
    return taking.build(
        EditVideo,
        prompt=given["prompt"],
        video=await source.video(taking),
        resolution=given["resolution"],
        strength=strength,
        automatic=strength is None,
    )


async def _reframe(taking: Taking, source: Source, given: Given) -> Request:
    video = await source.video(taking)
    placement = cast("Placement", given["placement"])  # which is looked at as one
    canvas = SIZES.get((given["resolution"], given["aspect_ratio"]))  # type: ignore[call-overload] # or anything
    return taking.build(
        ReframeVideo,
        prompt=given["prompt"],
        video=video,
        aspect_ratio=given["aspect_ratio"],
        resolution=given["resolution"],
        placement=place(taking, placement, {}, video, canvas),
    )


BUILDERS: Final[Mapping[str, Build]] = {"animate": _animate, "edit": _edit, "reframe": _reframe}
"""By the action in the form's custom id."""
