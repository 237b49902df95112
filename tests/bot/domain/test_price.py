"""Prices: golden sums from the provider's page, a price for everything that can be asked for, dated lists."""

import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest

from bot.domain import price
from bot.domain.money import NANOS, ZERO, Usd
from bot.domain.price import PRICE_LISTS, price_list, quote
from bot.domain.request import AspectRatio, Count, Duration, InvalidRequest, Request, Resolution, TextToVideo
from bot.runware.task import Storage, body
from sandbox.runware import prices

TODAY = date(2026, 11, 21)


def everything() -> Iterator[Request]:
    """Every request that can be built."""
    switch = (False, True)
    options = [get_args(alias) for alias in (Resolution, AspectRatio, Duration, Count)]
    for resolution, aspect_ratio, duration, count in itertools.product(*options):
        for loop, hdr, exr in itertools.product(switch, switch, switch):
            try:
                yield TextToVideo(
                    prompt="a lighthouse at dusk",
                    resolution=resolution,
                    aspect_ratio=aspect_ratio,
                    duration=duration,
                    loop=loop,
                    hdr=hdr,
                    exr=exr,
                    count=count,
                )
            except InvalidRequest:
                continue


@pytest.mark.parametrize(
    ("dollars", "basis", "options"),
    [
        # "Text/image to video" of the page
        ("0.06", "stated", {"resolution": "360p"}),
        ("0.15", "stated", {"resolution": "540p"}),
        ("0.30", "stated", {"resolution": "720p"}),
        ("1.20", "stated", {"resolution": "1080p"}),
        # "HDR" and "HDR+EXR" of the page
        ("0.60", "stated", {"resolution": "720p", "hdr": True}),
        ("2.40", "stated", {"resolution": "1080p", "hdr": True}),
        ("0.90", "stated", {"resolution": "720p", "hdr": True, "exr": True}),
        ("3.60", "stated", {"resolution": "1080p", "hdr": True, "exr": True}),
        # what the provider's two text examples cost
        ("3.60", "stated", {"resolution": "1080p", "aspect_ratio": "16:9", "duration": 10}),
        ("0.90", "stated", {"resolution": "720p", "aspect_ratio": "21:9", "duration": 10}),
        # three times 5 s, as those two; no page of the provider's says so
        ("0.18", "inferred", {"resolution": "360p", "duration": 10}),
        ("0.45", "inferred", {"resolution": "540p", "duration": 10}),
    ],
)
def test_a_price_is_the_pages(dollars: str, basis: str, options: dict[str, Any]) -> None:
    found = quote(TextToVideo(prompt="x", **options), on=TODAY)
    assert found.total == Usd.of(dollars)
    assert [line.basis for line in found.lines] == [basis]


def test_every_request_that_can_be_built_has_a_price_and_a_size() -> None:
    """Every figure of the list is reached, too: none stands there for nothing."""
    reached: set[Usd] = set()
    built = 0
    for request in everything():
        found = quote(request, on=TODAY)
        assert found.total > ZERO
        assert found.total == sum((line.each * line.times for line in found.lines), ZERO)
        assert request.size.width > 0
        reached |= {line.each for line in found.lines}
        built += 1
    assert built == 384
    assert reached == {figure.amount for figure in PRICE_LISTS[-1].generation.values()}


def test_the_sandbox_bills_what_is_quoted() -> None:
    """Its prices were typed from the page separately. Every request, each of its results."""
    for request in everything():
        task = json.loads(body(request, task_id=str(uuid.uuid4()), storage=Storage()))
        billed = prices.price(task) * request.count
        assert Decimal(quote(request, on=TODAY).total.nanos) / NANOS == billed, request


def test_results_share_a_quote_to_the_nano_dollar() -> None:
    """A result without a cost counts with its share of the hold, so the shares must add up to it."""
    for request in everything():
        total = quote(request, on=TODAY).total
        assert total.share(request.count) * request.count == total


def test_neither_shape_nor_loop_nor_prompt_changes_the_price() -> None:
    plain = quote(TextToVideo(prompt="x", resolution="360p"), on=TODAY).total
    for ratio in get_args(AspectRatio):
        looped = TextToVideo(prompt="y" * 6000, resolution="360p", aspect_ratio=ratio, loop=True)
        assert quote(looped, on=TODAY).total == plain


def test_a_quote_names_its_lines_and_its_list() -> None:
    request = TextToVideo(prompt="x", resolution="1080p", hdr=True, exr=True, count=3)
    found = quote(request, on=TODAY)
    [line] = found.lines
    assert (line.text, line.each, line.times) == ("1080p video, 5 s, HDR+EXR", Usd.of("3.60"), 3)
    assert line.amount == found.total == Usd.of("10.80")
    assert found.price_list == date(2026, 11, 20)
    assert quote(TextToVideo(prompt="x", duration=10), on=TODAY).lines[0].text == "720p video, 10 s"


def test_the_lists_are_in_order_and_say_where_they_come_from() -> None:
    days = [listed.effective for listed in PRICE_LISTS]
    assert days == sorted(set(days))
    for listed in PRICE_LISTS:
        assert listed.source.startswith("https://runware.ai/")
        assert listed.checked <= listed.effective


def test_a_price_list_cannot_be_edited_in_place() -> None:
    with pytest.raises(TypeError):
        PRICE_LISTS[0].generation["SDR", "360p", 5] = PRICE_LISTS[0].generation["SDR", "540p", 5]  # type: ignore[index]


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
