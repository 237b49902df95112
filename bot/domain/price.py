"""What a request costs, before it is asked for. Append a PriceList; never edit an old one.

Each figure says whether the provider states it or we infer it, since a member should know which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, assert_never

from bot.domain.money import ZERO, Usd
from bot.domain.request import Duration, EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo, look
from bot.domain.size import Resolution
from bot.words.speech import say

Look: TypeAlias = Literal["SDR", "HDR", "HDR+EXR"]
"""The dynamic range of a video, and whether an OpenEXR sequence comes with it."""


SECOND: Final = 1_000_000  # microseconds
FIVE_SECONDS: Final = 5 * SECOND
TEN_SECONDS: Final = 10 * SECOND


class Basis(StrEnum):
    """How we know a figure."""

    STATED = "stated"  # the provider's page, or the bill of one of its own examples
    INFERRED = "inferred"  # derived by us, or stated only by another reseller of the model
    OBSERVED = "observed"  # what the provider billed the last time, whatever its page says


@dataclass(frozen=True)
class Figure:
    """One price of the table."""

    amount: Usd
    basis: Basis


EditClass: TypeAlias = Literal[5, 10]
"""Seconds up to which a source goes: an edit has one price for up to 5 s, and another for up to 10 s."""


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """The prices in force from `effective` on, as read on `checked` at `source`.

    `reframe`: for each second of the source, to the microsecond. `extension`: 5 s more of a video; the provider
    prices it, and has no parameter that asks for it.
    """

    effective: date
    checked: date
    source: str
    generation: Mapping[tuple[Look, Resolution, Duration], Figure]
    edit: Mapping[tuple[Look, Resolution, EditClass], Figure]
    reframe: Mapping[Resolution, Figure]
    extension: Mapping[Resolution, Figure]


@dataclass(frozen=True)
class Line:
    """One line of a quote: what it is for, and how often it is charged. `rate`: of a second, where there is one."""

    request: Request
    figure: Figure
    times: int
    rate: Usd | None = None

    @property
    def text(self) -> str:
        """What it is for, as members read it."""
        request = self.request
        if isinstance(request, ReframeVideo):
            resolution, seconds = request.resolution, request.video.seconds
            return say("request.priced_reframe_of", resolution=resolution, seconds=seconds, rate=self.rate)
        if (known := configuration(request)) is not None:
            return in_words(known)
        assert isinstance(request, EditVideo)  # of more than 10 s
        says = say("request.priced_long_edit", resolution=request.resolution, seconds=request.video.seconds)
        return f"{says}{_extras(request)}"

    @property
    def amount(self) -> Usd:
        return self.figure.amount * self.times


@dataclass(frozen=True)
class Quote:
    """A price with what it is made of. `price_list` is the date from which its list is in force.

    `at_most`: the provider states nothing for this, and the total is an upper bound.
    """

    lines: tuple[Line, ...]
    price_list: date
    at_most: bool = False

    @property
    def total(self) -> Usd:
        return sum((line.amount for line in self.lines), ZERO)


def _stated(amount: str) -> Figure:
    return Figure(Usd.of(amount), Basis.STATED)


def _inferred(amount: str) -> Figure:
    return Figure(Usd.of(amount), Basis.INFERRED)


PRICE_LISTS: Final[tuple[PriceList, ...]] = (
    PriceList(
        effective=date(2026, 11, 20),
        checked=date(2026, 11, 20),
        source="https://runware.ai/docs/models/luma-ray3-2",
        generation=MappingProxyType(
            {
                ("SDR", "360p", 5): _stated("0.06"),
                ("SDR", "540p", 5): _stated("0.15"),
                ("SDR", "720p", 5): _stated("0.30"),
                ("SDR", "1080p", 5): _stated("1.20"),
                # 10 s costs three times 5 s: the provider billed 0.90 and 3.60 for its own examples; the two
                # smaller tiers follow the same rule at other resellers of the model.
                ("SDR", "360p", 10): _inferred("0.18"),
                ("SDR", "540p", 10): _inferred("0.45"),
                ("SDR", "720p", 10): _stated("0.90"),
                ("SDR", "1080p", 10): _stated("3.60"),
                ("HDR", "720p", 5): _stated("0.60"),
                ("HDR", "1080p", 5): _stated("2.40"),
                ("HDR+EXR", "720p", 5): _stated("0.90"),
                ("HDR+EXR", "1080p", 5): _stated("3.60"),
            }
        ),
        edit=MappingProxyType(
            {
                ("SDR", "360p", 5): _stated("0.54"),
                ("SDR", "540p", 5): _stated("0.72"),
                ("SDR", "720p", 5): _stated("1.08"),
                ("SDR", "1080p", 5): _stated("2.16"),
                # The page says that there are 10 s totals and prints none; fal's and ComfyUI's 5 s totals are the
                # page's own, and their 10 s totals are twice those.
                ("SDR", "360p", 10): _inferred("1.08"),
                ("SDR", "540p", 10): _inferred("1.44"),
                ("SDR", "720p", 10): _inferred("2.16"),
                ("SDR", "1080p", 10): _inferred("4.32"),
                # The page prices HDR "from 360p", where its own rules forbid it: nothing reaches that row.
                ("HDR", "360p", 5): _stated("1.08"),
                ("HDR", "720p", 5): _inferred("2.16"),
                ("HDR", "1080p", 5): _stated("4.32"),
                ("HDR", "720p", 10): _inferred("4.32"),
                ("HDR", "1080p", 10): _inferred("8.64"),
                ("HDR+EXR", "360p", 5): _stated("1.62"),
                ("HDR+EXR", "720p", 5): _inferred("3.24"),
                ("HDR+EXR", "1080p", 5): _stated("6.48"),
                ("HDR+EXR", "720p", 10): _inferred("6.48"),
                ("HDR+EXR", "1080p", 10): _inferred("12.96"),
            }
        ),
        reframe=MappingProxyType(
            {
                "360p": _stated("0.03"),  # the page prints "320p", a resolution that there is not
                "540p": _stated("0.06"),
                "720p": _stated("0.12"),
                "1080p": _stated("0.36"),
            }
        ),
        extension=MappingProxyType({"540p": _stated("0.15"), "720p": _stated("0.30"), "1080p": _stated("1.20")}),
    ),
)
"""Oldest first."""


def price_list(on: date) -> PriceList:
    """The list in force on that day; the first also holds for any day before it."""
    return max((prices for prices in PRICE_LISTS if prices.effective <= on), default=PRICE_LISTS[0], key=_since)


def _since(prices: PriceList) -> date:
    return prices.effective


Observed: TypeAlias = Mapping[str, Usd]
"""By configuration: what the provider billed for a result, or for a second of one, where that is not its list's."""

NOTHING: Final[Observed] = MappingProxyType({})


def configuration(request: Request) -> str | None:
    """What decides the price of a result, or of a second of a reframe: with the same, the price is too. It is
    stored, and `in_words` says it to members.

    None for edits of more than 10 s, whose price is only known from above.
    """
    match request:
        case TextToVideo() | ImageToVideo():
            return f"{request.resolution} video, {request.duration} s{_extras(request)}"
        case EditVideo():
            if request.video.microseconds > TEN_SECONDS:
                return None
            return f"{request.resolution} edit, {_edit_class(request)} s{_extras(request)}"
        case ReframeVideo():
            return f"{request.resolution} reframe"
        case _:
            assert_never(request)


def in_words(configuration: str) -> str:
    """A configuration, as members read it: `720p edit, up to 5 s, HDR`."""
    named, *rest = configuration.split(", ")
    resolution, _, kind = named.partition(" ")
    seconds, *extras = [rest[0].removesuffix(" s"), *rest[1:]] if rest else [""]
    match kind:
        case "video":
            says = say("request.priced_video", resolution=resolution, seconds=seconds)
        case "edit":
            says = say("request.priced_edit", resolution=resolution, seconds=seconds)
        case _:
            says = say("request.priced_reframe", resolution=resolution)
    return ", ".join((says, *extras))


def quote(request: Request, *, on: date, observed: Observed = NOTHING) -> Quote:
    """What `request` costs by the list in force on the day `on` (UTC), and by what was observed since."""
    prices = price_list(on)
    match request:
        case TextToVideo() | ImageToVideo():
            line = _generation(request, prices, observed)
        case EditVideo():
            line = _edit(request, prices, observed)
        case ReframeVideo():
            line = _reframe(request, prices, observed)
        case _:
            assert_never(request)
    at_most = isinstance(request, EditVideo) and request.video.microseconds > TEN_SECONDS
    return Quote((line,), prices.effective, at_most)


def if_trimmed(request: Request, *, on: date, observed: Observed = NOTHING) -> Usd | None:
    """What an edit would cost of the first 5 s alone; None where that is no less, and for other kinds."""
    if not isinstance(request, EditVideo) or request.video.microseconds <= FIVE_SECONDS:
        return None
    trimmed = replace(request, video=replace(request.video, microseconds=FIVE_SECONDS))
    price = quote(trimmed, on=on, observed=observed).total
    return price if price < quote(request, on=on, observed=observed).total else None


def _generation(request: TextToVideo | ImageToVideo, prices: PriceList, observed: Observed) -> Line:
    listed = prices.generation[look(request), request.resolution, request.duration]
    return _line(request, listed, observed)


def _edit(request: EditVideo, prices: PriceList, observed: Observed) -> Line:
    """Up to 5 s one total, up to 10 s another. For more nothing is stated: the 10 s total, or the 5 s total spread
    over the seconds, whichever is more (ComfyUI's pages have it both ways)."""
    length = request.video.microseconds
    figure = prices.edit[look(request), request.resolution, _edit_class(request)]
    if length <= TEN_SECONDS:
        return _line(request, figure, observed)
    by_the_second = prices.edit[look(request), request.resolution, 5].amount.times(length, FIVE_SECONDS)
    return Line(request, Figure(max(figure.amount, by_the_second), Basis.INFERRED), request.count)


def _reframe(request: ReframeVideo, prices: PriceList, observed: Observed) -> Line:
    each = _figure(request, prices.reframe[request.resolution], observed)
    figure = Figure(each.amount.times(request.video.microseconds, SECOND), each.basis)
    return Line(request, figure, request.count, rate=each.amount)


def _line(request: Request, listed: Figure, observed: Observed) -> Line:
    return Line(request, _figure(request, listed, observed), request.count)


MOST_BELIEVED: Final = 3
"""Times the listed price that one bill may raise the next quotes to."""


def _figure(request: Request, listed: Figure, observed: Observed) -> Figure:
    """What was observed, where it is more than the list says, and believable.

    Less is not quoted: a hold that is too small lets limits be passed, and one that is too large returns by itself.
    Far more would close a configuration to everybody on the word of one bill: staff are told of it instead.
    """
    amount = observed.get(configuration(request) or "", listed.amount)
    return Figure(amount, Basis.OBSERVED) if is_believed(amount, listed.amount) else listed


def is_believed(observed: Usd, listed: Usd) -> bool:
    """Whether new quotes use an observed price instead of the list's."""
    return listed < observed <= listed * MOST_BELIEVED


def _edit_class(request: EditVideo) -> EditClass:
    return 5 if request.video.microseconds <= FIVE_SECONDS else 10


def _extras(request: TextToVideo | ImageToVideo | EditVideo) -> str:
    return "" if look(request) == "SDR" else f", {look(request)}"
