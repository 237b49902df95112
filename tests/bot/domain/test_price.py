"""Prices: golden sums from the provider's page, a price for everything that can be asked for, dated lists."""

import itertools
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.domain import price
from bot.domain.money import NANOS, ZERO, Usd
from bot.domain.placement import Rectangle
from bot.domain.price import PRICE_LISTS, Basis, Figure, configuration, price_list, quote
from bot.domain.problem import InvalidRequest
from bot.domain.request import EditVideo, ImageToVideo, ReframeVideo, Request, TextToVideo
from bot.runware.task import Storage, body
from sandbox.runware import prices
from tests.bot.domain.asked import ALLOWED, RATIOS, RESOLUTIONS, STRENGTHS
from tests.bot.domain.examples import at, clip, made
from tests.bot.domain.test_verdicts import source_of

TODAY = date(2026, 11, 21)
SWITCH = (False, True)
LENGTHS = (
    1, 4_999_999, 5_000_000, 5_000_001, 6_041_995, 9_999_999, 10_000_000, 10_000_001, 17_999_999, 18_000_000,
    18_000_001, 29_999_999, 30_000_000, 30_000_001,
)  # fmt: skip


def everything() -> Iterator[Request]:
    """Every request that can be built, with sources about every length at which anything changes."""
    new = {"resolution": RESOLUTIONS, "duration": (5, 10), "loop": SWITCH, "hdr": SWITCH, "exr": SWITCH}
    frames = (at("first"), at("first", "last"), at(0, 60, 120))
    source = {"resolution": RESOLUTIONS, "video": tuple(map(clip, LENGTHS))}
    yield from _built(TextToVideo, {**new, "aspect_ratio": RATIOS})
    yield from _built(ImageToVideo, {**new, "aspect_ratio": (None, *RATIOS), "frames": frames})
    automatic = {**source, "hdr": SWITCH, "exr": SWITCH}
    yield from _built(EditVideo, automatic)
    yield from _built(EditVideo, {**automatic, "automatic": (False,), "strength": STRENGTHS})
    small = Rectangle(x=0.2, y=0.2, width=0.6, height=0.6)
    yield from _built(ReframeVideo, {**source, "aspect_ratio": RATIOS, "placement": (None, small)})


def _built(of: type[Request], options: Mapping[str, tuple[Any, ...] | list[Any]]) -> Iterator[Request]:
    for values in itertools.product(*options.values(), (1, 2, 3, 4)):
        try:
            yield made(of, **dict(zip((*options, "count"), values, strict=True)))
        except InvalidRequest:
            continue


def billed(request: Request) -> Decimal:
    """What the sandbox's provider charges for all of its results."""
    task = json.loads(body(request, task_id=str(uuid.uuid4()), storage=Storage()))
    return prices.price(task, source_of(request)) * request.count


def dollars(amount: Usd) -> Decimal:
    return Decimal(amount.nanos) / NANOS


# Typed from the page ("S") and from runware.md section 10 ("I") once more.
GENERATION = """
    SDR      5   360p 0.06 S   540p 0.15 S   720p 0.30 S   1080p 1.20 S
    SDR     10   360p 0.18 I   540p 0.45 I   720p 0.90 S   1080p 3.60 S
    HDR      5   720p 0.60 S   1080p 2.40 S
    HDR+EXR  5   720p 0.90 S   1080p 3.60 S
"""
EDIT = """
    SDR      5   360p 0.54 S   540p 0.72 S   720p 1.08 S   1080p 2.16 S
    SDR     10   360p 1.08 I   540p 1.44 I   720p 2.16 I   1080p 4.32 I
    HDR      5   360p 1.08 S   720p 2.16 I   1080p 4.32 S
    HDR     10   720p 4.32 I   1080p 8.64 I
    HDR+EXR  5   360p 1.62 S   720p 3.24 I   1080p 6.48 S
    HDR+EXR 10   720p 6.48 I   1080p 12.96 I
"""
REFRAME = {"360p": "0.03", "540p": "0.06", "720p": "0.12", "1080p": "0.36"}  # a second; all stated
EXTENSION = {"540p": "0.15", "720p": "0.30", "1080p": "1.20"}  # all stated
UNREACHABLE = {("HDR", "360p", 5), ("HDR+EXR", "360p", 5)}  # the page prices what its own rules forbid


def typed(table: str) -> dict[tuple[str, str, int], Figure]:
    found: dict[tuple[str, str, int], Figure] = {}
    for row in table.strip().splitlines():
        name, seconds, *cells = row.split()
        for resolution, amount, basis in zip(cells[::3], cells[1::3], cells[2::3], strict=True):
            known = Basis.STATED if basis == "S" else Basis.INFERRED
            found[name, resolution, int(seconds)] = Figure(Usd.of(amount), known)
    return found


def test_the_price_list_is_the_pages_figure_by_figure() -> None:
    """With what is stated and what is inferred, and no figure more."""
    listed = PRICE_LISTS[-1]
    assert dict(listed.generation) == typed(GENERATION)
    assert dict(listed.edit) == typed(EDIT)
    assert dict(listed.reframe) == {size: Figure(Usd.of(rate), Basis.STATED) for size, rate in REFRAME.items()}
    assert dict(listed.extension) == {size: Figure(Usd.of(each), Basis.STATED) for size, each in EXTENSION.items()}


LOOKS = {"SDR": {}, "HDR": {"hdr": True}, "HDR+EXR": {"hdr": True, "exr": True}}


@pytest.mark.parametrize(("row", "figure"), typed(GENERATION).items())
def test_a_new_video_costs_its_row(row: tuple[str, str, int], figure: Figure) -> None:
    """From words and from pictures alike, and from keyframes where it lasts 10 s."""
    name, resolution, duration = row
    options = {"resolution": resolution, "duration": duration, **LOOKS[name]}
    for request in (made(TextToVideo, **options), made(ImageToVideo, frames=at(0, 60), **options)):
        found = quote(request, on=TODAY)
        assert [line.figure for line in found.lines] == [figure]
        assert (found.total, found.at_most) == (figure.amount, False)


@pytest.mark.parametrize(("row", "figure"), [row for row in typed(EDIT).items() if row[0] not in UNREACHABLE])
def test_an_edit_costs_its_row_to_the_microsecond(row: tuple[str, str, int], figure: Figure) -> None:
    name, resolution, seconds = row
    shortest, longest = (1, 5_000_000) if seconds == 5 else (5_000_001, 10_000_000)
    for length in (shortest, longest):
        request = made(EditVideo, resolution=resolution, video=clip(length), **LOOKS[name])
        found = quote(request, on=TODAY)
        assert [line.figure for line in found.lines] == [figure]
        assert (found.total, found.at_most) == (figure.amount, False)


@pytest.mark.parametrize(
    ("length", "resolution", "look", "amount", "at_most"),
    [
        (10_000_000, "720p", "SDR", "2.16", False),
        (10_000_001, "720p", "SDR", "2.160000216", True),  # 1.08 / 5 s, for each microsecond
        (12_500_000, "720p", "SDR", "2.70", True),
        (18_000_000, "360p", "SDR", "1.944", True),
        (18_000_000, "540p", "SDR", "2.592", True),
        (18_000_000, "720p", "SDR", "3.888", True),
        (18_000_000, "1080p", "SDR", "7.776", True),
        (18_000_000, "1080p", "HDR", "15.552", True),
        (18_000_000, "1080p", "HDR+EXR", "23.328", True),
        (15_000_001, "720p", "HDR", "6.480000432", True),
    ],
)
def test_a_longer_edit_costs_at_most_its_seconds(
    length: int, resolution: str, look: str, amount: str, at_most: bool
) -> None:
    """max(10 s total, 5 s total / 5 x seconds): nobody states a price, so it is a bound, and inferred."""
    found = quote(made(EditVideo, resolution=resolution, video=clip(length), **LOOKS[look]), on=TODAY)
    assert (found.total, found.at_most) == (Usd.of(amount), at_most)
    assert [line.figure.basis for line in found.lines] == [Basis.INFERRED]


def test_a_longer_edit_never_costs_less_than_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """With today's figures the seconds always cost more; with others the 10 s total is the bound."""
    dear = dict(PRICE_LISTS[-1].edit)
    dear["SDR", "720p", 10] = Figure(Usd.of("9.00"), Basis.STATED)
    monkeypatch.setattr(price, "PRICE_LISTS", (replace(PRICE_LISTS[-1], edit=dear),))
    for length, amount in ((10_000_000, "9.00"), (10_000_001, "9.00"), (18_000_000, "9.00")):
        assert quote(made(EditVideo, video=clip(length)), on=TODAY).total == Usd.of(amount)


@pytest.mark.parametrize(("of", "most"), [(EditVideo, 18_000_000), (ReframeVideo, 30_000_000)])
def test_what_is_longer_than_its_kind_allows_cannot_be_built(of: type[Request], most: int) -> None:
    assert quote(made(of, video=clip(most)), on=TODAY).total > ZERO
    with pytest.raises(InvalidRequest, match="s is the most here"):
        made(of, video=clip(most + 1))


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_a_reframe_costs_its_rate_for_every_microsecond(resolution: str) -> None:
    for length in (length for length in LENGTHS if length <= 30_000_000):
        found = quote(made(ReframeVideo, resolution=resolution, aspect_ratio="1:1", video=clip(length)), on=TODAY)
        assert dollars(found.total) == Decimal(REFRAME[resolution]) * length / 1_000_000
        assert [line.figure.basis for line in found.lines] == [Basis.STATED]
        assert not found.at_most


def test_the_four_published_examples_cost_what_they_cost() -> None:
    """What the provider billed for the examples on its own page."""
    wide = made(TextToVideo, resolution="1080p", duration=10)
    wider = made(TextToVideo, resolution="720p", aspect_ratio="21:9", duration=10)
    place = Rectangle(x=0.62, y=0.5, width=0.42, height=0.95)
    tall = clip(6_041_995, width=1080, height=1920)
    reframe = made(ReframeVideo, resolution="1080p", aspect_ratio="16:9", placement=place, video=tall)
    edit = made(EditVideo, resolution="720p", video=clip(5_000_000))
    bills = [str(quote(request, on=TODAY).total) for request in (wide, wider, reframe, edit)]
    assert bills == ["$3.60", "$0.90", "$2.1751182", "$1.08"]


def test_every_request_that_can_be_built_has_a_price_that_the_sandbox_bills() -> None:
    """The sandbox's prices were typed from the page separately. Exactly, or no more where the quote is a bound;
    every figure is reached, too."""
    reached: set[tuple[str, Usd]] = set()
    built: Counter[str] = Counter()
    for request in everything():
        found = quote(request, on=TODAY)
        bill = billed(request)
        bound = isinstance(request, EditVideo) and request.video.microseconds > 10_000_000
        assert found.at_most is bound
        assert (bill <= dollars(found.total)) if bound else (bill == dollars(found.total)), request
        assert found.total == sum((line.figure.amount * line.times for line in found.lines), ZERO)
        assert found.total > ZERO
        assert {line.times for line in found.lines} == {request.count}
        if not bound:
            reached |= {(request.kind, line.figure.amount) for line in found.lines}
        built[request.kind] += 1
    assert built == {
        "text_to_video": (4 + 4 + 4 + 2 + 2) * 6 * 4,  # plain, looped, of 10 s, HDR, EXR; shapes; counts
        "image_to_video": ((4 + 4 + 2 + 2) + (4 + 2 + 2) + (4 + 4 + 2 + 2)) * 7 * 4,  # by what the frames allow
        "edit_video": (4 + 2 + 2) * 10 * 4 * 10,  # looks, lengths, counts, automatic or one of nine strengths
        "reframe_video": (4 * 5 + 4 * 6 - 2 * 2) * 13 * 4,  # another shape or placed; not tall at 1080p
    }
    listed = PRICE_LISTS[-1]
    for kind in ("text_to_video", "image_to_video"):
        assert {amount for of, amount in reached if of == kind} == {f.amount for f in listed.generation.values()}
    edits = {figure.amount for row, figure in listed.edit.items() if row not in UNREACHABLE}
    assert {amount for of, amount in reached if of == "edit_video"} == edits


@given(ALLOWED)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_no_bill_exceeds_its_quote(request_: Request) -> None:
    found = quote(request_, on=TODAY)
    bill, total = billed(request_), dollars(found.total)
    assert bill <= total
    assert found.at_most or bill == total


@pytest.mark.parametrize(
    "request_",
    [
        made(TextToVideo, resolution="360p"),
        made(ImageToVideo, hdr=True),
        made(EditVideo, video=clip(17_000_001)),
        made(ReframeVideo, video=clip(6_041_995)),
    ],
)
def test_each_result_costs_the_same_to_the_nano_dollar(request_: Request) -> None:
    """A result without a cost counts with its share of the hold, so the shares must add up to it."""
    single = quote(request_, on=TODAY).total
    for count in (1, 2, 3, 4):
        total = quote(replace(request_, count=count), on=TODAY).total
        assert total == single * count
        assert total.share(count) * count == total


def test_requests_of_one_configuration_have_one_price() -> None:
    """Of a result, or of a second: for every request that can be built."""
    prices: dict[str, set[str]] = {}
    for request in everything():
        key = configuration(request)
        if key is not None:
            line = quote(request, on=PRICE_LISTS[-1].effective).lines[0]
            each = line.text.partition(" at ")[2] if isinstance(request, ReframeVideo) else str(line.figure.amount)
            prices.setdefault(key, set()).add(each)
    assert len(prices) > 20
    assert {key for key, found in prices.items() if len(found) > 1} == set()


def test_nothing_but_resolution_range_length_and_count_changes_the_price() -> None:
    small = made(TextToVideo, resolution="360p")
    for ratio in RATIOS:
        looped = replace(
            small, prompt="y" * 6000, aspect_ratio=ratio, loop=True, format="MOV", quality=20, safety="full"
        )
        assert quote(looped, on=TODAY).total == Usd.of("0.06")
    edit = made(EditVideo, automatic=False, strength="reimagine_3", face=True, keep_sound=False, format="WEBM")
    assert quote(edit, on=TODAY).total == quote(made(EditVideo), on=TODAY).total == Usd.of("1.08")


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (made(TextToVideo, resolution="1080p", hdr=True, exr=True), "1080p video, 5 s, HDR+EXR"),
        (made(TextToVideo, duration=10), "720p video, 10 s"),
        (made(ImageToVideo, hdr=True), "720p video, 5 s, HDR"),
        (made(EditVideo, video=clip(4_200_000)), "720p edit, up to 5 s"),
        (made(EditVideo, video=clip(5_000_001), hdr=True), "720p edit, up to 10 s, HDR"),
        (made(EditVideo, video=clip(12_500_000)), "720p edit, 12.5 s"),
        (made(ReframeVideo, video=clip(6_041_995)), "720p reframe, 6.041995 s at $0.12 a second"),
    ],
)
def test_a_quote_names_its_lines_and_its_list(request_: Request, text: str) -> None:
    found = quote(replace(request_, count=3), on=TODAY)
    [line] = found.lines
    assert (line.text, line.times) == (text, 3)
    assert line.amount == line.figure.amount * 3 == found.total
    assert found.price_list == date(2026, 11, 20)
    assert not re.search(r"[*_~`|<>@]", line.text)


def test_the_lists_are_in_order_and_say_where_they_come_from() -> None:
    days = [listed.effective for listed in PRICE_LISTS]
    assert days == sorted(set(days))
    for listed in PRICE_LISTS:
        assert listed.source.startswith("https://runware.ai/")
        assert listed.checked <= listed.effective


@pytest.mark.parametrize("table", ["generation", "edit", "reframe", "extension"])
def test_a_price_list_cannot_be_edited_in_place(table: str) -> None:
    prices_ = getattr(PRICE_LISTS[0], table)
    with pytest.raises(TypeError):
        prices_[next(iter(prices_))] = Figure(ZERO, Basis.STATED)


def test_the_list_in_force_on_the_day_is_the_one_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list holds from its first day to the next one's, in whichever order they stand; the first also before."""
    first = PRICE_LISTS[0]
    dearer = {key: replace(figure, amount=figure.amount * 2) for key, figure in first.generation.items()}
    second = replace(first, effective=date(2027, 1, 1), generation=dearer)
    third = replace(first, effective=date(2027, 6, 1))
    for lists in itertools.permutations((second, third)):
        monkeypatch.setattr(price, "PRICE_LISTS", (first, *lists))
        for listed in (first, second, third):
            assert price_list(listed.effective) is listed
        assert price_list(second.effective - timedelta(days=1)) is first
        assert price_list(third.effective - timedelta(days=1)) is second
        assert price_list(date(2020, 1, 1)) is first
        request = TextToVideo(prompt="x")
        quoted = quote(request, on=date(2027, 3, 1))
        assert (quoted.total, quoted.price_list) == (Usd.of("0.60"), second.effective)
        assert quote(request, on=date(2026, 12, 31)).total == Usd.of("0.30")
